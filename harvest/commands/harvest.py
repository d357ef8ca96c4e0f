"""`garonne harvest`: run, status, worklist."""

from __future__ import annotations

import csv
import gc
import sys
from contextlib import closing
from typing import Any

import click

from catalog import schema
from catalog.archive import Archive
from catalog.commands.support import put_json, put_table, say, settings_of
from catalog.errors import NotFound
from catalog.model import Outcome
from harvest.pipeline import Options
from harvest.pipeline import run as run_pipeline
from harvest.progress import Progress
from harvest.summary import Summary
from harvest.worklist import worklist as worklist_of


@click.group()
def harvest() -> None:
    """Harvest the sources into a new release."""


@harvest.command()
@click.argument("sources", nargs=-1)
@click.option("--full", is_flag=True, help="Map and check every record again, also the unchanged ones.")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="Read only so many records of each source; withdraws nothing."
)
@click.option("--no-validate", is_flag=True, help="Do not run the SHACL profiles.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for a program.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.pass_context
def run(
    ctx: click.Context,
    sources: tuple[str, ...],
    full: bool,
    dry_run: bool,
    limit: int | None,
    no_validate: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Harvest SOURCES (all of them by default), validate, and publish a release when something changed."""
    gc.set_threshold(100_000, 50, 100)  # records make no cycles; looking for them costs a tenth of the run
    options = Options(sources, full=full, dry_run=dry_run, limit=limit, validate=not no_validate)
    summary = run_pipeline(settings_of(ctx), options, Progress(quiet=quiet))
    if as_json:
        put_json(summary.plain())
    else:
        show_summary(summary)
    return summary.exit_code


def show_summary(summary: Summary) -> None:
    """The run on one screen: sources, outcomes, what was set aside, findings, worklist, what was published."""
    click.echo(f"run {summary.run}, {summary.seconds:.1f} s")
    for source in summary.sources:
        counts = ", ".join(f"{n} {o}" for o, n in source.outcomes.items() if n)
        click.echo(f"  {source.id} ({source.kind}): {source.status}; {source.seen} seen; {counts or 'nothing'}")
        if source.reason:
            click.echo(f"    {source.reason} {source.hint}".rstrip())
        for item in source.set_aside[:8]:
            click.echo(f"    {item['outcome']}: {item['record']} – {item['en']}")
        if len(source.set_aside) > 8:
            click.echo(f"    … and {sum(source.outcomes[o] for o in ('set aside', 'failed')) - 8} more")
    v = summary.values
    click.echo(
        f"  values: {v.get('mapped', 0)} mapped, {v.get('unmapped', 0)} unmapped, {v.get('ignored', 0)} ignored by rule"
    )
    for item in [w for w in summary.worklist if w["table"]][:5]:
        click.echo(
            f"    [mapping] {item['table']} could map {item['field']} «{item['value'][:60]}» ({item['records']})"
        )
    click.echo(
        f"  findings: {summary.counts.get('violations', 0)} violations, {summary.counts.get('warnings', 0)} warnings"
    )
    _show_release(summary)


def _show_release(summary: Summary) -> None:
    events = ", ".join(f"{n} {kind}" for kind, n in sorted(summary.events.items()) if n)
    if summary.release:
        click.echo(f"published release {summary.release}: {summary.counts.get('dataset', 0)} datasets ({events})")
    elif summary.dry_run:
        click.echo(f"dry run: nothing published; it would be {events or 'nothing new'}")
    elif summary.current:
        click.echo(f"nothing changed; release {summary.current} stays current")
    else:
        click.echo("nothing published; there is no release yet")


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
@click.pass_context
def worklist(ctx: click.Context, source: str, as_json: bool, as_csv: bool) -> None:
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
        rows = [
            [w["records"], w["field"], w["value"][:60].replace("\n", " "), w["table"] or "", w["en"][:80]]
            for w in found
        ]
        put_table(["records", "field", "value", "table", "why"], rows)
