"""What a store's folder holds: room on its disk, bookkeeping, releases with their stores and pages, or a copy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from catalog import aside, copies, mending, paging, schema
from catalog.archive import AT, Archive
from catalog.doctor import Result
from catalog.errors import NotFound, StoreDamaged
from catalog.model import Kind
from catalog.releases import Release, Releases
from catalog.replica import replica
from catalog.sealed import sealed
from catalog.settings import Settings
from catalog.store import Workspace, clone, open_read_only
from catalog.tally import Tally

ROOM = 200_000_000
"""Bytes that must be free in any case."""


def disk(settings: Settings) -> Iterator[Result]:
    """Whether the store's folder can hold another release, all of whose files are new."""
    folder = settings.store.path
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free, wanted = shutil.disk_usage(existing).free, max(ROOM, 2 * _size(folder))
    yield free > wanted, f"{free // 1_000_000:,} MB free at {existing}, {wanted // 1_000_000:,} MB should be"


def _size(folder: Path) -> int:
    """Bytes of the newest release's store and of the bookkeeping: what one night can at most add."""
    stores = [file for path in sorted((folder / "releases").glob("[0-9]*"))[-1:] for file in path.glob("store*/*")]
    return sum(file.stat().st_size for file in (*stores, *folder.glob(f"{schema.FILE}*")))


def copy(settings: Settings) -> Iterator[Result]:
    """Where the folder is an exported copy: whether every file of it is what was exported."""
    if sealed(settings.store.path):
        wrong = copies.damaged(settings.store.path)
        yield not wrong, f"these files changed: {', '.join(wrong)}" if wrong else "every file is what was exported"


def bookkeeping(settings: Settings) -> Iterator[Result]:
    """Whether the bookkeeping is whole, and its last run."""
    if not (settings.store.path / schema.FILE).exists():
        aside.refuse(settings.store.path)
        yield True, "nothing yet; `garonne harvest run` makes it"
        return
    with closing(schema.connect(settings.store.path)) as db:
        answer = str(db.execute("PRAGMA quick_check").fetchone()[0])
    yield answer == "ok", f"SQLite says: {answer}"
    for run in Archive(settings.store.path).runs(1):
        yield True, f"last run {run['n']}: {run['status']}, started {run['started']}"


def releases(settings: Settings, *, deep: bool) -> Iterator[Result]:
    """Whether the pointer names a whole release and each kept one is what was published.

    `deep` reads every file, sums up what the bookkeeping says of each, and compares all statements of the current one.
    """
    found = Releases(settings.store.path)
    current: Release | None = None
    try:
        current = found.current()
    except StoreDamaged as e:
        yield False, str(e)
    if not found.numbers():
        yield True, "no release yet"
    for number in found.numbers():
        if current is None or number <= current.number:
            yield _release(settings, number, current=current is not None and number == current.number, deep=deep)
    if (elsewhere := replica(settings)) is not None:
        for release in found.list():
            whole, words = elsewhere.check(release)
            yield whole, f"release {release.number}: {words}"
    if current is not None:
        wrong = paging.flaw(Archive(settings.store.path).at(current.number))
        yield not wrong, f"pages of the feeds: {wrong or 'every dataset once, in order'}"
    if deep and current is not None and not mending.flaw(current):
        yield from _in_step(settings, current.store)


def _release(settings: Settings, number: int, *, current: bool, deep: bool) -> Result:
    about = f"release {number}{' (current)' if current else ''}"
    try:
        release = Releases(settings.store.path).get(number)
    except (StoreDamaged, NotFound) as e:
        return False, f"{about}: {e.message}"
    if wrong := mending.flaw(release, deep=deep):
        return False, f"{about}: {wrong}; the next run makes it anew if it is the current one, and --repair does"
    datasets, quads = Archive(settings.store.path).at(number).count(Kind.DATASET), len(open_read_only(release.store))
    manifest = release.manifest
    noted = Tally.noted(manifest.counts, manifest.total) if deep else None
    if noted is not None and _summed(settings, number) != noted:
        return False, f"{about}: the bookkeeping does not say any more what it said when it was published"
    whole = datasets == manifest.datasets and quads == manifest.quads
    described, stored = (
        f"{datasets} datasets described of {manifest.datasets}",
        f"{quads} quads stored of {manifest.quads}",
    )
    return whole, f"{about}: {described}, {stored}"


def _summed(settings: Settings, number: int) -> Tally:
    """What the bookkeeping says of a release, every row of it read."""
    with closing(schema.connect(settings.store.path)) as db:
        return Tally.of(db, AT, n=number)


def _in_step(settings: Settings, store: Path) -> Iterator[Result]:
    place = None if sealed(settings.store.path) else settings.store.path  # the same disk: hard links instead of copies
    with tempfile.TemporaryDirectory(prefix="doctor-", dir=place) as folder:
        clone(store, Path(folder) / "store")
        workspace = Workspace(Path(folder) / "store")
        wrong = workspace.out_of_step()
        workspace.close()
    yield not wrong, "default graph and named graphs agree" if not wrong else "; ".join(wrong)
