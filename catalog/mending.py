"""Makes what is damaged of a release whole again, from the bookkeeping: its snapshot, its manifest.

The caller holds the write lock. Services see a mended release at once: the pointer is swapped, to the same number.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from catalog import schema, snapshots
from catalog.archive import AT, Archive
from catalog.errors import StoreDamaged
from catalog.rebuilding import rebuild
from catalog.releases import MANIFEST, Manifest, Release, Releases, point, replace_store, rewrite
from catalog.settings import Settings
from catalog.store import open_read_only
from catalog.tally import Tally

log = logging.getLogger("garonne.mending")


def sound(settings: Settings, *, deep: bool = False) -> Release | None:
    """The current release, whose snapshot can be worked on: it is mended first where it is damaged.

    None before the first release. With `deep`, every file is read; a run that broke off asks for it. Raises
    `StoreDamaged` where the bookkeeping cannot make it whole.
    """
    releases = Releases(settings.store.path)
    number = releases.pointer()
    if not number:
        return None
    release = readable(settings, number)
    wrong = flaw(release, deep=deep or _broken_off(settings.store.path))
    return mended(settings, release, wrong) if wrong else release


def flaw(release: Release, *, deep: bool = False) -> str:
    """What is wrong with a release's snapshot; empty where nothing is. `deep` reads all of it."""
    wrong = snapshots.flaw(release.store, release.manifest.files, deep=deep)
    if wrong:
        return wrong
    try:
        store = open_read_only(release.store)
        if deep and not release.manifest.files:  # a release of before files were noted
            found, wanted = sum(1 for _ in store), release.manifest.quads
            return "" if found == wanted else f"it has {found} quads instead of {wanted}"
    except (StoreDamaged, OSError, RuntimeError) as e:
        return str(e)
    return ""


def mended(settings: Settings, release: Release, wrong: str) -> Release:
    """The release with a snapshot that is made anew. `wrong` says in the log why."""
    log.warning("release %d: %s; its store is made again from the bookkeeping", release.number, wrong)
    release.path.mkdir(parents=True, exist_ok=True)
    return replace_store(release, lambda folder: rebuild(settings, release, folder))


def readable(settings: Settings, number: int) -> Release:
    """A release whose manifest can be read: what it said is worked out again where it is lost.

    Raises `StoreDamaged` where the bookkeeping knows of no such release.
    """
    releases = Releases(settings.store.path)
    path = releases.path(number)
    try:
        if (path / MANIFEST).exists():
            return releases.get(number)
        wrong = "its manifest is not there"
    except StoreDamaged as e:
        wrong = str(e)
    log.warning("release %d: %s; it is worked out from the bookkeeping", number, wrong)
    path.mkdir(parents=True, exist_ok=True)
    manifest = manifest_of(settings, number)
    held = sorted(p for p in path.glob("store*") if p.is_dir() and p.suffix != ".tmp")
    release = Release(number, path, replace(manifest, store=held[-1].name if held else manifest.store))
    if not flaw(release):
        manifest = replace(
            release.manifest, quads=len(open_read_only(release.store)), files=snapshots.record(release.store)
        )
        release = replace(release, manifest=manifest)
    rewrite(release, release.manifest)
    if number == releases.pointer():
        point(settings.store.path, number)
    return release


def manifest_of(settings: Settings, number: int) -> Manifest:
    """What the bookkeeping says of a release, but for its store; raises `StoreDamaged` where it does not know it."""
    with closing(schema.connect(settings.store.path)) as db:
        moments = (
            "SELECT MAX(published) FROM activities WHERE release = :n",
            "SELECT MAX(modified) FROM descriptions WHERE since = :n AND kind = 'local'",
            "SELECT published FROM releases WHERE number = :n",
        )
        found = (db.execute(sql, {"n": number}).fetchone() for sql in moments)
        moment = next((row[0] for row in found if row and row[0]), None)
        if moment is None:
            raise StoreDamaged(
                f"release {number} is lost: the bookkeeping does not know it either.",
                what=str(settings.store.path),
                hint="`garonne doctor --repair` makes the newest whole release the current one.",
            )
        events = dict(db.execute("SELECT kind, COUNT(*) FROM events WHERE release = ? GROUP BY kind", (number,)))
        run = db.execute("SELECT MAX(n) FROM runs WHERE release = ?", (number,)).fetchone()[0]
        tally = Tally.of(db, AT, n=number)
    return Manifest(
        number=number,
        published=datetime.fromisoformat(moment),
        datasets=tally.counts["dataset"],
        quads=0,
        fingerprint=tally.fingerprint,
        total=tally.encoded,
        run=run,
        reason="manifest restored",
        counts=dict(tally.counts),
        events=events,
    )


def _broken_off(folder: Path) -> bool:
    """Whether the last run ended without a word: then what it met may be why."""
    runs = Archive(folder).runs(1)
    return bool(runs) and runs[0]["status"] == "running"
