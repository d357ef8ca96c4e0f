"""Dereferencing the catalogue's IRIs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.graphs import strict, with_rdflib
from tests.api.server import Answer, Server

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
        assert by_suffix.headers["vary"] == "Accept-Encoding"
        assert by_accept.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
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


def links(answer: Answer) -> dict[tuple[str, str], str]:
    """The links of an answer by relation and type."""
    found: dict[tuple[str, str], str] = {}
    for target, relations, more in re.findall(r'<([^>]*)>; rel="([^"]*)"((?:; \w+="[^"]*")*)', answer.headers["link"]):
        media_type = re.search(r'type="([^"]*)"', more)
        found |= {(relation, media_type[1] if media_type else ""): target for relation in relations.split()}
    return found


@pytest.mark.parametrize("thing", [*THINGS, "quality/arbres", "concept/theme/nature"])
def test_headers_link_to_every_form(server: Server, thing: str) -> None:
    for accept in ("text/turtle", BROWSER):
        said = links(server.get(f"/{thing}", accept))
        for suffix, media_type in TYPES.items():
            own = f"https://data.example.org/{thing}.{suffix}"
            assert said["alternate", media_type] == said["describedby", media_type] == own
        assert said["alternate", "text/html"] == f"https://data.example.org/{thing}.html"
        assert said["cite-as", ""] == f"https://data.example.org/{thing}"
    document = links(server.get(f"/{thing}.ttl"))
    assert document["describes", ""] == f"https://data.example.org/{thing}"
    assert ("alternate", "text/turtle") not in document
    assert document["alternate", "application/ld+json"].endswith(".jsonld")


@pytest.mark.parametrize("thing", [*THINGS, "quality/arbres", "graph/agents"])
def test_the_page_has_an_address_of_its_own(server: Server, thing: str) -> None:
    for accept in (None, "*/*", "text/turtle"):
        page = server.get(f"/{thing}.html", accept)
        assert (page.status, page.type) == (200, "text/html; charset=utf-8")
    assert server.get(f"/{thing}.html").headers["vary"].startswith("Accept")
    assert server.get("/dataset/fontaines.html").status == 410
    assert server.get("/dataset/nope.html").status == 404


def test_a_dataset_is_described_by_its_record(server: Server) -> None:
    assert links(server.get("/dataset/arbres"))["describedby", ""] == "https://data.example.org/record/arbres"
    assert ("describedby", "") not in links(server.get("/record/arbres"))


def test_a_page_links_to_every_form(server: Server) -> None:
    for thing in THINGS:
        text = server.get(f"/{thing}", BROWSER).text
        shown = thing.replace("record", "dataset")
        for suffix, media_type in TYPES.items():
            assert f'<link rel="alternate describedby" type="{media_type}" href="/{shown}.{suffix}">' in text


@pytest.mark.parametrize("kind", ["dataset", "record", "quality"])
def test_what_was_withdrawn_says_what_it_was(server: Server, kind: str) -> None:
    problem = server.get(f"/{kind}/fontaines")
    assert (problem.status, problem.type) == (410, "application/problem+json")
    told = problem.json()
    assert (told["called"], told["release"], told["describing"]) == ("Fontaines", 2, 1)
    assert told["withdrawn"] == "2026-03-03T12:00:00+00:00"
    assert "was withdrawn on 2026-03-03, with release 2" in told["detail"]
    page = server.get(f"/{kind}/fontaines", BROWSER, **{"Accept-Language": "fr"})
    assert page.status == 410
    assert "Fontaines" in page.text
    assert "retiré le 3 mars 2026, avec l’édition 2" in page.text
    assert 'href="?release=1"' in page.text


@pytest.mark.parametrize("suffix", TYPES)
def test_a_tombstone_in_rdf(server: Server, suffix: str) -> None:
    by_suffix = server.get(f"/dataset/fontaines.{suffix}")
    by_accept = server.get("/dataset/fontaines", TYPES[suffix])
    assert by_suffix.status == by_accept.status == 410
    assert by_suffix.type == f"{TYPES[suffix]}; charset=utf-8"
    assert strict(by_suffix) == strict(by_accept) == with_rdflib(by_suffix)
    lines = "".join(strict(by_suffix))
    assert "<https://www.w3.org/ns/activitystreams#Tombstone>" in lines
    assert '"2026-03-03T12:00:00+00:00"' in lines
    assert "<http://purl.org/dc/terms/title> " in lines
    assert server.get("/dataset/fontaines", "text/html, text/turtle;q=0.5").type.startswith("text/html")


def test_a_kept_release_still_describes_it(server: Server) -> None:
    then = server.get("/dataset/fontaines?release=1")
    assert then.status == 200
    assert then.headers["garonne-release"] == "1"
    assert links(then)["alternate", "text/turtle"] == "https://data.example.org/dataset/fontaines.ttl?release=1"
    page = server.get("/dataset/fontaines?release=1&lang=fr", BROWSER).text
    assert "Vous lisez une édition conservée" in page
    assert 'href="/agent/ville?release=1"' in page
    assert 'href="/dataset/fontaines.ttl?release=1"' in page
    assert "/dataset/fontaines?release=1" in server.get("/datasets?release=1&lang=fr", BROWSER).text
    assert "fontaines" not in server.get("/datasets", BROWSER).text
    assert server.get("/dataset/arbres?release=7").status == 404
    assert server.get("/dataset/arbres?release=x").status == 400


def test_what_a_dataset_has_lost_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    extra = '<{d}> dcat:distribution <{d}/distribution/xml> . <{d}/distribution/xml> dct:title "En XML"@fr .'
    city.publish(TITLES, extra=extra)
    city.publish({"arbres": "Arbres"})
    with Server(settings, tmp_path) as running:
        gone = running.get("/dataset/arbres/distribution/xml")
        assert gone.status == 410
        assert (gone.json()["called"], gone.json()["describing"]) == ("En XML", 1)
        assert running.get("/dataset/arbres/distribution/xml?release=1").status == 200
        assert running.get("/dataset/velos/distribution/xml").status == 200
        assert running.get("/dataset/arbres/distribution/pdf").status == 404


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dataset/arbre-s", "/dataset/arbres"),
        ("/dataset/Arbres", "/dataset/arbres"),
        ("/dataset/vélos", "/dataset/velos"),
        ("/dataset/menu.ttl", "/dataset/menus"),
        ("/agent/vile", "/agent/ville"),
        ("/concept/theme/natur", "/concept/theme/nature"),
        ("/quality/arbress", "/quality/arbres"),
    ],
)
def test_the_nearest_name_is_told(server: Server, path: str, expected: str) -> None:
    answer = server.get(quote(path))
    assert answer.status == 404
    assert answer.json()["nearest"][0] == expected
    assert expected in answer.json()["hint"]
    assert f'<a href="{expected}">' in server.get(quote(path), BROWSER).text


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
    for path in ("catalog", "catalog/ville"):
        for accept in (BROWSER, "text/turtle"):
            said = links(server.get(f"/{path}", accept))
            assert said["describedby", "text/turtle"] == f"https://data.example.org/{path}.ttl"


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
