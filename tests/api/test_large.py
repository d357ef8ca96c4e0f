"""Requests with a long body: few at a time, and not in the way of the others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from api.large import LARGE, PLACES
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.api.test_workers import fine, resident, until

DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("large")
    settings = settings_in(folder, serve={"workers": 2, "queue": 64})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        yield running


def long(query: str, size: int = 2 * LARGE) -> bytes:
    """The query with so many bytes of comment before it."""
    return b"#" + b"x" * size + b"\n" + query.encode()


def post(server: Server, body: bytes, headers: dict[str, str] = DIRECT) -> Answer:
    return server.ask("POST", "/sparql", body, headers)


def test_a_long_query_is_answered_in_each_way_that_it_may_come(server: Server) -> None:
    asked = long("SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }")
    answer = post(server, asked)
    assert answer.json()["results"]["bindings"][0]["n"]["value"] == "3"
    assert "etag" not in answer.headers
    assert post(server, urlencode({"query": asked.decode()}).encode(), FORM).body != b""
    assert server.ask("QUERY", "/sparql", asked, DIRECT).status == 200
    page = server.ask("POST", "/sparql", asked, {**DIRECT, "Accept": "text/html"})
    assert (page.status, page.type) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE"),
        ("INSERT DATA { <x:a> <x:b> <x:c> }", "changes nothing"),
        ("SELECT * {", "line 2, column 11"),
    ],
)
def test_a_long_query_is_refused_in_the_same_words(server: Server, query: str, words: str) -> None:
    answers = [post(server, long(query)), post(server, long(query, 10))]
    assert [a.status for a in answers] == [400, 400]
    assert words in answers[0].text
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


def test_what_is_too_long_is_413_whether_its_length_is_said_or_not(server: Server) -> None:
    assert post(server, long("ASK {}", 2_000_001)).status == 413
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(21):
            s.sendall(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
        assert s.recv(100).startswith(b"HTTP/1.1 413 ")
    fine(server)


def test_an_address_without_end_is_refused(server: Server) -> None:
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(b"GET /sparql?query=" + b"x" * 70_000)
        assert s.recv(100).startswith(b"HTTP/1.1 400 ")
    fine(server)


def test_those_that_do_not_end_hold_up_nobody_with_a_short_one_and_no_memory(server: Server) -> None:
    """Only as many as there are places are read on; short requests are answered meanwhile."""
    host, port = server.host.split(":")
    before = resident(server.process.pid)
    held = []
    for _ in range(30):
        s = socket.create_connection((host, int(port)), timeout=20)
        s.setblocking(False)
        s.send(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1900000\r\nContent-Type: ")
        s.send(b"application/sparql-query\r\n\r\n")
        held.append(s)
    sent = [0] * len(held)
    for _ in range(40):
        for n, s in enumerate(held):
            with suppress(BlockingIOError):
                sent[n] += s.send(b"x" * min(60_000, 1_800_000 - sent[n]))
        time.sleep(0.01)
    fine(server)
    assert resident(server.process.pid) - before < 40
    for s in held:
        s.close()
    until(lambda: post(server, long("ASK {}")).status == 200)


def test_more_than_there_are_places_for_are_all_answered(server: Server) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(post(server, long(f"ASK {{ ?s{n} ?p ?o }}")).status))
        for n in range(3 * PLACES)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 3 * PLACES


def test_settings_bound_a_request(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"max_bytes": 100})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        assert post(running, long("ASK {}", 20)).status == 200
        assert post(running, long("ASK {}", 100)).status == 413
