"""The service of a catalogue whose queries another engine answers: the same doors, the same words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from catalog.releases import Releases
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_scratch import PATHS, told
from tests.fakes.engines import NAMES, running


@dataclass
class Pair:
    """A service on the embedded engine, and one of the same catalogue on another."""

    here: Server
    there: Server
    cuts: bool


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running(request.param) as engine:
        servers = []
        try:
            for store in ({}, engine):
                folder = tmp_path_factory.mktemp("pair")
                settings = settings_in(folder, store=store, write={"tokens": ["t"]})
                city = City(settings)
                city.publish({**TITLES, "fontaines": "Fontaines"})
                city.publish({"menus": "Menus"}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")])
                servers.append(Server(settings, folder))
            yield Pair(*servers, cuts=request.param == "virtuoso")
        finally:
            for server in servers:
                server.stop()


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_feeds_and_pages_are_the_same_bytes(pair: Pair, accept: str) -> None:
    compared = 0
    for path in PATHS:
        if not path.startswith(("/graphs", "/sparql", "/void", "/query")):
            there = told(pair.there.get(path, accept), path)
            assert there == told(pair.here.get(path, accept), path), path
            compared += there[0] == 200
    assert compared > 10


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?t { ?s a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t } ORDER BY ?s",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?o { GRAPH <record/arbres> { ?s <http://purl.org/dc/terms/title> ?o } } ORDER BY ?o",
        "ASK { ?s a <http://www.w3.org/ns/dcat#Dataset> }",
    ],
)
@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"])
def test_tables_are_the_same(pair: Pair, query: str, accept: str) -> None:
    here, there = (server.sparql(query, accept) for server in (pair.here, pair.there))
    assert (there.status, there.type) == (here.status, here.type)
    assert there.body == here.body
    assert there.headers["garonne-release"] == "2"


def test_a_graph_has_the_datatypes_that_profiles_demand(pair: Pair) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { ?s <http://www.w3.org/ns/dcat#byteSize> ?o ; ?p ?o }"
    here, there = (server.sparql(query, "application/n-triples").text for server in (pair.here, pair.there))
    assert "nonNegativeInteger" in there
    assert sorted(there.splitlines()) == sorted(here.splitlines())


def test_a_named_graph_is_given_by_the_graph_store_protocol(pair: Pair) -> None:
    path = "/graphs?graph=https://data.example.org/graph/agents"
    here, there = (server.get(path, "application/n-triples") for server in (pair.here, pair.there))
    assert there.status == 200
    assert sorted(there.text.splitlines()) == sorted(here.text.splitlines())


@pytest.mark.parametrize(
    "query", ["SELEC", "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", "DELETE WHERE { ?s ?p ?o }"]
)
def test_what_is_refused_is_refused_in_the_same_words(pair: Pair, query: str) -> None:
    here, there = (server.sparql(query) for server in (pair.here, pair.there))
    assert there.status == 400
    assert there.json() == here.json()


def test_a_receipt_and_a_condition(pair: Pair) -> None:
    query = "SELECT ?s { ?s a <http://www.w3.org/ns/dcat#Dataset> }"
    answer = pair.there.sparql(query)
    found = pair.there.get(f"/sparql/receipts/{answer.headers['garonne-receipt']}").json()
    assert (found["complete"], found["rows"]) == (True, 3)
    path = "/sparql?" + urlencode({"query": query})
    again = pair.there.ask("GET", path, None, {"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


def test_the_service_is_ready_as_long_as_its_engine_is(pair: Pair) -> None:
    assert pair.there.get("/health/ready").json()["release"] == 2


def test_a_write_over_http_reaches_the_engine(pair: Pair) -> None:
    graph = "https://data.example.org/graph/local/notes"
    headers = {"Authorization": "Bearer t", "Content-Type": "text/turtle"}
    before = pair.there.get("/health/ready").json()["release"]
    written = pair.there.ask("PUT", f"/graphs?graph={graph}", b"<x:a> <x:b> 'c' .", headers)
    assert written.status == 201, written.text
    rows = pair.there.rows(f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    assert rows == [{"o": "c"}]
    assert pair.there.get("/health/ready").json()["release"] == before + 1


def test_an_engine_that_went_away_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("away")
    with running("oxigraph") as engine:
        settings = settings_in(folder, store=engine)
        City(settings).publish(TITLES)
        assert Releases(settings.store.path).current() is not None
    with Server(settings, folder) as server:
        answer = server.sparql("ASK {}")
        assert answer.status == 503
        assert "does not answer" in answer.json()["detail"]
        assert "retry-after" in answer.headers
        assert server.get("/health/ready").status == 503
        assert server.get("/catalog.ttl").status == 200, "feeds need no engine"


def test_a_query_is_stopped_at_its_time_limit(pair: Pair) -> None:
    crossed = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(5))
    began = time.monotonic()
    answer = pair.there.sparql(f"SELECT (COUNT(*) AS ?n) {{ {crossed} }}")
    assert answer.status == 504, answer.text
    assert time.monotonic() - began < 15
    assert pair.there.sparql("ASK {}").status == 200, "the next one is answered"
