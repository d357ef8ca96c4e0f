"""The change feed: what reading it whole costs the server, and what a reader that follows it asks for after a night.

A portal is harvested, the service started, and all nodes read one after another over one connection, compressed. Then
some datasets change, and what a reader asks again is counted. Times are the server's seconds of processor.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import Request, urlopen

from pyoxigraph import RdfFormat, parse

from api.ldes.tree import FAN
from tests.bench.endpoints import Endpoint
from tests.bench.harvest import PORTAL
from tests.bench.machine import GARONNE, cost, described
from tests.bench.page import merge_rows
from vocab.namespaces import TREE

TITLE = "The change feed"
CHANGED = 10


def options(parser: argparse.ArgumentParser) -> None:
    """`--streams`."""
    parser.add_argument("--streams", default="10000,100000", help="ldes: datasets of the portals, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every size in turn."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    rows = {f"{size:,}": _row(size) for size in map(int, args.streams.split(","))}
    return "\n".join(
        [
            described(),
            "",
            (
                "| datasets | pages | all pages, TriG | as JSON-LD | one page, TriG | the same, 304 | sent, gzip "
                f"| memory | after a night with {CHANGED} changes |"
            ),
            "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
            *merge_rows(kept, rows),
        ]
    )


class Service(Endpoint):
    """Our service on a harvested catalogue."""

    name = "garonne"

    def __init__(self, config: Path, port: int) -> None:
        super().__init__()
        self.config, self.port = config, port

    @property
    def url(self) -> str:
        """As in `Endpoint`."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def command(self) -> list[str]:
        """As in `Endpoint`."""
        return [str(GARONNE), "--config", str(self.config), "serve"]


@dataclass
class Reader:
    """One connection; what it was sent, and the entity tags of what it has."""

    port: int
    sent: int = 0
    requests: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    def read(self, paths: list[str], *, known: bool = False) -> list[bytes]:
        """The bodies of these addresses; empty ones for those that are as they were, where `known`."""
        found = []
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            for path in paths:
                headers = {"Accept-Encoding": "gzip"}
                if known and path in self.tags:
                    headers["If-None-Match"] = self.tags[path]
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status not in {200, 304}:
                    sys.exit(f"{path}: {answer.status}")
                self.tags[path] = answer.headers["ETag"] or ""
                self.sent += len(body)
                self.requests += 1
                found.append(gzip.decompress(body) if answer.headers["Content-Encoding"] else body)
        return found


def _row(size: int) -> str:
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        config = Path(name) / "garonne.toml"
        portal = subprocess.Popen(
            [sys.executable, str(PORTAL), "--port", "0", "--datasets", str(size)], stdout=subprocess.PIPE, text=True
        )
        service = Service(config, Endpoint().port)
        try:
            assert portal.stdout is not None
            url = portal.stdout.readline().strip()
            config.write_text(
                f'[catalog]\nbase = "http://127.0.0.1:{service.port}/"\n[query]\nstanding = false\n'
                f'[serve]\nport = {service.port}\n[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{url}"\n'
                "allow_private = true\n",
                encoding="utf-8",
            )
            harvest = [GARONNE, "--config", config, "harvest", "run", "--no-validate"]
            cost(harvest)
            service.start()
            measured = _measured(service)
            following = ["/ldes", f"/ldes/index/{-(-measured.pages // FAN)}"]
            reader = Reader(service.port)
            open_page = f"/ldes/page/{measured.pages}"
            before = _members(reader.read([*following, open_page])[-1])
            urlopen(Request(f"{url}/_control?change={CHANGED}", method="POST")).read()
            cost(harvest)
            reader.sent = reader.requests = 0
            index = reader.read(following, known=True)[-1]  # empty where no page was begun
            more = range(measured.pages, max(measured.pages, *_pages(index)) + 1)
            news = sum(map(_members, reader.read([f"/ldes/page/{n}" for n in more], known=True))) - before
            if news < CHANGED:
                sys.exit(f"{CHANGED} datasets changed, and the feed has {news} new members")
            night = f"{news} members, {reader.requests} requests, {reader.sent / 1000:,.0f} kB"
        finally:
            service.stop()
            portal.kill()
    return f"| {size:,} | {measured.row} | {night} |"


@dataclass(frozen=True)
class Measured:
    """What reading all of a feed cost."""

    pages: int
    row: str


def _measured(service: Service) -> Measured:
    def spent(paths: list[str], reader: Reader, *, known: bool = False) -> float:
        before = service.cpu()
        reader.read(paths, known=known)
        return service.cpu() - before

    reader = Reader(service.port)
    (root,) = reader.read(["/ldes.nt"])
    indexes = len(_targets(root))
    found = [len(_targets(body)) for body in reader.read([f"/ldes/index/{n}.nt" for n in range(1, indexes + 1)])]
    pages = sum(found)
    trig = [f"/ldes/page/{n}" for n in range(1, pages + 1)]
    reader = Reader(service.port)
    whole = spent(trig, reader)
    sent = reader.sent
    again = spent(trig, reader, known=True)
    jsonld = spent([f"{path}.jsonld" for path in trig], Reader(service.port))
    row = (
        f"{pages:,} | {whole:.1f} s | {jsonld:.1f} s | {whole / pages * 1000:.1f} ms | {again / pages * 1000:.1f} ms "
        f"| {sent / 1e6:,.0f} MB | {service.memory():,} MB"
    )
    return Measured(pages, row)


def _pages(index: bytes) -> list[int]:
    """The numbers of the pages that an index names."""
    return [0, *(int(number) for number in re.findall(rb"/ldes/page/(\d+)>", index))]


def _targets(body: bytes) -> set[str]:
    return {str(q.object) for q in parse(body, format=RdfFormat.N_TRIPLES) if q.predicate == TREE.node}


def _members(body: bytes) -> int:
    return body.count(str(TREE.member).encode())
