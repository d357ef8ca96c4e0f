"""Which branch of nested conditions failed, and why: in the findings, in JSON and as `sh:detail` in Turtle."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from shapes.engine import engine
from shapes.finding import Finding
from shapes.formats import render
from shapes.graph import Graph
from shapes.report import Report
from shapes.shapes_graph import ShapesGraph
from shapes.text import Term, Text
from tests.shapes.test_random_shapes import triples
from tests.shapes.w3c import in_memory
from vocab.namespaces import GARONNE, SH

SHAPES = """
e:S a sh:NodeShape ; sh:targetNode e:a ; sh:property e:P .
e:P sh:path e:p ; sh:or ( e:Described [ sh:and ( e:IsIri e:OfClass ) ] [ sh:not e:Resource ] ) .
e:Described sh:property e:Q . e:Q sh:path e:q ; sh:node e:Value .
e:Value sh:xone ( e:Date e:Whole ) .
e:Date sh:datatype xsd:date . e:Whole sh:datatype xsd:integer .
e:IsIri sh:nodeKind sh:IRI . e:OfClass sh:class e:C . e:Resource sh:nodeKind sh:BlankNodeOrIRI .
"""
DATA = 'e:a e:p e:v . e:v e:q "x" .'

Tree = tuple[int, str, str, str | None, list[Any]]
"""Branch, component, local name of the shape (empty without one), value, the same for each detail."""

EXPECTED: Tree = (
    0,
    "Or",
    "P",
    "<http://e.org/v>",
    [
        (
            1,
            "Node",
            "Q",
            '"x"',
            [(0, "Xone", "Value", '"x"', [(1, "Datatype", "Date", '"x"', []), (2, "Datatype", "Whole", '"x"', [])])],
        ),
        (2, "And", "P", "<http://e.org/v>", [(2, "Class", "OfClass", "<http://e.org/v>", [])]),
        (3, "Not", "P", "<http://e.org/v>", []),
    ],
)


@pytest.fixture(scope="module")
def found() -> Finding:
    (one,) = engine().validate(Graph.from_triples(triples(DATA)), [in_memory(triples(SHAPES))])
    return one


def report(found: Finding) -> Report:
    return Report([found], ("data",), 2, (("test", Text("test", "test"), "0" * 64),), "garonne")


def test_the_finding_carries_it(found: Finding) -> None:
    def tree(one: Finding) -> Tree:
        component = one.component.partition("#")[2].removesuffix("ConstraintComponent")
        return one.branch, component, one.shape.rpartition("/")[2], one.value, [tree(detail) for detail in one.details]

    assert tree(found) == EXPECTED


def test_so_does_json(found: Finding) -> None:
    def tree(one: dict[str, Any]) -> Tree:
        component = one["component"].partition("#")[2].removesuffix("ConstraintComponent")
        shape = (one["shape"] or "").rpartition("/")[2]
        return one.get("branch") or 0, component, shape, one["value"], [tree(detail) for detail in one["details"]]

    (one,) = json.loads(render(report(found), "json", "en"))["findings"]
    assert tree(one) == EXPECTED
    assert "xsd:integer" in one["details"][0]["details"][0]["details"][1]["message"]


def test_so_does_turtle(found: Finding) -> None:
    graph = ShapesGraph(q.triple for q in parse(render(report(found), "ttl", "en").encode(), format=RdfFormat.TURTLE))

    def tree(node: Term) -> Tree:
        branch, component, shape, value = (
            graph.value(node, predicate)
            for predicate in (GARONNE.branch, SH.sourceConstraintComponent, SH.sourceShape, SH.value)
        )
        assert isinstance(component, NamedNode)
        local = component.value.partition("#")[2].removesuffix("ConstraintComponent")
        details = sorted((tree(detail) for detail in graph.values(node, SH.detail)), key=lambda one: one[0])
        return (
            int(getattr(branch, "value", "0")),
            local,
            getattr(shape, "value", "").rpartition("/")[2],
            None if value is None else str(value),
            details,
        )

    (result,) = graph.objects(SH.result)
    assert tree(result) == EXPECTED


def test_a_choice_that_several_branches_meet_has_nothing_to_explain() -> None:
    shapes = "e:S a sh:NodeShape ; sh:targetNode e:a ; sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:class e:C ] ) ."
    (one,) = engine().validate(Graph.from_triples(triples("e:a a e:C .")), [in_memory(triples(shapes))])
    assert one.details == ()
