"""A release stated again: what records were called then is what they are called again."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from catalog import takes
from catalog.archive import Archive
from catalog.draft import Draft
from catalog.history import forget_runs, restore
from catalog.model import Kind
from catalog.releases import Releases
from tests.catalog.making import at, draft, enter, identity, record
from tests.catalog.test_draft import dump, published


def names(making: Draft) -> list[tuple[str, str]]:
    return [tuple(row) for row in making.db.execute("SELECT record, slug FROM slugs ORDER BY slug")]


def live_records(making: Draft) -> list[str]:
    return [row[0] for row in making.db.execute("SELECT id FROM records WHERE until IS NULL ORDER BY id")]


def test_a_renamed_record_is_called_as_it_was_and_found_again_by_the_next_harvest(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("one", uid="u"), "Un"))
    published(tmp_path, 2, lambda d: enter(d, record("two", uid="u"), "Deux", seen={"two"}))
    published(tmp_path, 3, lambda d: enter(d, record("three", uid="u"), "Trois", seen={"three"}))
    published(tmp_path, 4, lambda d: restore(d, 1))
    with closing(draft(tmp_path, 5)) as making:
        assert names(making) == [("one", "one")]
        assert live_records(making) == ["one"]
        assert list(map(tuple, making.live("ods"))) == [("one", "one")]
    view = Archive(tmp_path).at(4)
    assert (view.fate(Kind.DATASET, "one"), view.fate(Kind.DATASET, "three")) == ("live", ("alias", "one"))

    published(tmp_path, 5, lambda d: enter(d, record("three", uid="u"), "Trois", seen={"three"}))
    with closing(draft(tmp_path, 6)) as making:
        assert names(making) == [("three", "one")]
        assert live_records(making) == ["three"], "no entry is left under a name that nobody bears"


def test_a_rollback_that_is_abandoned_leaves_the_names_alone(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("one", uid="u"), "Un"))
    published(tmp_path, 2, lambda d: enter(d, record("two", uid="u"), "Deux", seen={"two"}))
    before = dump(tmp_path)
    with closing(draft(tmp_path, 3)) as making:
        restore(making, 1)
        assert names(making) == [("one", "one")]
        making.abandon()
    assert dump(tmp_path) == before


def test_a_name_that_another_record_bears_by_now_is_left_to_it(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("one", uid="u"), "Un"))

    def swap(making: Draft) -> None:
        enter(making, record("two", uid="u"), "Deux", seen={"two"})
        identity(making, record("one", uid="v"), {"two", "one"})

    published(tmp_path, 2, swap)
    published(tmp_path, 3, lambda d: restore(d, 1))
    with closing(draft(tmp_path, 4)) as making:
        assert names(making) == [("two", "one"), ("one", "one-ods")]


def test_years_of_runs_take_no_more_room_than_those_that_are_remembered(tmp_path: Path) -> None:
    """Four years of three sources: one every night, one that has failed since, one that was given up long ago."""
    most, size = 100, 0
    with closing(draft(tmp_path, 1)) as making:
        for night in range(1500):
            begun = (at(1) + timedelta(days=night)).isoformat()
            making.at = begun
            named = {"nightly": "harvested"} | ({"failing": "failed" if night else "harvested"})
            named |= {"old": "held" if night == 3 else "harvested"} if night < 5 else {}
            aside = [{"record": f"{n}", "fr": "illisible " * 10} for n in range(10)]
            told = {"sources": [{"id": name, "status": how, "set_aside": aside} for name, how in named.items()]}
            forget_runs(making, Releases(tmp_path), most)
            making.end_run(making.start_run(), "unchanged", None, at(1), told)
            if night == 2 * most:
                (size,) = making.db.execute("PRAGMA page_count").fetchone()
    archive = Archive(tmp_path)
    runs = [run["n"] for run in archive.runs(10_000)]
    assert runs == [*range(1500, 1500 - most - 1, -1), 5, 4, 1]
    assert archive.rows("PRAGMA page_count")[0][0] < 1.1 * size
    assert {name: take.run for name, take in takes.latest(archive, ()).items()} == {
        "failing": 1500,
        "nightly": 1500,
        "old": 5,
    }
    assert takes.successes(archive)["failing"] == takes.beginnings(archive)["old"] == at(1).isoformat()
    with closing(draft(tmp_path, 1)) as making:
        assert forget_runs(making, Releases(tmp_path), 0) == 0, "none is forgotten"
