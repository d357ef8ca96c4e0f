"""SPARQL endpoints as sources: our own, the native Oxigraph server, Virtuoso, and one that cuts its answers short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import RdfFormat, Store

from catalog.errors import RecordInvalid, ResponseInvalid, SettingsInvalid, SourceError, SourceUnavailable, UsageError
from catalog.model import Outcome, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity
from harvest.graph.records import UNDESCRIBED
from harvest.mapping.context import Context
from harvest.source import Rejected, make
from harvest.sources.sparql import Sparql
from shapes.engine import engine
from shapes.profiles import profile
from tests.api.city import TITLES, settings_in
from tests.api.city import City as Served
from tests.api.server import Server
from tests.fakes.endpoint import GRAPH, Moody, lines, oxigraph, running, virtuoso
from tests.fakes.rdf import PREFIXES
from tests.fakes.server import Answer
from tests.harvest.city import city
from tests.harvest.test_conformance import graph
from tests.shared import shared
from vocab.text import Text

CONTEXT = Context(base="https://c.example.org/", source="s", portal="", now=datetime(2026, 1, 1, tzinfo=UTC))
CELLS = " ".join(f'[ csvw:name "c{i}" ; :in [ :in [ :in [ :in [ :in [ :no {i} ] ] ] ] ] ]' for i in range(5))
"""A list, whose members go deep."""
WORDS = ", ".join(f'"mot {i:03}"@fr' for i in range(90))
CATALOGUE = f"""{PREFIXES} @prefix csvw: <http://www.w3.org/ns/csvw#> . @prefix : <https://data.ville.fr/> .
:catalogue a dcat:Catalog ; dct:title "Catalogue" ; dcat:service :api ;
  dcat:dataset :d1, :d2, :d3, :serie, :ailleurs, [ a dcat:Dataset ; dct:title "Sans IRI"@fr ;
    dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://data.ville.fr/x.csv> ] ] .
:d1 a dcat:Dataset ; dct:title "Un"@fr ; dct:identifier "d1" ; dcat:contactPoint _:bureau ; dct:publisher :ville ;
  dcat:theme :theme ; dcat:inSeries :serie ; dct:relation :d2 ; dct:isPartOf :d3 ;
  dcat:distribution [ a dcat:Distribution ; dcat:accessURL :d1.csv ; dct:conformsTo [ a csvw:TableSchema ;
    csvw:column ( {CELLS} ) ] ] , :dist ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ] .
:dist a dcat:Distribution ; dcat:accessURL :d1.json ; dcat:accessService :api ; dct:rights [] .
:d2 a dcat:Dataset ; dct:title "Deux"@fr ; dct:description "D’abord, « ça » \\"là\\" \\\\ ."@fr ; dcat:keyword {WORDS} ;
  dcat:contactPoint _:bureau .
:d3 a dcat:Dataset ; dct:title "Trois"@fr ; dct:publisher :ville .
:serie a dcat:DatasetSeries ; dct:title "Série"@fr .
:api a dcat:DataService ; dct:title "API"@fr ; dcat:servesDataset :d1 ;
  dcat:endpointURL <https://data.ville.fr/api/v1> .
_:bureau a vcard:Kind ; vcard:fn "Bureau" ; vcard:hasEmail <mailto:donnees@ville.fr> .
:ville a foaf:Agent ; foaf:name "Ville"@fr ; foaf:homepage :accueil .
:theme a skos:Concept ; skos:prefLabel "Thème"@fr ; skos:inScheme :themes .
:themes a skos:ConceptScheme ; dct:title "Thèmes"@fr ;
  skos:hasTopConcept {", ".join(f":t{i}" for i in range(80))} .
:r1 a dcat:CatalogRecord ; foaf:primaryTopic :d1 ; dct:modified "2024-01-02"^^xsd:date .
[] a dcat:CatalogRecord ; foaf:primaryTopic :d2 ; dct:modified "2024-01-03"^^xsd:date .
""".encode()


def source(url: str, said: list[Text] | None = None, retries: int = 1, **options: Any) -> Sparql:
    settings = SourceSettings(id="s", kind="sparql", url=url, allow_private=True, options=options)
    found = make(settings, HarvestSettings(backoff=0.01, retries=retries), (said or []).append)
    assert isinstance(found, Sparql)
    return found


def made(found: Any) -> dict[str, str]:
    """What becomes of each record: its description, or why there is none."""
    results = {}
    for one in found.records():
        if isinstance(one, Rejected):
            results[one.id] = one.reason.en
            continue
        assert isinstance(one, Record)
        try:
            results[one.id] = found.map(one, identity(one), CONTEXT).dataset.canonical.decode()
        except RecordInvalid as e:
            results[one.id] = e.message
    return results


def as_document(body: bytes, folder: Path) -> dict[str, str]:
    """The same through the kind `dcat`, of a document with these statements."""
    file = folder / "catalogue.ttl"
    file.write_bytes(body)
    return made(make(SourceSettings(id="s", kind="dcat", path=file), HarvestSettings(), lambda _m: None))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = as_document(CATALOGUE, tmp_path_factory.mktemp("judge"))
    assert len(found) == 7
    assert found["https://data.ville.fr/ailleurs"] == UNDESCRIBED.en
    return found


@pytest.fixture
def moody() -> Moody:
    return Moody.of(CATALOGUE)


# ── the same as a document ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{}, {"page": 1}, {"batch": 1}, {"page": 2, "batch": 3}, {"method": "get"}])
def test_pages_and_batches_of_any_size_give_what_a_document_gives(
    moody: Moody, judged: dict[str, str], options: dict[str, Any]
) -> None:
    with running(moody) as server:
        assert made(source(server.address, **options)) == judged
    assert ("GET" in moody.methods) is (options.get("method") == "get")


@pytest.mark.parametrize("most", [1000, 80])
def test_answers_that_are_cut_without_a_word_are_noticed(moody: Moody, judged: dict[str, str], most: int) -> None:
    """A dataset has 90 keywords, more than a whole answer may have."""
    moody.most = most
    with running(moody) as server:
        assert made(source(server.address)) == judged


def test_what_cannot_be_had_whole_is_refused(moody: Moody) -> None:
    moody.most = 40
    with running(moody) as server, pytest.raises(ResponseInvalid, match="fewer statements than it counts"):
        made(source(server.address))


def test_an_endpoint_without_offset_is_noticed(moody: Moody) -> None:
    moody.most, moody.deaf = 80, True
    with running(moody) as server, pytest.raises(ResponseInvalid, match="that it counts"):
        made(source(server.address))


def test_a_listing_with_gaps_is_refused(moody: Moody) -> None:
    moody.more = 1
    with running(moody) as server, pytest.raises(ResponseInvalid, match="listing is incomplete"):
        made(source(server.address))


def test_queries_that_are_too_much_at_once_are_halved(moody: Moody, judged: dict[str, str]) -> None:
    moody.values = 2
    with running(moody) as server:
        assert made(source(server.address, retries=0)) == judged


def test_failures_that_pass_are_waited_for(moody: Moody, judged: dict[str, str]) -> None:
    moody.moods = [Answer(status=503), Answer(status=200, kind="application/sparql-results+json", announced=5)]
    with running(moody) as server:
        assert made(source(server.address, retries=3)) == judged
    moody.moods = [Answer(status=503)] * 3
    with running(moody) as server, pytest.raises(SourceUnavailable):
        made(source(server.address, retries=2))


def test_an_iri_that_no_query_can_hold_is_set_aside(moody: Moody) -> None:
    moody.moods = []
    bad = b'{"results":{"bindings":[{"d":{"type":"uri","value":"https://data.ville.fr/a b"}}]}}'
    count = b'{"results":{"bindings":[{"n":{"type":"literal","value":"1"}}]}}'
    none, zero = b'{"results":{"bindings":[]}}', count.replace(b'"1"', b'"0"')
    moody.moods = [Answer(b, kind="application/sparql-results+json") for b in (count, bad, none, zero)]
    with running(moody) as server:
        (only,) = source(server.address).records()
    assert isinstance(only, Rejected)
    assert "IRI" in only.reason.fr


# ── real servers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_native_oxigraph_server(judged: dict[str, str]) -> None:
    with oxigraph(CATALOGUE) as address:
        found = source(f"{address}/query", batch=2, page=3)
        assert found.check().datasets == 6
        assert made(found) == judged


def test_a_named_graph(judged: dict[str, str]) -> None:
    with oxigraph(CATALOGUE, graph=GRAPH) as address:
        check = source(f"{address}/query").check()
        assert not check.ok
        assert GRAPH in check.hint
        assert made(source(f"{address}/query")) == {}
        assert made(source(f"{address}/query", graph=GRAPH)) == judged
        assert made(source(f"{address}/query", graphs=[GRAPH, "https://data.example.org/other"])) == judged


@pytest.mark.parametrize("most", [10_000, 80])
def test_virtuoso(judged: dict[str, str], most: int) -> None:
    """Virtuoso cuts its answers after `ResultSetMaxRows`, and says so to nobody who does not look."""
    with virtuoso(CATALOGUE, most=most) as address:
        assert made(source(address, graph=GRAPH)) == judged


def test_our_own_endpoint(tmp_path: Path) -> None:
    """What it publishes comes back, asked or read as a feed, except that a store writes some literals its own way."""
    served = Served(settings_in(tmp_path, serve={"checksums": True}))
    served.publish(TITLES)
    with Server(served.settings, tmp_path) as server:
        feed = make(
            SourceSettings(id="s", kind="dcat", url=f"{server.address}catalog.ttl", allow_private=True),
            HarvestSettings(),
            lambda _m: None,
        )
        asked, read = made(source(f"{server.address}sparql", batch=2)), made(feed)
    assert len(asked) >= len(TITLES)
    assert {k: stored(v) for k, v in asked.items()} == {k: stored(v) for k, v in read.items()}


def stored(lines_: str) -> list[str]:
    """The statements as a store writes them."""
    store = Store()
    store.load(lines_.encode(), RdfFormat.N_TRIPLES)
    return sorted(re.sub(r"_:\w+", "_:b", str(q.triple)) for q in store)


def real() -> Iterator[Path]:
    names = ("transparenz.rdf", "rdf_catalog.xml", "fpsecocbe.xml", "collection1.rdf", "dcat2-dataset1.ttl")
    return (f for f in sorted(shared("data/real/dcat").rglob("*")) if f.name in names)


def test_real_catalogues(tmp_path: Path) -> None:
    """The store rewrites literals, so that the document is what it holds: its own dump."""
    files = list(real())
    assert len(files) >= 5
    for file in files:
        with oxigraph(lines(file)) as address:
            dump = Request(f"{address}/store?default", headers={"Accept": "application/n-triples"})
            with urlopen(dump, timeout=30) as answer:
                expected = as_document(answer.read(), tmp_path)
            assert made(source(f"{address}/query")) == expected, file.name


def test_harvested_it_conforms(tmp_path: Path) -> None:
    """Through the whole pipeline, twice: no violation but of what the source lacks, and nothing changes by itself."""
    with running(Moody.of(CATALOGUE)) as server:
        a_city = city(
            tmp_path, f'[[source]]\nid = "s"\nkind = "sparql"\nurl = "{server.address}"\nallow_private = true\n'
        )
        (found,) = a_city.run(validate=True).sources
        assert (found.outcomes[Outcome.CREATED.value], found.outcomes[Outcome.SET_ASIDE.value]) == (6, 1)
        again = a_city.run()
        assert again.release is None
    violations = engine("pyshacl").validate(graph(a_city), [profile("dcat-ap-3")])
    lacking = {(f.path.rpartition("/")[2], f.severity) for f in violations if f.severity == "violation"}
    assert lacking == {("description", "violation")}, "one dataset has a description"


# ── checks and settings ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mood", "word"),
    [
        (Answer(b"<html>", kind="text/html"), "web page"),
        (Answer(b'{"a": 1}'), "no result of a SPARQL query"),
        (Answer(b'{"results": {"bindings": []}}'), "does not count"),
        (Answer(b"nope", status=400), "400"),
        (Answer(b"[", kind="application/json"), "JSON"),
    ],
)
def test_checks_say_what_is_wrong(moody: Moody, mood: Answer, word: str) -> None:
    moody.moods = [mood]
    with running(moody) as server:
        check = source(server.address).check()
    assert not check.ok
    assert word in check.message
    assert check.hint


def test_an_empty_endpoint() -> None:
    with running(Moody.of(b"<x:a> <x:b> 1 .")) as server:
        check = source(server.address).check()
        assert (check.ok, made(source(server.address))) == (False, {})
        assert "without datasets" in check.message
        assert "options.graph" in source(server.address, graph="https://g.example.org/").check().message
    assert not source("http://127.0.0.1:9/", retries=0).check().ok


@pytest.mark.parametrize(
    "options",
    [{"graph": 1}, {"graph": "a b"}, {"method": "put"}, {"page": 0}, {"batch": "x"}, {"graf": "x"}, {"graphs": [1]}],
)
def test_wrong_settings(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        source("https://x.example.org/sparql", **options)


def test_an_address_is_needed() -> None:
    with pytest.raises(SettingsInvalid):
        source("")
    assert issubclass(SettingsInvalid, UsageError)
    assert not issubclass(SettingsInvalid, SourceError)
