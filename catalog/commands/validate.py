"""`garonne validate`: files, URLs, the standard input or the current release against SHACL profiles."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from pyoxigraph import Triple

from catalog.assembly import release_triples
from catalog.commands.support import current_view, language, say, settings_of, write_result
from catalog.errors import UsageError
from catalog.settings import Settings
from shapes import profiles as registry
from shapes.background import background
from shapes.engine import DEFAULT, ENGINES, engine
from shapes.finding import Severity
from shapes.formats import FORMATS, render, terminal
from shapes.profiles import Profile
from shapes.read import LIMIT, Document, read
from shapes.report import Report
from shapes.shapes_graph import ShapesGraph
from shapes.text import LANGUAGES, Text

MEBIBYTE = 1024 * 1024
SUFFIXES = {".json": "json", ".csv": "csv", ".ttl": "ttl", ".html": "html", ".sarif": "sarif", ".xml": "junit"}
"""The format that the name of the output file asks for where `--format` says nothing."""

NOTHING_REACHED = Text(
    "Attention\u00a0: rien de ce qui a été lu n’est visé par ces profils\u00a0; rien n’a donc été vérifié.",
    "Beware: nothing that was read is a target of these profiles, so nothing was checked.",
)


@click.command()
@click.argument("places", nargs=-1, metavar="[FILE|URL|-]...")
@click.option(
    "--profile", "names", multiple=True, help="Installed profile; may be repeated. [default: the three of dcat-ap-3]"
)
@click.option("--shapes", "files", multiple=True, metavar="FILE", help="File of SHACL shapes; may be repeated.")
@click.option("--engine", "engine_name", type=click.Choice(list(ENGINES)), default=DEFAULT, show_default=True)
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="From the file's suffix, else text.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "never"]),
    default="violation",
    show_default=True,
    help="The lightest finding that makes the exit code 1.",
)
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
    fail_on: str,
    lang: str | None,
    max_size: int,
) -> None:
    """Check RDF against SHACL profiles; without FILE, the current release.

    Several documents are checked together, as one. Ends with 0 when nothing is found at or above --fail-on, with 1 when
    something is, with 2 for wrong use, with 3 for what cannot be read.
    """
    lang = lang or language(os.environ)
    profiles = chosen(names, files)
    if places:
        documents = documents_at(places, max_size * MEBIBYTE, lang)
        inputs = tuple(d.name for d in documents)
        data = tuple(dict.fromkeys(t for d in documents for t in d.triples))
    else:
        inputs, data = triples_of_current_release(settings_of(ctx))
    known = tuple(background(data))
    if not ShapesGraph(t for p in profiles for t in p.triples).reaches(data, known):
        say(NOTHING_REACHED.of(lang))
    judge = engine(engine_name)
    findings = judge.validate(data, profiles, known)
    for note in judge.notes:  # what could not be used is told, never skipped in silence
        say(note.of(lang))
    threshold = None if fail_on == "never" else Severity(fail_on)
    described = tuple((p.name, p.title, p.fingerprint) for p in profiles)
    report = Report(findings, inputs, len(data), described, engine_name, threshold)
    write_report(report, format_name, output, lang)
    ctx.exit(1 if report.failed else 0)


def chosen(names: Sequence[str], files: Sequence[str]) -> list[Profile]:
    """The profiles asked for, the default ones where nothing is asked. Their files are read here, before any data."""
    found = [registry.profile(name) for name in names] + [registry.from_file(file) for file in files]
    found = found or [registry.profile(name) for name in registry.DEFAULTS]
    for profile in found:
        _ = profile.triples
    return found


def documents_at(places: Sequence[str], limit: int, lang: str) -> list[Document]:
    """The documents, each at most `limit` bytes; what their readers should know goes to standard error."""
    found = []
    for index, place in enumerate(places):
        document = read(place, limit=limit, fetch=fetch, blank="" if len(places) == 1 else f"d{index + 1}")
        for note in document.notes:
            say(note.of(lang))
        found.append(document)
    return found


def fetch(url: str, most: int) -> tuple[bytes, str]:
    """The body and content type at `url`. The user named it, so it may be on this machine or network."""
    from catalog.web import Client  # requests is slow to import, and files need none of it

    accept = "text/turtle, application/n-triples, application/ld+json;q=0.9, application/rdf+xml;q=0.8, */*;q=0.1"
    return Client(allow_private=True).get_bytes(url, accept=accept, max_bytes=most)


def triples_of_current_release(settings: Settings) -> tuple[tuple[str, ...], tuple[Triple, ...]]:
    """A name for, and the exact statements of, the current release; `UsageError` where there are no settings."""
    if settings.file is None:
        raise UsageError(
            "there is no FILE to validate, and no settings file here whose release could be.",
            hint="Name a file, a URL or `-`; or give --config; or run in the folder of garonne.toml.",
        )
    release, view = current_view(settings)
    return (f"release {release.number}",), tuple(dict.fromkeys(release_triples(settings, view)))


def write_report(report: Report, format_name: str | None, output: Path | None, lang: str) -> None:
    """The report to a file, or to standard output, in colour only on a terminal that wants it."""
    name = format_name or SUFFIXES.get(output.suffix.lower() if output else "", "text")
    colour = output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = terminal.render(report, lang, colour=True) if name == "text" and colour else render(report, name, lang)
    write_result(text.encode(), output)
