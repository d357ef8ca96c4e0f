"""JSON-LD made of lines: byte for byte what the serialiser makes of the statements, and what other readers read."""

from __future__ import annotations

import json

from hypothesis import given, settings
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from catalog.formats import FORMATS, write
from catalog.jsonld import expanded
from catalog.lines import joined, lines_of, write_lines
from tests.catalog.odd import STATEMENTS
from vocab.namespaces import DCAT, DCT, RDF, XSD

NODE = NamedNode("https://data.example.org/dataset/a")


@given(STATEMENTS)
@settings(deadline=None)
def test_written_as_the_serialiser_does(statements: list[Triple]) -> None:
    found = write_lines(lines_of(statements), FORMATS["jsonld"])
    assert found == write(set(statements), FORMATS["jsonld"])
    json.loads(found)


def test_another_reader_reads_the_same() -> None:
    lines = sorted(
        lines_of(
            [
                Triple(NODE, RDF.type, DCAT.Dataset),
                Triple(NODE, DCT.title, Literal('« Été » "deux"\n\t\\ \x1f \x7f \u2028', language="fr")),
                Triple(NODE, DCT.extent, Literal("12", datatype=XSD.nonNegativeInteger)),
                Triple(NODE, DCT.relation, BlankNode("b")),
                Triple(BlankNode("b"), DCT.title, Literal("b")),
            ]
        )
    )
    read = Graph().parse(data=expanded(lines), format="json-ld")
    assert isomorphic(read, Graph().parse(data=joined(lines), format="nt"))


def test_no_statements_make_a_document() -> None:
    assert list(parse(expanded([]), format=RdfFormat.JSON_LD)) == []
