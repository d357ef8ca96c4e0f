"""The catalogue's own services: a page, DCAT-AP, and nothing of it in the feed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple, parse

from shapes.engine import engine
from shapes.profiles import from_file, profile
from tests.api.city import TITLES, City, settings_in
from tests.api.graphs import PARSERS, strict, with_rdflib
from tests.api.server import Answer, Server
from tests.api.test_linked import BROWSER, TYPES, links
from tests.shared import shared
from vocab.namespaces import DCAT, DCT, RDF, VOID

BASE = "https://data.example.org/"


def triples(answer: Answer) -> list[Triple]:
    return [q.triple for q in parse(answer.body, format=PARSERS[answer.type.partition(";")[0]][0])]


def test_every_format(server: Server) -> None:
    expected = strict(server.get("/services.nt"))
    for suffix, media_type in TYPES.items():
        answer = server.get(f"/services.{suffix}")
        assert answer.type == f"{media_type}; charset=utf-8"
        assert strict(answer) == with_rdflib(answer) == expected
        assert server.get("/services", media_type).body == answer.body
        assert server.get("/", media_type).body == answer.body
    assert links(server.get("/", BROWSER))["describedby", "text/turtle"] == f"{BASE}services.ttl"


def test_every_service_answers_at_its_endpoint(server: Server) -> None:
    found = triples(server.get("/services.ttl"))
    catalogue = NamedNode(f"{BASE}catalog")
    services = [t.object for t in found if t.predicate == DCAT.service and t.subject == catalogue]
    names = {str(s.value).partition("#")[2] for s in services if isinstance(s, NamedNode)}
    assert {"feed", "sparql", "graphs", "oai", "ldes", "atom"} <= names
    for t in found:
        if t.predicate in (DCAT.endpointURL, DCAT.endpointDescription, DCAT.downloadURL):
            assert isinstance(t.object, NamedNode)
            path = "/" + t.object.value.removeprefix(BASE)
            assert server.get(path).status < 500
            assert server.get(path).status != 404, path


def test_dumps_are_distributions_where_they_are_made(server: Server, tmp_path: Path) -> None:
    assert not [t for t in triples(server.get("/services.ttl")) if t.predicate == DCAT.distribution]
    assert "/dump." not in server.get("/", BROWSER).text
    settings = settings_in(tmp_path, serve={"dumps": True})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        found = triples(running.get("/services.ttl"))
        files = {t.object for t in found if t.predicate == DCAT.downloadURL}
        assert files == {NamedNode(f"{BASE}dump.{suffix}.gz") for suffix in ("nq", "nt", "ttl")}
        described = {t.object for t in triples(running.get("/void", "text/turtle")) if t.predicate == VOID.dataDump}
        assert described == files
        for suffix in ("nq", "nt", "ttl"):
            assert f'href="/dump.{suffix}.gz"' in running.get("/", BROWSER).text
            assert running.get(f"/dump.{suffix}.gz").status in {200, 503}, "made in the background"
        held_to_dcat_ap(found)


def test_it_conforms_to_dcat_ap(server: Server) -> None:
    held_to_dcat_ap(triples(server.get("/services.ttl")))


def held_to_dcat_ap(found: list[Triple]) -> None:
    """No violation of our profiles, nor of the official shapes as pySHACL judges."""
    ours = [profile("dcat-ap-3"), profile("dcat-ap-3-vocabularies")]
    report = engine().validate(found, ours)
    assert [f for f in report if f.severity == "violation" and not f.noise] == []
    official = from_file(str(shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl/shapes.ttl")))
    ranges = from_file(str(shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl/range.ttl")))
    judged = engine("pyshacl").validate(found, [official, ranges])
    assert [f for f in judged if f.severity == "violation"] == []


def test_harvesters_do_not_meet_it(server: Server) -> None:
    for path in ("/catalog.nt", "/dataset/arbres.nt"):
        assert "services#" not in server.get(path).text
        services = {
            t.subject for t in triples(server.get(path)) if (t.predicate, t.object) == (RDF.type, DCAT.DataService)
        }
        assert services <= {NamedNode(f"{BASE}service/api")}


@pytest.mark.parametrize("path", ["/", "/services"])
def test_the_page_leads_to_every_door(server: Server, path: str) -> None:
    for lang, title in (("fr", "Point d’accès SPARQL"), ("en", "SPARQL endpoint")):
        text = server.get(f"{path}?lang={lang}", BROWSER).text
        assert title in text
        for address in ("datasets", "catalog.ttl", "sparql", "oai?verb=Identify", "ldes.trig", "changes.atom", "void"):
            assert f'href="/{address}"' in text, address
            assert server.get(f"/{address}").status == 200, address


def test_titles_are_in_both_languages(server: Server) -> None:
    found = triples(server.get("/services.ttl"))
    titled = [t for t in found if t.predicate == DCT.title and "services#" in str(t.subject)]
    assert {getattr(t.object, "language", None) for t in titled} >= {"fr", "en"}
