"""Every real record that there is, as the feeds and the dumps show it: whole, once, alike in every format."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from api.feeds.catalogues import slug_of
from api.feeds.door import SUFFIXES
from catalog import dump
from catalog.facets import Facet, Selection, facets_in
from catalog.formats import FORMATS, write
from catalog.lines import lines_in, objects_in, write_lines
from catalog.model import Description, Kind
from harvest.coverage import BASE
from tests.api.all_real import Real
from vocab.namespaces import DCAT, DCT, RDF

pytestmark = pytest.mark.xdist_group("real")


def listed(body: bytes, catalogue: str, real: Real) -> Counter[str]:
    """What a page lists of the catalogue, but for the portals' own services, which the last page has."""
    node = NamedNode(catalogue)
    return Counter(
        q.object.value
        for q in parse(body, format=RdfFormat.N_TRIPLES)
        if q.subject == node
        and q.predicate in {DCAT.dataset, DCAT.service}
        and isinstance(q.object, NamedNode)
        and q.object.value not in real.services
    )


def test_every_dataset_is_on_one_page_and_every_page_is_small(real: Real) -> None:
    assert real.release.manifest.datasets > 1000
    met: Counter[str] = Counter()
    for body in real.pages():
        assert len(body) < 10_000_000
        met += listed(body, f"{BASE}catalog", real)
    assert set(met.values()) == {1}
    assert {s.iri for s in real.view.selected(Selection(), limit=1_000_000)} == met.keys()


def test_every_publisher_has_a_feed_with_its_datasets_and_no_other(real: Real) -> None:
    publishers = real.view.values(Facet.PUBLISHER)
    assert len(publishers) > 100
    assert len({slug_of(BASE, iri) for iri in publishers}) == len(publishers)
    for publisher in publishers:
        met: Counter[str] = Counter()
        for body in real.pages(publisher):
            met += listed(body, f"{BASE}catalog/{slug_of(BASE, publisher)}", real)
        own = {s.iri for s in real.view.selected(Selection(((Facet.PUBLISHER, publisher),)), limit=1_000_000)}
        assert met == Counter(own), publisher


def test_every_page_is_alike_in_every_format(real: Real) -> None:
    pages = {suffix: list(real.pages(suffix=suffix)) for suffix in SUFFIXES}
    for bodies in zip(*pages.values(), strict=True):
        graphs = set()
        for suffix, body in zip(pages, bodies, strict=True):
            assert len(body) < 10_000_000, suffix
            fmt = FORMATS["rdf" if suffix == "xml" else suffix]
            text = body.decode().replace(f"catalog.{suffix}", "catalog.X")
            graphs.add(frozenset(str(quad) for quad in parse(text.encode(), format=fmt.rdf)))  # labels stay
        assert len(graphs) == 1


def test_what_is_written_from_lines_is_what_statements_make(real: Real) -> None:
    met: set[str] = set()
    read_again = spelled_out = 0
    for kind in Kind:
        for described in real.view.all(kind):
            lines = lines_in(described.canonical)
            turtle, rdf_xml = write_lines(lines, FORMATS["ttl"]), write_lines(lines, FORMATS["rdf"])
            if turtle != write(described.triples, FORMATS["ttl"]):
                spelled_out += 1
                assert [q.triple for q in parse(turtle, format=RdfFormat.TURTLE)] == list(described.triples)
            assert write_lines(lines, FORMATS["jsonld"]) == write(described.triples, FORMATS["jsonld"])
            assert {q.triple for q in parse(rdf_xml, format=RdfFormat.RDF_XML)} == set(described.triples)
            if new := kinds_of(described) - met:  # rdflib is slow: once for each property and datatype
                met |= new
                read_again += 1
                assert alike_for_rdflib(described.canonical, turtle, rdf_xml)
    assert read_again > 50 > spelled_out


def kinds_of(described: Description) -> set[str]:
    """The properties and the datatypes or languages of a description."""
    literals = [t.object for t in described.triples if isinstance(t.object, Literal)]
    kinds = {f"{o.datatype} {o.language} {'€' in o.value}" for o in literals}
    return kinds | {t.predicate.value for t in described.triples}


def alike_for_rdflib(lines: bytes, turtle: bytes, rdf_xml: bytes) -> bool:
    """Whether rdflib reads the same graph in each."""
    found = (Graph().parse(data=turtle, format="turtle"), Graph().parse(data=rdf_xml, format="xml"))
    return all(isomorphic(Graph().parse(data=lines, format="nt"), graph) for graph in found)


def test_what_is_read_from_lines_is_what_statements_say(real: Real) -> None:
    for kind in Kind:
        for described in real.view.all(kind):
            objects = {t.object.value for t in described.triples if isinstance(t.object, NamedNode)}
            assert objects_in(lines_in(described.canonical)) == objects, described.iri
    for dataset in real.view.all(Kind.DATASET):
        said = {(t.predicate, t.object) for t in dataset.triples if t.subject == NamedNode(dataset.iri)}
        facets = facets_in(dataset.iri, dataset.canonical)
        for facet, predicate in ((Facet.PUBLISHER, DCT.publisher), (Facet.THEME, DCAT.theme)):
            wanted = {o.value for p, o in said if p == predicate and isinstance(o, NamedNode)}
            assert {value for f, value in facets if f is facet} == wanted, dataset.iri


def test_the_dumps_are_the_descriptions(real: Real) -> None:
    assert dump.build(real.settings.store.path, BASE, real.release)
    bodies = {}
    for suffix in dump.SUFFIXES:
        found = dump.find(real.release, suffix)
        assert found is not None
        bodies[suffix] = gzip.decompress(found.path.read_bytes())
    lines = set(lines_in(bodies["nt"]))
    assert len(lines) == bodies["nt"].count(b"\n")
    for kind in Kind:
        for described in real.view.all(kind):
            assert lines.issuperset(lines_in(described.canonical)), described.iri
    turtle = {f"{q.triple} .".encode() for q in parse(bodies["ttl"], format=RdfFormat.TURTLE)}
    assert turtle == lines
    quads = {f"{q.triple} .".encode() for q in parse(bodies["nq"], format=RdfFormat.N_QUADS)}
    assert quads == lines
    assert sum(1 for line in lines if line.endswith(f" {RDF.type} {DCAT.Dataset} .".encode())) > 1000
