"""Our engine against pySHACL: official shapes give the same results on made, real and mutated metadata.

`GARONNE_FUZZ=N` mutates N pieces for each set of shapes in place of a few; without it they are the same at each run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.shapes.comparison import compare
from tests.shapes.mutations import MUTATIONS, mutated, pieces
from tests.shapes.official import OFFICIAL, catalogue, official

MANY = int(os.environ.get("GARONNE_FUZZ", "0"))
SILENT = {
    "dcat-ap_2.1.1_shacl_deprecateduris",
    "GeoDCAT-AP 2",
    "DE 3.0 additions",
    "DE 3.0 deprecated",
    "NL vocabularies",
}
"""Shapes that find no fault in the catalogue."""
SLOW = {"ES", "LU"}
"""Shapes with dozens of queries: the reference takes most of a second for each dataset."""


@pytest.mark.parametrize("name", OFFICIAL)
def test_a_catalogue_with_known_faults(name: str) -> None:
    assert bool(compare(catalogue(2 if name in SLOW else 12), official(name))) != (name in SILENT)


@pytest.mark.parametrize("name", OFFICIAL)
def test_mutated_metadata(name: str) -> None:
    pieces()  # outside of the examples: reading the feeds skips the test where they are absent

    @settings(
        max_examples=MANY or (1 if name in SLOW else 3),
        derandomize=not MANY,
        deadline=None,
        database=None,
        phases=tuple(Phase) if MANY else [Phase.generate],  # what fails is made small by those who ask for many
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, len(pieces()) - 1), MUTATIONS)
    def same(piece: int, mutations: Sequence[tuple[str, int, int]]) -> None:
        compare(mutated(pieces()[piece], mutations), official(name), keep=True)

    same()
