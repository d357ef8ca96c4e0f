"""Rows of a pending release: what it wrote itself is deleted, what is published is ended, and all of it comes back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from catalog.draft import Draft
from tests.catalog.making import draft, enter, record
from tests.catalog.test_draft import dump, published


def rows(making: Draft) -> list[tuple[str, int, int | None]]:
    found = making.db.execute("SELECT id, since, until FROM records ORDER BY id, since")
    return [tuple(row) for row in found]


def test_published_rows_are_ended_and_own_rows_deleted(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "A"))
    before = dump(tmp_path)
    with closing(draft(tmp_path, 2)) as making:
        enter(making, record("a", text="new"), "A bis")
        enter(making, record("b"), "B")
        assert rows(making) == [("a", 1, 2), ("a", 2, None), ("b", 2, None)]
        making.forget("ods", "a")
        making.forget("ods", "b")
        assert rows(making) == [("a", 1, 2)]
        making.commit(durable=True)
        making.abandon()
    assert dump(tmp_path) == before


def test_what_was_learnt_is_kept_without_a_release(tmp_path: Path) -> None:
    published(tmp_path, 1, lambda d: enter(d, record("a"), "A"))
    with closing(draft(tmp_path, 2)) as making:
        enter(making, record("a", text="another hash, the same title"), "A")
        making.absorb()
        assert rows(making) == [("a", 1, None)]
    with closing(draft(tmp_path, 2)) as making:
        known = making.known("ods", "a")
        assert known is not None
        assert known.hash == "hash of a another hash, the same title"
