"""How long a record is kept that incomplete listings lack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.absences import Absences, Grace
from catalog.draft import Draft
from tests.catalog.making import BASE, at

GRACE = Grace(3, 10)


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    made = Draft(tmp_path, 1, at(1), BASE)
    yield made
    made.close()


def test_so_many_listings_and_so_many_days_are_both_needed(draft: Draft) -> None:
    account = Absences(draft, "s")
    first = at(1)
    assert account.enter(["a"], first, GRACE) == set()
    assert account.enter(["a", "b"], first + timedelta(days=5), GRACE) == set()
    assert account.enter(["a", "b"], first + timedelta(days=9), GRACE) == set(), "the days are not over"
    assert account.enter(["a", "b"], first + timedelta(days=10), GRACE) == {"a"}
    assert account.enter(["a", "b"], first + timedelta(days=15), GRACE) == {"a", "b"}
    assert account.enter(["a", "b"], first + timedelta(days=99), Grace(0, 0)) == set(), "for ever"


def test_who_was_seen_begins_anew(draft: Draft) -> None:
    account = Absences(draft, "s")
    for _ in range(2):
        account.enter(["a"], at(1), Grace(3, 0))
    account.enter([], at(1), Grace(3, 0))
    assert account.enter(["a"], at(1), Grace(3, 0)) == set()
    account.clear()
    assert account.enter(["a"], at(1), Grace(2, 0)) == set()
    assert account.enter(["a"], at(1), Grace(2, 0)) == {"a"}


def test_the_account_goes_with_the_draft_and_with_its_source(draft: Draft) -> None:
    Absences(draft, "s").enter(["a"], at(1), Grace(2, 0))
    Absences(draft, "t").enter(["a"], at(1), Grace(2, 0))
    draft.revert("s")
    assert Absences(draft, "s").enter(["a"], at(1), Grace(2, 0)) == set()
    assert Absences(draft, "t").enter(["a"], at(1), Grace(2, 0)) == {"a"}
    draft.abandon()
    assert Absences(draft, "t").enter(["a"], at(1), Grace(2, 0)) == set()
    draft.absorb()
    assert Absences(draft, "t").enter(["a"], at(1), Grace(2, 0)) == {"a"}, "kept where nothing was published"
