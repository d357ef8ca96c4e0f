"""Documents on their way into a graph store."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode

from catalog.graph_store import Document, NotWritable, graph_triples, read

TURTLE = Document("text/turtle", b"<a> <p> [ <q> 1 ] , _:b . _:b <q> '012'^^<x:t> .")


def blank(documents: list[Document], salt: str = "") -> set[str]:
    return {str(q.subject) for q in read(documents, "http://e.org/", salt) if isinstance(q.subject, BlankNode)}


def test_relative_iris_and_literals() -> None:
    found = [str(q) for q in read([TURTLE], "http://e.org/")]
    assert any(line.startswith("<http://e.org/a> <http://e.org/p> _:") for line in found)
    assert any('"012"^^<x:t>' in line for line in found)


def test_blank_nodes_of_one_document_are_its_own_and_always_called_alike() -> None:
    once = blank([TURTLE])
    assert len(once) == 2
    assert once == blank([TURTLE])
    assert not once & blank([TURTLE], "other")
    assert len(blank([TURTLE, TURTLE])) == 4, "two documents share none"


def test_quads_go_into_the_graph_that_they_name() -> None:
    quads = read([Document("application/n-quads", b"<x:a> <x:b> <x:c> <x:g> .\n<x:a> <x:b> <x:d> .")], "")
    assert len(graph_triples(quads, "x:g")) == 2
    with pytest.raises(NotWritable, match="x:g"):
        graph_triples(quads, "x:h")
    with pytest.raises(NotWritable):
        graph_triples(quads, "")


@pytest.mark.parametrize("body", [b"<a> <p>", b"\xff", b"<a> <p> 'x"])
def test_what_is_no_turtle(body: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        read([Document("text/turtle", body)], "http://e.org/")
