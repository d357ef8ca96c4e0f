"""Lines of canonical N-Triples: what they say is what statements say."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.formats import FORMATS, write
from catalog.lines import joined, lines_in, lines_of, objects_in, triples_of, write_lines
from vocab.namespaces import DCT, FOAF, XSD

NODE = NamedNode("https://data.example.org/dataset/été")
TRIPLES = [
    Triple(NODE, DCT.title, Literal('« Été » \u2028 \u0085 \\ " \n <https://a.example/not> .', language="fr")),
    Triple(NODE, DCT.title, Literal("<https://a.example/b> .")),
    Triple(NODE, DCT.issued, Literal("2020", datatype=XSD.gYear)),
    Triple(NODE, DCT.extent, Literal("1 <x> ", datatype=XSD.nonNegativeInteger)),
    Triple(NODE, DCT.temporal, BlankNode("t")),
    Triple(BlankNode("t"), DCT.relation, NamedNode("https://b.example/?q=é&x=1")),
    Triple(NODE, FOAF.page, NamedNode("https://c.example/")),
]


def test_lines_and_statements_are_the_same() -> None:
    lines = lines_of(TRIPLES)
    assert lines_in(joined(lines)) == lines
    assert set(triples_of(lines)) == set(TRIPLES)


def test_objects_are_iris_not_datatypes_nor_what_a_text_has() -> None:
    assert objects_in(lines_of(TRIPLES)) == {"https://b.example/?q=é&x=1", "https://c.example/"}
    assert objects_in(lines_of(TRIPLES), ("https://b.", "https://a.")) == {"https://b.example/?q=é&x=1"}


@pytest.mark.parametrize("suffix", [s for s in FORMATS if s != "nq"])
def test_written_as_statements_are(suffix: str) -> None:
    assert write_lines(lines_of(TRIPLES), FORMATS[suffix]) == write(TRIPLES, FORMATS[suffix])


@pytest.mark.parametrize("suffix", [s for s in FORMATS if s != "nq"])
def test_each_is_written_once_in_whatever_order_they_come(suffix: str) -> None:
    lines = lines_of(TRIPLES)
    assert write_lines([*reversed(lines), *lines], FORMATS[suffix]) == write_lines(lines, FORMATS[suffix])
