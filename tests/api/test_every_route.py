"""Conditions, compression and HEAD, over the whole table of routes: what is not so says why."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from starlette.routing import BaseRoute, Mount, Route

from api.app import create_app
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.api.test_quality_pages import FIRST
from tests.api.test_standing import Living

HTML = "text/html"
SUFFIXES = ("ttl", "rdf", "jsonld", "nt", "trig")
ROUTES: dict[str, tuple[tuple[str, str], ...]] = {
    "/": (("/", HTML), ("/", "text/turtle")),
    "/services": (("/services", HTML), ("/services", "application/ld+json")),
    "/services.{suffix}": (("/services.ttl", "*/*"), ("/services.html", "*/*")),
    "/datasets": (("/datasets", HTML), ("/datasets?q=arbres", HTML)),
    "/publisher/{slug}": (("/publisher/ville", HTML),),
    "/quality": (("/quality", HTML), ("/quality?by=cause", HTML), ("/quality?by=dataset", HTML)),
    "/quality.{suffix}": (
        *(("/quality.csv", "*/*"), ("/quality.json", "*/*"), ("/quality.csv?by=dataset", "*/*")),
        *(("/quality.json?by=publisher", "*/*"), ("/quality.csv?by=cause&lang=en", "*/*")),
    ),
    "/quality/{rest:path}": (
        *((f"/quality/arbres.{s}", "*/*") for s in (*SUFFIXES, "html", "csv", "json")),
        *(("/quality/arbres", HTML), ("/quality/arbres", "text/turtle")),
    ),
    "/query": (("/query", "text/turtle"), ("/query", "application/rdf+xml")),
    "/query/{name}": (
        *(("/query/summary", "text/turtle"), ("/query/summary.rq", "*/*")),
        *(("/query/summary.json", "*/*"), ("/query/summary.csv", "*/*")),
    ),
    "/void": (("/void", "text/turtle"), ("/void", "application/ld+json")),
    "/.well-known/void": (("/.well-known/void", "text/turtle"),),
    "/run/{rest:path}": (("/run/1", HTML), ("/run/1.ttl", "*/*")),
    "/preview": (("/preview", HTML), ("/preview", "application/json")),
    "/preview.json": (("/preview.json", "*/*"),),
    "/preview/{aggregator}": (
        *(("/preview/ckan", HTML), ("/preview/data.gouv.fr?since=1", HTML)),
        *(("/preview/ckan", "application/json"), ("/preview/data.gouv.fr.json?since=1", "*/*")),
    ),
    "/preview/{aggregator}/{slug}": (
        *(("/preview/data.europa.eu/arbres", HTML), ("/preview/data.europa.eu/arbres.json", "*/*")),
    ),
    "/changes.atom": (("/changes.atom", "*/*"),),
    "/openapi.json": (("/openapi.json", "*/*"),),
    "/changes/{number}.atom": (),
    "/sitemap.xml": (("/sitemap.xml", "*/*"),),
    "/sitemap/{number}.xml": (("/sitemap/1.xml", "*/*"),),
    "/catalog": (("/catalog", HTML), ("/catalog", "text/turtle")),
    "/catalog.{suffix}": tuple((f"/catalog.{s}", "*/*") for s in (*SUFFIXES, "xml")),
    "/catalog/{slug}.{suffix}": (("/catalog/ville.ttl", "*/*"), ("/catalog/ville.rdf?page=1", "*/*")),
    "/catalog/{slug}": (("/catalog/ville", HTML), ("/catalog/ville", "text/turtle")),
    "/dump.{name}": (),
    "/ldes": (("/ldes", "application/trig"),),
    "/ldes.{suffix}": (("/ldes.ttl", "*/*"),),
    "/ldes/index/{name}": (("/ldes/index/1", "application/trig"), ("/ldes/index/1.jsonld", "*/*")),
    "/ldes/page/{name}": (("/ldes/page/1", "application/trig"), ("/ldes/page/1.ttl", "*/*")),
    "/ldes/event/{name}": (),
    "/api/3/action/{name}": (
        *(("/api/3/action/package_list", "*/*"), ("/api/3/action/package_show?id=arbres", "*/*")),
        *(("/api/3/action/package_search?rows=2", "*/*"), ("/api/3/action/status_show", "*/*")),
    ),
    "/api/action/{name}": (("/api/action/package_list", "*/*"),),
    "/dataset/{rest:path}": (("/dataset/arbres", HTML), *((f"/dataset/arbres.{s}", "*/*") for s in SUFFIXES)),
    "/record/{rest:path}": (("/record/arbres", HTML), ("/record/arbres", "text/turtle")),
    "/agent/{rest:path}": (("/agent/ville", HTML), ("/agent/ville.rdf", "*/*")),
    "/concept/{rest:path}": (("/concept/theme/nature", HTML), ("/concept/theme/nature.nt", "*/*")),
    "/service/{rest:path}": (("/service/api", HTML), ("/service/api.jsonld", "*/*")),
    "/graph": tuple((f"/graph/agents.{s}", "*/*") for s in (*SUFFIXES, "html")),
    "/graphs": (("/graphs?default", "text/turtle"), ("/graphs?graph=record/arbres", "application/n-triples")),
    "/sparql": (("/sparql?query=SELECT*%7B?s?p?o%7D", "application/sparql-results+json"),),
}
"""Requests by route: address and `Accept`. A route without any has a test of its own that says the same."""
EXCEPTIONS = {
    "/oai": "each answer bears the time at which it was made (OAI-PMH, 3.2); compressed",
    "/robots.txt": "of the settings alone, may be kept for an hour",
    "/validate": "a form, and answers to what is posted",
    "/sparql/receipts/{name}": "small, never changes, may be kept for an hour",
    "/sparql/update": "writes",
    "/health/live": "of the moment",
    "/health/ready": "of the moment",
    "/status": "of the moment",
    "/metrics": "of the moment",
    "/static": "files, sent as they are",
}
"""Routes that are left out, and why."""
OWN_TESTS = {
    "/changes/{number}.atom": "test_atom",
    "/dump.{name}": "test_dumps",
    "/ldes/event/{name}": "ldes/test_door",  # sends on to a page
}
OUTSIDE = ("/sparql", "/sparql/update", "/graph", "/graphs")
"""What `Service` answers before its table is looked at."""
ITS_OWN = frozenset({"date", "x-request-id", "ratelimit", "content-length", "transfer-encoding", "connection"})
CODINGS = {"identity": bytes, "gzip": lambda b: zlib.decompress(b, 31), "br": brotli.decompress}
CASES = [pytest.param(*case, id=f"{case[0]}-{case[1]}") for cases in ROUTES.values() for case in cases]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A city with findings, a second release and the answers to its named queries."""
    folder = tmp_path_factory.mktemp("routes")
    settings = settings_in(folder, query={"standing": True})
    city = City(settings)
    city.publish({**TITLES, "fontaines": "Fontaines"}, findings=FIRST)
    city.publish({"menus": "Menus"}, withdrawn=["fontaines"], findings=FIRST, summary={"sources": []})
    with Server(settings, folder) as server:
        Living(city, server).ready(2)
        yield server


def paths(routes: list[BaseRoute]) -> set[str]:
    return {route.path for route in routes if isinstance(route, Route | Mount)}


def test_every_route_is_asked_or_says_why_not(tmp_path: Path) -> None:
    served = paths(create_app(settings_in(tmp_path)).others.routes) | set(OUTSIDE)
    assert served == set(ROUTES) | set(EXCEPTIONS)
    assert {path for path, cases in ROUTES.items() if not cases} == set(OWN_TESTS)
    for name in OWN_TESTS.values():
        assert (Path(__file__).parent / f"{name}.py").is_file()


def ask(server: Server, method: str, path: str, accept: str, **headers: str) -> Answer:
    return server.ask(method, path, headers={"Accept": accept, **{k.replace("_", "-"): v for k, v in headers.items()}})


def said(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ITS_OWN}


@pytest.mark.parametrize(("path", "accept"), CASES)
def test_a_copy_is_recognised_and_compressed(running: Server, path: str, accept: str) -> None:
    first, again = (ask(running, "GET", path, accept) for _ in range(2))
    assert first.status == 200, first.text
    tag = first.headers["etag"]
    assert tag.startswith('"'), "strong"
    assert (again.body, again.headers["etag"]) == (first.body, tag)
    assert "accept-encoding" in first.headers.get("vary", "accept-encoding").lower()
    tags = set()
    for coding, decoded in CODINGS.items():
        packed = ask(running, "GET", path, accept, Accept_Encoding=coding)
        assert packed.headers.get("content-encoding", "identity") in {coding, "identity"}
        squeezed = "content-encoding" in packed.headers
        assert (decoded(packed.body) if squeezed else packed.body) == first.body
        assert squeezed or coding == "identity" or len(first.body) < 1024, "what is long is compressed"
        tags.add((packed.headers.get("content-encoding"), packed.headers["etag"]))
        kept(running, path, accept, packed, coding)
    assert len({tag for _, tag in tags}) == len({coding for coding, _ in tags}), "a tag is of one coding"


def kept(server: Server, path: str, accept: str, packed: Answer, coding: str) -> None:
    """A copy in this coding is good, and HEAD says what GET says."""
    head = ask(server, "HEAD", path, accept, Accept_Encoding=coding)
    assert (head.status, head.body, said(head)) == (200, b"", said(packed))
    if "content-length" in packed.headers:
        assert head.headers["content-length"] == packed.headers["content-length"]
    good = ask(server, "GET", path, accept, Accept_Encoding=coding, If_None_Match=packed.headers["etag"])
    assert (good.status, good.body) == (304, b"")
    names = ("etag", "vary", "cache-control", "last-modified", "garonne-release")
    for name in names if path.startswith("/sparql") else (*names, "link"):  # there it leads to the receipt of an answer
        assert good.headers.get(name) == packed.headers.get(name), name
    if "last-modified" in packed.headers:
        dated = ask(server, "GET", path, accept, If_Modified_Since=packed.headers["last-modified"])
        assert dated.status == 304
    stale = ask(server, "GET", path, accept, Accept_Encoding=coding, If_None_Match='"another"')
    assert (stale.status, stale.body) == (200, packed.body)
