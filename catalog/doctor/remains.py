"""What broken-off work has left in a store's folder, what was not finished, and what has not been done lately."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog import aside, backups, lock, schedule, schema
from catalog.doctor import Result
from catalog.errors import GaronneError
from catalog.releases import FOLDER, WORK, Releases
from catalog.settings import Settings
from catalog.takedown.bans import Bans
from catalog.tokens import Tokens

LATE = timedelta(days=1)
"""How long a source may be due without being harvested."""
OLD = timedelta(days=30)
"""The age from which on a backup is old."""


def files(folder: Path) -> list[Path]:
    """What an unfinished run, publication, takedown or repair has left; the next run removes it."""
    releases = Releases(folder)
    number = releases.pointer()
    found = [path for path in (folder / WORK,) if path.exists()]
    for path in sorted((folder / FOLDER).glob("*")):
        if path.suffix == ".tmp" or (path.name.isdigit() and int(path.name) > number):
            found.append(path)
        elif path.name.isdigit():
            stores = [one for one in path.glob("store*") if (path / "manifest.json").exists()]
            found += [one for one in stores if one.name != releases.get(int(path.name)).store.name]
    return found


def held(folder: Path) -> Path | None:
    """What a backup that was broken off holds on to; None where there is none, or it is under way."""
    path = folder / backups.HELD
    return path if path.exists() and not lock.holder(folder, backups.LOCK) else None


def unfinished(folder: Path) -> list[str]:
    """What the bookkeeping has of a run that did not end; the next run takes it back."""
    number = Releases(folder).pointer()
    found: list[str] = []
    with closing(schema.connect(folder)) as db:
        for table in schema.VERSIONED:
            sql = f"SELECT COUNT(*) FROM {table} WHERE since > ?1 OR until > ?1"  # noqa: S608  constant names
            if count := db.execute(sql, (number,)).fetchone()[0]:
                found.append(f"{count} rows in {table}")
        if count := db.execute("SELECT COUNT(*) FROM runs WHERE status = 'running'").fetchone()[0]:
            found.append(f"{count} runs that never ended")
    return found


def leftovers(settings: Settings) -> Iterator[Result]:
    """Whether anything is left of work that was broken off."""
    folder = settings.store.path
    for name in (aside.RESTORED, aside.RESTORING):
        if (left := aside.beside(folder, name)).exists() and not lock.holder(left):
            yield False, f"{left} is left of a restore that was broken off; --repair attends to it"
    if (path := held(folder)) is not None:
        yield False, f"{path} is left of a backup that was broken off; the next backup removes it, and --repair does"
    if holder := lock.holder(folder):
        yield True, f"what is unfinished is not looked at: {holder} is writing"
        return
    found = [str(path.relative_to(folder)) for path in files(folder)]
    if (folder / schema.FILE).exists():
        found += unfinished(folder)
    if found:
        yield False, f"left by work that was broken off: {', '.join(found)}; the next run removes it, and --repair does"
    else:
        yield True, "nothing is left of unfinished work"


def takedowns(settings: Settings) -> Iterator[Result]:
    """Whether every takedown was carried to its end."""
    if not (settings.store.path / schema.FILE).exists():
        return
    with closing(schema.connect(settings.store.path)) as db:
        bans = Bans(db).all()
    for ban in bans:
        if not ban.done:
            yield (
                False,
                f"`{ban.slug}`, begun on {ban.at[:10]}, is not complete: `garonne takedown {ban.slug}` finishes it",
            )
    if bans and all(ban.done for ban in bans):
        yield True, f"{len(bans)}, all complete"


def schedules(settings: Settings) -> Iterator[Result]:
    """Whether the scheduler's notes can be read, and nothing is long overdue."""
    path = settings.store.path / schedule.FILE
    if not path.exists():
        return
    notes = schedule.read(settings.store.path)
    if not schedule.legible(settings.store.path):
        yield False, f"{path} cannot be read; the scheduler begins anew without it, and --repair sets it aside"
        return
    now = datetime.now(UTC)
    wanted = [notes[s.id] for s in settings.sources if s.schedule and s.id in notes]
    late = [turn for turn in wanted if turn.due_at is not None and now - turn.due_at > LATE]
    for turn in late:
        yield False, f"{turn.source} has been due since {turn.due}: does `garonne serve` run, with its scheduler?"
    if not late:
        looked = schedule.looked(settings.store.path)
        since = f"; the scheduler last looked at {looked.isoformat(' ', 'seconds')}" if looked else ""
        yield True, f"{len(wanted)} sources are attended to{since}"


def tokens(settings: Settings) -> Iterator[Result]:
    """Whether the tokens can be read."""
    count = sum(token.valid(datetime.now(UTC)) for token in Tokens(settings.store.path, settings.write.tokens).all())
    yield True, f"{count} are valid"


def backup(settings: Settings) -> Iterator[Result]:
    """When the last backup was made, where one was."""
    try:
        last = json.loads((settings.store.path / backups.LAST).read_text(encoding="utf-8"))
        taken, folder = datetime.fromisoformat(last["taken"]), str(last["folder"])
        rotten = int(last.get("rotten", 0))
    except FileNotFoundError:
        yield True, "none was made with this store; `garonne backup DIR` makes one"
        return
    except (ValueError, TypeError, KeyError, GaronneError) as e:
        yield False, f"{settings.store.path / backups.LAST} cannot be read ({e})"
        return
    if rotten:
        yield False, f"the last one lacks {rotten} files, which had gone bad: {folder}"
    age = datetime.now(UTC) - taken
    yield age < OLD, f"the last one is {max(age.days, 0)} days old: {folder}"
