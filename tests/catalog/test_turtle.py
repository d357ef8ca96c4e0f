"""Turtle made of lines: byte for byte what the serialiser makes of the statements, and what other readers read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from catalog.formats import FORMATS, write
from catalog.lines import joined, lines_of, write_lines
from catalog.turtle import turtle
from tests.catalog.odd import STATEMENTS
from vocab.namespaces import DCAT, DCT, RDF, XSD

NODE = NamedNode("https://data.example.org/dataset/a")


def has_an_escape(statement: Triple) -> bool:
    """Whether the serialiser shortens an IRI of the statement to a name with an escape."""
    o = statement.object
    nodes = (statement.subject, statement.predicate, o.datatype if isinstance(o, Literal) else o)
    return any(b"\\" in write([Triple(NODE, RDF.type, n)], FORMATS["ttl"]) for n in nodes if isinstance(n, NamedNode))


@given(STATEMENTS)
@settings(deadline=None)
def test_written_as_the_serialiser_does(statements: list[Triple]) -> None:
    found = write_lines(lines_of(statements), FORMATS["ttl"])
    assert found == write_lines(lines_of(statements), FORMATS["trig"])
    wanted = write(set(statements), FORMATS["ttl"])
    assert list(parse(found, format=RdfFormat.TURTLE)) == list(parse(wanted, format=RdfFormat.TURTLE))
    assert found == wanted or any(map(has_an_escape, statements))


def test_grouped_shortened_and_bare() -> None:
    statements = [
        Triple(NODE, RDF.type, DCAT.Dataset),
        Triple(NODE, DCT.title, Literal("Été", language="fr")),
        Triple(NODE, DCT.title, Literal("Summer", language="en")),
        Triple(NODE, DCT.extent, Literal("12", datatype=XSD.integer)),
        Triple(NODE, DCT.extent, Literal("12", datatype=XSD.nonNegativeInteger)),
        Triple(DCAT.Dataset, RDF.type, DCAT["a/b"]),
    ]
    document = turtle(sorted(lines_of(statements))).decode()
    assert document.partition(f"<{XSD}> .\n")[2] == (
        "dcat:Dataset a <http://www.w3.org/ns/dcat#a/b> .\n"
        "<https://data.example.org/dataset/a> "
        'dct:extent 12 , "12"^^xsd:nonNegativeInteger ;\n\tdct:title "Summer"@en , "Été"@fr ;\n\ta dcat:Dataset .\n'
    )


def test_no_statements_make_a_document() -> None:
    assert list(parse(turtle([]), format=RdfFormat.TURTLE)) == []


@pytest.mark.parametrize("name", ["a/b", "a.b", "a.", "-a", "1a", "é", "日本", "a%20b", "a~'()*", "a;b,c&d=e", ""])
def test_another_reader_reads_the_names_of_prefixes(name: str) -> None:
    lines = lines_of([Triple(DCT[name], DCAT[name], Literal("x", datatype=XSD[name]))])
    assert isomorphic(Graph().parse(data=turtle(lines)), Graph().parse(data=joined(lines), format="nt"))
