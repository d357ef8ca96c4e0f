"""The actions over HTTP, as harvesters ask for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from api.ckan.actions import ROWS
from tests.api.city import City, settings_in
from tests.api.server import Answer, Server

NAMES = {f"jeu-{n:03}": f"Jeu numéro {n} « œuvre »" for n in range(250)}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """250 datasets in release 1, one changed and one withdrawn in release 2."""
    folder = tmp_path_factory.mktemp("ckan")
    settings = settings_in(folder)
    city = City(settings)
    city.publish(NAMES)
    city.publish({"jeu-007": "Jeu changé"}, withdrawn=["jeu-100"])
    with Server(settings, folder) as running:
        yield running, city


def ask(server: Server, action: str, **given: Any) -> Answer:
    return server.get(f"/api/3/action/{action}?{urlencode(given)}")


def result(server: Server, action: str, **given: Any) -> Any:
    answer = ask(server, action, **given)
    assert answer.status == 200, answer.text
    assert answer.type == "application/json; charset=utf-8"
    told = answer.json()
    assert told["success"] is True
    assert told["help"] == f"https://data.example.org/api/3/action/help_show?name={action}"
    return told["result"]


def error(answer: Answer) -> dict[str, Any]:
    told = answer.json()
    assert told["success"] is False
    assert told["help"]
    found: dict[str, Any] = told["error"]
    return found


# ── as ckanext-harvest asks ──────────────────────────────────────────────────────────────────────────────────────────


def searched(server: Server, *terms: str) -> list[dict[str, Any]]:
    """Page after page of a hundred in the order of identifiers, until one is empty."""
    found: list[dict[str, Any]] = []
    given = {"rows": "100", "start": "0", "sort": "id asc", **({"fq": " ".join(terms)} if terms else {})}
    before = ""
    while True:
        answer = ask(server, "package_search", **given)
        assert answer.text != before, "the paging does not seem to work"
        before = answer.text
        page = answer.json().get("result", {}).get("results", [])
        assert not {p["id"] for p in page} & {p["id"] for p in found}
        if not page:
            return found
        found += page
        given["start"] = str(int(given["start"]) + int(given["rows"]))


def test_a_harvest_finds_every_package_once(large: tuple[Server, City]) -> None:
    server, _ = large
    found = searched(server)
    assert {p["name"] for p in found} == NAMES.keys() - {"jeu-100"}
    assert [p["id"] for p in found] == sorted(p["id"] for p in found)


def test_the_next_one_what_changed_since(large: tuple[Server, City]) -> None:
    server, _ = large
    found = searched(server, "metadata_modified:[2026-03-02T18:00:00Z TO *]")
    assert [(p["name"], p["metadata_modified"]) for p in found] == [("jeu-007", "2026-03-03T12:00:00.000000")]
    assert len(searched(server, "metadata_modified:[* TO 2026-03-02T12:00:00Z]")) == 248
    assert len(searched(server, "metadata_modified:{2026-03-02T12:00:00Z TO *}")) == 1
    assert not searched(server, "metadata_modified:[2026-03-03T12:00:00.5Z TO *]")


def test_organisations_are_taken_and_left(large: tuple[Server, City]) -> None:
    server, _ = large
    assert len(searched(server, "organization:ville OR organization:autre")) == 249
    assert len(searched(server, "-organization:ville")) == 0
    assert len(searched(server, "-organization:autre", "+capacity:public")) == 249
    (name,) = result(server, "organization_list")
    shown = result(server, "organization_show", id=name)
    (listed,) = result(server, "organization_list", all_fields="true")
    assert listed["package_count"] == shown["package_count"] == 249
    package = result(server, "package_show", id="jeu-001")
    assert package["organization"].items() <= shown.items()
    assert package["owner_org"] == shown["id"]
    assert result(server, "organization_show", id=shown["id"])["title"] == "Ville de Démo"
    assert len(searched(server, f"owner_org:{shown['id']}")) == 249


def test_groups_are_the_themes(large: tuple[Server, City]) -> None:
    server, _ = large
    assert result(server, "group_list") == ["envi", "theme-nature"]
    assert result(server, "group_show", id="envi")["title"] == "Environnement"
    assert len(searched(server, "groups:envi")) == 249
    assert [g["name"] for g in result(server, "package_show", id="jeu-001")["groups"]] == ["envi", "theme-nature"]


# ── as udata asks ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_of_names_and_each_by_its_name(large: tuple[Server, City]) -> None:
    server, _ = large
    names = result(server, "package_list")
    assert names == sorted(NAMES.keys() - {"jeu-100"})
    assert result(server, "package_list", limit=2, offset=1) == names[1:3]
    one = result(server, "package_show", id=names[3])
    assert result(server, "package_show", id=one["id"]) == one
    assert {e["key"]: e["value"] for e in one["extras"]}["guid"] == f"https://data.example.org/dataset/{names[3]}"
    searched = result(server, "package_search", q="organization:ville AND title:œuvre", rows=1000)
    assert searched["count"] == len(searched["results"]) == 248


def test_posts_in_json_are_as_gets(large: tuple[Server, City]) -> None:
    server, _ = large
    body = json.dumps({"id": "jeu-001"}).encode()
    posted = server.ask("POST", "/api/3/action/package_show", body, {"Content-Type": "application/json"})
    assert posted.json() == ask(server, "package_show", id="jeu-001").json()
    form = server.ask(
        "POST", "/api/action/package_show", b"id=jeu-001", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert form.json()["result"] == posted.json()["result"]
    several = json.dumps({"fq_list": ["organization:ville", "title:changé"]}).encode()
    found = server.ask("POST", "/api/3/action/package_search", several).json()["result"]
    assert [p["name"] for p in found["results"]] == ["jeu-007"]
    assert server.ask("POST", "/api/3/action/site_read").json()["result"] is True


def test_searches(large: tuple[Server, City]) -> None:
    server, _ = large
    first = result(server, "package_search")
    assert (first["count"], len(first["results"]), first["facets"], first["search_facets"]) == (249, 10, {}, {})
    assert first["results"][0]["name"] == "jeu-007"  # changed last
    assert result(server, "package_search", rows=0)["results"] == []
    assert len(result(server, "package_search", rows=ROWS + 1)["results"]) == 249
    assert [p["name"] for p in result(server, "package_search", q="CHANGÉ jeu")["results"]] == ["jeu-007"]
    last = result(server, "package_search", sort="name desc", rows=1)["results"]
    assert last[0]["name"] == "jeu-249"
    assert result(server, "package_search", start=5000)["results"] == []
    listed = result(server, "current_package_list_with_resources", limit=2, offset=1)
    assert len(listed) == 2


def test_the_site(server: Server) -> None:
    assert result(server, "site_read") is True
    status = result(server, "status_show")
    assert status["site_url"] == "https://data.example.org"
    assert "search" in result(server, "help_show", name="package_search") or result(
        server, "help_show", name="package_search"
    )
    assert {"id": "lov2", "title": "Licence Ouverte / Open Licence version 2.0"}.items() <= next(
        one for one in result(server, "license_list") if one["id"] == "lov2"
    ).items()


@pytest.mark.parametrize(
    ("action", "given", "status", "kind", "told"),
    [
        ("nothing", {}, 400, "Bad Request", "Action name not known: nothing"),
        ("package_show", {"id": "rien"}, 404, "Not Found Error", "No package is called `rien`"),
        ("package_show", {"id": "fontaines"}, 404, "Not Found Error", "No package"),
        ("package_show", {}, 409, "Validation Error", "Missing value"),
        ("organization_show", {"id": "rien"}, 404, "Not Found Error", "Nothing is called"),
        ("help_show", {"name": "x"}, 404, "Not Found Error", "There is no action"),
        ("package_search", {"rows": "-1"}, 409, "Validation Error", "natural number"),
        ("package_search", {"start": "x"}, 409, "Validation Error", "natural number"),
        ("package_search", {"sort": "views_recent desc"}, 400, "Search Query Error", "is not offered"),
        ("package_search", {"sort": "name; drop"}, 400, "Search Query Error", "is not offered"),
        ("package_search", {"fq": "tags:x"}, 400, "Search Query Error", "no search by tags"),
        ("package_search", {"fq": "metadata_modified:[hier TO *]"}, 400, "Search Query Error", "is no moment"),
        ("package_search", {"q": "(a"}, 400, "Search Query Error", "cannot be read"),
    ],
)
def test_errors_have_the_shape_of_ckan(
    server: Server, action: str, given: dict[str, str], status: int, kind: str, told: str
) -> None:
    answer = ask(server, action, **given)
    assert answer.status == status
    found = error(answer)
    assert found["__type"] == kind
    assert told in found["message"]
    french = error(server.get(f"/api/3/action/{action}?{urlencode(given)}", Accept_Language="fr"))
    assert french["message"] != found["message"]


def test_bodies_that_are_no_objects_are_refused(server: Server) -> None:
    for body in (b"[", b"[1]", b"\xff", b"[" * 100_000):
        answer = server.ask("POST", "/api/3/action/package_search", body, {"Content-Type": "application/json"})
        assert answer.status == 400
        assert "no JSON object" in error(answer)["message"]
    assert server.ask("POST", "/api/3/action/package_search", b" " * (1 << 21)).status == 413
    assert server.ask("DELETE", "/api/3/action/package_search").status == 405


def test_unchanged_answers_are_not_sent_again(server: Server) -> None:
    first = ask(server, "package_list")
    again = server.get("/api/3/action/package_list?", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    packed = server.get("/api/3/action/package_search?rows=3", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"


def test_without_a_release_the_service_is_unavailable(tmp_path: Path) -> None:
    with Server(settings_in(tmp_path), tmp_path) as running:
        answer = running.get("/api/3/action/package_list")
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert "release" in error(answer)["message"]
