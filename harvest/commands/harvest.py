"""`garonne harvest`: run, status, worklist."""

from __future__ import annotations

import csv
import gc
import os
import sys
from contextlib import closing
from typing import Any

import click

from catalog import logs, schema, traces
from catalog.archive import Archive
from catalog.commands.support import language, put_json, put_table, say, settings_of
from catalog.errors import NotFound
from catalog.model import Outcome, Text
from harvest.commands.notify import notify as notify_command
from harvest.commands.schedule import schedule
from harvest.display import lines
from harvest.notify import telling
from harvest.notify.trouble import is_trouble
from harvest.options import Options
from harvest.pipeline import run as run_pipeline
from harvest.progress import Progress
from harvest.worklist import worklist as worklist_of
from shapes.text import LANGUAGES


@click.group()
def harvest() -> None:
    """Harvest the sources into a new release."""


harvest.add_command(schedule)
harvest.add_command(notify_command)


@harvest.command()
@click.argument("sources", nargs=-1)
@click.option("--full", is_flag=True, help="Map and check every record again, also the unchanged ones.")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="Read only so many records of each source; withdraws nothing."
)
@click.option("--notify", is_flag=True, help="Then tell whom [notify] names; never changes how the run ends.")
@click.option("--no-validate", is_flag=True, help="Do not run the SHACL profiles.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for a program.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of progress and summary. [default: the system's, else fr]"
)
@click.pass_context
def run(
    ctx: click.Context,
    sources: tuple[str, ...],
    full: bool,
    dry_run: bool,
    limit: int | None,
    notify: bool,
    no_validate: bool,
    as_json: bool,
    quiet: bool,
    lang: str | None,
) -> int:
    """Harvest SOURCES (all of them by default), validate, and publish a release when something changed."""
    gc.set_threshold(100_000, 50, 100)  # records make no cycles; looking for them costs a tenth of the run
    settings = settings_of(ctx)
    progress = Progress(quiet=quiet, lang=lang or language(os.environ))
    shown = settings.log.format == "text" and not quiet
    logs.configure(settings.log, least="warning" if shown else "")  # the progress says what is not a warning
    if notify:
        telling.required(settings)
    traces.configure(settings.log.traces, "garonne-harvest")
    options = Options(sources, full=full, dry_run=dry_run, limit=limit, validate=not no_validate)
    wrong: Exception | None = None
    try:
        summary = run_pipeline(settings, options, progress)
    except Exception as e:
        wrong = e if is_trouble(e) else None
        raise
    finally:
        traces.close()
        if notify:
            telling.tell(settings, wrong=wrong)
    if as_json:
        put_json(summary.plain())
    else:
        click.echo("\n".join(lines(summary, progress.lang)))
    return summary.exit_code


@harvest.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many runs.")
@click.pass_context
def status(ctx: click.Context, as_json: bool, limit: int) -> None:
    """The latest runs, newest first."""
    runs = Archive(settings_of(ctx).store.path).runs(limit)
    if as_json:
        put_json(runs)
        return
    if not runs:
        say("No run yet. `garonne harvest run` makes the first.")
    rows = [[r["n"], r["started"], r["status"], r["release"] or "", _sources(r["summary"])] for r in runs]
    put_table(["run", "started", "status", "release", "sources"], rows)


def _sources(summary: dict[str, Any] | None) -> str:
    parts = []
    for source in (summary or {}).get("sources", []):
        counts = ", ".join(f"{n} {o}" for o, n in source["outcomes"].items() if n and o != Outcome.UNCHANGED)
        parts.append(f"{source['id']}: {source['status']}" + (f" ({counts})" if counts else ""))
    return "; ".join(parts)


@harvest.command()
@click.option("--source", default="", help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the reasons. [default: the system's, else fr]")
@click.pass_context
def worklist(ctx: click.Context, source: str, as_json: bool, as_csv: bool, lang: str | None) -> None:
    """The values that no rule could map, by field and value: those that one line in a [mapping] table clears first."""
    settings = settings_of(ctx)
    if not (settings.store.path / schema.FILE).exists():
        raise NotFound("nothing was harvested yet.", hint="`garonne harvest run` makes the first release.")
    with closing(schema.connect(settings.store.path)) as db:
        found = worklist_of(db, source=source)
    if as_json:
        put_json(found)
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, ["field", "value", "table", "records", "fr", "en", "example"])
        writer.writeheader()
        writer.writerows(found)
    else:
        chosen = lang or language(os.environ)
        header = Text("notices champ valeur table raison", "records field value table why").of(chosen).split()
        put_table(
            header, [[w["records"], w["field"], one_line(w["value"]), w["table"] or "", w[chosen]] for w in found]
        )


def one_line(value: str, width: int = 60) -> str:
    """A value on one line, cut visibly where it is longer than `width`."""
    text = " ".join(value.split())
    return text if len(text) <= width else text[: width - 1] + "…"
