"""Long results: flat memory in front and worker, an early first byte, and a receipt that says what was sent."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import brotli
import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_workers import resident

ROWS = 150_000
UNPACKED: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("streaming")
    settings = settings_in(folder, query={"timeout": 200.0, "memory": 400, "budget": 10_000.0})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        yield running


def product(n: int, rows: int) -> str:
    return f"SELECT ?a ?b ?c ?d ?e ?f{n} {{ ?a ?b ?c . ?d ?e ?f{n} . ?g ?h ?i }} LIMIT {rows}"


@pytest.mark.parametrize("coding", UNPACKED)
def test_memory_is_flat_and_the_receipt_is_right(server: Server, coding: str) -> None:
    server.sparql("ASK {}")
    before = resident(server.process.pid)
    host, port = server.host.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    asked = quote(product(list(UNPACKED).index(coding), ROWS))
    connection.request("GET", f"/sparql?format=tsv&query={asked}", headers={"Accept-Encoding": coding or "identity"})
    response = connection.getresponse()
    assert response.getheader("Content-Encoding", "") == coding
    body, front, worker = bytearray(), 0, 0
    while piece := response.read(1 << 20):
        body += piece
        front = max(front, resident(server.process.pid))
        worker = max(worker, *(resident(pid) for pid in server.workers()), 0)
    connection.close()
    plain = UNPACKED[coding](bytes(body))
    assert plain.count(b"\n") == ROWS + 1
    assert len(plain) > 20_000_000
    assert front - before < 30
    assert worker < 120
    receipt = server.get(f"/sparql/receipts/{response.getheader('Garonne-Receipt')}").json()
    assert receipt["rows"] == ROWS
    assert receipt["bytes"] == len(plain)
    assert receipt["sha256"] == hashlib.sha256(plain).hexdigest()
    assert receipt["complete"] is True


@pytest.mark.parametrize("coding", UNPACKED)
def test_the_first_byte_does_not_wait_for_the_last(server: Server, coding: str) -> None:
    """Best of several: it comes within 50 ms of what a query with one row takes."""
    one = min(first_byte(server, coding, 10 + n, 1) for n in range(4))
    best = float("inf")
    for n in range(8):
        best = min(best, first_byte(server, coding, 20 + n, 5_000_000))
        if best - one < 0.05:
            return
    raise AssertionError(f"{best - one:.3f} s")


def first_byte(server: Server, coding: str, n: int, rows: int) -> float:
    host, port = server.host.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    begun = time.monotonic()
    asked = quote(product(n * 10 + len(coding), rows))
    connection.request("GET", f"/sparql?format=csv&query={asked}", headers={"Accept-Encoding": coding or "identity"})
    connection.getresponse().read(1)
    took = time.monotonic() - begun
    connection.close()
    return took
