"""Hostile clients against a running service, beside one polite client, and what came of both."""

from __future__ import annotations

import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.api.server import Server
from tests.api.test_workers import BOMB, ENDLESS, crashing, resident, runaway

DIRECT = {"Content-Type": "application/sparql-query"}
POLITE = "127.0.0.99"
GOOD = frozenset({200, 400, 413, 429, 500, 503, 504, 507})
"""What a hostile query may be answered; anything else is a fault of ours."""


@dataclass
class Report:
    """What was answered to the hostile clients, how long the polite one waited in seconds, and where it was failed."""

    hostile: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The wait that this share of the polite client's requests did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def queries(n: int) -> str:
    """The n-th hostile query; no two are the same."""
    dice = random.Random(n)  # noqa: S311  repeatable, not secret
    kinds: list[Callable[[], str]] = [
        lambda: runaway(n),
        lambda: crashing(n),
        lambda: f"SELECT * {{ FILTER {'(' * 5000}{n}",
        lambda: "SELECT * " + "{" * 5000,
        lambda: BOMB.replace("?w40", f"?w40 (STRLEN(?w40) AS ?l{n})"),
        lambda: f"SELECT DISTINCT ?a ?b{n} {{ ?a ?p ?x . ?b{n} ?q ?y . ?c ?r ?z }}",
        lambda: f"SELECT (COUNT(*) AS ?n{n}) {{ ?a (!<x:a>|^!<x:b>)* ?b . ?b (!<x:c>|^!<x:d>)* ?c . ?c (!<x:e>)* ?d }}",
        lambda: f'SELECT ?s{n} {{ ?s{n} ?p ?o . ?t ?q ?v FILTER(REGEX(STR(?o), "(((a|b|.)*c){{1,40}}){{1,40}}$")) }}',
        lambda: f"SELECT ?x{n} {{ ?x{n} ?y '{'x' * 10_000_000}' }}",
        lambda: f"SELECT ?x{n} {{ VALUES ?x{n} {{ {' '.join(str(v) for v in range(100_000))} }} ?x{n} ?p ?o }}",
        lambda: f"SELECT * {{ {'?s ?p ?o . ' * 300} ?x{n} ?y ?z }}",
        lambda: f"SELECT (GROUP_CONCAT(STR(?o)) AS ?g{n}) {{ ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }}",
        lambda: f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{1 + n}/> {{ ?s ?p ?o }} }}",
        lambda: "\x00" * dice.randrange(1, 5000),
    ]
    return kinds[n % len(kinds)]()


def attack(
    server: Server,
    *,
    clients: int,
    hostile: int,
    polite: str,
    patience: float = 30.0,
    during: Callable[[], None] = lambda: None,
) -> Report:
    """Send `hostile` queries from `clients` addresses while the polite client asks `polite` with `{n}` for a number.

    `during` is called in the middle. `patience` is the time limit that the hostile queries ask for.
    """
    report, stop = Report(), threading.Event()
    numbers = iter(range(hostile))
    lock = threading.Lock()

    def one(client: int) -> None:
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            outcome = _hostile(server, f"127.0.1.{client + 1}", n, patience)
            with lock:
                report.hostile[outcome] += 1

    asking = threading.Thread(target=_polite, args=(server, polite, report, stop))
    threads = [threading.Thread(target=one, args=(client,)) for client in range(clients)]
    asking.start()
    while len(report.waits) < 5:  # the service knows it by then
        time.sleep(0.02)
    for thread in threads:
        thread.start()
    while sum(report.hostile.values()) < hostile // 2:
        time.sleep(0.05)
    during()
    for thread in threads:
        thread.join()
    stop.set()
    asking.join()
    return report


def _polite(server: Server, query: str, report: Report, stop: threading.Event) -> None:
    host, port = server.host.split(":")
    n = 0
    while not stop.is_set():
        n += 1
        begun = time.monotonic()
        connection = http.client.HTTPConnection(host, int(port), timeout=30, source_address=(POLITE, 0))
        try:
            connection.request("GET", "/sparql?query=" + quote(query.replace("{n}", str(n))))
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                report.failures.append(f"{response.status} {body[:300]!r}")
        except (OSError, http.client.HTTPException) as e:
            report.failures.append(repr(e))
        finally:
            connection.close()
        report.waits.append(time.monotonic() - begun)
        time.sleep(0.02)


def _hostile(server: Server, address: str, n: int, patience: float) -> str:
    """One hostile request; what came of it."""
    host, port = server.host.split(":")
    where = (host, int(port))
    if n % 11 == 3:
        return _half_sent(where, address, n)
    if n % 13 == 5:
        return _slow_reader(where, address, n)
    connection = http.client.HTTPConnection(*where, timeout=60, source_address=(address, 0))
    try:
        connection.request("POST", f"/sparql?timeout={patience}", queries(n).encode(), DIRECT)
        if n % 17 == 7:
            time.sleep(0.05)
            return "left"
        response = connection.getresponse()
        response.read()
    except (http.client.IncompleteRead, ConnectionError):
        return "broken off"
    except TimeoutError:
        return "no answer in 60 s"
    finally:
        connection.close()
    assert response.status in GOOD, response.status
    return str(response.status)


def _half_sent(where: tuple[str, int], address: str, n: int) -> str:
    """Headers, or a body, that are not ended; the connection is left open a while."""
    with suppress(OSError), socket.create_connection(where, timeout=5, source_address=(address, 0)) as s:
        if n % 2:
            s.sendall(b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: x\r\nX-Part")
        else:
            s.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nSELECT")
        time.sleep(0.5)
    return "half sent"


def _slow_reader(where: tuple[str, int], address: str, n: int) -> str:
    query = ENDLESS.replace("?a", f"?a{n}")
    with suppress(OSError), socket.create_connection(where, timeout=10, source_address=(address, 0)) as s:
        s.sendall(f"GET /sparql?format=csv&query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for _ in range(10):
            if not s.recv(100):
                break
            time.sleep(0.1)
    return "slow reader"


def left_behind(server: Server, workers: int, files: int) -> str:
    """What an attack has left: processes, descriptors or memory beyond what was there; empty for nothing."""
    if len(server.workers()) > workers:
        return f"{len(server.workers())} workers"
    now = descriptors(server)
    if now > files + 10:
        return f"{now} descriptors, {files} before"
    held = resident(server.process.pid)
    return f"{held} MiB in the front" if held > 300 else ""


def descriptors(server: Server) -> int:
    """How many files the front has open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
