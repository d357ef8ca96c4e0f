"""`garonne sources`: which are configured, which kinds are installed, whether each can be harvested."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import click

from catalog import plugins, schema
from catalog.commands.support import language, put_json, put_table, say, settings_of
from catalog.errors import unknown_choice
from catalog.overlaps import overlaps
from catalog.overlaps import plain as plain_overlap
from catalog.releases import Releases
from harvest.commands.accept import accept
from harvest.coverage import markdown, plain, results, tally
from harvest.source import make
from harvest.sources.files import readers


@click.group()
def sources() -> None:
    """List and check the configured sources."""


sources.add_command(accept)


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """The configured sources, and the kinds that are installed."""
    settings = settings_of(ctx)
    kinds = list(plugins.installed(plugins.SOURCES))
    rows = [
        {"id": s.id, "kind": s.kind, "address": s.url or str(s.path or ""), "schedule": s.schedule}
        for s in settings.sources
    ]
    if as_json:
        put_json({"sources": rows, "kinds": kinds})
        return
    put_table(["source", "kind", "address", "schedule"], [list(r.values()) for r in rows])
    say(f"kinds installed: {', '.join(kinds)}")


@sources.command("overlaps")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def overlaps_(ctx: click.Context, as_json: bool) -> None:
    """Datasets that several sources have: from which each is published, where else it is, and how that is known."""
    settings = settings_of(ctx)
    current = Releases(settings.store.path).pointer()
    with closing(schema.connect(settings.store.path)) as db:
        found = overlaps(db, current)
    if as_json:
        put_json([plain_overlap(one) for one in found])
        return
    rows = [
        [o.title, f"{o.source}: {o.record}", f"{o.other_source}: {o.other_record}", ", ".join(o.claims)] for o in found
    ]
    put_table(["dataset", "published from", "also in", "same"], rows)
    say(f"{len(found)} record{'s' if len(found) != 1 else ''} of a dataset that another source publishes")


@sources.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--kind", default="", help="Kind of the responses; by default each file is looked at.")
@click.option("--json", "as_json", is_flag=True, help="For a program: also which repairs were made, how often.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
def coverage(folder: Path, kind: str, as_json: bool, output: Path | None) -> int:
    """What would become of the saved responses in FOLDER: files, records, mapped, set aside and why.

    Nothing is stored. Exit code 1 when a record failed by a fault of this program.
    """
    if kind and kind not in readers():
        raise unknown_choice("kind of saved responses", kind, list(readers()))
    found = tally(results(folder, kind=kind))
    text = json.dumps(plain(found), ensure_ascii=False, indent=1) + "\n" if as_json else markdown(found)
    if output is not None:
        output.write_text(text, encoding="utf-8")
        say(f"written: {output}")
    else:
        click.echo(text, nl=False)
    return 1 if any(one.failed for one in found.values()) else 0


@sources.command()
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def check(ctx: click.Context, source: str | None, as_json: bool) -> int:
    """Ask SOURCE (all by default) whether it can be harvested."""
    settings = settings_of(ctx)
    chosen = [settings.source(source)] if source else list(settings.sources)
    if not chosen:
        say("No source is configured. Add a [[source]] to the settings; `garonne init` shows one.")
        return 2
    lang = language(os.environ)
    found = [(s.id, make(s, settings.harvest, lambda text: say(text.of(lang))).check()) for s in chosen]
    if as_json:
        put_json(
            [
                {"id": name, "ok": c.ok, "message": c.message, "datasets": c.datasets, "hint": c.hint}
                for name, c in found
            ]
        )
    for name, c in found if not as_json else ():
        count = f", {c.datasets} datasets" if c.datasets is not None else ""
        click.echo(f"{'ok ' if c.ok else 'BAD'}  {name}: {c.message}{count} {c.hint}".rstrip())
    return 0 if all(c.ok for _, c in found) else 3
