"""A release stated again: what records were called then is what they are called again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from catalog.archive import Archive
from catalog.draft import Draft
from catalog.history import restore
from catalog.model import Kind
from tests.catalog.making import draft, enter, identity, record
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
