"""What every release is asked without anybody asking, and where the answers are to be had."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, parse
from rdflib import RDF, Graph, Namespace, URIRef

from api.queries import GROUPS, groups, named_queries
from catalog.releases import Releases
from catalog.store import open_read_only
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server

BASE = "https://data.example.org/"
VOID = Namespace("http://rdfs.org/ns/void#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
GARONNE = Namespace("https://w3id.org/garonne/ns#")
SH = Namespace("http://www.w3.org/ns/shacl#")


class Living:
    def __init__(self, city: City, server: Server) -> None:
        self.city = city
        self.server = server

    def ready(self, release: int) -> None:
        """Wait until the standing questions of a release are answered."""
        folder = Releases(self.city.settings.store.path).path(release) / "answers"
        deadline = time.monotonic() + 60
        while not (folder / "runs.json").exists():
            assert time.monotonic() < deadline, list(folder.glob("*"))
            time.sleep(0.1)

    def graph(self, path: str) -> Graph:
        answer = self.server.get(path, "text/turtle")
        assert answer.status == 200, answer.text
        return Graph().parse(data=answer.body, format="turtle")


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("standing")
    city = City(settings_in(folder, query={"standing": True, "timeout": 20.0}))
    city.publish(TITLES)
    with Server(city.settings, folder) as running:
        found = Living(city, running)
        found.ready(1)
        yield found


def opened(living: Living, number: int) -> Store:
    return open_read_only(Releases(living.city.settings.store.path).get(number).store)


def integer(graph: Graph, node: object, predicate: URIRef) -> int:
    return int(graph.value(node, predicate).toPython())  # type: ignore[arg-type,union-attr]


@pytest.mark.parametrize("path", ["/sparql", "/void", "/.well-known/void"])
def test_the_statistics_are_those_of_the_release(living: Living, path: str) -> None:
    described = living.graph(path)
    (default,) = described.objects(None, SD.defaultGraph)
    quads = list(opened(living, 1).quads_for_pattern(None, None, None, DefaultGraph()))
    assert integer(described, default, VOID.triples) == len(quads)
    assert integer(described, default, VOID.distinctSubjects) == len({q.subject for q in quads})
    assert integer(described, default, VOID.distinctObjects) == len({q.object for q in quads})
    by_property = Counter(str(q.predicate.value) for q in quads)
    partitions = {
        str(described.value(node, VOID.property)): node for node in described.objects(default, VOID.propertyPartition)
    }
    assert {iri: integer(described, node, VOID.triples) for iri, node in partitions.items()} == by_property
    for iri, node in partitions.items():
        own = [q for q in quads if q.predicate.value == iri]
        assert integer(described, node, VOID.distinctSubjects) == len({q.subject for q in own})
        assert integer(described, node, VOID.distinctObjects) == len({q.object for q in own})
    typed = {(q.subject, q.object) for q in quads if q.predicate.value == str(RDF.type)}
    entities = {
        str(described.value(node, VOID["class"])): integer(described, node, VOID.entities)
        for node in described.objects(default, VOID.classPartition)
    }
    assert entities == Counter(str(cls.value) for _, cls in typed if isinstance(cls, NamedNode))


def test_the_limits_are_machine_readable(living: Living) -> None:
    described = living.graph("/sparql")
    service = URIRef(f"{BASE}sparql")
    assert str(described.value(service, GARONNE.timeLimit)) == "PT20S"
    assert integer(described, service, GARONNE.memoryLimit) == 300 << 20
    requests = ("requestLimit", "requestsPerMinute", "requestsAtOnce")
    for name in (*requests, "queriesAtOnce", "queriesWaiting", "secondsPerMinute", "failuresPerMinute"):
        assert integer(described, service, GARONNE[name]) > 0


def test_named_graphs_have_their_sizes(living: Living) -> None:
    described = living.graph("/sparql")
    store = opened(living, 1)
    found = {str(name) for name in described.objects(None, SD.name)}
    assert {f"{BASE}graph/{name}" for name in ("agents", "catalog", "concepts", "vocabulary")} <= found
    assert not any("/record/" in name for name in found)
    for node in described.objects(None, SD.namedGraph):
        name = NamedNode(str(described.value(node, SD.name)))
        size = integer(described, described.value(node, SD.graph), VOID.triples)
        assert size == len(list(store.quads_for_pattern(None, None, None, name)))


def test_every_named_query_is_data_with_titles_in_both_languages_and_was_run(living: Living) -> None:
    described = living.graph("/query")
    queries = named_queries(BASE)
    assert {str(q) for q in described.subjects(RDF.type, SH.SPARQLExecutable)} == {f"{BASE}query/{n}" for n in queries}
    assert {query.group for query in queries.values()} == set(GROUPS) == set(groups(BASE))
    for name, query in queries.items():
        node = URIRef(f"{BASE}query/{name}")
        assert query.title.fr != query.title.en
        (run,) = described.subjects(URIRef("http://www.w3.org/ns/prov#used"), node)
        assert described.value(run, GARONNE.error) is None, name
        assert float(described.value(run, GARONNE.seconds).toPython()) >= 0  # type: ignore[union-attr]
        asked = living.server.get(f"/query/{name}.rq")
        assert asked.type == "application/sparql-query; charset=utf-8"
        assert asked.text.strip() == query.text
        assert living.graph(f"/query/{name}")


def test_the_stored_answer_is_that_of_the_endpoint(living: Living) -> None:
    for name, query in named_queries(BASE).items():
        suffix, accept = (
            ("nt", "application/n-triples") if query.form == "construct" else ("tsv", "text/tab-separated-values")
        )
        stored = living.server.get(f"/query/{name}.{suffix}")
        assert stored.headers["garonne-release"] == "1"
        fresh = living.server.sparql(query.text, accept)
        assert sorted(set(stored.text.splitlines())) == sorted(set(fresh.text.splitlines())), name
    for suffix in ("json", "xml", "csv"):
        assert living.server.get(f"/query/titles.{suffix}").status == 200
    assert list(parse(living.server.get("/query/core.ttl").body, format=RdfFormat.TURTLE))
    tag = living.server.get("/query/titles.csv").headers["etag"]
    assert living.server.ask("GET", "/query/titles.csv", headers={"If-None-Match": tag}).status == 304


def test_what_there_is_not(living: Living) -> None:
    for path in ("/query/nothing", "/query/titles.ttl", "/query/core.csv", "/query/titles.exe"):
        answer = living.server.get(path)
        assert answer.status == 404, path
        assert answer.json()["hint"]
    page = living.server.get("/query/titles", "text/html")
    assert page.status == 303
    assert page.headers["location"].startswith("/sparql?query=")


def test_changed_since_is_exact(tmp_path: Path) -> None:
    """By the release that changed a description, whatever sources say in records of their own."""
    city = City(settings_in(tmp_path))
    said = (
        "<https://portal.example.org/records/{slug}> a dcat:CatalogRecord ; foaf:primaryTopic <{d}> ; "
        'dct:modified "2031-01-01T00:00:00Z"^^xsd:dateTime .'
    )
    first = city.publish(TITLES, extra=said)
    second = city.publish({"menus": "Menus des restaurants scolaires"}, extra=said)
    query = named_queries(BASE)["changed-since"].text
    with Server(city.settings, tmp_path) as running:
        rows = running.rows(query.replace("2026-01-01T00:00:00Z", first.manifest.published.isoformat()))
        assert [(row["dataset"], row["changed"]) for row in rows] == [
            (f"{BASE}dataset/menus", second.manifest.published.isoformat().replace("+00:00", "Z"))
        ]
        assert len(running.rows(query)) == len(TITLES)


def test_a_new_release_is_asked_anew_and_the_old_answers_stay(living: Living) -> None:
    living.city.publish({"parcs": "Parcs et jardins"})
    living.ready(2)
    now, before = (living.server.get(f"/query/titles.csv?release={n}").text for n in (2, 1))
    assert "Parcs" in now
    assert "Parcs" not in before
    described = living.graph("/sparql")
    (default,) = described.objects(None, SD.defaultGraph)
    quads = opened(living, 2).quads_for_pattern(None, None, None, DefaultGraph())
    assert integer(described, default, VOID.triples) == len(list(quads))


def test_what_the_release_does_not_have_is_said_with_the_answer(living: Living) -> None:
    head = "PREFIX dc: <http://purl.org/dc/elements/1.1/> PREFIX dct: <http://purl.org/dc/terms/> "
    answer = living.server.sparql(head + "SELECT * { ?d dc:title ?t }")
    assert answer.json()["results"]["bindings"] == []
    assert "the nearest is dct:title" in answer.headers["garonne-notice"]
    moment = "'2000-01-01T00:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime>"
    trap = head + f"SELECT * {{ ?d dct:modified ?m FILTER(?m > {moment}) }}"
    assert "xsd:date" in living.server.sparql(trap).headers["garonne-notice"]
    assert "garonne-notice" not in living.server.sparql(head + "SELECT * { ?d dct:title ?t }").headers
    paged = living.server.sparql(head + "SELECT ?d ?t { ?d dct:titel ?t } LIMIT 5", cursor="")
    assert "the nearest is dct:title" in paged.headers["garonne-notice"]
    graphs = "SELECT * { GRAPH ?g { ?d dct:titel ?t } GRAPH ?h { ?r <http://www.w3.org/ns/shacl#result> ?f } }"
    told = living.server.sparql(head + graphs).headers["garonne-notice"]
    assert "dct:title" in told
    assert living.server.sparql(head + "SELECT * { ?d dct:titel ?t }", **{"default-graph-uri": "http://e/g"}).headers[
        "garonne-notice"
    ]


def test_a_query_that_takes_too_long_is_told_why(living: Living) -> None:
    product = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    problem = living.server.sparql(product, timeout="0.5").json()
    assert problem["status"] == 504
    assert "Nothing links ?a to ?c" in problem["hint"]
    assert any("all statements" in text for text in problem["slow"])


def test_without_standing_questions_it_describes_what_it_knows(server: Server, tmp_path: Path) -> None:
    described = Graph().parse(data=server.get("/sparql", "text/turtle").body, format="turtle")
    assert not list(described.objects(None, VOID.propertyPartition))
    answer = server.get("/query/titles.csv")
    assert (answer.status, "not ready" in answer.text) == (503, True)


def test_a_release_that_is_too_large_for_statistics_is_asked_once(tmp_path: Path) -> None:
    """Time-outs of the service's own questions end them: they are not put again and again."""
    city = City(settings_in(tmp_path, query={"standing": True, "timeout": 0.000001}))
    city.publish(TITLES)
    with Server(city.settings, tmp_path) as running:
        Living(city, running).ready(1)
        log = (tmp_path / "serve.log").read_text()
        assert log.count("is described without statistics") == 1
        described = Graph().parse(data=running.get("/query", "text/turtle").body, format="turtle")
        assert list(described.objects(None, GARONNE.error))
        assert "It ended so" in running.get("/query/titles.csv").json()["hint"]
        assert running.get("/sparql", "text/turtle").status == 200


def test_datatypes_are_counted() -> None:
    from catalog.statistics import QUERIES

    store = Store()
    for value in (Literal("a"), Literal("b", language="fr"), Literal(1), Literal(2), NamedNode("x:y")):
        store.update(f"INSERT DATA {{ <x:s> <x:p> {value} }}")
    rows = {str(r["t"].value): int(r["n"].value) for r in store.query(QUERIES["datatypes"])}  # type: ignore[union-attr]
    assert rows == {
        "http://www.w3.org/2001/XMLSchema#string": 1,
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString": 1,
        "http://www.w3.org/2001/XMLSchema#integer": 2,
    }
