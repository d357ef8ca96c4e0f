"""The data set of a query: its graphs are merged, not listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from catalog.dataset import Dataset, clauses, effective, overlap

A, B, C = (f"http://example.org/{name}" for name in "abc")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def store(*quads: tuple[str, int, str]) -> Store:
    """Quads of a graph, a number and `s` for a plain subject or `b` for a blank one."""
    made = Store()
    for graph, number, kind in quads:
        subject = BlankNode("b") if kind == "b" else NamedNode("http://example.org/s")
        made.add(Quad(subject, NamedNode("http://example.org/p"), Literal(number), NamedNode(graph)))
    return made


def count(of: Store, query: str, asked: Dataset) -> int:
    where, graphs = effective(of, asked, query, "")
    return int(next(iter(where.query(query, **graphs)))[0].value)  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize(
    ("query", "default", "named"),
    [
        ("SELECT * FROM <http://example.org/a> FROM NAMED <http://example.org/b> { ?s ?p ?o }", (A,), (B,)),
        ("PREFIX ex: <http://example.org/> ASK FROM ex:a FROM ex:b {}", (A, B), ()),
        ("BASE <http://example.org/> PREFIX : <> CONSTRUCT { ?s ?p 1 } FROM <a> WHERE { ?s ?p ?o }", (A,), ()),
        ("CONSTRUCT FROM <http://example.org/a> WHERE { ?s ?p ?o }", (A,), ()),
        ("DESCRIBE <http://example.org/x> FROM NAMED <http://example.org/a>", (), (A,)),
        (
            "SELECT * { ?s <http://example.org/FROM> 'FROM <http://example.org/a>' } # FROM <http://example.org/b>",
            (),
            (),
        ),
        ("SELECT * FROM nowhere:a { ?s ?p ?o }", (), ()),
    ],
)
def test_the_clauses_of_a_query(query: str, default: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert clauses(query) == Dataset(default, named)


def test_a_triple_in_three_graphs_counts_once() -> None:
    made = store((A, 1, "s"), (B, 1, "s"), (C, 1, "s"), (A, 2, "b"), (B, 2, "b"))
    assert overlap(made, [A, B])
    assert count(made, COUNT, Dataset((A, B, C))) == 2
    assert count(made, COUNT.replace("{ ?s", f"FROM <{A}> FROM <{B}> {{ ?s", 1), Dataset()) == 2
    assert count(made, COUNT.replace("{ ?s", f"FROM <{A}> FROM <{B}> {{ ?s", 1), Dataset((C,))) == 1
    assert count(made, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", Dataset((A, B), (A, C))) == 3
    assert count(made, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", Dataset((A, B))) == 0


def test_graphs_that_do_not_overlap_are_asked_where_they_are() -> None:
    made = store((A, 1, "s"), (B, 2, "s"))
    where, _ = effective(made, Dataset((A, B)), COUNT, "")
    assert where is made
    assert count(made, COUNT, Dataset((A, B, A))) == 2


@given(
    st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(0, 3), st.sampled_from("sb")), max_size=12),
    st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=3),
)
def test_counts_are_those_of_the_merge(quads: list[tuple[str, int, str]], asked: list[str]) -> None:
    expected = len({(number, kind) for graph, number, kind in quads if graph in asked})
    assert count(store(*quads), COUNT, Dataset(tuple(asked))) == expected


def test_a_name_that_is_no_iri_is_an_error() -> None:
    with pytest.raises(ValueError, match="IRI"):
        effective(Store(), Dataset(("not an IRI",)), COUNT, "")
