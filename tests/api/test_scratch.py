"""Copies of a release, served side by side: the same bytes and tags as the original, also from a read-only mount."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.scratch import opened
from catalog import copies
from catalog.errors import StoreLocked
from catalog.settings import Settings
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.catalog.making import BASE

QUERIES = (
    "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "ASK { ?s a <http://www.w3.org/ns/dcat#Dataset> }",
    "SELEC",
)
PATHS = (
    "/?lang=en",
    "/datasets?q=arbres",
    "/dataset/arbres",
    "/dataset/arbres.ttl",
    "/dataset/arbre",
    "/dataset/nothing",
    "/record/arbres.nt",
    "/agent/ville",
    "/publisher/ville",
    "/service/api.ttl",
    "/catalog.ttl",
    "/catalog.rdf?page=1",
    "/catalog.jsonld",
    "/catalog.ttl?page=9",
    "/quality.csv",
    "/quality/arbres",
    "/query/datasets",
    "/void.ttl",
    f"/graphs?graph={BASE}graph/agents",
    f"/graphs?graph={BASE}record/arbres",
    "/sparql/receipts/none",
)
"""Beside every route without a parameter."""
OWN = {"date", "garonne-receipt", "link", "ratelimit", "x-request-id"}
"""Headers that say something of one answer, not of what is answered. The links of a feed are compared."""


def read_only(folder: Path) -> list[str]:
    """The command that runs another where this folder is mounted read-only; the test is skipped where none may."""
    who = [] if os.geteuid() == 0 else ["--map-root-user"]
    within = [
        "unshare",
        "--mount",
        *who,
        "sh",
        "-c",
        'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
    ]
    tried = subprocess.run(
        [*within, str(folder), "touch", str(folder / "x")], capture_output=True, text=True, check=False
    )
    if "Read-only file system" not in tried.stderr:
        pytest.skip(f"a read-only mount cannot be made here: {tried.stderr}")
    return [*within, str(folder)]


class Copies:
    """An original, still being written to, and two services of a copy of one of its releases."""

    def __init__(self, original: Server, services: list[Server], copy: Path, paths: list[str]) -> None:
        self.original = original
        self.services = services
        self.copy = copy
        self.paths = paths


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    folder = tmp_path_factory.mktemp("copies")
    settings = settings_in(folder, query={"standing": True})
    city = City(settings)
    city.publish({**TITLES, "fontaines": "Fontaines"})
    release = city.publish({}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")], summary={"sources": []})
    copy = folder / "copy"
    with Server(settings, folder) as original:
        answered(release.path / copies.ANSWERS / "runs.json")
        copies.export(settings, release.number, copy)
        paths = [str(getattr(r, "path", "")) for r in create_app(settings).others.routes]
        services = []
        try:
            for name, within in (("one", read_only(copy)), ("two", [])):
                (place := folder / name).mkdir()
                more = ["--scratch", str(place / "scratch")] if name == "two" else []
                elsewhere = settings_in(place, catalog={"base": "https://other.example/", "title": {"fr": "Autre"}})
                services.append(Server(elsewhere, place, "--release", str(copy), *more, within=within))
            yield Copies(original, services, copy, [p for p in paths if "{" not in p and p != "/static"])
        finally:
            for service in services:
                service.stop()


def answered(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def told(answer: Answer, path: str) -> tuple[int, dict[str, str], bytes]:
    own = OWN - ({"link"} if path.startswith("/catalog") else set())
    body = re.sub(rb"<responseDate>[^<]*", b"<responseDate>", answer.body)  # the second in which it was asked
    return answer.status, {k: v for k, v in answer.headers.items() if k not in own}, body


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/json", "*/*"])
def test_every_door_answers_as_the_original_does(running: Copies, accept: str) -> None:
    compared = 0
    for path in (*running.paths, *PATHS):
        if path.startswith(("/health", "/metrics")):
            continue
        expected = told(running.original.get(path, accept), path)
        for service in running.services:
            assert told(service.get(path, accept), path) == expected, path
        compared += expected[0] == 200
    assert compared >= 15


@pytest.mark.parametrize("query", QUERIES)
def test_queries_are_answered_alike_and_tagged_alike(running: Copies, query: str) -> None:
    first = running.original.sparql(query)
    for service in running.services:
        found = service.sparql(query)
        assert told(found, "/sparql") == told(first, "/sparql")
        if first.status == 200:
            again = service.ask("GET", *conditional(query, first.headers["etag"]))
            assert again.status == 304, "a tag of one service is good at the others"


def conditional(query: str, tag: str) -> tuple[str, None, dict[str, str]]:
    from urllib.parse import urlencode

    return "/sparql?" + urlencode({"query": query}), None, {"If-None-Match": tag}


def test_a_page_begun_at_one_service_is_continued_at_the_other(running: Copies) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
    rows: list[object] = []
    cursor, turn = "", 0
    while turn == 0 or cursor:
        page = running.services[turn % 2].sparql(f"{query} LIMIT 100", cursor=cursor)
        rows += page.json()["results"]["bindings"]
        cursor, turn = page.headers.get("garonne-cursor", ""), turn + 1
    assert turn > 2
    assert rows == running.original.sparql(query).json()["results"]["bindings"]


def test_a_copy_is_ready_and_nobody_writes_to_it(running: Copies) -> None:
    before = sorted((str(f), f.stat().st_mtime_ns) for f in running.copy.rglob("*"))
    for service in running.services:
        assert service.get("/health/ready").json()["release"] == 2
        for method, path in (("POST", "/sparql/update"), ("PUT", f"/graphs?graph={BASE}graph/local/x")):
            found = service.ask(method, path, b"", {"Authorization": "Bearer x", "Content-Type": "text/turtle"})
            assert found.status == 403
            assert "copy of the catalogue, which does not change" in found.text
    assert sorted((str(f), f.stat().st_mtime_ns) for f in running.copy.rglob("*")) == before


def test_a_withdrawn_dataset_is_gone_at_a_copy_too(running: Copies) -> None:
    for service in (running.original, *running.services):
        assert service.get("/dataset/fontaines").status == 410


def test_a_new_release_of_the_original_does_not_reach_it(running: Copies) -> None:
    found = running.services[0].get("/sparql?query=ASK{}&release=1")
    assert found.status == 410, "the copy is of one release"


def test_a_scratch_folder_is_one_service_s_and_what_others_put_there_stays(tmp_path: Path) -> None:
    settings: Settings = settings_in(tmp_path)
    city = City(settings)
    city.publish(TITLES)
    city.publish({"arbres": "Arbres"})
    for number in (1, 2):
        copies.export(settings, number, tmp_path / f"copy-{number}")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "mine").mkdir()
    with opened(tmp_path / "copy-1", scratch) as (copy, place):
        (place / "answers").mkdir()
        (place / "answers" / "kept").write_text("x")
        with pytest.raises(StoreLocked, match="another service"), opened(tmp_path / "copy-1", scratch):
            pass
        assert copy.release == 1
    with opened(tmp_path / "copy-1", scratch) as (_, again):
        assert again == place
        assert (again / "answers" / "kept").exists(), "what is kept outlives the service"
    with opened(tmp_path / "copy-2", scratch) as (_, other):
        assert other != place
        assert not place.exists()
        assert (scratch / "mine").exists()
    with opened(tmp_path / "copy-2", None) as (_, temporary):
        assert temporary.exists()
    assert not temporary.exists()
