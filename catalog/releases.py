"""Numbered releases: folders that never change, and the pointer to the current one.

    {store}/releases/000012/store/           the Oxigraph snapshot
    {store}/releases/000012/manifest.json    number, time, counts, fingerprint
    {store}/current                          the number of the release that all doors speak of

A release exists once `current` has named it; the swap is one atomic rename.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog import aside, schema, snapshots
from catalog.errors import NotFound, StoreDamaged

POINTER = "current"
FOLDER = "releases"
WORK = "work"
MANIFEST = "manifest.json"
NO_FILES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Manifest:
    """What is known of a release without opening it. `published` is UTC; `fingerprint` digests all it says.

    `total` is the sum behind the fingerprint (`catalog.tally`), empty where it was not noted.
    `store` names the folder of its snapshot: another one after a takedown, so that nothing of before is taken for it.
    `without` are the slugs of the datasets that it was rewritten without. `files` are those of its snapshot, empty
    where they were not noted.
    """

    number: int
    published: datetime
    datasets: int
    quads: int
    fingerprint: str
    total: str = ""
    run: int | None = None
    reason: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    store: str = "store"
    without: list[str] = field(default_factory=list)
    files: snapshots.Files = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """One release on disk."""

    number: int
    path: Path
    manifest: Manifest

    @cached_property
    def store(self) -> Path:
        """The folder of its Oxigraph snapshot."""
        return self.path / self.manifest.store


class Releases:
    """The releases of one store folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / POINTER

    def current(self) -> Release | None:
        """The release that is served now; None before the first. Reads the pointer each time it is asked."""
        number = self.pointer()
        try:
            return self.get(number) if number else None
        except NotFound as e:
            raise StoreDamaged(
                f"the current release, {number}, is not there.", what=str(self.folder), hint=e.hint
            ) from e

    def pointer(self) -> int:
        """The number of the current release; 0 before the first."""
        try:
            return int((self.folder / POINTER).read_text())
        except FileNotFoundError as e:
            self._refuse_loss(e)
            return 0
        except (OSError, ValueError) as e:
            raise StoreDamaged(
                f"the pointer to the current release cannot be read ({e}).",
                what=str(self.folder / POINTER),
                hint="`garonne doctor --repair` makes the newest whole one the current one.",
            ) from e

    def stamp(self) -> tuple[int, ...] | None:
        """What changes with every swap of the pointer, without reading it; None when it is not there."""
        try:
            found = self._pointer.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _refuse_loss(self, cause: Exception) -> None:
        """No pointer means no release yet, unless there are releases: then going on would throw all of them away.

        Number 1 alone is what a first publication leaves that was killed just before the swap.
        """
        aside.refuse(self.folder)
        left = self._folders()
        if left and left != [self.path(1)]:
            raise StoreDamaged(
                f"the pointer to the current release is missing, and there are releases up to {int(left[-1].name)}.",
                what=str(self.folder / POINTER),
                hint="`garonne doctor --repair` makes the newest whole one the current one.",
            ) from cause

    def numbers(self) -> Sequence[int]:
        """The numbers that have a folder, in order: published or not, whole or not."""
        return [int(path.name) for path in self._folders()]

    def _folders(self) -> Sequence[Path]:
        return sorted((self.folder / FOLDER).glob("[0-9]" * 6))

    def get(self, number: int) -> Release:
        """The release of this number; `NotFound` lists those that are kept."""
        path = self.path(number)
        try:
            return Release(number, path, _manifest(path / MANIFEST))
        except FileNotFoundError as e:
            kept = ", ".join(str(r.number) for r in self.list()) or "none"
            raise NotFound(f"There is no release {number}.", hint=f"Kept: {kept}.") from e

    def path(self, number: int) -> Path:
        """Where a release of this number is or will be."""
        return self.folder / FOLDER / f"{number:06d}"

    def list(self) -> list[Release]:
        """The published releases that are kept, oldest first."""
        last = self.pointer()
        return [*self.whole(last)]

    def whole(self, last: int = 999_999) -> Sequence[Release]:
        """The releases on disk up to number `last` that have a manifest, oldest first, whatever the pointer says."""
        found = [p for p in self._folders() if int(p.name) <= last and (p / MANIFEST).exists()]
        return [Release(int(p.name), p, _manifest(p / MANIFEST)) for p in found]

    def publish(self, manifest: Manifest, snapshot: Path, beside: Mapping[str, str] = NO_FILES) -> Release:
        """Makes this snapshot the current release, atomically and durably, with the files `beside` it.

        The snapshot is moved. On any failure the current release stays what it was.
        """
        target = self.path(manifest.number)
        before = self._files(self.pointer())
        try:
            _discard(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            pending = target.with_suffix(".tmp")
            _discard(pending)
            pending.mkdir()
            os.replace(snapshot, pending / manifest.store)
            manifest = replace(manifest, files=snapshots.record(pending / manifest.store, before))
            for name, content in {**beside, MANIFEST: _text(manifest)}.items():
                (pending / name).write_text(content, encoding="utf-8")
            sync_tree(pending, before.keys())
            os.replace(pending, target)
            sync(target.parent)
            point(self.folder, manifest.number)
        except OSError as e:
            raise schema.explained(e, target) from e
        return self.get(manifest.number)

    def _files(self, number: int) -> dict[int, tuple[int, str]]:
        """The current release's files by inode: hard links to them are on disk already."""
        if not number:
            return {}
        current = self.get(number)
        files = current.manifest.files or snapshots.record(current.store)
        return snapshots.inodes(current.store, files)

    def prune(self, keep: int) -> int:
        """Removes all but the newest `keep` releases; returns the oldest number that is kept."""
        found = self.list()
        kept = found[-max(keep, 1) :]
        for release in found[: -max(keep, 1)]:
            _discard(release.path)
        return kept[0].number if kept else 0

    def clean(self) -> None:
        """Removes what an unfinished publication, takedown or repair left."""
        for path in (self.folder / FOLDER).glob("*.tmp"):
            _discard(path)
        last = self.pointer()
        for path in self._folders():
            if int(path.name) > last:
                _discard(path)
            else:
                with suppress(StoreDamaged, NotFound):  # not known here what to make of it
                    tidy(self.get(int(path.name)))
        _discard(self.folder / WORK)


def rewrite(release: Release, manifest: Manifest) -> None:
    """Replaces what a release's manifest says, atomically and durably. Only takedowns and repairs do."""
    pending = release.path / "manifest.tmp"
    try:
        pending.write_text(_text(manifest), encoding="utf-8")
        sync(pending)
        os.replace(pending, release.path / MANIFEST)
        sync(release.path)
    except OSError as e:
        raise schema.explained(e, release.path) from e


def replace_store(release: Release, build: Callable[[Path], int], **changes: Any) -> Release:
    """Gives a release another store: `build` makes it in the folder that it is given, and says how many quads it has.

    The new store is whole and on disk before the manifest names it; the old one goes after. Where the release is the
    current one, the pointer is swapped in between, to the same number: whoever serves it notices, and opens the new
    store. `changes` are what else the manifest says from then on.
    """
    target = release.path / f"store-{int(release.manifest.store.partition('-')[2] or 1) + 1}"
    pending = target.with_suffix(".tmp")
    try:
        for left in (pending, target):
            shutil.rmtree(left, ignore_errors=True)
        size = build(pending)
        os.replace(pending, target)
        sync_tree(target)
        sync(release.path)
        files = snapshots.record(target)
    except (OSError, RuntimeError) as e:
        raise schema.explained(e, target) from e
    manifest = replace(release.manifest, store=target.name, quads=size, files=files, **changes)
    rewrite(release, manifest)
    made = replace(release, manifest=manifest)
    touch(made)
    tidy(made)
    return made


def touch(release: Release) -> None:
    """Swaps the pointer to the same number where this is the current release: it says something else than before."""
    releases = Releases(release.path.parent.parent)
    if releases.pointer() == release.number:
        point(releases.folder, release.number)


def tidy(release: Release) -> None:
    """Removes an earlier store of a release, and what was to become one."""
    for path in release.path.glob("store*"):
        if path.name != release.manifest.store:
            shutil.rmtree(path)


def point(folder: Path, number: int) -> None:
    """Swaps the pointer to the current release; after return the swap survives a power cut."""
    pending = folder / f"{POINTER}.tmp"
    with pending.open("w") as f:
        f.write(f"{number}\n")
        f.flush()
        os.fsync(f.fileno())
    os.replace(pending, folder / POINTER)
    sync(folder)


def _discard(path: Path) -> None:
    """Removes a folder; under another name first, so that a release is there whole or not at all."""
    if path.exists():
        going = path.with_suffix(".tmp")
        if going != path:
            shutil.rmtree(going, ignore_errors=True)
            os.replace(path, going)
        shutil.rmtree(going)


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path, known: Container[int] = ()) -> None:
    """Waits until everything below a folder is on disk, but for the inodes in `known`, which are."""
    for folder, _, files in os.walk(path):
        for name in files:
            file = Path(folder) / name
            if file.stat().st_ino not in known:
                sync(file)
        sync(Path(folder))


def _text(manifest: Manifest) -> str:
    told = {**asdict(manifest), "published": manifest.published.isoformat()}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _manifest(path: Path) -> Manifest:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        files = {name: (int(size), str(digest)) for name, (size, digest) in data.get("files", {}).items()}
        return Manifest(**{**data, "published": datetime.fromisoformat(data["published"]), "files": files})
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise StoreDamaged(f"the manifest cannot be read ({e}).", what=str(path)) from e
