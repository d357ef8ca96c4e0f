"""`garonne sources accept`: what a held listing would change, and letting it through."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from catalog import takes
from catalog.archive import Archive
from catalog.commands.support import language, put_json, say, settings_of
from catalog.errors import UsageError
from catalog.settings import Settings
from harvest.display import lines
from harvest.guard import told
from harvest.options import Options
from harvest.pipeline import run
from harvest.progress import Progress
from shapes.text import LANGUAGES
from vocab.text import Text


@click.command()
@click.argument("source")
@click.option("--yes", is_flag=True, help="Let it through: harvest the source now, and believe these changes.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language. [default: the system's, else fr]")
@click.pass_context
def accept(ctx: click.Context, source: str, yes: bool, as_json: bool, lang: str | None) -> int:
    """Show what the held listing of SOURCE would change; with --yes, harvest it now and let that through.

    Only the changes that are shown are let through: what the portal changed beyond them since is judged by the guard
    as ever. Without --yes nothing changes, and the exit code is 1.
    """
    settings, lang = settings_of(ctx), lang or language(os.environ)
    settings.source(source)
    held = _held(settings, source)
    accepted = {kind: int(found["count"]) for kind, found in held["guard"]["changes"].items()}
    if not as_json:
        click.echo("\n".join(_shown(held, lang)))
    if not yes and not _confirmed(lang, as_json=as_json):
        if as_json:
            put_json({"source": source, "accepted": False, **held["guard"]})
        return 1
    options = Options((source,), accepted={source: accepted})
    summary = run(settings, options, Progress(quiet=as_json, lang=lang))
    if as_json:
        put_json(summary.plain())
    else:
        click.echo("\n".join(lines(summary, lang)))
    return summary.exit_code


def _held(settings: Settings, source: str) -> dict[str, Any]:
    """The source in the last run that took it. Raises `UsageError` when it was not held by its guard."""
    for take in takes.of(Archive(settings.store.path), source):
        if take.status == "held" and take.found.get("guard"):
            return take.found
        raise UsageError(
            f"source `{source}` is not held by its guard: {take.status} in run {take.run}.",
            hint="`garonne harvest status` shows the last runs.",
        )
    raise UsageError(f"source `{source}` was never harvested.", hint=f"`garonne harvest run {source}` does it.")


def _shown(held: dict[str, Any], lang: str) -> list[str]:
    guard = held["guard"]
    found = [held["reason_fr"] if lang == "fr" else held["reason"]]
    for kind, counted in guard["changes"].items():
        of = counted.get("of", guard["live"])  # a run of an earlier version kept none
        examples = ", ".join(counted["examples"])
        found.append(f"  {told(kind, counted['count'], of).of(lang)}")
        found.append(f"    {Text('par exemple', 'for example').of(lang)} {examples}")
    return found


def _confirmed(lang: str, *, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        if not as_json:
            say(
                Text(
                    "Rien n’a changé\u00a0; --yes le laisse passer.", "Nothing was changed; --yes lets it through."
                ).of(lang)
            )
        return False
    return click.confirm(Text("Laisser passer ces changements", "Let these changes through").of(lang), default=False)
