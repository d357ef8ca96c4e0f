"""The SPARQL service beside the native server of its engine and beside Virtuoso, on one catalogue."""

from __future__ import annotations

import argparse
import http.client
import math
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.bench.endpoints import Endpoint, Garonne, Oxigraph, Virtuoso, built, kept
from tests.bench.machine import SHARED, described

TITLE = "SPARQL (the reference queries, look-ups, a long result; side by side)"
QUERIES = SHARED / "queries"
LIMIT = 20.0
LOOKUPS = 2000
LOOKING = 20.0
"""Seconds after which no more is looked up."""
QUICK = 2.0
"""Seconds of a query that is asked more than twice."""


def options(parser: argparse.ArgumentParser) -> None:
    """`--sparql-datasets`, the size of the catalogue."""
    parser.add_argument("--sparql-datasets", type=int, default=100_000, help="datasets of the catalogue of `sparql`")


@dataclass(frozen=True)
class Time:
    """One query's answer: seconds to its last byte, and seconds of processor that the server had meanwhile."""

    wall: float
    cpu: float


@dataclass
class Figures:
    """What one server gave: by query, cold and warm (None for none in time), rates, and a long result."""

    cold: dict[str, Time | None] = field(default_factory=dict)
    warm: dict[str, Time | None] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    stream: str = ""
    memory: int = 0


def measure(args: argparse.Namespace, _kept: str) -> str:
    """All servers in turn. What is built of the catalogue is kept for the next run."""
    at = kept(args.sparql_datasets)
    store = built(at, args.sparql_datasets)
    with tempfile.TemporaryDirectory(dir=at) as name:
        folder = Path(name)
        found: dict[str, Figures] = {}
        endpoints: list[Endpoint] = [Garonne(folder, store), Oxigraph(store)]
        if shutil.which("virtuoso-t"):
            endpoints.append(Virtuoso(at, args.sparql_datasets))
        for endpoint in endpoints:
            with running(endpoint):
                found[endpoint.name] = figures(endpoint, args.sparql_datasets)
        with running(Garonne(folder, store, cache=0)) as uncached:
            found["garonne"].rates |= {
                f"{key}, cache off": value for key, value in lookups(uncached, args.sparql_datasets).items()
            }
    return report(found, args.sparql_datasets)


@contextmanager
def running(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The server, started; stopped whatever happens."""
    try:
        endpoint.start()
        if isinstance(endpoint, Virtuoso):
            endpoint.load()
        yield endpoint
    finally:
        endpoint.stop()


def figures(endpoint: Endpoint, datasets: int) -> Figures:
    """Everything that is measured of one server."""
    found = Figures()
    for file in sorted(QUERIES.glob("q*.rq")):
        query = file.read_text()
        cold = found.cold[file.stem] = timed(endpoint, query)
        if cold is None:  # it may go on for ever, and what follows is not to be measured beside it
            endpoint.stop()
            endpoint.start()
            found.warm[file.stem] = None
            continue
        again = [timed(endpoint, query) for _ in range(3 if cold.wall < QUICK else 1)]
        known = sorted((t for t in again if t is not None), key=lambda t: t.wall)
        found.warm[file.stem] = known[len(known) // 2] if known else None
    found.rates = lookups(endpoint, datasets)
    found.stream = long_result(endpoint)
    found.memory = endpoint.memory()
    return found


def _request(endpoint: Endpoint, query: str, accept: str) -> tuple[str, dict[str, str]]:
    return urlencode({"query": query, **endpoint.more}), {
        "Accept": accept,
        "Content-Type": "application/x-www-form-urlencoded",
    }


_TABLE = "text/csv, application/n-triples;q=0.9"


def timed(endpoint: Endpoint, query: str) -> Time | None:
    """What an answer takes; None when it failed or took too long. Nothing is kept of it but its last piece."""
    address = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=LIMIT)
    body, headers = _request(endpoint, query, _TABLE)
    before, begun = endpoint.cpu(), time.monotonic()
    try:
        connection.request("POST", address.path, body, headers)
        response = connection.getresponse()
        while response.read(1 << 20):
            if time.monotonic() - begun > LIMIT:
                return None
        took = time.monotonic() - begun
        return Time(took, max(0.0, endpoint.cpu() - before)) if response.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def lookups(endpoint: Endpoint, datasets: int) -> dict[str, str]:
    """Look-ups a second, and for each second of the server's processors, at 8 and 64 connections, no two the same."""
    found = {}
    for title, connections, salt in (
        ("8 connections", 8, 800_000),
        ("64 connections", 64, 6_400_000),
        ("8 connections, asked before", 8, 800_000),
    ):
        before, begun = endpoint.cpu(), time.monotonic()
        answered, failed = _look_up(endpoint, connections, datasets, salt)
        found[title] = _rate(answered, time.monotonic() - begun, endpoint.cpu() - before, failed)
    return found


def _rate(number: int, took: float, used: float, failed: int) -> str:
    text = f"{number / took:.0f}/s, {number / max(used, 0.01):.0f} per core-second"
    return f"{text}, {failed} failed" if failed else text


def _look_up(endpoint: Endpoint, connections: int, datasets: int, salt: int) -> tuple[int, int]:
    """How many of `LOOKUPS` were answered within their time, and how many failed."""
    outcomes: list[int] = []
    address = urlsplit(endpoint.url)
    deadline = time.monotonic() + LOOKING

    def some(first: int) -> None:
        connection = http.client.HTTPConnection(address.netloc, timeout=LIMIT)
        for n in range(first, LOOKUPS, connections):
            if time.monotonic() > deadline:
                break
            query = f"SELECT ?p ?o {{ <https://data.example.org/dataset/{n % datasets}> ?p ?o }} LIMIT {salt + n}"
            target = f"{address.path}?{urlencode({'query': query, **endpoint.more})}"
            connection.request("GET", target, headers={"Accept": "application/sparql-results+json"})
            response = connection.getresponse()
            response.read()
            outcomes.append(response.status)
        connection.close()

    threads = [threading.Thread(target=some, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes.count(200), len(outcomes) - outcomes.count(200)


def long_result(endpoint: Endpoint) -> str:
    """First byte, throughput and memory of a million rows."""
    address = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=LIMIT * 2)
    body, headers = _request(endpoint, "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1000000", "text/csv")
    begun = time.monotonic()
    connection.request("POST", address.path, body, headers)
    response = connection.getresponse()
    size, rows, peak = 0, -1, 0
    first = 0.0
    while piece := response.read(1 << 20 if first else 1):
        first = first or time.monotonic() - begun
        size += len(piece)
        rows += piece.count(b"\n")
        peak = max(peak, endpoint.memory()) if size % 7 == 0 or not peak else peak
    took = time.monotonic() - begun
    connection.close()
    return f"{first * 1000:.0f} ms, {rows:,} rows at {rows / took:,.0f}/s ({size / took / 1e6:.0f} MB/s), {peak} MB"


def report(found: dict[str, Figures], datasets: int) -> str:
    """The section of the page."""
    names = list(found)
    told = f"Seconds by wall clock, in brackets of processor; `–`: none within {LIMIT:.0f} s."
    lines = [f"{described()} {datasets:,} datasets. {told}", ""]
    lines += ["| query | " + " | ".join(f"{n} cold | {n} warm" for n in names) + " |"]
    lines += ["|---|" + "---:|---:|" * len(names)]
    for query in found[names[0]].cold:
        cells = [f"{_seconds(found[n].cold[query])} | {_seconds(found[n].warm[query])}" for n in names]
        lines.append(f"| {query} | " + " | ".join(cells) + " |")
    for title, share in (("p50", 0.5), ("p95", 0.95)):
        cells = [f"{_at(found[n].cold, share)} | {_at(found[n].warm, share)}" for n in names]
        lines.append(f"| **{title}** | " + " | ".join(cells) + " |")
    cells = [f"{_mean(found[n].cold)} | {_mean(found[n].warm)}" for n in names]
    lines.append(f"| **geometric mean** ({LIMIT:.0f} s for none) | " + " | ".join(cells) + " |")
    lines += ["", *_goals(found), "", "| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for key in dict.fromkeys(key for n in names for key in found[n].rates):
        lines.append(f"| look-ups, {key} | " + " | ".join(found[n].rates.get(key, "") for n in names) + " |")
    lines.append("| a million rows: first byte, rate, memory | " + " | ".join(found[n].stream for n in names) + " |")
    lines.append("| memory at the end | " + " | ".join(f"{found[n].memory} MB" for n in names) + " |")
    return "\n".join(lines)


def _goals(found: dict[str, Figures]) -> list[str]:
    """What is judged: warm, ahead of each other on every query; cold, a tenth or 5 ms behind the native one at most."""
    ours, lines = found["garonne"], []
    for name in [n for n in found if n != "garonne"]:
        behind = [q for q in ours.warm if _wall(ours.warm[q]) > _wall(found[name].warm[q])]
        lines.append(f"- warm, behind {name} on {_listed(behind)}")
    native = found["oxigraph"].cold
    slower = [q for q in ours.cold if _wall(ours.cold[q]) > max(_wall(native[q]) * 1.1, _wall(native[q]) + 0.005)]
    lines.append(f"- cold, more than 10 % and 5 ms behind oxigraph on {_listed(slower)}")
    return lines


def _listed(queries: list[str]) -> str:
    return f"{len(queries)}: {', '.join(queries)}" if queries else "none"


def _wall(time: Time | None) -> float:
    return LIMIT if time is None else time.wall


def _seconds(time: Time | None) -> str:
    return "–" if time is None else f"{time.wall:.3f} ({time.cpu:.2f})"


def _filled(values: dict[str, Time | None]) -> list[float]:
    return sorted(_wall(v) for v in values.values())


def _at(values: dict[str, Time | None], share: float) -> str:
    ordered = _filled(values)
    return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.3f}"


def _mean(values: dict[str, Time | None]) -> str:
    ordered = _filled(values)
    return f"{math.exp(sum(math.log(max(v, 1e-4)) for v in ordered) / len(ordered)):.4f}"
