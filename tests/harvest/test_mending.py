"""A damaged release is made whole from the bookkeeping: the same statements, and the next run goes on by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog import lock, mending
from catalog.archive import Archive
from catalog.commands.releases import roll_back
from catalog.dataset import Dataset
from catalog.draft import Draft
from catalog.errors import StoreDamaged
from catalog.local import LocalGraphs
from catalog.rebuilding import rebuild
from catalog.releases import Release
from catalog.store import open_read_only
from harvest.summary import SourceSummary
from tests.fakes.opendatasoft import Portal, names, portal, record
from tests.harvest.city import City, city, live


@contextmanager
def three_nights(folder: Path) -> Iterator[tuple[City, Portal]]:
    """Three releases, validated; then a local graph, which is the fourth."""
    state = Portal([record(name) for name in names(12)])
    with portal(state) as running:
        place = city(folder, live(running.address))
        place.run(validate=True)
        state.records[1] = record(names(12)[1], title="changé")
        place.run(validate=True)
        del state.records[3]
        place.run(validate=True)
        graphs = LocalGraphs(place.settings)
        graphs.update(
            f"INSERT DATA {{ GRAPH <{graphs.minter.base}graph/local/a> {{ <urn:x:a> <urn:x:b> 1.0 }} }}", Dataset()
        )
        assert graphs.publish() == 4
        yield place, state


def quads(release: Release) -> set[str]:
    return {str(quad) for quad in open_read_only(release.store)}


def test_the_rebuilt_store_states_the_same(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _):
        for number in (1, 2, 3, 4):
            release = place.releases.get(number)
            folder = tmp_path / f"rebuilt-{number}"
            assert rebuild(place.settings, release, folder) == release.manifest.quads
            assert {str(quad) for quad in open_read_only(folder)} == quads(release)


def idle(place: City, nights: int) -> None:
    """Runs that changed nothing."""
    number, at = place.releases.pointer() + 1, datetime(2026, 1, 1, tzinfo=UTC)
    with closing(Draft(place.settings.store.path, number, at, place.settings.catalog.base)) as draft:
        for _ in range(nights):
            source = SourceSummary("portal", "opendatasoft").plain()
            draft.end_run(draft.start_run(), "unchanged", None, at, {"sources": [source]})


def test_runs_are_forgotten_but_for_what_kept_releases_tell_of(tmp_path: Path) -> None:
    state = Portal([record(name) for name in names(4)])
    with portal(state) as running:
        place = city(tmp_path, live(running.address), more="[store]\nruns = 20\nkeep = 2")
        archive = Archive(place.settings.store.path)
        idle(place, 150)
        place.run()  # 151 publishes 1, which tells of itself, the 20 before it, and the first
        idle(place, 150)
        state.records[1] = record(names(4)[1], title="changé")
        place.run()  # 302 publishes 2, which tells of the same, the 20 before it, and itself
        state.records[2] = record(names(4)[2], title="changé")
        place.run()  # 303 publishes 3, and 1 is pruned
        idle(place, 150)
        place.run()
        found = [run["n"] for run in archive.runs(1000)]
    assert found == [454, *range(453, 433, -1), *range(303, 281, -1), *range(151, 130, -1), 1]
    assert [release.number for release in place.releases.list()] == [2, 3]
    for release in place.releases.list():
        folder = tmp_path / f"rebuilt-{release.number}"
        rebuild(place.settings, release, folder)
        assert {str(quad) for quad in open_read_only(folder)} == quads(release)
    assert archive.rows("SELECT COUNT(*) FROM takes")[0][0] == len(found)


def truncate(store: Path) -> None:
    file = max(store.glob("*.sst"), key=lambda f: f.stat().st_size)
    write(file, file.read_bytes()[:100])


def flip(store: Path) -> None:
    for file in store.glob("*.sst"):
        content = bytearray(file.read_bytes())
        for at in range(len(content) // 4, len(content) // 2, 64):
            content[at] ^= 0x55
        write(file, content)


def write(file: Path, content: bytes) -> None:
    """Gives the file a content of its own: releases share theirs by hard links."""
    file.unlink()
    file.write_bytes(content)


def flip_one(store: Path) -> None:
    """Beneath what is read when the store is opened."""
    for file in store.glob("*.sst"):
        content = bytearray(file.read_bytes())
        content[16] ^= 1
        write(file, content)


def lose_pointer(store: Path) -> None:
    (store / "CURRENT").write_text("nothing")


DAMAGES = {
    "all gone": shutil.rmtree,
    "a file gone": lambda store: max(store.glob("*.sst")).unlink(),
    "a file cut": truncate,
    "the engine's own pointer": lose_pointer,
    "bits turned over": flip,
    "one bit of each file": flip_one,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_next_run_recovers_by_itself(tmp_path: Path, damage: str) -> None:
    with three_nights(tmp_path) as (place, state):
        release = place.current()
        before, said = quads(release), {s: d.canonical for s, d in place.datasets().items()}
        DAMAGES[damage](release.store)
        assert mending.flaw(release, deep=True)
        state.records[5] = record(names(12)[6], title="neuf")
        assert place.run(validate=True).release == 5
        if mending.flaw(place.releases.get(4), deep=True):  # the run had no use for what is damaged: the doctor will
            assert damage == "one bit of each file"
            mending.mended(place.settings, place.releases.get(4), "tested")
        mended = place.releases.get(4)
        assert quads(mended) == before
        assert mended.manifest.quads == len(before)
        assert {d.slug: d.canonical for d in Archive(tmp_path / "var").at(4).all()} == said
        assert mending.flaw(place.current(), deep=True) == ""
        assert not list((tmp_path / "var/releases").glob("**/*.tmp"))


def test_an_unchanged_night_recovers_too(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _):
        before, stamp = quads(place.current()), place.releases.stamp()
        shutil.rmtree(place.current().store)
        assert place.run(validate=True).release is None
        assert quads(place.current()) == before
        assert place.releases.stamp() != stamp, "whoever serves it looks again"


def test_what_a_killed_run_did_not_prune_goes_with_the_next(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _):
        place.settings = replace(place.settings, store=replace(place.settings.store, keep=2))
        assert place.run(validate=True).release is None
        assert [r.number for r in place.releases.list()] == [3, 4]


def test_a_lost_manifest_is_worked_out(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _):
        before = place.current().manifest
        (place.current().path / "manifest.json").write_text("{")
        with pytest.raises(StoreDamaged):
            place.releases.current()
        assert place.run(validate=True).release is None
        after = place.current().manifest
        assert (after.fingerprint, after.quads, after.counts) == (before.fingerprint, before.quads, before.counts)
        assert after.published == before.published
        shutil.rmtree(place.current().path)
        assert place.run(validate=True).release is None
        assert place.current().manifest.quads == before.quads


def test_a_rollback_to_a_damaged_release(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _):
        release = place.releases.get(2)
        before = quads(release)
        shutil.rmtree(release.store)
        with lock.writing(place.settings.store.path):
            assert roll_back(place.settings, 2).number == 5
        assert quads(place.current()) == before


def test_what_nobody_knows_of_is_not_made_up(tmp_path: Path) -> None:
    with three_nights(tmp_path) as (place, _), pytest.raises(StoreDamaged, match="does not know"):
        mending.readable(place.settings, 9)
