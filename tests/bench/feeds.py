"""The feed and the dumps of a large catalogue: pages cold and warm, all of them, many readers at once, the files.

A portal is harvested without SHACL, and served. A page that is cold is rendered when it is asked for; a warm one is
kept.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from catalog.archive import Archive
from catalog.facets import Facet
from catalog.paging import PAGE
from catalog.releases import Releases
from tests.bench.endpoints import Endpoint
from tests.bench.harvest import PORTAL
from tests.bench.machine import GARONNE, cost, described

TITLE = "Feeds and dumps"
BASE = "http://127.0.0.1:8099/"
SAMPLE = 40
"""Pages that are timed one by one."""
REQUESTS = 2_000
"""Requests of each rate…"""
ROWS = 1_000
"""Packages that a CKAN harvester asks for at a time."""
CONNECTIONS = 4
"""…over so many connections."""
OTHERS = ("rdf", "jsonld", "trig")
"""Formats that are only timed; N-Triples are read to the end."""
READERS = ("ttl", "rdf", "jsonld", "nt", "trig", "xml", "ttl", "nt")
"""The formats of eight readers who read all pages at once."""


def options(parser: argparse.ArgumentParser) -> None:
    """`--feeds`."""
    parser.add_argument("--feeds", type=int, default=100_000, help="feeds: datasets of the portal")


def measure(args: argparse.Namespace, kept: str) -> str:
    """One catalogue, harvested, served and dumped."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        config = _harvested(Path(name), args.feeds)
        rows = [*_pages(config, -(-args.feeds // PAGE)), *_crowd(config), *_harvests(config), *_dumps(config)]
    return "\n".join(
        [
            f"{described()} {args.feeds:,} datasets. Times are by wall clock, as a client beside it has them;",
            "processor time is that of the service. Pages have 100 datasets.",
            "",
            "| what | figure |",
            "|---|---|",
            *(f"| {what} | {figure} |" for what, figure in rows),
        ]
    )


def _harvested(folder: Path, datasets: int) -> Path:
    config = folder / "garonne.toml"
    portal = subprocess.Popen(
        [sys.executable, str(PORTAL), "--port", "0", "--datasets", str(datasets)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert portal.stdout is not None
        config.write_text(
            f'[catalog]\nbase = "{BASE}"\n[validation]\nprofiles = []\n[serve]\ndumps = false\npages = 2048\n'
            "[query]\nstanding = false\n"
            f'[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{portal.stdout.readline().strip()}"\n'
            "allow_private = true\n",
            encoding="utf-8",
        )
        cost([GARONNE, "--config", config, "harvest", "run", "--json"])
    finally:
        portal.kill()
        portal.wait()
    return config


class Served(Endpoint):
    """The service on the harvested catalogue."""

    name = "garonne"

    def __init__(self, config: Path) -> None:
        super().__init__()
        self.config = config

    @property
    def url(self) -> str:
        """Where queries are sent."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def command(self) -> list[str]:
        """What starts it in the foreground."""
        return [str(GARONNE), "--config", str(self.config), "serve", "--port", str(self.port)]

    def front(self) -> int:
        """MB that the process which answers has in memory."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s*(\d+)", status, re.MULTILINE)
        return int(found[1]) // 1024 if found else 0

    def empty(self) -> None:
        """Stop, and forget every page that is kept."""
        self.stop()
        for file in (self.config.parent / "var/feeds").glob("*"):
            file.unlink()


class Client:
    """One connection that is kept open."""

    def __init__(self, served: Served) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=120)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip", **given})
        response = self.connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def took(self, path: str, **headers: str) -> float:
        """Milliseconds until the whole answer was there."""
        began = time.perf_counter()
        status, _, _ = self.get(path, **headers)
        if status not in {200, 304}:
            sys.exit(f"{path}: {status}")
        return (time.perf_counter() - began) * 1000


def walk(client: Client, suffix: str) -> Iterator[int]:
    """Reads all pages, following the links as N-Triples or any other format has them; yields the bytes of each."""
    number = 1
    while True:
        status, _, body = client.get(f"/catalog.{suffix}?page={number}")
        if status != 200:
            sys.exit(f"page {number} of {suffix}: {status}")
        yield len(body)
        whole = zlib.decompress(body, 31)
        if f"page={number + 1}&".encode() not in whole.replace(b"&amp;", b"&"):
            return
        number += 1


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pages(config: Path, pages: int) -> Iterator[tuple[str, str]]:
    served = Served(config)
    served.start()
    try:
        client = Client(served)
        client.took("/health/live")
        yield "first page, first of all requests", f"{client.took('/catalog.ttl'):.0f} ms"
        some = range(1, min(pages, SAMPLE) + 1)
        before = served.cpu()
        cold = [client.took(f"/catalog.ttl?page={n}") for n in some[1:]]
        spent = (served.cpu() - before) / len(cold) * 1000
        warm = [client.took(f"/catalog.ttl?page={n}") for n in some for _ in range(5)]
        yield "a page cold, Turtle, gzip: median, 95 % within", f"{_median(cold)} ({spent:.0f} ms of processor)"
        others = ", ".join(f"{suffix} {_spent(served, client, suffix, some):.0f}" for suffix in OTHERS)
        yield "processor time of a page cold, in other formats", f"{others} ms"
        yield "a page warm: median, 95 % within", _median(warm)
        publishers = Archive(config.parent / "var").at(1).values(Facet.PUBLISHER)
        slugs = [iri.rpartition("/")[2] for iri in publishers if iri.startswith(BASE)][:SAMPLE]
        yield "first page of a publisher, cold", _median([client.took(f"/catalog/{slug}.ttl") for slug in slugs])
        filtered = [client.took(f"/catalog.ttl?modified_since=20{n:02}-01-01") for n in range(1, 20)]
        yield "first page by `modified_since`, a filter not met before", _median(filtered)
        before, began = served.cpu(), time.perf_counter()
        sizes = list(walk(client, "nt"))
        took, spent = time.perf_counter() - began, served.cpu() - before
        yield (
            "all pages, N-Triples, gzip, one reader",
            f"{took:.1f} s ({spent:.1f} s of processor), {len(sizes):,} pages, {sum(sizes) / 1e6:.0f} MB",
        )
        began = time.perf_counter()
        _to_the_end(walk(client, "nt"))
        yield "the same again, all pages kept", f"{time.perf_counter() - began:.1f} s"
        _, headers, _ = client.get("/catalog.ttl")
        tag = headers["etag"]
        yield "cached pages, gzip", _rate(served, lambda c, n: c.took(f"/catalog.ttl?page={some[n % len(some)]}"))
        yield "304", _rate(served, lambda c, n: c.took("/catalog.ttl", If_None_Match=tag))
    finally:
        served.stop()


def _spent(served: Served, client: Client, suffix: str, pages: range) -> float:
    """Milliseconds of processor that a page in this format takes, cold."""
    before = served.cpu()
    for number in pages:
        client.took(f"/catalog.{suffix}?page={number}")
    return (served.cpu() - before) / len(pages) * 1000


def _to_the_end(sizes: Iterator[int]) -> None:
    """Reads to the end."""
    for _ in sizes:
        pass


def _median(milliseconds: list[float]) -> str:
    most = statistics.quantiles(milliseconds, n=20)[-1]
    return f"{statistics.median(milliseconds):.1f} ms, {most:.1f} ms"


def _rate(served: Served, ask: Callable[[Client, int], float]) -> str:
    def some(first: int) -> None:
        client = Client(served)
        for n in range(first, REQUESTS, CONNECTIONS):
            ask(client, n)

    threads = [threading.Thread(target=some, args=(n,)) for n in range(CONNECTIONS)]
    before, began = served.cpu(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    return f"{REQUESTS / took:,.0f} requests/s ({(served.cpu() - before) / REQUESTS * 1000:.2f} ms of processor each)"


# ── eight readers ────────────────────────────────────────────────────────────────────────────────────────────────────


def _crowd(config: Path) -> Iterator[tuple[str, str]]:
    """Eight readers of all pages in every format, on a service that has none of them."""
    served = Served(config)
    served.empty()
    served.start()
    try:
        Client(served).took("/catalog.ttl")
        before, memory, pages = served.front(), [], [0] * len(READERS)

        def read(reader: int, suffix: str) -> None:
            for _ in walk(Client(served), suffix):
                pages[reader] += 1

        threads = [threading.Thread(target=read, args=one) for one in enumerate(READERS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            memory.append(served.front())
            time.sleep(0.2)
        took = time.perf_counter() - began
        yield (
            "eight readers of all pages at once, five formats, cold",
            f"{took:.0f} s, {sum(pages) / took:.0f} pages/s",
        )
        quarters = [memory[n * len(memory) // 4 : (n + 1) * len(memory) // 4] or memory for n in range(4)]
        told = ", ".join(str(max(part)) for part in quarters)
        yield "memory of the process that answers: before; at most in each quarter", f"{before} MB; {told} MB"
        yield "memory of all processes of the service afterwards", f"{served.memory()} MB"
    finally:
        served.stop()


# ── dumps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _harvests(config: Path) -> Iterator[tuple[str, str]]:
    """The whole catalogue as readers of OAI-PMH and of CKAN's actions take it."""
    served = Served(config)
    served.start()
    try:
        client = Client(served)
        for prefix in ("oai_dc", "dcat_ap"):
            before, records, asked = served.cpu(), 0, f"metadataPrefix={prefix}"
            while asked:
                status, _, body = client.get(f"/oai?verb=ListRecords&{asked}")
                assert status == 200, status
                text = zlib.decompress(body, 31).decode() if body[:2] == b"\x1f\x8b" else body.decode()
                records += text.count("<record>")
                found = re.search(r"<resumptionToken[^>]*>([^<]+)<", text)
                asked = f"resumptionToken={found[1]}" if found else ""
            yield f"OAI-PMH, all {records:,} records as `{prefix}`", f"{served.cpu() - before:.1f} s of processor"
        before, names = served.cpu(), 0
        while names % ROWS == 0:
            status, _, body = client.get(f"/api/3/action/package_search?rows={ROWS}&start={names}&sort=id+asc")
            assert status == 200, status
            listed = json.loads(zlib.decompress(body, 31) if body[:2] == b"\x1f\x8b" else body)["result"]["results"]
            names += len(listed)
            if not listed:
                break
        yield f"CKAN, all {names:,} packages, {ROWS:,} at a time", f"{served.cpu() - before:.1f} s of processor"
    finally:
        served.stop()


def _dumps(config: Path) -> Iterator[tuple[str, str]]:
    folder = config.parent / "var"
    release = Releases(folder).current()
    assert release is not None
    spent = cost([sys.executable, "-P", "-m", "api.dumper", str(folder), BASE, str(release.number)])
    sizes = {file.name: file.stat().st_size / 1e6 for file in sorted((release.path / "dumps").glob("*.gz"))}
    listed = ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items())
    yield "the three dumps, made", f"{spent.seconds:.0f} s ({spent.cpu:.0f} s of processor), {spent.peak} MB of memory"
    yield "their sizes", listed
