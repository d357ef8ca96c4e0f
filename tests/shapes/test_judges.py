"""Each case of the table of disagreements: what the specification demands, and that the other engine differs."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.shapes.comparison import judged
from tests.shapes.judges import disagreements, everything
from tests.shapes.test_random_shapes import triples
from tests.shapes.w3c import in_memory

CASES: dict[str, tuple[str, str, Collection[str]]] = {
    "range-incomparable": (
        'e:a e:p 1 . e:b e:p "2026-03-01T10:00:00Z"^^xsd:dateTime . e:c e:p e:d .',
        'sh:minInclusive "2026-03-01T10:00:00Z"^^xsd:dateTime',
        {"a", "c"},
    ),
    "min-length-0-blank": ('e:a e:p _:x . e:b e:p "" . e:c e:p e:d .', "sh:minLength 0", {"a"}),
    "less-than-iris": (
        'e:a e:p e:b ; e:q e:c . e:b e:p 1 ; e:q 2 . e:c e:p "a" ; e:q 1 .',
        "sh:lessThan e:q",
        {"a", "c"},
    ),
    "parts-of-dates": (
        'e:a e:p "2009-06"^^xsd:gYear . e:b e:p "2009"^^xsd:gYear . e:c e:p "-0044"^^xsd:gYear .',
        "sh:datatype xsd:gYear",
        {"a"},
    ),
    "rdfs-literal": ('e:a e:p "x" . e:b e:p "x"@fr . e:c e:p 1 .', "sh:datatype rdfs:Literal", {"a", "b", "c"}),
    "equal-solutions": (
        'e:a e:p "x" , "y" . e:b e:q 1 . e:c e:p "z" .',
        'sh:sparql [ sh:select "SELECT $this WHERE { $this <http://e.org/p> ?any }" ]',
        ["a", "a", "c"],
    ),
    "spaces-around": (
        'e:a e:p "2026-02-30"^^xsd:date . e:b e:p " 2026-02-28 "^^xsd:date . e:c e:p "2026-02-28"^^xsd:date .',
        "sh:datatype xsd:date",
        {"a"},
    ),
}
"""Data about e:a, e:b and e:c, a constraint on e:p, and those of the three that break it."""


def failing(engine: str, data: str, constraint: str) -> list[str]:
    """Those that break the constraint, each as often as it is reported."""
    shapes = f"e:S a sh:NodeShape ; sh:targetNode e:a , e:b , e:c ; sh:property [ sh:path e:p ; {constraint} ] ."
    found = judged(engine, triples(data), in_memory(triples(shapes)))
    return sorted(one[0].removeprefix("<http://e.org/").removesuffix(">") for one in found.elements())


@pytest.mark.parametrize("case", CASES)
def test_the_specification_decides(case: str) -> None:
    data, constraint, expected = CASES[case]
    assert failing("garonne", data, constraint) == sorted(expected)


@pytest.mark.parametrize("case", CASES)
def test_the_other_engine_still_differs(case: str) -> None:
    data, constraint, expected = CASES[case]
    assert failing("pyshacl", data, constraint) != sorted(expected), "take it out of the table"


def test_every_case_of_the_table_is_held_by_a_test() -> None:
    listed = {one.case for one in everything() if one.engine == "pyshacl" and not one.case.startswith("core/")}
    assert listed == CASES.keys()
    assert disagreements("garonne") == {}, "ours differs from the W3C suite nowhere"
