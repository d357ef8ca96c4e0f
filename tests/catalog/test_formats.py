"""The serialisations: exact, deterministic, and the same graph in each."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple, parse
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from catalog.errors import UsageError
from catalog.formats import FORMATS, format_named, write
from tests.shared import ROOT
from vocab.namespaces import DCAT, DCT, RDF, SPDX, XSD

A = NamedNode("https://data.example.org/dataset/a")
EXACT = [
    Literal("12", datatype=XSD.nonNegativeInteger),
    Literal("PT24H", datatype=XSD.duration),
    Literal("1000.0", datatype=XSD.decimal),
    Literal("1.50", datatype=XSD.decimal),
    Literal("007", datatype=XSD.integer),
    Literal("2024-01-01T00:00:00+00:00", datatype=XSD.dateTime),
    Literal("2024-01-01T00:00:00Z", datatype=XSD.dateTime),
    Literal("none", datatype=XSD.boolean),
    Literal("1", datatype=XSD.boolean),
    Literal("Été «là» & <b>\n\t\"deux\" 'trois' \\ \u2028 \x85 ]]> 🌳", language="fr"),
    Literal(""),
    Literal(" x "),
    Literal("line\r\nline\rline\n"),
]
TRIPLES = [
    Triple(A, RDF.type, DCAT.Dataset),
    *(Triple(A, DCT.extent, o) for o in EXACT),
    Triple(A, DCT.relation, NamedNode("https://example.org/é?a=b&c=d'e(f)#g")),
    Triple(A, SPDX.checksum, BlankNode("c1")),
    Triple(BlankNode("c1"), SPDX.checksumValue, Literal("ab", datatype=XSD.hexBinary)),
    Triple(NamedNode("https://data.example.org/x/"), NamedNode("https://example.org/ns/p.q"), A),
]
NAMES = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt", "trig": "trig", "nq": "nquads"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_literals_come_back_exactly(suffix: str) -> None:
    fmt = FORMATS[suffix]
    data = write(TRIPLES, fmt)
    found = {q.triple for q in parse(data, format=fmt.rdf) if not isinstance(q.object, BlankNode)}
    assert {t for t in found if t.predicate == DCT.extent} == {t for t in TRIPLES if t.predicate == DCT.extent}
    assert len(found) == len(TRIPLES) - 1


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.filterwarnings("ignore")  # rdflib warns of literals that are no boolean; that is the point of one of them
def test_rdflib_reads_the_same_graph_in_each(suffix: str) -> None:
    reference = Graph().parse(data=write(TRIPLES, FORMATS["nt"]), format="nt")
    dataset = Dataset().parse(data=write(TRIPLES, FORMATS[suffix]), format=NAMES[suffix])
    found = Graph()
    for quad in dataset.quads():
        found.add(quad[:3])
    assert len(found) == len(reference) > len(TRIPLES) - 3, "rdflib itself makes one of some literals"
    assert isomorphic(found, reference)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_statements_give_the_same_bytes(suffix: str) -> None:
    first = write(TRIPLES, FORMATS[suffix])
    for seed in range(5):
        shuffled = random.Random(seed).sample(TRIPLES, len(TRIPLES))  # noqa: S311  any order will do
        assert write(shuffled, FORMATS[suffix]) == first


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import sys; from tests.catalog.test_formats import *\n"
        "for f in FORMATS.values(): sys.stdout.buffer.write(write(TRIPLES, f))"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout for _ in range(2)
    }
    assert outputs == {b"".join(write(TRIPLES, f) for f in FORMATS.values())}


@pytest.mark.parametrize("suffix", [f.suffix for f in FORMATS.values() if f.graphs])
def test_graphs_are_kept_where_they_can_be(suffix: str) -> None:
    quads = [Quad(A, DCT.title, Literal("x"), NamedNode("https://data.example.org/record/a"))]
    assert list(parse(write(quads, FORMATS[suffix]), format=FORMATS[suffix].rdf)) == quads


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_is_a_document_too(suffix: str) -> None:
    assert list(parse(write([], FORMATS[suffix]), format=FORMATS[suffix].rdf)) == []


def test_names() -> None:
    assert format_named("xml") is FORMATS["rdf"]
    assert FORMATS["ttl"].content_type == "text/turtle; charset=utf-8"
    with pytest.raises(UsageError) as e:
        format_named("ttlx")
    assert "format `ttlx` is not offered. Did you mean `ttl`? Offered: ttl, rdf, jsonld, nt, trig, nq." in str(e.value)


def test_rdf_xml_stays_readable_whatever_the_graph_holds() -> None:
    """What XML cannot hold is replaced or left out there, and is whole in every other format."""
    spoilt = [
        Triple(A, DCT.title, Literal("a\x00b\x1fc\uffff")),
        Triple(A, NamedNode("https://example.org/ns/1"), Literal("x")),
        Triple(A, RDF.type, NamedNode("https://example.org/")),
    ]
    text = write(spoilt, FORMATS["rdf"])
    assert [q.triple for q in parse(text, format=FORMATS["rdf"].rdf)] == [
        Triple(A, DCT.title, Literal("a\ufffdb\ufffdc\ufffd")),
        spoilt[2],
    ]
    Graph().parse(data=text, format="xml")
    assert {q.triple for q in parse(write(spoilt, FORMATS["ttl"]), format=FORMATS["ttl"].rdf)} == set(spoilt)
