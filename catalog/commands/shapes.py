"""`garonne shapes`: look at shapes before they are trusted, and register those of other people."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from catalog.commands.support import language, put_json, put_table, say, settings_of, write_result
from catalog.errors import InputInvalid, UsageError
from shapes.finding import Severity
from shapes.gathering import gathered
from shapes.lint import lint as remarks_on
from shapes.lint.report import FORMATS, summed_up
from shapes.lint.sheets import sheets
from shapes.profiles import holds_shapes
from shapes.registry import Registry
from shapes.text import LANGUAGES, Text

IMPORT = 20 * 1024 * 1024
"""Bytes that a document fetched for an import may have."""


@click.group()
def shapes() -> None:
    """Check files of SHACL shapes, and register them as profiles."""


@shapes.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "never"]),
    default="warning",
    show_default=True,
    help="The lightest remark that makes the exit code 1.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the remarks. [default: the system's, else fr]")
@click.pass_context
def lint(
    ctx: click.Context,
    files: tuple[str, ...],
    format_name: str,
    as_json: bool,
    output: Path | None,
    fail_on: str,
    lang: str | None,
) -> None:
    """What is wrong with files of SHACL shapes, looked at together; `-` is the standard input.

    Finds terms that SHACL does not have, references to shapes that are not there, shapes that can never report
    anything, ill-formed shapes, and constraints that contradict each other. Nothing is fetched. Ends with 0 when there
    is nothing at or above --fail-on, with 1 when there is, with 3 for what cannot be read.
    """
    found = sheets(files)
    remarks = remarks_on(found)
    names = [sheet.document.name for sheet in found]
    report = FORMATS["json" if as_json else format_name](remarks, names, lang or language(os.environ))
    write_result(report.encode(), output)
    failing = [] if fail_on == "never" else [r for r in remarks if r.remark.severity.rank <= Severity(fail_on).rank]
    ctx.exit(1 if failing else 0)


@shapes.command()
@click.argument("name")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--title", help="What people read in place of the name.")
@click.option("--replace", is_flag=True, help="Put these files in the place of those registered under NAME.")
@click.option(
    "--fetch-imports", is_flag=True, help="Get what the files import (owl:imports) from the network, and keep it."
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the remarks. [default: the system's, else fr]")
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    files: tuple[str, ...],
    title: str | None,
    replace: bool,
    fetch_imports: bool,
    lang: str | None,
) -> None:
    """Register files of SHACL shapes as the profile NAME of this catalogue.

    Exact copies are kept beside the store. NAME is then a profile for `garonne validate --profile`, for [validation]
    profiles and at /validate. What the files import is taken from the files given, from beside them and from those
    registered before; it is fetched only with --fetch-imports. What the lint finds is summed up on standard error.
    """
    lang = lang or language(os.environ)
    registry = Registry.beside(settings_of(ctx).store.path)
    registry.check_name(name, replace=replace)
    found = gathered(files, registry, fetched if fetch_imports else None)
    if not any(holds_shapes(sheet.document.triples) for sheet in found.sheets):
        raise InputInvalid("there is no SHACL shape in this.", what=", ".join(files), hint="Give files of shapes.")
    remarks = remarks_on(found.sheets)
    made = registry.add(name, Text(title or name, title or name), found.given, missing=found.missing, replace=replace)
    for note in found.notes:
        say(note.of(lang))
    for line in summed_up(remarks, lang):
        say(line)
    click.echo(f"{name}: {len(made.copies)} files, {sum(len(s.document.triples) for s in found.sheets)} statements")


def fetched(url: str) -> tuple[bytes, str]:
    """What an import names, from the network; private addresses are refused, for nobody here named it."""
    from catalog.web import Client  # requests is slow to import, and files need none of it

    accept = "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7, */*;q=0.1"
    return Client(retries=1, timeout=30.0).get_bytes(url, accept=accept, max_bytes=IMPORT)


@shapes.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the titles. [default: the system's, else fr]")
@click.pass_context
def list_(ctx: click.Context, as_json: bool, lang: str | None) -> None:
    """The profiles that can be asked for by name: installed with packages, and registered here."""
    lang = lang or language(os.environ)
    registry = Registry.beside(settings_of(ctx).store.path)
    rows = [_row(registry, name, lang) for name in registry.names()]
    if as_json:
        put_json(rows)
        return
    header = ["profile", "from", "files", "added", "title"]
    put_table(header, [[r["name"], r["from"], len(r["files"]), r["added"] or "–", r["title"]] for r in rows])


def _row(registry: Registry, name: str, lang: str) -> dict[str, Any]:
    if name not in registry.registered():
        profile = registry.profile(name)
        files: list[dict[str, Any]] = [{"file": place} for place in profile.files]
        return {"name": name, "from": "package", "title": profile.title.of(lang), "added": None, "files": files}
    kept = registry.get(name)
    files = [asdict(copy) | {"file": str(registry.folder / name / copy.file)} for copy in kept.copies]
    row = {"name": name, "from": "registered", "title": kept.title.of(lang), "added": kept.added, "files": files}
    return row | {"missing": list(kept.missing)}


@shapes.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Forget the registered profile NAME. It must not be in [validation] profiles any more."""
    settings = settings_of(ctx)
    if name in settings.validation.profiles:
        raise UsageError(
            f"the settings name `{name}` in [validation] profiles.",
            hint="Take it out there first: harvests would fail.",
        )
    Registry.beside(settings.store.path).remove(name)
    click.echo(f"{name}: removed")
