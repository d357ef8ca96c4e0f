"""A result of millions of rows: first byte, rate, processor time and memory of front and worker, in each encoding."""

from __future__ import annotations

import argparse
import http.client
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import brotli

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_workers import resident
from tests.bench.machine import described

TITLE = "A result of five million rows"
LONG = "SELECT ?a ?b ?c ?d ?e ?f { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } LIMIT "
UNPACKED: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "": lambda: bytes,
    "gzip": lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress,
    "br": lambda: brotli.Decompressor().process,
}


@dataclass
class Measure:
    """What came: seconds to the first byte and in all, bytes as sent and unpacked, MiB at the most, the receipt."""

    first: float
    whole: float
    sent: int
    size: int
    front: int
    worker: int
    receipt: dict[str, Any]
    right: bool


def options(parser: argparse.ArgumentParser) -> None:
    """`--streamed`, how many rows."""
    parser.add_argument("--streamed", type=int, default=5_000_000, help="rows of the result of `streaming`")


def measure(args: argparse.Namespace, _kept: str) -> str:
    """The same table plain, with gzip and with brotli."""
    lines = [described(), "", "| encoding | first byte | rows/s | sent | front at most | worker at most | receipt |"]
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    with tempfile.TemporaryDirectory() as name:
        limits = {"timeout": 3600.0, "memory": 512, "budget": 1e6}
        settings = settings_in(Path(name), query=limits)
        City(settings).publish(TITLES)
        with Server(settings, Path(name)) as server:
            server.sparql("ASK {}")
            idle = resident(server.process.pid)
            for coding in UNPACKED:
                lines.append(_row(coding, _streamed(server, coding, args.streamed), args.streamed, idle))
    return "\n".join(lines)


def _row(coding: str, found: Measure, rows: int, idle: int) -> str:
    exact = found.right and found.receipt["rows"] == rows
    cells = (
        coding or "none",
        f"{1000 * found.first:.0f} ms",
        f"{rows / found.whole:,.0f}",
        f"{found.sent / 1e6:,.1f} of {found.size / 1e6:,.0f} MB",
        f"{found.front} MiB (at rest {idle})",
        f"{found.worker} MiB",
        "exact" if exact else "WRONG",
    )
    return "| " + " | ".join(cells) + " |"


def _streamed(server: Server, coding: str, rows: int) -> Measure:
    host, port = server.host.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    begun = time.monotonic()
    address = f"/sparql?format=csv&query={quote(LONG + str(rows))}"
    connection.request("GET", address, headers={"Accept-Encoding": coding or "identity"})
    response = connection.getresponse()
    piece = response.read(1)
    first = time.monotonic() - begun
    unpack, digest = UNPACKED[coding](), sha256()
    sent = size = front = worker = 0
    while piece:
        plain = unpack(piece)
        digest.update(plain)
        sent, size = sent + len(piece), size + len(plain)
        front = max(front, resident(server.process.pid))
        worker = max(worker, *(resident(pid) for pid in server.workers()), 0)
        piece = response.read(1 << 20)
    whole = time.monotonic() - begun
    connection.close()
    receipt = server.get(f"/sparql/receipts/{response.getheader('Garonne-Receipt')}").json()
    right = (receipt["bytes"], receipt["sha256"]) == (size, digest.hexdigest())
    return Measure(first, whole, sent, size, front, worker, receipt, right)
