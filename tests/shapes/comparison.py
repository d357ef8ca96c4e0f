"""Two engines on the same data and shapes: every result compared; where one is known to be wrong, the table says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from pyoxigraph import Triple

from shapes import literals
from shapes.engine import Engine, engine
from shapes.graph import Graph, term
from shapes.profiles import Profile
from shapes.shapes_graph import ShapesGraph
from tests.shapes.judges import disagreements
from tests.shapes.w3c import Row, row
from vocab.namespaces import RDFS, SH, XSD


class Difference(NamedTuple):
    """What only our engine reports and what only the other does, without what the table of disagreements explains."""

    ours: list[Row]
    theirs: list[Row]
    explained: Counter[str]

    def __bool__(self) -> bool:
        return bool(self.ours or self.theirs)


@cache
def kept(which: str) -> Engine:
    """An engine that keeps what it compiled, for many validations with the same shapes."""
    return engine(which)


def judged(which: str, data: Sequence[Triple], profile: Profile, *, keep: bool = False) -> Counter[Row]:
    """The multiset of results of an engine."""
    judge = kept(which) if keep else engine(which)
    return Counter(row(finding) for finding in judge.validate(Graph.from_triples(data), [profile]))


def compare(data: Sequence[Triple], profile: Profile, *, keep: bool = False) -> int:
    """Demands that our engine and pySHACL judge the same; gives the number of results."""
    ours, reference = (judged(which, data, profile, keep=keep) for which in ("garonne", "pyshacl"))
    found = difference(ours, reference, "pyshacl", ShapesGraph(profile.triples))
    assert found.ours == [], "only ours"
    assert found.theirs == [], "only pySHACL's"
    return ours.total()


def difference(ours: Counter[Row], theirs: Counter[Row], engine: str, shapes: ShapesGraph) -> Difference:
    """How the results of `engine` with these shapes differ from ours."""
    known = {case: _KINDS[case] for case in disagreements(engine) if case in _KINDS}
    explained: Counter[str] = Counter()
    left: list[list[Row]] = []
    for side, only, other in (("ours", ours - theirs, theirs), ("theirs", theirs - ours, ours)):
        rest = []
        for one in sorted(only.elements(), key=str):
            case = next(
                (case for case, (where, holds) in known.items() if where == side and holds(one, shapes, other)), None
            )
            explained.update([case] if case else [])
            rest += [] if case else [one]
        left.append(rest)
    return Difference(*left, explained)


# ── kinds of results that one engine is known to judge otherwise, by the case's name in disagreements.csv ────────────

_UNCHECKED = {str(XSD[name]) for name in ("gYear", "gYearMonth", "gMonth", "gDay", "gMonthDay")}


def _part_of_a_date(one: Row, _: ShapesGraph, __: Counter[Row]) -> bool:
    """A literal of a datatype for parts of dates, with a form that the datatype has not."""
    value = one[2] or ""
    return value.startswith('"') and literals.datatype(value) in _UNCHECKED and not literals.well_formed(value)


def _spaces_around(one: Row, _: ShapesGraph, __: Counter[Row]) -> bool:
    """A literal that is in order but for white space at its ends, which its datatype takes away."""
    value = one[2] or ""
    return (
        value.startswith('"') and literals.well_formed(value) and literals.text(value) != literals.text(value).strip()
    )


def _any_literal(one: Row, shapes: ShapesGraph, _: Counter[Row]) -> bool:
    """A literal where the shape demands the datatype rdfs:Literal, which no literal has."""
    return one[4] == f"<{SH.DatatypeConstraintComponent.value}>" and RDFS.Literal in shapes.values(
        term(one[5]), SH.datatype
    )


def _equal_solution(one: Row, _: ShapesGraph, other: Counter[Row]) -> bool:
    """One more of a query's results, all of whose terms another of them has too."""
    return one[4] == f"<{SH.SPARQLConstraintComponent.value}>" and other[one] > 0


_KINDS: dict[str, tuple[str, Callable[[Row, ShapesGraph, Counter[Row]], bool]]] = {
    "parts-of-dates": ("ours", _part_of_a_date),
    "spaces-around": ("theirs", _spaces_around),
    "equal-solutions": ("ours", _equal_solution),
    "rdfs-literal": ("ours", _any_literal),
}
"""Whose results they are, and how to know them."""
