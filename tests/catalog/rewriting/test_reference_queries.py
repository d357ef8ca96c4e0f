"""The queries that people ask of catalogues, on a catalogue that has answers to them."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from tests.bench.reference import nquads
from tests.catalog.rewriting.compare import same
from tests.shared import shared

BOUNDED = {"q02", "q23", "q24", "q27", "q30", "q33", "q36", "q47", "q48"}
"""LIMIT without ORDER BY: any rows are right, so none can be compared."""


@pytest.fixture(scope="module")
def store() -> Store:
    found = Store()
    for piece in nquads(60):
        found.bulk_load(piece, RdfFormat.N_QUADS)
    return found


@pytest.mark.parametrize("number", [f"q{n:02}" for n in range(1, 52)])
def test_the_answer_is_the_same(store: Store, number: str) -> None:
    if number not in BOUNDED:
        same(store, (shared("queries") / f"{number}.rq").read_text())
