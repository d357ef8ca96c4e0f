"""`garonne takedown`: purges a dataset from everything that is kept."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import asdict

import click

from catalog import schema
from catalog.commands.support import language, put_json, put_table, say, settings_of
from catalog.errors import UsageError
from catalog.settings import Settings
from catalog.takedown.bans import Bans
from catalog.takedown.order import Report, take_down
from catalog.takedown.subject import find
from shapes.text import LANGUAGES
from vocab.text import Text


@click.command()
@click.argument("name", required=False)
@click.option("--reason", default="", help="Why: kept with the tombstone, and told when the record comes again.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--list", "listing", is_flag=True, help="Only list what was taken down.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language. [default: the system's, else fr]")
@click.pass_context
def takedown(
    ctx: click.Context, name: str | None, reason: str, yes: bool, listing: bool, as_json: bool, lang: str | None
) -> int:
    """Purge the dataset NAME (a slug, an IRI or an identifier) from every kept release, version, dump and answer.

    For a legal order, or personal data. It is not undone: the record may not come back by a harvest either. A tombstone
    stays: its addresses answer 410, and harvesters are told that it is deleted. What local graphs say of it goes too.
    Exports and backups of before are out of reach: the command names those it knows; delete them. It may be run again
    after an interruption. Exit code 1 when something is left.
    """
    settings, lang = settings_of(ctx), lang or language(os.environ)
    if listing:
        _list(settings, as_json=as_json)
        return 0
    if not name or not reason:
        raise UsageError(
            "NAME and --reason are needed.", hint="`garonne takedown NAME --reason 'ordonnance du 3 mars'`"
        )
    with closing(schema.connect(settings.store.path)) as db:
        subject = find(db, name)
    if not yes and not _confirmed(subject.iri, lang):
        raise UsageError("nothing was purged.", hint="--yes does it without asking.")
    told = (lambda text: None) if as_json else (lambda text: say(f"{subject.slug} {text.of(lang)}"))
    report = take_down(settings, subject.iri, reason, told)
    if as_json:
        put_json(report.plain())
    else:
        click.echo("\n".join(_lines(report, lang)))
    return 1 if report.left else 0


def _confirmed(iri: str, lang: str) -> bool:
    question = Text(f"Purger {iri} de tout, sans retour", f"Purge {iri} from everything, for good")
    return sys.stdin.isatty() and click.confirm(question.of(lang), default=False)


def _list(settings: Settings, *, as_json: bool) -> None:
    with closing(schema.connect(settings.store.path)) as db:
        bans = Bans(db).all()
    if as_json:
        put_json([asdict(ban) for ban in bans])
    else:
        put_table(
            ["dataset", "at", "reason", "done"], [[b.slug, b.at, b.reason, "yes" if b.done else "no"] for b in bans]
        )


def _lines(report: Report, lang: str) -> list[str]:
    numbers = ", ".join(str(n) for n in report.rewritten) or "–"
    rows = ", ".join(f"{table} {count}" for table, count in report.rows.items()) or "–"
    found = [
        Text(f"retiré\u00a0: {report.iri}", f"taken down: {report.iri}").of(lang),
        Text(f"  nouvelle édition\u00a0: {report.release or '–'}", f"  new release: {report.release or '–'}").of(lang),
        Text(f"  éditions récrites\u00a0: {numbers}", f"  releases rewritten: {numbers}").of(lang),
        Text(f"  lignes effacées\u00a0: {rows}", f"  rows deleted: {rows}").of(lang),
        Text(f"  réponses gardées effacées\u00a0: {report.files}", f"  kept answers removed: {report.files}").of(lang),
    ]
    found.append(_looked(report.marks).of(lang))
    if report.left:
        found.append(Text("  IL EN RESTE\u00a0:", "  STILL THERE:").of(lang))
    else:
        found.append(Text("  vérifié\u00a0: il n’en reste rien.", "  checked: nothing of it is left.").of(lang))
    found += [f"    {one}" for one in report.left]
    for head, entries in ((_LOCAL, report.local), (_COMMON, report.common)):
        found += [head.of(lang), *(f"    {one}" for one in entries)] if entries else []
    found.append(_BEYOND.of(lang))
    return found + [f"    {text.of(lang)}" for text in report.beyond]


def _looked(marks: int) -> Text:
    return Text(
        f"  cherché\u00a0: {marks} textes et adresses que rien d’autre ne dit, partout",
        f"  looked for: {marks} texts and addresses that nothing else says, everywhere",
    )


_LOCAL = Text(
    "  des graphes locaux en parlaient\u00a0: relisez ce qu’ils disent encore",
    "  local graphs spoke of it: read what else they say",
)
_COMMON = Text(
    "  d’autres disent de lui un texte qui reste donc publié\u00a0: retirez-les aussi, s’il le faut",
    "  others say a text of it, which therefore stays: take them down too, if need be",
)
_BEYOND = Text("  hors de portée, à vous de voir\u00a0:", "  out of reach, for you to see to:")
