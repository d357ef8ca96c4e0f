"""Backups of the whole catalogue: every kept release, the bookkeeping, the settings; taken while everything runs.

{backup}/backup.json                 when, of what, size and SHA-256 of each other file; written last
{backup}/var/                        the store's folder: current, releases, bookkeeping, registered profiles, schedule
{backup}/settings/                   the settings file and the mapping tables that it names, for reference

A backup is whole or it has no `backup.json`. What can be made anew (kept answers and pages) is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from catalog import lock, schedule, schema, sealed, tokens
from catalog.errors import NotFound, StoreDamaged, StoreLocked, UsageError
from catalog.releases import FOLDER, POINTER, Releases, sync, sync_tree
from catalog.settings import Settings
from shapes.registry import FOLDER as SHAPES

FILE = "backup.json"
STORE = "var"
SETTINGS = "settings"
HELD = "backup.tmp"
"""In the store's folder: hard links to the releases, so that none is pruned under our hands."""
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

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for size, _ in self.files.values())


def back_up(settings: Settings, target: Path) -> Backup:
    """Writes a backup to a new folder; harvests, publications and queries go on meanwhile.

    Raises `UsageError` where the target is something already, `NotFound` where there is nothing to back up yet,
    `StoreFull`, `StoreLocked` where releases follow each other too fast to hold one.
    """
    folder = settings.store.path
    sealed.refuse(folder)
    if not (folder / POINTER).exists():
        raise NotFound("there is no release yet: nothing to back up.", what=str(folder))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("there is something already.", what=str(target), hint="Name a folder that does not exist.")
    held = folder / HELD
    try:
        shutil.rmtree(held, ignore_errors=True)
        (target / STORE).mkdir(parents=True)
        release = _hold(folder, held, target / STORE / schema.FILE)
        backup = _written(settings, held, target, release)
    except OSError as e:
        shutil.rmtree(target, ignore_errors=True)
        raise schema.explained(e, target) from e
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(held, ignore_errors=True)
    with suppress(OSError):  # the backup is whole, whether it is noted here or not
        (folder / LAST).write_text(json.dumps({"taken": backup.taken, "folder": str(target.absolute())}) + "\n")
    return backup


def _hold(folder: Path, held: Path, bookkeeping: Path) -> int:
    """Links to the kept releases, and the bookkeeping as it speaks of exactly these; returns the current one's number.

    Rows of a release that is being made may be in it: whoever opens the restored bookkeeping for writing takes them
    back, as after a kill.
    """
    releases = Releases(folder)
    for _ in range(TRIES):
        shutil.rmtree(held, ignore_errors=True)
        before = [releases.pointer(), *(r.number for r in releases.list())]
        with suppress(FileNotFoundError):  # one of them was pruned meanwhile
            for number in before[1:]:
                _link_tree(releases.path(number), held / FOLDER / releases.path(number).name)
            _copy_database(folder, bookkeeping)
            if before == [releases.pointer(), *(r.number for r in releases.list())]:
                return before[0]
    raise StoreLocked("releases are published faster than they can be copied.", what=str(folder))


def _link_tree(source: Path, target: Path) -> None:
    left_out = shutil.ignore_patterns("answers", "dumps", "*.tmp", "LOCK")
    shutil.copytree(source, target, copy_function=_link, ignore=left_out)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)


def _copy_database(folder: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(schema.connect(folder)) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _written(settings: Settings, held: Path, target: Path, release: int) -> Backup:
    store, folder = target / STORE, settings.store.path
    files: dict[str, tuple[int, str]] = {}
    links: dict[str, str] = {}
    seen: dict[int, str] = {}
    for file in _files(held):
        name = f"{STORE}/{file.relative_to(held)}"
        inode = file.stat().st_ino
        if inode in seen:  # releases share most of their data files
            links[name] = seen[inode]
            _copy(target / seen[inode], target / name, link=True)
        else:
            seen[inode] = name
            _copy(file, target / name)
    (store / POINTER).write_text(f"{release}\n", encoding="utf-8")
    if (folder / SHAPES).is_dir():
        shutil.copytree(folder / SHAPES, store / SHAPES)
    for name in (schedule.FILE, tokens.FILE):
        if (folder / name).exists():
            shutil.copy2(folder / name, store / name)
    for file in _settings_files(settings):
        _copy(file, target / SETTINGS / file.name)
    for file in _files(target):
        name = str(file.relative_to(target))
        if name not in links:
            files[name] = (file.stat().st_size, _digest(file))
    numbers = sorted(int(p.name) for p in (held / FOLDER).iterdir())
    taken = datetime.now(UTC).isoformat("T", "seconds")
    backup = Backup(taken, version("garonne"), settings.catalog.base, release, numbers, files, links)
    sync_tree(target)
    pending = target / f"{FILE}.tmp"
    pending.write_text(json.dumps(asdict(backup), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sync(pending)
    os.replace(pending, target / FILE)
    sync(target)
    return backup


def _settings_files(settings: Settings) -> Iterator[Path]:
    if settings.file is not None and settings.file.exists():
        yield settings.file
    for path in vars(settings.mapping).values():
        if isinstance(path, Path) and path.is_file():
            yield path


def _copy(source: Path, target: Path, *, link: bool = False) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        _link(str(source), str(target))
    else:
        shutil.copy2(source, target)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != FILE)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read(folder: Path) -> Backup:
    """What the backup in this folder says of itself. Raises `NotFound` where there is none, or only a part of one."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files = {name: (int(size), str(digest)) for name, (size, digest) in told.pop("files").items()}
        return Backup(**told, files=files)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise NotFound(
            "this folder is not a whole backup.", what=str(folder), hint="`garonne backup DIR` makes one."
        ) from e
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise StoreDamaged(f"the backup cannot be read ({e}).", what=str(folder / FILE)) from e


def damaged(folder: Path) -> list[str]:
    """The files of a backup that are missing, or whose content is not what was backed up. Reads all of it."""
    found = read(folder).files
    return [
        name for name, (_, digest) in found.items() if not (folder / name).is_file() or _digest(folder / name) != digest
    ]


def restore(folder: Path, settings: Settings, *, replace: bool = False) -> Backup:
    """Puts a backup where the settings have the store, whole or not at all. It is verified first.

    With `replace`, a catalogue that is there is set aside under another name, and not removed; otherwise `UsageError`.
    Raises `StoreDamaged` for a damaged backup, `StoreLocked` while another process writes.
    """
    backup, place = read(folder), settings.store.path
    if backup.base != settings.catalog.base:
        raise UsageError(
            f"the backup is of a catalogue at {backup.base}, the settings say {settings.catalog.base}.",
            hint="Restore with the settings in the backup's folder `settings`.",
        )
    if wrong := damaged(folder):
        more = " …" if wrong[3:] else ""
        raise StoreDamaged(f"these files are not what was backed up: {', '.join(wrong[:3])}{more}.", what=str(folder))
    if _occupied(place) and not replace:
        raise UsageError(
            "there is a catalogue already.", what=str(place), hint="--replace sets it aside under another name."
        )
    pending = place.with_name(f"{place.name}.restored")
    try:
        shutil.rmtree(pending, ignore_errors=True)
        for name in (*backup.files, *backup.links):
            if name.startswith(f"{STORE}/"):
                _restored(folder, pending, name, backup.links.get(name, ""))
        sync_tree(pending)
        with lock.writing(place):
            if _occupied(place):
                stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
                os.replace(place, place.with_name(f"{place.name}.before-{stamp}"))
            else:
                shutil.rmtree(place)
            os.replace(pending, place)
            sync(place.absolute().parent)
    except OSError as e:
        raise schema.explained(e, place) from e
    finally:
        shutil.rmtree(pending, ignore_errors=True)
    return backup


def _occupied(place: Path) -> bool:
    return (place / POINTER).exists() or (place / schema.FILE).exists()


def _restored(folder: Path, pending: Path, name: str, original: str) -> None:
    inside = name.removeprefix(f"{STORE}/")
    if original:
        _copy(pending / original.removeprefix(f"{STORE}/"), pending / inside, link=True)
    else:
        _copy(folder / name, pending / inside)
