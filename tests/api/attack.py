"""Hostile clients against a running service, beside one polite client, and what came of both."""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import socket
import subprocess
import sys
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
ENDS = {*(str(n) for n in (200, 400, 413, 429, 500, 503, 504, 507)), "half sent", "slow reader", "left", "broken off"}
"""How a hostile request may end; anything else is a fault of ours."""


@dataclass
class Report:
    """What was answered to the hostile clients, how long the polite one waited in seconds, and where it was failed.

    `bare` are its waits for a server that does nothing, at the same time: what the machine adds to everything.
    """

    hostile: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def percentile(waits: list[float], share: float) -> float:
    """The wait that this share of the requests did not exceed."""
    ordered = sorted(waits)
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
    processes: int = 5,
) -> Report:
    """Send `hostile` queries from `clients` addresses while the polite client asks `polite` with `{n}` for a number.

    `during` is called in the middle. `patience` is the time limit that the hostile queries ask for. The hostile clients
    are processes of their own, which come last on the machine: what they need to make their queries is not measured.
    """
    report, stop = Report(), threading.Event()
    nothing = Nothing()
    asking = threading.Thread(target=_polite, args=(server.host, nothing.host, polite, report, stop))
    asking.start()
    while len(report.waits) < 5:  # the service knows it by then
        time.sleep(0.02)
    begun = [_started(server.host, clients // processes, hostile, n, processes, patience) for n in range(processes)]
    reading = [threading.Thread(target=_outcomes, args=(process, report)) for process in begun]
    for thread in reading:
        thread.start()
    while sum(report.hostile.values()) < hostile // 2 and any(thread.is_alive() for thread in reading):
        time.sleep(0.05)
    during()
    for thread in reading:
        thread.join()
    stop.set()
    asking.join()
    nothing.close()
    assert [process.wait() for process in begun] == [0] * processes
    return report


def _started(host: str, clients: int, hostile: int, n: int, of: int, patience: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.api.attack", host, *map(str, (clients, hostile, n, of, patience))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _outcomes(process: subprocess.Popen[str], report: Report) -> None:
    assert process.stdout is not None
    with process.stdout as outcomes:
        for line in outcomes:
            report.hostile[line.strip()] += 1


class Nothing:
    """A server that answers every request with nothing, in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.attack"], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.host = self.process.stdout.readline().strip()

    def close(self) -> None:
        """End it."""
        self.process.communicate()


async def _do_nothing() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        print(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _polite(host: str, nothing: str, query: str, report: Report, stop: threading.Event) -> None:
    n = 0
    while not stop.is_set():
        n += 1
        begun = time.monotonic()
        _asked(nothing, "/")
        report.bare.append(time.monotonic() - begun)
        begun = time.monotonic()
        if failure := _asked(host, "/sparql?query=" + quote(query.replace("{n}", str(n)))):
            report.failures.append(failure)
        report.waits.append(time.monotonic() - begun)
        time.sleep(0.02)


def _asked(host: str, path: str) -> str:
    """One request of the polite client, on a connection of its own; what went wrong, empty for nothing."""
    connection = http.client.HTTPConnection(host, timeout=30, source_address=(POLITE, 0))
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        return "" if response.status == 200 else f"{response.status} {body[:300]!r}"
    except (OSError, http.client.HTTPException) as e:
        return repr(e)
    finally:
        connection.close()


def _attack(host: str, clients: int, hostile: int, n: int, of: int, patience: float) -> None:
    """One process of the hostile clients: asks every `of`-th query and writes a line for what came of it."""
    os.nice(10)
    numbers = iter(range(n, hostile, of))
    lock = threading.Lock()

    def one(client: int) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            outcome = _hostile(host, f"127.0.1.{n * clients + client + 1}", number, patience)
            with lock:
                print(outcome, flush=True)

    threads = [threading.Thread(target=one, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _hostile(given: str, address: str, n: int, patience: float) -> str:
    """One hostile request; what came of it."""
    host, _, port = given.partition(":")
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
    if len(server.workers()) != workers:
        return f"{len(server.workers())} workers"
    now = descriptors(server)
    if now > files + 10:
        return f"{now} descriptors, {files} before"
    held = resident(server.process.pid)
    return f"{held} MiB in the front" if held > 150 else ""


def descriptors(server: Server) -> int:
    """How many files the front has open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        asyncio.run(_do_nothing())
    else:
        _attack(sys.argv[1], *(int(v) for v in sys.argv[2:6]), float(sys.argv[6]))
