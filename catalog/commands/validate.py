"""`garonne validate`: files, URLs, the standard input or the current release against SHACL profiles."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from catalog.commands.documents import documents_at, release, together
from catalog.commands.reproduce import reproduce
from catalog.commands.support import file_profile, language, profile_named, say, settings_of, write_result
from catalog.errors import UsageError
from shapes import profiles as registry
from shapes.background import background
from shapes.baseline import baseline
from shapes.engine import DEFAULT, ENGINES, engine
from shapes.finding import Severity
from shapes.formats import FORMATS, render, terminal
from shapes.profiles import Profile
from shapes.read import LIMIT
from shapes.report import Report
from shapes.shapes_graph import ShapesGraph
from shapes.text import LANGUAGES, Text
from shapes.validation import APART, NOISE, Gate, validated

MEBIBYTE = 1024 * 1024
SUFFIXES = {".json": "json", ".csv": "csv", ".ttl": "ttl", ".html": "html", ".sarif": "sarif", ".xml": "junit"}
"""The format that the name of the output file asks for where `--format` says nothing."""
EVERY, REGRESSIONS = "every", "regressions"

NOTHING_REACHED = Text(
    "Attention\u00a0: rien de ce qui a été lu n’est visé par ces profils\u00a0; rien n’a donc été vérifié.",
    "Beware: nothing that was read is a target of these profiles, so nothing was checked.",
)


@click.command()
@click.argument("places", nargs=-1, metavar="[FILE|URL|-]...")
@click.option(
    "--profile",
    "names",
    multiple=True,
    help="Installed or registered profile; may be repeated. [default: the three of dcat-ap-3; for the current release, "
    "those of the settings]",
)
@click.option("--shapes", "files", multiple=True, metavar="FILE", help="File of SHACL shapes; may be repeated.")
@click.option("--engine", "engine_name", type=click.Choice(list(ENGINES)), default=DEFAULT, show_default=True)
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="From the file's suffix, else text.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.option(
    "--noise",
    type=click.Choice(NOISE),
    default=APART,
    show_default=True,
    help="What no repair of the data removes: set apart and counted, or shown among the findings.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "never"]),
    default="violation",
    show_default=True,
    help="The lightest finding that makes the exit code 1.",
)
@click.option("--baseline", "earlier", metavar="REPORT", help="An earlier report in JSON: tells new, fixed, remaining.")
@click.option(
    "--gate",
    type=click.Choice([EVERY, REGRESSIONS]),
    default=EVERY,
    show_default=True,
    help="Which findings make the exit code 1: every one, or those that the baseline has not.",
)
@click.option("--publisher", "publishers", multiple=True, metavar="IRI|NAME", help="The gate looks at these only.")
@click.option("--reproduce", "report", metavar="REPORT", help="Repeat the validation of a report in JSON, and compare.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the messages. [default: the system's, else fr]")
@click.option("--max-size", default=LIMIT // MEBIBYTE, show_default=True, help="Largest document, in MiB.")
@click.pass_context
def validate(
    ctx: click.Context,
    places: tuple[str, ...],
    names: tuple[str, ...],
    files: tuple[str, ...],
    engine_name: str,
    format_name: str | None,
    output: Path | None,
    noise: str,
    fail_on: str,
    earlier: str | None,
    gate: str,
    publishers: tuple[str, ...],
    report: str | None,
    lang: str | None,
    max_size: int,
) -> None:
    """Check RDF against SHACL profiles; without FILE, the current release.

    Several documents are checked together, as one. Ends with 0 when nothing is found at or above --fail-on, with 1 when
    something is, with 2 for wrong use, with 3 for what cannot be read.
    """
    lang = lang or language(os.environ)
    if report is not None:
        ctx.exit(reproduce(ctx, report, places, max_size * MEBIBYTE, lang))
    if gate == REGRESSIONS and earlier is None:
        raise UsageError("a gate for regressions needs something to compare with.", hint="Give --baseline REPORT.")
    against = baseline(earlier) if earlier is not None else None
    if not (names or files):  # a release is judged as the harvest judged it
        names = registry.DEFAULTS if places else tuple(settings_of(ctx).validation.profiles) or registry.DEFAULTS
    profiles = chosen(ctx, names, files)
    if places:
        sources, data = together(documents_at(places, max_size * MEBIBYTE, lang))
    else:
        sources, data = release(settings_of(ctx))
    if not ShapesGraph(t for p in profiles for t in p.triples).reaches(data, background(data)):
        say(NOTHING_REACHED.of(lang))
    judge = engine(engine_name)
    threshold = None if fail_on == "never" else Severity(fail_on)
    asked = Gate(threshold, gate == REGRESSIONS, frozenset(publishers))
    made = validated(data, sources, profiles, judge, noise=noise, gate=asked, earlier=against)
    name = format_name or SUFFIXES.get(output.suffix.lower() if output else "", "text")
    for note in made.notes if output is not None or name != "text" else ():  # else the text on the screen tells them
        say(note.of(lang))
    write_report(made, name, output, lang)
    ctx.exit(1 if made.failed else 0)


def chosen(ctx: click.Context, names: Sequence[str], files: Sequence[str]) -> list[Profile]:
    """The profiles asked for. Their files are read here, before any data."""
    found = [profile_named(ctx, name) for name in names] + [file_profile(ctx, file) for file in files]
    for profile in found:
        _ = profile.triples
    return found


def write_report(report: Report, name: str, output: Path | None, lang: str) -> None:
    """The report to a file, or to standard output, in colour only on a terminal that wants it."""
    colour = output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = terminal.render(report, lang, colour=True) if name == "text" and colour else render(report, name, lang)
    write_result(text.encode(), output)
