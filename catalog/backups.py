"""Backups of the whole catalogue: every kept release, the bookkeeping, the settings; taken while everything runs.

{backup}/backup.json                 when, of what, size and SHA-256 of each other file; written last
{backup}/var/                        the store's folder: current, releases, bookkeeping, registered profiles, schedule
{backup}/settings/                   the settings file and the mapping tables that it names, for reference

A backup is whole or it has no `backup.json`. What can be made anew (kept answers and pages) is left out. Every file of
a release is compared with what was published while it is copied: what has gone bad is left out, and named, and the
bookkeeping makes it anew after a restore. The bookkeeping is checked; without it there is no backup.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from catalog import lock, schedule, schema, sealed, tokens
from catalog.copying import State, copy_releases, linked, of_releases, state
from catalog.errors import NotFound, StoreDamaged, StoreFull, StoreLocked, UsageError
from catalog.releases import FOLDER, POINTER, Releases, sync, sync_tree
from catalog.settings import Settings
from catalog.snapshots import digest
from catalog.unwritable import WrittenMeanwhile
from shapes.registry import FOLDER as SHAPES

log = logging.getLogger("garonne.backups")

FILE = "backup.json"
STORE = "var"
SETTINGS = "settings"
HELD = "backup.tmp"
"""In the store's folder: hard links to the releases, so that none is pruned under our hands."""
LOCK = "backup.lock"
"""In the store's folder: held by the one backup that is being made."""
BUSY = "another backup is being made"
LAST = "backup.json"
"""In the store's folder: when the last backup was made, and where."""
TRIES = 10


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself. `files` gives size and SHA-256 by path in it; `links` what is another file anew."""

    taken: str
    program: str
    base: str
    release: int
    releases: list[int]
    files: dict[str, tuple[int, str]]
    links: dict[str, str]
    rotten: dict[str, str] = field(default_factory=dict)
    """Files of releases that had gone bad, by their path, and how: they are not in it."""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for size, _ in self.files.values())


def back_up(settings: Settings, target: Path) -> Backup:
    """Writes a backup to a new folder; harvests, publications and queries go on meanwhile.

    What has gone bad of a release is left out and named (`Backup.rotten`): the bookkeeping makes it anew. Raises
    `UsageError` where the target is something already, `NotFound` where there is nothing to back up yet,
    `StoreDamaged` where the bookkeeping is not whole, `StoreFull`, `StoreLocked` while another backup is made or where
    releases follow each other too fast to hold one.
    """
    folder = settings.store.path
    sealed.refuse(folder)
    if not (folder / POINTER).exists():
        Releases(folder).pointer()  # says so where it is lost
        raise NotFound("there is no release yet: nothing to back up.", what=str(folder))
    _new(target)
    try:
        with _holding(folder) as held:
            now = _hold(folder, held, target / STORE / schema.FILE)
            backup = _written(settings, held, target, now)
            if held == folder:
                _unchanged(folder, now)
            _signed(backup, target)
    except OSError as e:
        shutil.rmtree(target, ignore_errors=True)
        raise schema.explained(e, target) from e
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    with suppress(OSError):  # the backup is whole, whether it is noted here or not
        note = {"taken": backup.taken, "folder": str(target.absolute()), "rotten": len(backup.rotten)}
        (folder / LAST).write_text(json.dumps(note) + "\n")
    return backup


def _unchanged(folder: Path, before: State) -> None:
    if state(folder) != before:
        raise StoreLocked("releases changed while they were copied.", what=str(folder), hint="Try again.")


def _new(target: Path) -> None:
    """Makes the folder of the backup, which nobody else makes at the same time."""
    taken = UsageError("there is something already.", what=str(target), hint="Name a folder that does not exist.")
    try:
        target.mkdir(parents=True, exist_ok=True)
        empty = not any(target.iterdir())
        if empty:
            (target / STORE).mkdir()
    except (FileExistsError, NotADirectoryError) as e:
        raise taken from e
    except OSError as e:
        raise schema.explained(e, target) from e
    if not empty:
        raise taken


@contextmanager
def _holding(folder: Path) -> Iterator[Path]:
    """Where the releases are read: below a folder for links to them, which are this backup's alone.

    On a disk that is full or read-only that is the store's folder itself: it can be saved from there all the same.
    """
    with ExitStack() as stack:
        held = folder / HELD
        try:
            stack.enter_context(lock.alone(folder, LOCK, BUSY))
            shutil.rmtree(held, ignore_errors=True)
            held.mkdir()
        except (StoreFull, OSError) as e:
            log.warning("nothing can be written to %s (%s): its releases are copied as they lie there", folder, e)
            held = folder
        else:
            stack.callback(shutil.rmtree, held, ignore_errors=True)
        yield held


def _hold(folder: Path, held: Path, bookkeeping: Path) -> State:
    """Links to the kept releases, and the bookkeeping as it speaks of exactly these.

    Rows of a release that is being made may be in it: whoever opens the restored bookkeeping for writing takes them
    back, as after a kill.
    """
    for _ in range(TRIES):
        with suppress(FileNotFoundError, WrittenMeanwhile):  # one of them was pruned meanwhile
            now = state(folder)
            if held != folder:
                shutil.rmtree(held / FOLDER, ignore_errors=True)
                for file in of_releases(folder, now):
                    linked(file, held / file.relative_to(folder))
            _copy_database(folder, bookkeeping)
            if now == state(folder):
                return now
    raise StoreLocked("releases are published faster than they can be copied.", what=str(folder))


def _copy_database(folder: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        with closing(schema.connect(folder)) as db, closing(sqlite3.connect(target)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as e:
        if isinstance(found := schema.explained(e, target), StoreDamaged):
            raise _unsound(folder, str(e)) from e
        raise found from e
    if answer != "ok":
        raise _unsound(folder, answer)


def _unsound(folder: Path, why: str) -> StoreDamaged:
    return StoreDamaged(
        f"the bookkeeping is damaged ({why}), so that no backup was made.",
        what=str(folder / schema.FILE),
        hint="Keep the backups that there are, and restore the last one: `garonne restore`.",
    )


def _written(settings: Settings, held: Path, target: Path, now: State) -> Backup:
    store, folder = target / STORE, settings.store.path
    of = copy_releases(held, store, now)
    files = {f"{STORE}/{name}": told for name, told in of.files.items()}
    links = {f"{STORE}/{name}": f"{STORE}/{first}" for name, first in of.links.items()}
    rotten = {f"{STORE}/{name}": wrong for name, wrong in of.rotten.items()}
    (store / POINTER).write_text(f"{now.current}\n", encoding="utf-8")
    if (folder / SHAPES).is_dir():
        shutil.copytree(folder / SHAPES, store / SHAPES)
    for name in (schedule.FILE, tokens.FILE):
        if (folder / name).exists():
            shutil.copy2(folder / name, store / name)
    for file in _settings_files(settings):
        (target / SETTINGS).mkdir(exist_ok=True)
        shutil.copy2(file, target / SETTINGS / file.name)
    for file in _files(target):
        name = str(file.relative_to(target))
        if name not in links and name not in files:
            files[name] = (file.stat().st_size, digest(file))
    taken = datetime.now(UTC).isoformat("T", "seconds")
    numbers = sorted(now.manifests)
    return Backup(taken, version("garonne"), settings.catalog.base, now.current, numbers, files, links, rotten)


def _signed(backup: Backup, target: Path) -> None:
    """Says what the backup is, once all of it is on disk."""
    sync_tree(target)
    pending = target / f"{FILE}.tmp"
    pending.write_text(json.dumps(asdict(backup), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sync(pending)
    os.replace(pending, target / FILE)
    sync(target)


def _settings_files(settings: Settings) -> Iterator[Path]:
    if settings.file is not None and settings.file.exists():
        yield settings.file
    for path in vars(settings.mapping).values():
        if isinstance(path, Path) and path.is_file():
            yield path


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != FILE)


def read(folder: Path) -> Backup:
    """What the backup in this folder says of itself. Raises `NotFound` where there is none, or only a part of one."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files = {name: (int(size), str(told)) for name, (size, told) in said.pop("files").items()}
        return Backup(**said, files=files)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise NotFound(
            "this folder is not a whole backup.", what=str(folder), hint="`garonne backup DIR` makes one."
        ) from e
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise StoreDamaged(f"the backup cannot be read ({e}).", what=str(folder / FILE)) from e


def damaged(folder: Path) -> list[str]:
    """The files of a backup that are missing, or whose content is not what was backed up. Reads all of it."""
    found = read(folder).files
    return [name for name, (_, told) in found.items() if not (folder / name).is_file() or digest(folder / name) != told]
