"""The W3C data-shapes test suite, compared strictly: the same results with the same terms, written the same way.

A test file is read once and serves as data, shapes and expectation alike, so that its blank nodes keep their labels
and are compared by them. Messages and details are no part of a comparison: the suite says they may differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from shapes.engine import Engine
from shapes.finding import Finding
from shapes.graph import Graph
from shapes.profiles import Profile
from shapes.shapes_graph import ShapesGraph
from shapes.text import Term, Text
from tests.shared import ROOT
from vocab.errors import InputInvalid
from vocab.namespaces import SH

SUITE = ROOT.parent / "shared/data/w3c/w3c__data-shapes/data-shapes-test-suite/tests"
BASE = "http://w3c.example/tests/"

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
FAILURE = NamedNode(f"{SHT}Failure")

Row = tuple[str, str, str | None, str, str, str]
"""Focus node, path, value, severity, component, source shape, all as N-Triples writes them; the path as SPARQL does."""


@dataclass(frozen=True)
class InMemory(Profile):
    """A profile of statements that are at hand, with their blank nodes as they are."""

    statements: tuple[Triple, ...] = ()

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The statements."""
        return self.statements


def in_memory(statements: tuple[Triple, ...], name: str = "test") -> Profile:
    """A profile of these statements."""
    return InMemory(name, Text(name, name), (), statements)


@dataclass(frozen=True)
class Outcome:
    """What a validation gives, or that it fails."""

    failure: bool
    rows: Counter[Row]

    @property
    def conforms(self) -> bool:
        """Whether there is nothing to report."""
        return not self.failure and not self.rows


@dataclass(frozen=True)
class Case:
    """One test of the suite: `name` is its file below the folder of tests, without the suffix."""

    name: str
    data: tuple[Triple, ...]
    shapes: tuple[Triple, ...]
    expected: Outcome

    def run(self, engine: Engine) -> Outcome:
        """What `engine` makes of it. Shapes that it refuses, or says that it cannot use, count as a failure."""
        try:
            found = engine.validate(Graph.from_triples(self.data), [in_memory(self.shapes, self.name)])
        except InputInvalid:
            return Outcome(failure=True, rows=Counter())
        if self.expected.failure and engine.notes and not found:
            return Outcome(failure=True, rows=Counter())
        return Outcome(failure=False, rows=Counter(row(finding) for finding in found))


def row(finding: Finding) -> Row:
    """A finding as the suite is compared."""
    severity = f"<{finding.declared}>"
    return (finding.focus, finding.path, finding.value, severity, f"<{finding.component}>", finding.shape_node)


def told(expected: Outcome, found: Outcome) -> str:
    """What is missing and what is too much, for people; empty where both are the same."""
    if expected == found:
        return ""
    if expected.failure or found.failure:
        return f"failure expected: {expected.failure}, met: {found.failure}; results: {list(found.rows)}"
    missing = [f"missing  {one}" for one in sorted((expected.rows - found.rows).elements(), key=str)]
    extra = [f"too much {one}" for one in sorted((found.rows - expected.rows).elements(), key=str)]
    return "\n".join([*missing, *extra])


def names(part: str) -> list[str]:
    """The names of the tests below a folder (`core`, `sparql`), as its manifests list them; none without the suite."""
    return [str(file.relative_to(SUITE).with_suffix("")) for file in _files(SUITE / part / "manifest.ttl")]


def case(name: str) -> Case:
    """The test of this name."""
    place = SUITE / f"{name}.ttl"
    graph = ShapesGraph(_read(place))
    (node,) = [s for s in graph.subjects() if NamedNode(f"{SHT}Validate") in graph.values(s, _rdf("type"))]
    action, result = graph.value(node, NamedNode(f"{MF}action")), graph.value(node, NamedNode(f"{MF}result"))
    assert action is not None
    assert result is not None
    data, shapes = (_named(graph, action, NamedNode(f"{SHT}{which}")) for which in ("dataGraph", "shapesGraph"))
    expected = Outcome(failure=True, rows=Counter()) if result == FAILURE else _report(graph, result)
    if {data, shapes} != {place}:
        assert "_:" not in str(expected.rows), f"{name}: blank nodes of other files cannot be compared"
    return Case(name, _read(data), _read(shapes), expected)


def _report(graph: ShapesGraph, node: Term) -> Outcome:
    rows = Counter(_expected(graph, one) for one in graph.values(node, SH.result))
    conforms = graph.value(node, SH.conforms)
    assert isinstance(conforms, Literal)
    assert (conforms.value == "true") == (not rows), "the suite contradicts itself"
    return Outcome(failure=False, rows=rows)


def _expected(graph: ShapesGraph, result: Term) -> Row:
    focus, path, value, severity, component, shape = (
        graph.value(result, SH[name])
        for name in (
            "focusNode",
            "resultPath",
            "value",
            "resultSeverity",
            "sourceConstraintComponent",
            "sourceShape",
        )
    )
    return (
        str(focus),
        "" if path is None else graph.path(path),
        None if value is None else str(value),
        str(severity),
        str(component),
        str(shape),
    )


def _named(graph: ShapesGraph, action: Term, which: NamedNode) -> Path:
    named = graph.value(action, which)
    assert isinstance(named, NamedNode)
    return SUITE / named.value.removeprefix(BASE)


def _files(manifest: Path) -> Iterator[Path]:
    """The files with entries that a manifest leads to, in its order."""
    if not manifest.exists():
        return
    graph = ShapesGraph(_read(manifest))
    node = NamedNode(BASE + str(manifest.relative_to(SUITE)))
    if graph.value(node, NamedNode(f"{MF}entries")) is not None:
        yield manifest
    for one in graph.values(node, NamedNode(f"{MF}include")):
        assert isinstance(one, NamedNode)
        yield from _files(SUITE / one.value.removeprefix(BASE))


@cache
def _read(file: Path) -> tuple[Triple, ...]:
    """The statements of a file, each literal as written."""
    base = BASE + str(file.relative_to(SUITE))
    body = file.read_bytes()
    return tuple(quad.triple for quad in parse(body, format=RdfFormat.TURTLE, base_iri=base, lenient=True))


def _rdf(name: str) -> NamedNode:
    return NamedNode(f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}")
