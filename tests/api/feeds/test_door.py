"""The harvest feed, as CKAN, udata and piveau meet it."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import brotli
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from api.feeds.door import SUFFIXES
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


OF_ONE_REQUEST = frozenset({"date", "x-request-id", "ratelimit"})


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
    assert {k: v for k, v in get.headers.items() if k not in OF_ONE_REQUEST} == {
        k: v for k, v in head.headers.items() if k not in OF_ONE_REQUEST
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
    first, last = (triples(big.get(f"/catalog.ttl?page={n}")) for n in (1, 3))
    assert not subjects(first, DCAT.DataService)
    assert not objects(first, NamedNode(f"{BASE}catalog"), DCAT.service), "no page names what it does not describe"
    assert objects(last, NamedNode(f"{BASE}catalog"), DCAT.service) == subjects(last, DCAT.DataService)
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


# ── publishers, filters, releases ────────────────────────────────────────────────────────────────────────────────────

BLAGNAC = """
<{d}> dct:publisher <https://blagnac.example.org/org/7> .
<https://blagnac.example.org/org/7> a foaf:Agent ; foaf:name "Mairie de Blagnac"@fr .
"""
HVD = """
@prefix r5r: <http://data.europa.eu/r5r/> .
<{d}> r5r:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ; dcat:theme eu:data-theme\\/TRAN .
"""


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """Release 1: 230 datasets of the city. Release 2: two of Blagnac too. Release 3: three of high value."""
    folder = tmp_path_factory.mktemp("varied")
    settings = settings_in(folder)
    city = City(settings)
    city.publish(NAMES)
    city.publish({"blagnac-1": "Écoles", "blagnac-2": "Fêtes"}, extra=BLAGNAC)
    city.publish({"bus": "Arrêts de bus", "metro": "Stations", "velo": "Vélos"}, extra=HVD)
    with Server(settings, folder) as running:
        yield running, city


def everything(server: Server, url: str) -> tuple[list[str], list[list[Triple]]]:
    """The datasets that a reader meets who follows next, and the pages; every page states the same total."""
    seen: list[str] = []
    graphs, totals = [], set()
    while url:
        graph = triples(server.get(url))
        graphs.append(graph)
        seen += sorted(o.value for o in subjects(graph, DCAT.Dataset) if isinstance(o, NamedNode))
        (node,) = subjects(graph, HYDRA.PagedCollection)
        totals.add(str(objects(graph, node, HYDRA.totalItems)[0]))
        following = objects(graph, node, HYDRA.next)
        url = following[0].value[len(BASE) - 1 :] if following else ""  # type: ignore[attr-defined]  # an IRI
    (total,) = totals
    assert f'"{len(seen)}"' in total
    assert len(set(seen)) == len(seen)
    return seen, graphs


def test_each_publisher_is_a_catalogue_of_its_own(varied: tuple[Server, City]) -> None:
    server, _ = varied
    seen, graphs = everything(server, "/catalog/ville.ttl")
    assert len(seen) == 235
    mine, whole = NamedNode(BASE + "catalog/ville"), NamedNode(BASE + "catalog")
    for graph in graphs:
        assert subjects(graph, DCAT.Catalog) == [mine]
        assert objects(graph, mine, DCT.publisher) == [NamedNode(BASE + "agent/ville")]
        titles = {str(o) for o in objects(graph, mine, DCT.title)}
        assert titles == {'"Ville de Démo – Données de Démo"@fr', '"Ville de Démo – Demo data"@en'}
        assert len(objects(graph, mine, DCT.description)) == 2
        assert not any(t.subject == whole for t in graph)
        listed = set(objects(graph, mine, DCAT.dataset))
        assert listed == set(subjects(graph, DCAT.Dataset))
        assert objects(graph, NamedNode(BASE + "agent/ville"), FOAF.name)
    assert not subjects(graphs[-1], DCAT.DataService), "the portal's own service is not this publisher's"


def test_a_publisher_that_kept_its_own_iri_has_a_feed_too(varied: tuple[Server, City]) -> None:
    server, _ = varied
    address = "/catalog/https-blagnac-example-org-org-7"
    seen, (graph,) = everything(server, address + ".ttl")
    assert seen == [f"{BASE}dataset/blagnac-1", f"{BASE}dataset/blagnac-2"]
    titles = {str(o) for o in objects(graph, NamedNode(BASE + address[1:]), DCT.title)}
    assert '"Mairie de Blagnac – Données de Démo"@fr' in titles
    assert server.get(address, "application/ld+json").type == "application/ld+json; charset=utf-8"


def test_the_iri_of_a_publishers_catalogue_answers(varied: tuple[Server, City]) -> None:
    server, _ = varied
    rdf = server.get("/catalog/ville", "text/turtle")
    assert triples(rdf) == triples(server.get("/catalog/ville.ttl"))
    assert "Accept" in rdf.headers["vary"]
    assert "Ville de Démo" in server.get("/catalog/ville", "text/html").text
    assert server.get("/catalog/ville", "image/png").status == 406


def test_filters_narrow_and_the_links_carry_them(varied: tuple[Server, City]) -> None:
    server, _ = varied
    high = [f"{BASE}dataset/{name}" for name in ("bus", "metro", "velo")]
    assert everything(server, "/catalog.ttl?hvd=true")[0] == high
    assert everything(server, "/catalog.ttl?theme=TRAN")[0] == high
    assert everything(server, "/catalog.ttl?hvd=true&theme=ENVI")[0] == high
    seen, graphs = everything(server, "/catalog.ttl?theme=ENVI&modified_since=2026-03-02T12:00:00Z")
    assert (len(seen), len(graphs)) == (235, 3)
    (node,) = subjects(graphs[0], HYDRA.PagedCollection)
    (following,) = objects(graphs[0], node, HYDRA.next)
    assert isinstance(following, NamedNode)
    for part in ("page=2", "theme=", "modified_since=2026-03-02T12%3A00%3A00Z", "release=3"):
        assert part in following.value
    assert len(everything(server, "/catalog.ttl?modified_since=2026-03-03T12:00:00Z")[0]) == 5
    assert len(everything(server, "/catalog/ville.ttl?modified_since=2026-03-04")[0]) == 3


def test_nothing_changed_is_an_answer_and_no_such_kind_is_none(varied: tuple[Server, City]) -> None:
    server, _ = varied
    seen, (graph,) = everything(server, "/catalog.ttl?modified_since=2027-01-01")
    assert seen == []
    assert subjects(graph, DCAT.Catalog)
    for query in ("theme=AGRI", "hvd=http://data.europa.eu/bna/c_b79e35eb"):
        answer = server.get("/catalog.ttl?" + query)
        assert answer.status == 404, query
        assert "matches this filter" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/catalog/nobody.ttl", 404, "Publishers: https-blagnac"),
        ("/catalog/ville.csv", 404, "Offered: ttl"),
        ("/catalog/ville.ttl?page=9", 404, "Follow hydra:next"),
        ("/catalog/ville.ttl?page=0", 400, "whole number from 1"),
        ("/catalog.ttl?theme=x", 400, "one of these codes"),
        ("/catalog.ttl?release=", 400, "whole number"),
    ],
)
def test_bad_feeds_are_refused_in_words(varied: tuple[Server, City], path: str, status: int, said: str) -> None:
    answer = varied[0].get(path)
    assert answer.status == status
    assert answer.type == "application/problem+json"
    assert said in answer.json()["hint"]
    french = varied[0].get(path + ("&" if "?" in path else "?") + "lang=fr").json()
    assert french["hint"] != answer.json()["hint"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/catalog.ttl", "/catalog/ville.ttl", "/catalog"])
def test_another_method_is_told_which_there_are(varied: tuple[Server, City], method: str, path: str) -> None:
    answer = varied[0].ask(method, path, b"x" if method != "DELETE" else None)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["allowed"] == ["GET", "HEAD"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_compressed_is_the_same_page(varied: tuple[Server, City], suffix: str) -> None:
    server, _ = varied
    path = f"/catalog.{suffix}?page=2"
    plain = server.get(path)
    bodies = {"gzip": lambda b: zlib.decompress(b, 31), "br": brotli.decompress}
    for _ in range(2):
        for coding, decode in bodies.items():
            answer = server.get(path, Accept_Encoding=coding)
            assert answer.headers["content-encoding"] == coding
            assert decode(answer.body) == plain.body
            assert len(answer.body) < len(plain.body) / 5
            assert server.get(path, Accept_Encoding=coding, If_None_Match=answer.headers["etag"]).status == 304
    assert server.get(path).body == plain.body


def test_a_release_that_is_no_longer_kept_says_what_to_do(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, store={"keep": 2})
    city = City(settings)
    for n in range(4):
        city.publish({"a": f"Titre {n}", "b": "B"})
    with Server(settings, tmp_path) as running:
        assert running.get("/catalog.ttl?release=3").status == 200
        answer = running.get("/catalog.ttl?page=1&release=2")
        assert answer.status == 410
        assert answer.json()["hint"].startswith(f"Begin to read anew at {BASE}catalog.ttl, without `release`")
        assert running.get("/catalog.ttl?release=5").status == 404
        city.publish({"a": "Titre 5"}, withdrawn=["b"])
        assert running.get("/catalog.ttl?release=3").status == 410
        assert len(everything(running, "/catalog.ttl?release=4")[0]) == 2
        assert len(everything(running, "/catalog.ttl")[0]) == 1


def test_large_descriptions_make_short_pages(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    text = "<p>Une description très longue & pleine de HTML.</p>" * 4000
    extra = f'<{{d}}> dct:abstract "{text}"@fr .'
    City(settings).publish({f"long-{n:02}": f"Long {n}" for n in range(70)}, extra=extra)
    with Server(settings, tmp_path) as running:
        for suffix in SUFFIXES:
            assert len(running.get(f"/catalog.{suffix}").body) < 10_000_000, suffix
        seen, graphs = everything(running, "/catalog.ttl")
        assert len(seen) == 70
        assert len(graphs) == 3


def test_a_page_that_lacks_a_dataset_is_503_not_short(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(NAMES)
    with closing(sqlite3.connect(settings.store.path / "bookkeeping.sqlite")) as db, db:
        db.execute("DELETE FROM descriptions WHERE slug = 'jeu-150'")
    with Server(settings, tmp_path) as running:
        assert running.get("/catalog.ttl?page=1").status == 200
        answer = running.get("/catalog.ttl?page=2")
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert "finds 99" in answer.json()["detail"]
        assert running.get("/catalog/ville.ttl?page=2").status == 503
