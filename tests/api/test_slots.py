"""However a query ends, its worker is gone and its place is free at once; each end has a status of its own.

Times are the best of several attempts: a busy machine makes some longer, never shorter.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_workers import BOMB, alive, crashing, runaway, until

WITHIN = 0.3
ATTEMPTS = 6
"""Times that each end is brought about; the engine does not crash on every query that may crash it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One place, and nobody may wait for it: a query that finds it taken is 503."""
    folder = tmp_path_factory.mktemp("slots")
    limits = {"timeout": 20.0, "memory": 250, "budget": 1000.0, "errors": 1000, "standing": False}
    settings = settings_in(folder, query=limits, serve={"workers": 1, "queue": 0, "long": 1})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        yield running


def freed(server: Server, busy: set[int], n: int) -> float:
    """Seconds from now until the workers that were busy have gone and a query finds a place."""
    begun = time.monotonic()
    while time.monotonic() - begun < 10:
        answer = server.sparql(f"SELECT ?s{n} {{ ?s{n} a <x:nothing> }}")
        if answer.status == 200 and not any(alive(pid) for pid in busy):
            return time.monotonic() - begun
        assert answer.status in {200, 503}
    raise AssertionError("the place is not freed")


def ended(server: Server, status: int, n: int) -> float:
    """Seconds until all is free after a query ended with this status; infinite when it ended otherwise."""
    until(lambda: len(server.workers()) == 1)
    before = server.workers()
    if status == 504:
        answer = server.sparql(runaway(n), timeout="0.15")
    elif status == 507:
        answer = server.sparql(BOMB.replace("?w40 {", f"?w40 (STRLEN(?w40) AS ?l{n}) {{"))
    else:
        answer = server.sparql_post(crashing(n))
    took = freed(server, before, n)
    return took if answer.status == status else float("inf")


@pytest.mark.parametrize("status", [504, 507, 500])
def test_time_memory_and_crash_free_the_place(server: Server, status: int) -> None:
    best = float("inf")
    for n in range(ATTEMPTS):
        best = min(best, ended(server, status, n))
        if best < WITHIN:
            break
    assert best < WITHIN


def test_a_client_that_leaves_frees_the_place(server: Server) -> None:
    host, port = server.host.split(":")
    best = float("inf")
    for n in range(ATTEMPTS):
        until(lambda: len(server.workers()) == 1)
        before = server.workers()
        with socket.create_connection((host, int(port))) as s:
            s.sendall(f"GET /sparql?query={quote(runaway(100 + n))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.05)
        best = min(best, freed(server, before, 100 + n))
        if best < WITHIN:
            break
    assert best < WITHIN


def test_who_finds_no_place_is_told_so(server: Server) -> None:
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port))) as s:
        s.sendall(f"GET /sparql?query={quote(runaway(200))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        seen = {server.sparql(f"SELECT ?s{n} {{ ?s{n} a <x:none> }}").status for n in range(20)}
    assert 503 in seen
    assert seen <= {200, 503}


def test_no_worker_outlives_the_service(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 20.0}, serve={"workers": 2, "long": 2})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        host, port = running.host.split(":")
        held = [socket.create_connection((host, int(port))) for _ in range(3)]
        for n, s in enumerate(held):
            s.sendall(f"GET /sparql?query={quote(runaway(n))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.5)
        pids = running.workers()
        assert running.stop() == 0
        begun = time.monotonic()
        until(lambda: not any(alive(pid) for pid in pids))
        assert time.monotonic() - begun < WITHIN
        for s in held:
            s.close()
