"""Every real record that there is, as the feeds and the dumps show it: whole, once, alike in every format."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from api.feeds.catalogues import slug_of
from api.feeds.door import SUFFIXES, Asked, Feed
from api.feeds.filters import Filter
from api.published import Published
from catalog import dump
from catalog.archive import View
from catalog.draft import Draft
from catalog.errors import RecordInvalid
from catalog.facets import Facet, Selection, facets_in
from catalog.formats import FORMATS, write
from catalog.lines import lines_in, objects_in, write_lines
from catalog.model import Description, Kind, Mapped, Record
from catalog.paging import extent
from catalog.publication import publish, settle
from catalog.releases import Release
from catalog.settings import Settings
from catalog.staging import Staging
from harvest.coverage import BASE, Result
from tests.api.city import settings_in
from tests.real import everything
from vocab.namespaces import DCAT, DCT, RDF

pytestmark = pytest.mark.xdist_group("real-release")
"""One worker makes the release of all real records, which takes longer than its tests."""


class Real:
    """One release of all real records; `shown` is one of them under each identifier."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = settings_in(folder, catalog={"base": BASE})
        self.published = Published(self.settings)
        self.feed = Feed(self.settings, self.published)
        self.release: Release = self._publish(everything())
        self.view: View = self.published.view(self.release)
        self.services = {described.iri for described in self.view.all(Kind.SERVICE)}

    def _publish(self, found: tuple[Result, ...]) -> Release:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        folder = self.settings.store.path
        with closing(Draft(folder, 1, at, BASE)) as draft, closing(Staging(folder, None)) as staging:
            for number, one in enumerate(found):
                if one.mapped is not None and isinstance(one.record, Record):
                    self._enter(draft, one.mapped, f"source-{number}", one.record)
            settle(self.settings, draft)
            return publish(self.settings, draft, staging, run=None)

    def _enter(self, draft: Draft, mapped: Mapped, source: str, record: Record) -> None:
        dataset = mapped.dataset
        if draft.db.execute("SELECT 1 FROM slugs WHERE iri = ? OR slug = ?", (dataset.iri, dataset.slug)).fetchone():
            return  # the same record in another saved response
        told = Record(source, record.id, b"", None, record.hash, iri=dataset.iri, name=dataset.slug)
        identifiers = [line for line in lines_in(dataset.canonical) if line.startswith(_start(dataset.iri))]
        try:
            identity = draft.identity(told, lambda slug: identifiers[0].decode() if identifiers else slug, set())
        except RecordInvalid:
            return
        draft.put_dataset(mapped, source, identity, None)

    def pages(self, publisher: str = "", suffix: str = "nt") -> Iterator[bytes]:
        """The pages of a feed."""
        slug = slug_of(BASE, publisher) if publisher else ""
        found = extent(self.view, publisher)
        assert found is not None
        for number in range(1, found.pages + 1):
            yield self.feed.page(Asked(self.release, slug, Filter(), number, suffix))


def _start(iri: str) -> bytes:
    return f"<{iri}> {DCT.identifier} ".encode()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    return Real(tmp_path_factory.mktemp("real"))


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
