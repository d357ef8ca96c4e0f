"""The harvest feed, as CKAN, udata and piveau meet it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from api.feed import SUFFIXES
from tests.api.city import TITLES, City, settings_in
from tests.api.graphs import strict, with_rdflib
from tests.api.server import Answer, Server
from vocab.namespaces import DCAT, DCT, FOAF, HYDRA, RDF, RDFS, SKOS

BASE = "https://data.example.org/"
TYPES = {
    "ttl": "text/turtle; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "xml": "application/rdf+xml; charset=utf-8",
    "jsonld": "application/ld+json; charset=utf-8",
    "nt": "application/n-triples; charset=utf-8",
    "trig": "application/trig; charset=utf-8",
}
NAMES = {f"jeu-{n:03}": f"Jeu numéro {n}" for n in range(230)}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """230 datasets: three pages."""
    folder = tmp_path_factory.mktemp("large")
    settings = settings_in(folder)
    city = City(settings)
    city.publish(NAMES)
    with Server(settings, folder) as running:
        yield running, city


def triples(answer: Answer) -> list[Triple]:
    assert answer.status == 200, answer.text
    return [q.triple for q in parse(answer.body, format=RdfFormat.TURTLE)]


def objects(graph: list[Triple], subject: object, predicate: NamedNode) -> list[object]:
    return [t.object for t in graph if t.subject == subject and t.predicate == predicate]


def subjects(graph: list[Triple], kind: NamedNode) -> list[object]:
    return [t.subject for t in graph if t.predicate == RDF.type and t.object == kind]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/rdf+xml"])
def test_the_suffix_alone_decides_the_type(server: Server, suffix: str, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    get = server.ask("GET", f"/catalog.{suffix}", headers=headers)
    head = server.ask("HEAD", f"/catalog.{suffix}", headers=headers)
    assert get.status == head.status == 200
    assert get.type == head.type == TYPES[suffix]
    assert head.body == b""
    assert {k: v for k, v in get.headers.items() if k != "date"} == {
        k: v for k, v in head.headers.items() if k != "date"
    }
    assert get.headers["vary"] == "Accept-Encoding"


def test_every_format_is_the_same_graph_in_both_parsers(server: Server) -> None:
    expected = strict(server.get("/catalog.nt"), replace=("catalog.nt", "catalog.X"))
    assert len(expected) > 100
    for suffix in SUFFIXES:
        answer = server.get(f"/catalog.{suffix}")
        assert strict(answer, replace=(f"catalog.{suffix}", "catalog.X")) == expected, suffix
        assert with_rdflib(answer, replace=(f"catalog.{suffix}", "catalog.X")) == expected, suffix


def test_literals_are_exactly_those_of_the_description(server: Server) -> None:
    text = server.get("/catalog.nt").text
    assert '"1006"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>' in text
    assert '"PT24H"^^<http://www.w3.org/2001/XMLSchema#duration>' in text


def test_one_page_node_of_both_classes_with_all_links(large: tuple[Server, City]) -> None:
    server, _ = large
    for number, absent in ((1, "previous"), (2, ""), (3, "next")):
        graph = triples(server.get(f"/catalog.ttl?page={number}"))
        nodes = subjects(graph, HYDRA.PartialCollectionView)
        assert nodes == subjects(graph, HYDRA.PagedCollection)
        assert len(nodes) == 1
        (node,) = nodes
        assert objects(graph, NamedNode(BASE + "catalog"), HYDRA.view) == [node]
        assert [o.value for o in objects(graph, node, HYDRA.totalItems) if isinstance(o, Literal)] == ["230"]
        assert len(objects(graph, node, HYDRA.itemsPerPage)) == 1
        for name in ("first", "previous", "next", "last"):
            links = objects(graph, node, HYDRA[name])
            assert links == objects(graph, node, HYDRA[name + "Page"])
            assert len(links) == (name != absent), (number, name)


def test_a_reader_that_follows_next_meets_every_dataset_once_in_order(large: tuple[Server, City]) -> None:
    server, _ = large
    seen: list[str] = []
    url = "/catalog.ttl"
    while url:
        answer = server.get(url)
        assert len(answer.body) < 10_000_000
        graph = triples(answer)
        datasets = subjects(graph, DCAT.Dataset)
        assert 0 < len(datasets) <= 100
        for dataset in datasets:
            assert isinstance(dataset, NamedNode)
            identifiers = objects(graph, dataset, DCT.identifier)
            assert len(identifiers) == 1
            assert len(objects(graph, dataset, DCT.title)) == 1
            assert Triple(NamedNode(BASE + "catalog"), DCAT.dataset, dataset) in graph
        seen += sorted(str(objects(graph, d, DCT.identifier)[0]) for d in datasets)
        (node,) = subjects(graph, HYDRA.PagedCollection)
        following = objects(graph, node, HYDRA.next)
        assert all(isinstance(o, NamedNode) and o.value.startswith(BASE + "catalog.ttl?page=") for o in following)
        url = following[0].value[len(BASE) - 1 :] if following else ""  # type: ignore[attr-defined]  # asserted above
    assert len(seen) == len(set(seen)) == 230
    assert seen == sorted(seen)


def test_each_page_is_complete_in_itself(large: tuple[Server, City]) -> None:
    server, _ = large
    for number in (1, 2, 3):
        graph = triples(server.get(f"/catalog.ttl?page={number}"))
        assert objects(graph, NamedNode(BASE + "agent/ville"), FOAF.name)
        theme = NamedNode("http://publications.europa.eu/resource/authority/data-theme/ENVI")
        assert {o.language for o in objects(graph, theme, SKOS.prefLabel) if isinstance(o, Literal)} >= {"fr", "en"}
        assert len(objects(graph, NamedNode(BASE + "concept/theme/nature"), SKOS.prefLabel)) == 2
        licence = NamedNode("http://publications.europa.eu/resource/authority/licence/ETALAB_2_0")
        assert DCT.LicenseDocument in objects(graph, licence, RDF.type)
        assert objects(graph, licence, RDFS.label)
        media = NamedNode("https://www.iana.org/assignments/media-types/text/csv")
        assert DCT.MediaType in objects(graph, media, RDF.type)


def test_services_are_on_the_last_page_with_the_identifiers_of_what_they_serve(
    server: Server, large: tuple[Server, City]
) -> None:
    big, _ = large
    assert not subjects(triples(big.get("/catalog.ttl?page=1")), DCAT.DataService)
    assert subjects(triples(big.get("/catalog.ttl?page=3")), DCAT.DataService)
    assert len(subjects(triples(server.get("/catalog.ttl")), DCAT.DataService)) == 1


def test_the_last_page_has_untyped_stubs(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({"arbres": "Arbres", **{f"z{n:03}": f"Z {n}" for n in range(100)}})
    with Server(settings, tmp_path) as running:
        graph = triples(running.get("/catalog.ttl?page=2"))
    dataset = NamedNode(BASE + "dataset/arbres")
    assert objects(graph, dataset, DCT.identifier)
    assert not objects(graph, dataset, RDF.type)
    assert len(subjects(graph, DCAT.Dataset)) == 1


def test_conditional_requests(server: Server) -> None:
    first = server.get("/catalog.ttl")
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert tag.startswith('"')
    assert modified == "Tue, 03 Mar 2026 12:00:00 GMT"
    again = server.ask("GET", "/catalog.ttl", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert server.ask("GET", "/catalog.ttl", headers={"If-Modified-Since": modified}).status == 304
    assert server.ask("HEAD", "/catalog.ttl", headers={"If-Modified-Since": modified}).status == 304
    earlier = "Mon, 02 Mar 2026 12:00:00 GMT"
    assert server.ask("GET", "/catalog.ttl", headers={"If-Modified-Since": earlier}).status == 200
    both = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert server.ask("GET", "/catalog.ttl", headers=both).status == 200
    assert len({server.get(f"/catalog.{s}").headers["etag"] for s in SUFFIXES}) == len(SUFFIXES)


def test_all_pages_of_a_reading_come_from_one_release(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({f"a{n:03}": f"A {n}" for n in range(110)})
    with Server(settings, tmp_path) as running:
        graph = triples(running.get("/catalog.ttl"))
        (node,) = subjects(graph, HYDRA.PagedCollection)
        (following,) = objects(graph, node, HYDRA.next)
        assert isinstance(following, NamedNode)
        before = running.get(following.value[len(BASE) - 1 :])
        city.publish({f"b{n:03}": f"B {n}" for n in range(110)}, withdrawn=[f"a{n:03}" for n in range(110)])
        after = running.get(following.value[len(BASE) - 1 :])
        assert (before.body, before.headers["etag"]) == (after.body, after.headers["etag"])
        assert "dataset/b" in running.get("/catalog.ttl").text
        assert "dataset/a" not in running.get("/catalog.ttl").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/catalog.ttl?page=2", 404),
        ("/catalog.ttl?page=999999999", 404),
        ("/catalog.ttl?page=0", 400),
        ("/catalog.ttl?page=-1", 400),
        ("/catalog.ttl?page=", 400),
        ("/catalog.ttl?page=x", 400),
        ("/catalog.ttl?page=1.5", 400),
        ("/catalog.ttl?page=%D9%A1", 400),
        ("/catalog.ttl?page=9999999999999999999", 400),
        ("/catalog.ttl?release=99", 404),
        ("/catalog.ttl?release=x", 400),
        ("/catalog.ttlx", 404),
        ("/catalog.csv", 404),
    ],
)
def test_bad_pages_are_refused_in_words(server: Server, path: str, status: int) -> None:
    answer = server.get(path)
    assert answer.status == status
    assert answer.type == "application/problem+json"
    assert answer.json()["detail"]
    assert answer.json()["hint"]


def test_no_release_and_an_empty_one_are_503(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path) as running:
        for path in ("/catalog.ttl", "/catalog.rdf?page=1", "/sparql?query=ASK%7B%7D", "/datasets", "/dataset/arbres"):
            answer = running.get(path)
            assert answer.status == 503, path
            assert answer.headers["retry-after"]
            assert "release" in answer.json()["detail"]
        assert running.get("/", "text/html").status == 503
        assert "garonne harvest run" in running.get("/", "text/html").text
        assert running.get("/health/ready").status == 503
        city = City(settings)
        city.publish(TITLES)
        assert running.get("/catalog.ttl").status == 200
        assert running.get("/health/ready").status == 200
        assert len(running.rows("SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }")) == 3
        city.publish({}, withdrawn=list(TITLES))
        empty = running.get("/catalog.ttl")
        assert empty.status == 503
        assert "empty feed" in empty.json()["detail"]


def test_the_base_comes_from_the_settings_not_from_the_request(server: Server) -> None:
    answer = server.ask("GET", "/catalog.ttl", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert "https://data.example.org/catalog.ttl?page=1" in answer.text
