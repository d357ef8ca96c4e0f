"""Every route, given what it cannot answer: a problem document for programs, a page for people, never a traceback."""

from __future__ import annotations

import pytest
from markupsafe import escape

from api.app import create_app
from api.problems import problem_of
from tests.api.city import settings_in
from tests.api.server import Server

BAD: dict[str, list[tuple[str, str, int]]] = {
    "/": [("POST", "/", 405)],
    "/datasets": [("GET", "/datasets?page=x", 400), ("GET", "/datasets?page=99", 404), ("DELETE", "/datasets", 405)],
    "/publisher/{slug}": [("GET", "/publisher/nope", 404), ("GET", "/publisher/ville?page=0", 400)],
    "/status": [("PUT", "/status", 405)],
    "/catalog": [("GET", "/catalog?page=x", 400), ("GET", "/catalog?page=7", 404), ("POST", "/catalog", 405)],
    "/catalog/{slug}": [("POST", "/catalog/ville", 405)],
    "/catalog/{slug}.{suffix}": [("GET", "/catalog/nobody.ttl", 404), ("GET", "/catalog/ville.exe", 404)],
    "/dump.{name}": [("GET", "/dump.zip", 404), ("GET", "/dump.nq.gz?release=x", 400), ("POST", "/dump.nq.gz", 405)],
    "/catalog.{suffix}": [("GET", "/catalog.exe", 404), ("POST", "/catalog.ttl", 405)],
    "/dataset/{rest:path}": [
        ("GET", "/dataset/nope", 404),
        ("GET", "/dataset/fontaines", 410),
        ("PATCH", "/dataset/a", 405),
    ],
    "/record/{rest:path}": [("GET", "/record/nope", 404)],
    "/agent/{rest:path}": [("GET", "/agent/nope", 404)],
    "/concept/{rest:path}": [("GET", "/concept/nope", 404)],
    "/run/{rest:path}": [("GET", "/run/nope", 404), ("POST", "/run/1", 405)],
    "/service/{rest:path}": [("GET", "/service/nope", 404)],
    "/health/live": [("POST", "/health/live", 405)],
    "/health/ready": [("POST", "/health/ready", 405)],
    "/static": [
        ("GET", "/static/nope.css", 404),
        ("GET", "/static/..%2Fapp.py", 404),
        ("POST", "/static/garonne.css", 405),
    ],
    "/quality": [("GET", "/quality?release=999", 404), ("POST", "/quality", 405)],
    "/quality.{suffix}": [("GET", "/quality.docx", 400)],
    "/quality/{rest:path}": [("GET", "/quality/nope", 404), ("POST", "/quality/a", 405)],
    "/validate": [("PUT", "/validate", 405)],
    "/sparql": [("GET", "/sparql?query=x", 400), ("PUT", "/sparql", 405)],
    "/sparql/update": [("POST", "/sparql/update", 401)],
    "/sparql/receipts/{name}": [("GET", "/sparql/receipts/nope", 404), ("POST", "/sparql/receipts/nope", 405)],
    "/graphs": [
        ("GET", "/graphs", 400),
        ("GET", "/graphs?graph=a%20b", 400),
        ("PUT", "/graph/local/a", 401),
        ("PATCH", "/graphs", 405),
    ],
    "/ldes": [("POST", "/ldes", 405)],
    "/ldes.{suffix}": [("GET", "/ldes.docx", 404)],
    "/ldes/index/{name}": [("GET", "/ldes/index/nope.ttl", 404)],
    "/ldes/page/{name}": [("GET", "/ldes/page/999.ttl", 404)],
    "/ldes/event/{name}": [("GET", "/ldes/event/nope", 404)],
    "/oai": [("PUT", "/oai", 405)],
    "/services": [("POST", "/services", 405)],
    "/services.{suffix}": [("GET", "/services.docx", 404)],
    "/changes.atom": [("POST", "/changes.atom", 405), ("GET", "/changes.atom?release=x", 400)],
    "/changes/{number}.atom": [("GET", "/changes/0.atom", 404), ("GET", "/changes/x.atom", 404)],
    "/robots.txt": [("POST", "/robots.txt", 405)],
    "/sitemap.xml": [("POST", "/sitemap.xml", 405), ("GET", "/sitemap.xml?release=99", 404)],
    "/sitemap/{number}.xml": [("GET", "/sitemap/9.xml", 404), ("GET", "/sitemap/x.xml", 404)],
    "/preview": [("POST", "/preview", 405)],
    "/preview.json": [("POST", "/preview.json", 405)],
    "/openapi.json": [("POST", "/openapi.json", 405)],
    "/preview/{aggregator}": [("GET", "/preview/nobody", 404)],
    "/preview/{aggregator}/{slug}": [("GET", "/preview/ckan/nope", 404)],
    "/metrics": [("POST", "/metrics", 405)],
    "/api/3/action/{name}": [("PUT", "/api/3/action/package_list", 405)],
    "/api/action/{name}": [("PUT", "/api/action/package_list", 405)],
    "/query": [("GET", "/query?release=999", 404), ("POST", "/query", 405)],
    "/query/{name}": [("GET", "/query/nope", 404), ("GET", "/query/titles.docx", 404)],
    "/void": [("GET", "/void?release=999", 404), ("POST", "/void", 405)],
    "/.well-known/void": [("GET", "/.well-known/void?release=two", 400)],
    "elsewhere": [("GET", "/nope", 404), ("GET", "/docs", 404), ("GET", "//", 404)],
}
RAW = ("/sparql", "/sparql/update", "/graphs")  # doors that are no routes
CASES = [case for cases in BAD.values() for case in cases]


def test_every_route_is_given_something_bad(tmp_path) -> None:  # type: ignore[no-untyped-def]  # pytest's own fixture
    app = create_app(settings_in(tmp_path))
    paths = {getattr(route, "path", "") for route in app.others.routes} | {*RAW, "elsewhere"}
    assert paths == set(BAD)


@pytest.mark.parametrize(("method", "path", "status"), CASES)
def test_programs_get_a_problem_document(server: Server, method: str, path: str, status: int) -> None:
    answer = server.ask(method, path, headers={"Accept": "application/json, */*;q=0.5"})
    assert answer.status == status
    assert answer.type == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"].endswith((".", "`"))
    assert problem["instance"].startswith("/")
    assert answer.headers["content-language"] == "en"
    if status == 405:
        assert "GET" in answer.headers["allow"]


# For a browser, /catalog is the front page, which reads no page number.
@pytest.mark.parametrize(("method", "path", "status"), [c for c in CASES if not c[1].startswith("/catalog?")])
def test_people_get_a_page_that_says_the_same(server: Server, method: str, path: str, status: int) -> None:
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    answer = server.ask(method, path, headers=headers)
    problem = server.ask(method, path, headers={"Accept": "application/json"}).json()
    assert answer.status == status
    assert answer.type == "text/html; charset=utf-8"
    assert str(escape(problem["detail"])) in answer.text


@pytest.mark.parametrize(("method", "path", "status"), CASES)
def test_in_french_when_french_is_asked_for(server: Server, method: str, path: str, status: int) -> None:
    english = server.ask(method, path, headers={"Accept": "application/json"}).json()
    french = server.ask(method, path, headers={"Accept": "application/json", "Accept-Language": "fr-FR,fr"}).json()
    assert french["title"] != english["title"]
    assert french["detail"] != english["detail"]


def test_what_is_not_ours_says_nothing_of_the_inside() -> None:
    problem = problem_of(RuntimeError("secret path /etc/shadow"))
    assert problem.status == 500
    assert b"secret" not in problem.document("en")
