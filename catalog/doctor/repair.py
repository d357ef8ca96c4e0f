"""Repairs what is safe to repair: nothing of it loses anything that a kept release says. Under the write lock."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime

from catalog import aside, backups, lock, mending, paging, restoration, schedule, schema
from catalog.archive import AT, Archive
from catalog.doctor import Result, remains
from catalog.draft import Draft
from catalog.errors import NotFound, StoreDamaged
from catalog.releases import Release, Releases, point
from catalog.settings import Settings
from catalog.tally import Tally


def repair(settings: Settings) -> Iterator[Result]:
    """What was done, in words; False for what could not be. Raises `StoreLocked` while another process writes."""
    folder = settings.store.path
    yield from _restores(settings)
    if not (folder / schema.FILE).exists():
        yield True, "there is nothing to repair yet"
        return
    with lock.writing(folder):
        answer = _bookkeeping(settings)
        if answer != "ok":
            yield False, f"the bookkeeping is damaged ({answer}): restore a backup (`garonne restore`)"
            return
        steps: tuple[Callable[[Settings], Iterator[Result]], ...] = (
            _pointer,
            _releases,
            _leftovers,
            _pages,
            _notes,
            _log,
        )
        done = False
        for step in steps:
            for result in step(settings):
                done = True
                yield result
        if not done:
            yield True, "nothing had to be repaired"


def _restores(settings: Settings) -> Iterator[Result]:
    """A restore that was broken off is ended, or what it left goes; a catalogue never does."""
    folder = settings.store.path
    for told in restoration.finish(settings):
        yield True, told
    building = aside.beside(folder, aside.RESTORING)
    if aside.occupied(folder) and building.exists():
        with lock.alone(building, lock.FILE, restoration.BUSY):
            shutil.rmtree(building)
        yield True, f"removed {building}, which a restore that was broken off has left"


def _bookkeeping(settings: Settings) -> str:
    with closing(schema.connect(settings.store.path)) as db:
        return str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])


def _pointer(settings: Settings) -> Iterator[Result]:
    """The pointer names a release that the bookkeeping knows; else the newest that agrees with it."""
    releases = Releases(settings.store.path)
    try:
        number = releases.pointer()
        if number:
            mending.readable(settings, number)
        return
    except StoreDamaged as e:
        wrong = e.message
    for number in reversed(releases.numbers()):
        if _agrees(settings, number) or _outlived(settings, number):
            point(settings.store.path, number)
            yield True, f"release {number} is the current one again ({wrong})"
            return
    yield False, f"{wrong} No release on disk agrees with the bookkeeping: restore a backup."


def _outlived(settings: Settings, number: int) -> bool:
    """Whether the manifest of a release is lost too, and the bookkeeping knows the release: it is made anew next.

    A folder has its number only once it is whole, and the bookkeeping is told of it before.
    """
    try:
        Releases(settings.store.path).get(number)
    except (StoreDamaged, NotFound):
        with suppress(StoreDamaged):
            mending.manifest_of(settings, number)
            return True
    return False


def _agrees(settings: Settings, number: int) -> bool:
    """Whether the bookkeeping still says what the release said when it was published."""
    try:
        release = Releases(settings.store.path).get(number)
    except (StoreDamaged, NotFound):
        return False
    with closing(schema.connect(settings.store.path)) as db:
        said, noted = Tally.of(db, AT, n=number), release.manifest
    return said.fingerprint == noted.fingerprint or (not noted.total and said.counts["dataset"] == noted.datasets)


def _releases(settings: Settings) -> Iterator[Result]:
    """Every kept release can be read, and its store is what was published."""
    releases = Releases(settings.store.path)
    last = releases.pointer()
    for number in releases.numbers():
        if number > last:
            continue
        try:
            known = (releases.path(number) / "manifest.json").exists()
            release = mending.readable(settings, number)
        except StoreDamaged as e:
            yield False, e.message
            continue
        if not known:
            yield True, f"release {number}: its manifest was written anew"
        if wrong := mending.flaw(release, deep=True):
            yield _mended(settings, release, wrong)


def _mended(settings: Settings, release: Release, wrong: str) -> Result:
    if not _agrees(settings, release.number):
        return False, f"release {release.number}: {wrong}, and the bookkeeping does not say any more what it said"
    made = mending.mended(settings, release, wrong)
    return True, f"release {release.number}: {wrong}; its store was made anew, {made.manifest.quads} quads"


def _leftovers(settings: Settings) -> Iterator[Result]:
    """What broken-off work has left goes, in the folder and in the bookkeeping."""
    folder = settings.store.path
    releases = Releases(folder)
    found = [str(path.relative_to(folder)) for path in remains.files(folder)] + remains.unfinished(folder)
    releases.clean()
    if (held := remains.held(folder)) is not None:
        with lock.alone(folder, backups.LOCK, backups.BUSY):
            shutil.rmtree(held)
        found.append(held.name)
    if found:
        Draft(folder, releases.pointer() + 1, datetime.now(UTC), settings.catalog.base).close()
        with closing(schema.connect(folder, write=True)) as db:
            ended = datetime.now(UTC).isoformat("T", "seconds")
            db.execute("UPDATE runs SET status = 'interrupted', ended = ? WHERE status = 'running'", (ended,))
        yield True, f"removed what was left of broken-off work: {', '.join(found)}"


def _pages(settings: Settings) -> Iterator[Result]:
    """The pages of the feeds have every dataset once, in their order."""
    releases = Releases(settings.store.path)
    number = releases.pointer()
    if not number or not paging.flaw(Archive(settings.store.path).at(number)):
        return
    moment = releases.get(number).manifest.published
    with closing(Draft(settings.store.path, number + 1, moment, settings.catalog.base)) as draft:
        paging.restate(draft, number)
    yield True, f"release {number}: the pages of its feeds were worked out anew"


def _notes(settings: Settings) -> Iterator[Result]:
    """The scheduler's notes can be read, or are set aside."""
    path = settings.store.path / schedule.FILE
    if path.exists() and not schedule.legible(settings.store.path):
        aside = path.with_suffix(".unreadable")
        path.replace(aside)
        yield True, f"the scheduler's notes could not be read; they are in {aside.name} now"


def _log(settings: Settings) -> Iterator[Result]:
    """What waits in SQLite's log is written where it belongs."""
    log = settings.store.path / f"{schema.FILE}-wal"
    before = log.stat().st_size if log.exists() else 0
    with closing(schema.connect(settings.store.path, write=True)) as db:
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if before and busy:
        yield False, f"{before // 1000:,} kB in the bookkeeping's log could not be written back: a reader holds it"
    elif before:
        yield True, f"{before // 1000:,} kB were written back from the bookkeeping's log"
