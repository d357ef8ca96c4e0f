"""What one client may ask of pages, feeds and the like."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from api.errors import OverBudget
from api.visitors import HELD, HELD_BY_ALL, Visitor
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server


def ask(server: Server, address: str, path: str, headers: dict[str, str] | None = None) -> Answer:
    """One request from one of the addresses of the loopback."""
    host, port = server.host.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60, source_address=(address, 0))
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def test_a_visitor_has_work_requests_and_so_many_at_once() -> None:
    visitor = Visitor("x", 60, 100)
    for _ in range(200):
        visitor.admit(4, 0)
    with pytest.raises(OverBudget) as refused:
        visitor.admit(4, 0)
    assert refused.value.retry_after == 1
    visitor = Visitor("x", 60, 0)
    visitor.worked(150)
    with pytest.raises(OverBudget) as refused:
        visitor.admit(4, 0)
    assert 25 < refused.value.retry_after < 35
    assert dict(visitor.headers())[b"ratelimit"].startswith(b'"work";r=0;')
    visitor = Visitor("x", 0, 0)
    visitor.worked(1e6)
    visitor.open = 4
    visitor.admit(5, HELD_BY_ALL + 1)
    visitor.admit(0, 0)
    with pytest.raises(OverBudget):
        visitor.admit(4, 0)
    visitor.open, visitor.held = 0, 1
    with pytest.raises(OverBudget):
        visitor.admit(4, HELD_BY_ALL + 1)
    visitor.held = HELD + 1
    with pytest.raises(OverBudget):
        visitor.admit(4, 0)
    assert visitor.headers() == []


def test_who_has_asked_too_often_is_told_when_to_come_back_and_others_are_served(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"requests": 30})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        first = ask(server, "127.0.0.2", "/catalog.ttl")
        assert first.headers["ratelimit-policy"] == '"work";q=240;w=120, "requests";q=60;w=120'
        assert re.fullmatch(r'"work";r=2\d\d;t=\d, "requests";r=5\d;t=\d', first.headers["ratelimit"])
        paths = ("/datasets?q=arbre", "/ldes", "/quality.csv", "/api/3/action/package_list", "/dataset/arbres")
        answers = [ask(server, "127.0.0.2", paths[n % len(paths)]) for n in range(60)]
        assert [a.status for a in answers[:50]] == [200] * 50
        refused = answers[-1]
        assert refused.status == 429
        assert 0 < int(refused.headers["retry-after"]) < 10
        assert refused.type.startswith("application/problem+json")
        assert '"requests";r=0' in refused.headers["ratelimit"]
        oai = ask(server, "127.0.0.2", "/oai?verb=Identify")
        assert oai.status in {200, 503}, "the protocol knows 503 only"
        assert oai.status == 200 or oai.headers["retry-after"]
        for path in ("/metrics", "/sparql/receipts/none"):
            assert ask(server, "127.0.0.2", path).status == 429
        for path in ("/health/live", "/health/ready", "/static/garonne.css", "/robots.txt"):
            assert ask(server, "127.0.0.2", path).status == 200
        for path in ("/catalog.ttl", *paths):
            assert ask(server, "127.0.0.3", path).status == 200


def test_a_reader_of_a_thousand_pages_is_never_refused_and_one_beside_fifty_waits_little(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        found: list[int] = []
        stop = threading.Event()

        def read(number: int) -> None:
            host, port = server.host.split(":")
            connection = http.client.HTTPConnection(
                host, int(port), timeout=60, source_address=(f"127.0.1.{number}", 0)
            )
            for n in range(1000 if number == 1 else 10_000):
                if stop.is_set() and number != 1:
                    break
                connection.request("GET", f"/catalog.{('ttl', 'rdf', 'jsonld')[n % 3]}?page=1")
                response = connection.getresponse()
                response.read()
                found.append(response.status)
            connection.close()

        readers = [threading.Thread(target=read, args=(n,)) for n in range(1, 51)]
        for reader in readers:
            reader.start()
        waits = []
        for n in range(20):
            began = time.monotonic()
            assert ask(server, "127.0.0.9", ("/datasets", "/dataset/menus", "/catalog.ttl")[n % 3]).status == 200
            waits.append(time.monotonic() - began)
        stop.set()
        for reader in readers:
            reader.join()
        assert set(found) == {200}
        assert len(found) > 1000
        assert sorted(waits)[10] < 5


def test_an_answer_that_nobody_takes_keeps_nobody_waiting(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"at_once": 6})
    City(settings).publish({f"jeu-{n}": f"Jeu {n} " + "long " * 4000 for n in range(90)})
    with Server(settings, tmp_path) as server:
        assert len(ask(server, "127.0.0.3", "/catalog.nt").body) > 1 << 20
        host, port = server.host.split(":")
        slow = []
        for _ in range(6):
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.bind(("127.0.0.2", 0))
            raw.connect((host, int(port)))
            raw.sendall(b"GET /catalog.nt HTTP/1.1\r\nHost: x\r\n\r\n")
            slow.append(raw)
        deadline = time.monotonic() + 20
        while (again := ask(server, "127.0.0.2", "/datasets")).status == 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert again.status == 429, "six are open"
        assert again.headers["retry-after"] == "1"
        assert ask(server, "127.0.0.3", "/datasets").status == 200
        for raw in slow:
            raw.close()
        while (again := ask(server, "127.0.0.2", "/datasets")).status == 429 and time.monotonic() < deadline + 20:
            time.sleep(0.1)
        assert again.status == 200


def test_a_body_that_never_comes_keeps_no_place(server: Server) -> None:
    host, port = server.host.split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(8)]
    try:
        for raw in slow:
            head = b"POST /api/3/action/package_show HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
            raw.sendall(head)
        time.sleep(0.3)
        began = time.monotonic()
        assert server.get("/catalog.ttl").status == 200
        assert time.monotonic() - began < 10
    finally:
        for raw in slow:
            raw.close()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/sparql", "application/sparql-query"),
        ("/sparql/update", "application/sparql-update"),
        ("/graphs?default", "text/turtle"),
        ("/validate", "text/turtle"),
        ("/oai", "application/x-www-form-urlencoded"),
        ("/api/3/action/package_search", "application/json"),
        ("/datasets", "text/plain"),
    ],
)
def test_no_door_unpacks_a_body(server: Server, path: str, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Content-Encoding": "gzip"}
    answer = server.ask("POST", path, b"\x1f\x8b" + bytes(100), headers)
    assert answer.status == 415
    assert answer.headers["x-content-type-options"] == "nosniff"
