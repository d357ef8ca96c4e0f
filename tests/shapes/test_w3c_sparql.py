"""SHACL-SPARQL: every test of the W3C suite, by strict comparison. pySHACL runs here without its own."""

from __future__ import annotations

import pytest

from shapes.engine import engine
from tests.shapes import w3c
from tests.shared import shared

NAMES = w3c.names("sparql")


def test_the_suite_is_whole() -> None:
    shared("data/w3c/w3c__data-shapes")
    assert len(NAMES) == 22


@pytest.mark.parametrize("name", NAMES)
def test_garonne(name: str) -> None:
    case = w3c.case(name)
    difference = w3c.told(case.expected, case.run(engine("garonne")))
    assert not difference, difference
