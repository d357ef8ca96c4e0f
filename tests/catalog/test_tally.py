"""Sums that go from release to release are those that reading everything would give."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import schema
from catalog.archive import AT
from catalog.history import restore
from catalog.releases import Manifest, Releases
from catalog.tally import LIVE, Tally
from tests.catalog.making import at, draft
from tests.catalog.test_draft import FEW, STEP, do


@FEW
@given(lists=st.lists(st.lists(STEP, max_size=10), min_size=2, max_size=4), back=st.integers(1, 2))
def test_what_changed_is_added_to_what_was(
    tmp_path_factory: pytest.TempPathFactory, lists: list[list[tuple[str, str, str, int]]], back: int
) -> None:
    folder = tmp_path_factory.mktemp("var")
    noted: dict[int, Tally] = {}
    for number, steps in enumerate([*lists, None], 1):
        with closing(draft(folder, number)) as making:
            if steps is None:
                restore(making, back)
            else:
                do(making, steps)
                making.settle()
            making.commit()
            noted[number] = making.tally()
            assert noted[number] == Tally.of(making.db, LIVE)
        snapshot = folder / "snapshot"
        snapshot.mkdir()
        told, datasets = noted[number], noted[number].counts["dataset"]
        manifest = Manifest(
            number, at(number), datasets, 0, told.fingerprint, total=told.encoded, counts=dict(told.counts)
        )
        Releases(folder).publish(manifest, snapshot)
        assert Tally.noted(*_written(folder)) == told
    with closing(schema.connect(folder)) as db:
        assert {n: Tally.of(db, AT, n=n) for n in noted} == noted
    assert noted[len(noted)].fingerprint == noted[back].fingerprint


def _written(folder: Path) -> tuple[dict[str, int], str]:
    current = Releases(folder).current()
    assert current is not None
    return current.manifest.counts, current.manifest.total


def test_of_a_release_of_before_sums_nothing_is_noted() -> None:
    assert Tally.noted({"dataset": 1}, "") is None
