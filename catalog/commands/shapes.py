"""`garonne shapes`: look at shapes before they are trusted."""

from __future__ import annotations

import os
from pathlib import Path

import click

from catalog.commands.support import language, write_result
from shapes.finding import Severity
from shapes.lint import lint as remarks_on
from shapes.lint.report import FORMATS
from shapes.lint.sheets import sheets
from shapes.text import LANGUAGES


@click.group()
def shapes() -> None:
    """Check files of SHACL shapes."""


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
