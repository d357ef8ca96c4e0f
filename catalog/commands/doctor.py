"""`garonne doctor`: looks at installation, settings, store, releases and bookkeeping; says what is wrong; repairs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import click

from catalog.commands.support import put_json, settings_of
from catalog.doctor import Result, holdings, installation, remains
from catalog.doctor.repair import repair as repairs
from catalog.errors import GaronneError
from catalog.sealed import sealed
from catalog.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--deep", is_flag=True, help="Also read every file of every release, and compare every statement.")
@click.option("--repair", is_flag=True, help="First repair what is safe to repair; nothing published is lost by it.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, deep: bool, repair: bool) -> int:
    """Check the installation, the settings, the store and the releases. Changes nothing without --repair."""
    found = [("installation", *r) for r in _guarded(installation.installation)]
    try:
        settings = settings_of(ctx)
    except GaronneError as e:
        found.append(("settings", False, str(e)))
    else:
        if repair:
            found += [("repair", *r) for r in _guarded(lambda: repairs(settings))]
        found.append(("settings", True, f"read from {settings.file or 'defaults'}"))
        for about, check in _checks(settings, deep=deep):
            found += [(about, *r) for r in _guarded(check)]
    if as_json:
        put_json([{"about": about, "ok": ok, "message": message} for about, ok, message in found])
    else:
        for about, ok, message in found:
            click.echo(f"{'ok ' if ok else 'BAD'}  {about}: {message}")
    return 0 if all(ok for _, ok, _ in found) else 3


def _checks(settings: Settings, *, deep: bool) -> Iterator[tuple[str, Callable[[], Iterator[Result]]]]:
    yield "settings", lambda: installation.named_things(settings)
    yield "disk", lambda: holdings.disk(settings)
    yield "copy", lambda: holdings.copy(settings)
    yield "bookkeeping", lambda: holdings.bookkeeping(settings)
    yield "releases", lambda: holdings.releases(settings, deep=deep)
    if not sealed(settings.store.path):
        yield "unfinished work", lambda: remains.leftovers(settings)
        yield "takedowns", lambda: remains.takedowns(settings)
        yield "schedule", lambda: remains.schedules(settings)
        yield "tokens", lambda: remains.tokens(settings)
        yield "backup", lambda: remains.backup(settings)


def _guarded(check: Callable[[], Iterator[Result]]) -> list[Result]:
    found: list[Result] = []
    try:
        found.extend(check())
    except (GaronneError, OSError, RuntimeError, sqlite3.Error) as e:
        found.append((False, str(e)))
    return found
