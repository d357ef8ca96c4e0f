"""The pages of previews."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route

from api.app import create_app
from api.asked import Answers
from api.preview.aggregators import AGGREGATORS
from api.preview.door import PreviewDoor
from api.preview.own import Own
from catalog.errors import NotFound
from tests.api.city import settings_in
from tests.api.preview.feeds import Town
from tests.api.server import Server

NASTY = """
<{d}> dcat:keyword "<script>alert(1)</script>" , "l’eau" ; dct:accrualPeriodicity "<img src=x onerror=alert(1)>" ;
  dcat:distribution <{d}/distribution/none> . <{d}/distribution/none> a dcat:Distribution ; dct:title "<b>Sans</b>" .
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two releases; everything that can be in a value is in one."""
    folder = tmp_path_factory.mktemp("door")
    settings = settings_in(folder)
    city = Town(settings)
    city.publish({"arbres": "Arbres", "menus": "Menus", "fini": "Fini"})
    city.publish({"arbres": "Arbres <i>& co</i>"}, extra=NASTY, withdrawn=["fini"])
    with Server(settings, folder) as running:
        yield running


LARGE = {f"jeu-{n:03}": f"Jeu {n}" for n in range(101)}


def html(server: Server, path: str, status: int = 200) -> str:
    answer = server.get(path, "text/html")
    assert answer.status == status, answer.text
    assert answer.type.startswith("text/html")
    assert not re.search(r"<(script(?! type=\"application/ld\+json\")|img|b|i)\b", answer.text)
    return answer.text


def test_the_front_page_and_the_dataset_lead_to_previews(server: Server) -> None:
    assert 'href="/preview"' in html(server, "/?lang=fr")
    index = html(server, "/preview?lang=fr")
    page = html(server, "/dataset/arbres?lang=fr")
    for name in AGGREGATORS:
        assert f'href="/preview/{name}?lang=fr"' in index
        assert f'href="/preview/{name}/arbres?lang=fr"' in page


@pytest.mark.parametrize("name", AGGREGATORS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_aggregator_has_a_list_and_cards(server: Server, name: str, lang: str) -> None:
    listed = html(server, f"/preview/{name}?lang={lang}")
    assert f'href="/preview/{name}/menus?lang={lang}"' in listed
    assert ("Ce qui se perd" if lang == "fr" else "What is lost") in listed
    card = html(server, f"/preview/{name}/menus?lang={lang}")
    assert "Menus" in card
    assert "https://portal.example.org/menus.csv" in card


def test_what_is_rejected_stands_first_with_the_reason(server: Server) -> None:
    page = html(server, "/preview/ckan?lang=fr")
    rows = re.findall(r"<tr><td>(.*?)</tr>", page, flags=re.DOTALL)
    assert "Arbres &lt;i&gt;&amp; co&lt;/i&gt;" in rows[0]
    assert "rejeté" in rows[0]
    card = html(server, "/preview/ckan/arbres?lang=fr")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in card
    assert "tag_name_validator" in card


def test_a_resource_that_is_left_out_is_seen_beside_the_distribution(server: Server) -> None:
    card = html(server, "/preview/data.gouv.fr/arbres?lang=fr")
    assert "laissée de côté" in card
    assert "&lt;b&gt;Sans&lt;/b&gt;" in card


def test_what_changes_since_an_earlier_release(server: Server) -> None:
    page = html(server, "/preview/data.europa.eu?since=1&lang=fr")
    assert "Fini" in page
    assert "effacé à la fin du moissonnage suivant" in page
    assert "Titre" in page
    kept = html(server, "/preview/ckan?release=1&lang=fr")
    assert "/preview/ckan/fini?release=1" in kept


def test_one_publisher_has_a_feed_of_its_own(server: Server) -> None:
    assert "Menus" in html(server, "/preview/data.gouv.fr?publisher=ville&lang=fr")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/preview/geonetwork", 404),
        ("/preview/ckan/absent", 404),
        ("/preview/ckan?page=0", 400),
        ("/preview/ckan?page=9", 404),
        ("/preview/ckan?since=2", 400),
        ("/preview/ckan?since=x", 400),
        ("/preview/ckan?since=9", 404),
        ("/preview/ckan?release=9", 404),
        ("/preview/ckan?publisher=personne", 404),
        ("/preview/ckan?format=xml", 400),
        ("/preview/geonetwork.json", 404),
        ("/preview/ckan/absent.json", 404),
    ],
)
def test_bad_addresses_are_refused_in_words(server: Server, path: str, status: int) -> None:
    html(server, path, status)
    problem = server.get(path, "application/json")
    assert (problem.status, problem.type) == (status, "application/problem+json")
    assert problem.json()["hint"]


@pytest.mark.parametrize("path", ["/preview", "/preview/ckan", "/preview/data.gouv.fr/arbres"])
def test_every_page_has_its_data_by_suffix_by_parameter_and_by_accept(server: Server, path: str) -> None:
    told = server.get(f"{path}.json?lang=en", "text/html")
    assert told.type == "application/json; charset=utf-8"
    assert told.json() == server.get(f"{path}?format=json&lang=en", "text/html").json()
    by_accept = server.get(f"{path}?lang=en", "application/json")
    assert told.json() == by_accept.json()
    assert "Accept," in by_accept.headers["vary"]
    assert told.headers["etag"] != by_accept.headers["etag"]
    assert told.json()["release"] == 2
    page = html(server, f"{path}?lang=en")
    assert f'href="{path}.json?lang=en"' in page
    assert server.get(f"{path}?format=html", "application/json").type.startswith("text/html")
    assert server.get(path, "*/*").type.startswith("text/html")


def test_the_data_say_what_the_pages_say(server: Server) -> None:
    names = [one["name"] for one in server.get("/preview.json").json()["aggregators"]]
    assert names == list(AGGREGATORS)
    told = server.get("/preview/ckan.json?since=1&lang=en").json()
    assert (told["whole"], told["page"], told["next"]) == (True, 1, None)
    assert [(d["title"], d["outcome"]) for d in told["datasets"]] == [
        ("Arbres <i>& co</i>", "failed"),
        ("Menus", "taken"),
    ]
    assert told["sums"] == {
        "datasets": 2,
        "taken": 1,
        "skipped": 0,
        "failed": 1,
        "losing": told["sums"]["losing"],
        "hvd": 0,
    }
    assert {r["rule"] for r in told["rules"]} >= {n["rule"] for d in told["datasets"] for n in d["notes"]}
    assert told["since"]["release"] == 1
    assert {(d["fate"], d["title"]) for d in told["since"]["differences"]} >= {("gone", "Fini"), ("stuck", "Arbres")}
    card = server.get("/preview/data.gouv.fr/arbres.json?lang=fr").json()
    assert card["dataset"]["iri"].endswith("/dataset/arbres")
    assert {"field": "key", "here": card["dataset"]["key"], "there": card["dataset"]["key"]} in card["beside"]


def test_answers_can_be_kept(server: Server) -> None:
    tag = server.get("/preview/ckan", "text/html").headers["etag"]
    again = server.ask("GET", "/preview/ckan", headers={"Accept": "text/html", "If-None-Match": tag})
    assert again.status == 304
    assert server.ask("HEAD", "/preview/ckan", headers={"Accept": "text/html"}).body == b""


def test_before_the_first_release(tmp_path: Path) -> None:
    with Server(settings_in(tmp_path), tmp_path) as running:
        assert running.get("/preview/ckan", "text/html").status == 503


def test_a_large_catalogue_is_read_a_page_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    town = Town(settings)
    town.publish(LARGE)
    town.publish({"jeu-007": "Jeu sept", "neuf": "Tout neuf"}, withdrawn=["jeu-009"])
    service = create_app(settings, confined=False)
    answers = Answers(service.published, service.renderer, service.compressed)
    door = PreviewDoor(settings, answers, whole=100)
    app = service.others
    app.router.routes.insert(0, Route("/preview/{aggregator}", door.aggregator))
    app.router.routes.insert(0, Route("/preview/{aggregator}/{slug}", door.dataset))

    def page(path: str) -> str:
        return Own(app, settings.catalog.base).fetch(settings.catalog.base + path)[0].decode()

    first = page("preview/ckan?lang=fr")
    assert "page 1 du flux" in first
    assert "/preview/ckan/jeu-007?lang=fr" in first
    assert 'rel="next"' in first
    last = page("preview/ckan?page=2&lang=fr")
    assert "Tout neuf" in last
    assert 'rel="next"' not in last
    assert "Jeu 42" in page("preview/ckan/jeu-042?lang=fr")
    with pytest.raises(NotFound, match="no page 3"):
        page("preview/ckan?page=3")
    assert "Jeu sept" in page("preview/ckan?since=1&lang=fr").partition("Depuis l’édition")[2]
    for publisher in ("", "&publisher=ville"):
        told = json.loads(page(f"preview/ckan?since=1&format=json{publisher}"))
        assert (told["whole"], told["page"], told["next"]) == (False, 1, 2)
        assert {(d["fate"], d["title"]) for d in told["since"]["differences"]} == {
            ("gone", "Jeu 9"),
            ("new", "Tout neuf"),
            ("changed", "Jeu sept"),
        }
    monkeypatch.setattr("api.preview.changed.MOST", 2)
    with pytest.raises(NotFound, match="3 datasets have changed since release 1"):
        page("preview/ckan?since=1")
