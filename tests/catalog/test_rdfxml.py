"""RDF/XML made of lines: every parser reads the statements that XML can say, and nothing else."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from lxml import etree
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from catalog.lines import joined, lines_of
from catalog.rdfxml import fit_for_xml, named_in_xml, rdf_xml
from tests.catalog.odd import STATEMENTS
from vocab.namespaces import DCAT, DCT, RDF, XSD

NODE = NamedNode("https://data.example.org/dataset/a?b=c&d='e'")


def read(document: bytes) -> set[Triple]:
    """What Oxigraph's parser reads."""
    return {quad.triple for quad in parse(document, format=RdfFormat.RDF_XML)}


def as_xml_has_it(triple: Triple) -> Triple:
    """The statement with what XML cannot hold replaced."""
    o = triple.object
    if not isinstance(o, Literal):
        return triple
    text = fit_for_xml(o.value)
    changed = Literal(text, language=o.language) if o.language else Literal(text, datatype=o.datatype)
    return Triple(triple.subject, triple.predicate, changed)


@given(STATEMENTS)
@settings(deadline=None)
def test_every_parser_reads_what_can_be_said(statements: list[Triple]) -> None:
    document = rdf_xml(sorted(set(lines_of(statements))))
    named = {t: name for t in statements if (name := named_in_xml(t.predicate.value))}
    assert sum(map(len, ET.fromstring(document))) == len(named)  # noqa: S314  our own
    said = {as_xml_has_it(t) for t in named}
    found = read(document)
    assert len(found) == len(said)
    assert found.issuperset(t for t in said if BlankNode not in {type(t.subject), type(t.object)})
    if all(namespace.isascii() for namespace, _ in named.values()):
        etree.fromstring(document)  # libxml2 refuses a namespace that is no URI


def test_another_reader_reads_the_same() -> None:
    lines = sorted(
        lines_of(
            [
                Triple(NODE, RDF.type, DCAT.Dataset),
                Triple(NODE, DCT.title, Literal("« Été » & <b>\n\t\"deux\" 'trois' \\ ]]> \r", language="fr")),
                Triple(NODE, DCT.extent, Literal("12", datatype=XSD.nonNegativeInteger)),
                Triple(NODE, NamedNode("https://data.gov.cz/slovník/nkod/typÚložiště"), BlankNode("0")),
                Triple(BlankNode("0"), DCT.title, Literal("b")),
            ]
        )
    )
    read_again = Graph().parse(data=rdf_xml(lines), format="xml")
    assert isomorphic(read_again, Graph().parse(data=joined(lines), format="nt"))


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("http://purl.org/dc/terms/title", "title"),
        ("https://a.example/ns#a.b-c", "a.b-c"),
        ("https://a.example/1a", "a"),
        ("https://a.example/slovník", "slovník"),
        ("https://a.example/ªb", "b"),
        ("https://a.example/7", None),
        ("https://a.example/", None),
        (f"{RDF}li", None),
        (f"{RDF}value", "value"),
    ],
)
def test_what_can_be_a_name(iri: str, name: str | None) -> None:
    assert named_in_xml(iri) == (None if name is None else (iri.removesuffix(name), name))


def test_a_class_needs_no_name() -> None:
    typed = Triple(NODE, RDF.type, NamedNode("https://a.example/?id=1"))
    assert read(rdf_xml(lines_of([typed]))) == {typed}


def test_a_subject_of_which_nothing_can_be_said_is_not_mentioned() -> None:
    document = rdf_xml(lines_of([Triple(NODE, NamedNode("https://a.example/7"), Literal("x"))]))
    assert b"Description" not in document
    assert read(document) == set()
