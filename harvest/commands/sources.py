"""`garonne sources`: which are configured, which kinds are installed, whether each can be harvested."""

from __future__ import annotations

import click

from catalog import plugins
from catalog.commands.support import put_json, put_table, say, settings_of
from harvest.source import make


@click.group()
def sources() -> None:
    """List and check the configured sources."""


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
    found = [(s.id, make(s, settings.harvest, say).check()) for s in chosen]
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
