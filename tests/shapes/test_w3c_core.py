"""SHACL Core: every test of the W3C suite, by strict comparison, or a listed exception that is really one."""

from __future__ import annotations

import pytest

from shapes.engine import engine
from tests.shapes import w3c
from tests.shapes.judges import disagreements
from tests.shared import shared

NAMES = w3c.names("core")


def test_the_suite_is_whole() -> None:
    shared("data/w3c/w3c__data-shapes")
    assert len(NAMES) == 98


@pytest.mark.parametrize("which", ["garonne", "pyshacl"])
@pytest.mark.parametrize("name", NAMES)
def test_core(which: str, name: str) -> None:
    case = w3c.case(name)
    difference = w3c.told(case.expected, case.run(engine(which)))
    if name in disagreements(which):
        assert difference, "the listed exception is none any more: take it out of the table"
    else:
        assert not difference, difference
