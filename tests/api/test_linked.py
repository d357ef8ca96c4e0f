"""Dereferencing the catalogue's IRIs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.graphs import strict, with_rdflib
from tests.api.server import Server

THINGS = ["dataset/arbres", "record/arbres", "agent/ville", "concept/theme/nature", "service/api"]
TYPES = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "trig": "application/trig",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("thing", THINGS)
def test_every_format_by_suffix_and_by_accept_is_one_graph(server: Server, thing: str) -> None:
    expected = strict(server.get(f"/{thing}.nt"))
    for suffix, media_type in TYPES.items():
        by_suffix = server.get(f"/{thing}.{suffix}", BROWSER)
        by_accept = server.get(f"/{thing}", media_type)
        assert by_suffix.type == by_accept.type == f"{media_type}; charset=utf-8"
        assert by_suffix.body == by_accept.body
        assert "vary" not in by_suffix.headers
        assert by_accept.headers["vary"] == "Accept, Accept-Language"
        assert strict(by_suffix) == with_rdflib(by_suffix) == expected
    subject = thing.replace("record", "dataset")
    assert any(line.startswith(f"<https://data.example.org/{subject}> ") for line in expected)


@pytest.mark.parametrize("thing", THINGS)
def test_browsers_get_a_page_and_others_turtle(server: Server, thing: str) -> None:
    page = server.get(f"/{thing}", BROWSER)
    assert page.type == "text/html; charset=utf-8"
    assert f"https://data.example.org/{thing.replace('record', 'dataset')}" in page.text
    for accept in (None, "*/*", "text/turtle, text/html;q=0.9"):
        assert server.get(f"/{thing}", accept).type == "text/turtle; charset=utf-8"


@pytest.mark.parametrize("below", ["distribution/csv", "extent", "contact"])
def test_what_is_below_a_dataset_answers_with_its_document(server: Server, below: str) -> None:
    dataset = server.get("/dataset/arbres", "text/turtle")
    assert server.get(f"/dataset/arbres/{below}", "text/turtle").body == dataset.body
    assert server.get(f"/dataset/arbres/{below}.ttl").body == dataset.body
    assert server.get(f"/dataset/arbres/{below}", BROWSER).status == 200


@pytest.mark.parametrize("path", ["", "/distribution/csv", ".ttl", "/distribution/csv.ttl", "?lang=en"])
def test_an_alias_leads_to_its_dataset(server: Server, path: str) -> None:
    answer = server.get(f"/dataset/arbre{path}")
    assert answer.status == 301
    assert answer.headers["location"] == f"/dataset/arbres{path}"
    assert server.get("/record/arbre").headers["location"] == "/record/arbres"


@pytest.mark.parametrize("path", ["", ".ttl", ".jsonld"])
@pytest.mark.parametrize("kind", ["dataset", "record"])
def test_what_was_withdrawn_is_gone(server: Server, kind: str, path: str) -> None:
    answer = server.get(f"/{kind}/fontaines{path}")
    assert answer.status == 410
    assert "withdrawn" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/dataset/nope",
        "/dataset/nope.ttl",
        "/dataset/arbres.xyz",
        "/dataset/arbres/distribution/xls",
        "/dataset/",
        "/dataset/arbres/",
        "/record/nope",
        "/agent/nope",
        "/concept/theme/nope",
        "/concept/nope",
        "/service/nope",
        "/dataset/%00",
        "/dataset/%FF",
        "/dataset/..%2F..%2Fetc%2Fpasswd",
        "/dataset/' OR 1=1 --".replace(" ", "%20"),
    ],
)
def test_what_is_not_there_is_404(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404, answer.text
    assert answer.type == "application/problem+json"


def test_nothing_acceptable_is_406_with_the_list(server: Server) -> None:
    answer = server.get("/dataset/arbres", "image/png")
    assert answer.status == 406
    assert "text/turtle" in answer.json()["offered"]


def test_conditional_requests(server: Server) -> None:
    first = server.get("/dataset/arbres.ttl")
    assert server.ask("GET", "/dataset/arbres.ttl", headers={"If-None-Match": first.headers["etag"]}).status == 304
    assert server.get("/dataset/arbres.nt").headers["etag"] != first.headers["etag"]
    head = server.ask("HEAD", "/dataset/arbres.ttl")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_the_catalogue_itself(server: Server) -> None:
    answer = server.get("/catalog", "application/rdf+xml")
    assert answer.type == "application/rdf+xml; charset=utf-8"
    assert "Accept" in answer.headers["vary"]
    assert answer.body == server.get("/catalog.rdf").body
    assert server.get("/catalog", BROWSER).type == "text/html; charset=utf-8"


@pytest.mark.parametrize("prefix", ["", "/donnees"])
def test_a_base_with_a_path_behind_a_proxy_that_keeps_or_removes_it(tmp_path: Path, prefix: str) -> None:
    settings = settings_in(tmp_path, catalog={"base": "https://ville.example.org/donnees/"})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        assert running.get(f"{prefix}/dataset/arbres.ttl").status == 200
        assert running.get(f"{prefix}/sparql?query=ASK%7B%7D").status == 200
        page = running.get(f"{prefix}/datasets", BROWSER)
        assert 'href="/donnees/dataset/arbres?lang=fr"' in page.text
        assert running.get(f"{prefix}/static/garonne.css").status == 200
        assert "https://ville.example.org/donnees/catalog.ttl?page=1" in running.get(f"{prefix}/catalog.ttl").text
