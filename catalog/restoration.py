"""Putting a backup where the settings have the store, whole or not at all, whenever it is killed (`catalog.aside`).

The catalogue is made whole beside its place, and exchanged with what is there in one step. Where the system has no such
step, there is a moment without a catalogue; whoever would begin a new one in it is refused, and `finish` goes on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from catalog import aside, lock, schema
from catalog.backups import STORE, Backup, damaged, read
from catalog.copying import copied, linked
from catalog.errors import StoreDamaged, UsageError
from catalog.exchange import exchange
from catalog.releases import Releases, sync, sync_tree
from catalog.settings import Settings

_TREE = "tree"
BUSY = "another restore is under way"


def restore(folder: Path, settings: Settings, *, replace: bool = False) -> Backup:
    """Puts a backup in the store's place. It is verified first.

    With `replace`, a catalogue that is there is set aside under another name, and not removed; otherwise `UsageError`.
    Raises `StoreDamaged` for a damaged backup, `StoreLocked` while another process writes or restores.
    """
    backup, place = read(folder), settings.store.path.resolve()
    if backup.base != settings.catalog.base:
        raise UsageError(
            f"the backup is of a catalogue at {backup.base}, the settings say {settings.catalog.base}.",
            hint="Restore with the settings in the backup's folder `settings`.",
        )
    if wrong := damaged(folder):
        more = " …" if wrong[3:] else ""
        raise StoreDamaged(f"these files are not what was backed up: {', '.join(wrong[:3])}{more}.", what=str(folder))
    if aside.occupied(place) and not replace:
        raise UsageError(
            "there is a catalogue already.", what=str(place), hint="--replace sets it aside under another name."
        )
    if place.is_mount():
        raise UsageError(
            "this is a mount point, which cannot be exchanged for another folder.",
            what=str(place),
            hint="Name a folder below it in [store] path.",
        )
    building, ready = aside.beside(place, aside.RESTORING), aside.beside(place, aside.RESTORED)
    try:
        with lock.alone(building, lock.FILE, BUSY):
            try:
                _build(folder, backup, building / _TREE)
                with lock.alone(place, lock.FILE, lock.BUSY):
                    _set_aside(place)
                    os.replace(building / _TREE, ready)
                    sync(place.parent)
                    _take_place(place)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    except OSError as e:
        raise schema.explained(e, place) from e
    return backup


def _build(folder: Path, backup: Backup, tree: Path) -> None:
    if tree.exists():
        shutil.rmtree(tree)
    for name in (*backup.files, *backup.links):
        if name.startswith(f"{STORE}/"):
            inside = name.removeprefix(f"{STORE}/")
            if original := backup.links.get(name, ""):
                linked(tree / original.removeprefix(f"{STORE}/"), tree / inside)
            else:
                copied(folder / name, tree / inside)
    for number in backup.releases:  # also one of which nothing was whole: a repair makes it anew
        Releases(tree).path(number).mkdir(parents=True, exist_ok=True)
    sync_tree(tree)


def finish(settings: Settings) -> Iterator[str]:
    """Ends a restore that broke off once the catalogue was whole; says what was done. The write lock is taken."""
    place = settings.store.path.resolve()
    ready = aside.beside(place, aside.RESTORED)
    if not ready.exists():
        return
    try:
        with lock.alone(place, lock.FILE, lock.BUSY):
            if aside.occupied(place):
                yield f"a restore broke off at its end; the other catalogue is in {_set_aside(place)} now"
            else:
                _take_place(place)
                yield f"a restore broke off just before its end; the catalogue of {ready.name} is in its place now"
    except OSError as e:
        raise schema.explained(e, place) from e


def _take_place(place: Path) -> None:
    """What is ready becomes the catalogue; one that was there is set aside."""
    ready = aside.beside(place, aside.RESTORED)
    before = aside.occupied(place)
    if exchange(ready, place):
        sync(place.parent)
        if before:
            _set_aside(place)
        else:
            shutil.rmtree(ready)
    else:
        if before:
            os.replace(place, _free(place))
        else:
            shutil.rmtree(place)
        os.replace(ready, place)
    sync(place.parent)


def _set_aside(place: Path) -> str:
    """Keeps what stands beside a catalogue that is in its place; the name that it has now, empty where there was none.

    It is one or the other of an exchange that broke off: which one cannot be known, so that none is removed.
    """
    ready = aside.beside(place, aside.RESTORED)
    if not ready.exists():
        return ""
    target = _free(place)
    os.replace(ready, target)
    sync(place.parent)
    return target.name


def _free(place: Path) -> Path:
    """A name that nothing has yet."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (aside.beside(place, f"{aside.BEFORE}{stamp}{more}") for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())
