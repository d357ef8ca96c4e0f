"""What a harvest costs where little or nothing changed: after the fetch, and until it can be seen.

The portal takes its own time to write its answers, so that it is told apart: `fetch` is the time in which the run
waited for records and parsed them. A change counts as seen when SPARQL and the feed answer with the new title.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.bench.harvest import PORTAL
from tests.bench.machine import GARONNE, SHARED, Cost, cost, described, today
from tests.bench.page import merge_rows

TITLE = "Harvests in which little changes"


def options(parser: argparse.ArgumentParser) -> None:
    """`--portals`."""
    parser.add_argument("--portals", default="10000,100000", help="incremental: datasets of the portals, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every size in turn."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    rows = {f"{size:,}": _row(size) for size in map(int, args.portals.split(","))}
    return "\n".join(
        [
            f"{described()} With the configured profiles. Processor time is the run's alone, fetch and start included.",
            "",
            "| datasets | unchanged again | datasets/s | processor | one changed: processor | SPARQL | feed | on |",
            "|---:|---:|---:|---:|---:|---:|---:|---|",
            *merge_rows(kept, rows),
        ]
    )


def _row(size: int) -> str:
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name, _portal(size) as url:
        config = Path(name) / "garonne.toml"
        config.write_text(
            '[catalog]\nbase = "http://127.0.0.1:8099/"\n'
            f'[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{url}"\nallow_private = true\n',
            encoding="utf-8",
        )
        command = [GARONNE, "--config", config, "harvest", "run", "--json", "--quiet"]
        cost(command)
        unchanged = cost(command)
        after = _after(unchanged)
        changed, sparql, feed = _seen(config, url, command)
        return (
            f"| {size:,} | {after:.2f} s | {size / after:,.0f} | {unchanged.cpu:.1f} s | {changed.cpu:.1f} s |"
            f" {sparql:.2f} s | {feed:.2f} s | {today()} |"
        )


def _after(run: Cost) -> float:
    """Seconds of a run that were not spent on the fetch."""
    summary = json.loads(run.output)
    return float(summary["seconds"] - summary["phases"]["fetch"])


def _seen(config: Path, portal: str, command: list[str | Path]) -> tuple[Cost, float, float]:
    """A run with one changed dataset, and how long after its fetch the change was seen at either door."""
    (title,) = {f"{default['title']} *" for default in _defaults()[:1]}
    literal = json.dumps(title, ensure_ascii=False)
    query = f"ASK {{ ?d <http://purl.org/dc/terms/title> ?t VALUES ?t {{ {literal}@fr {literal} }} }}"
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with _server(config) as address, ThreadPoolExecutor(3) as pool:
        urlopen(Request(f"{portal}/_control?change=1", method="POST")).read()
        run = pool.submit(cost, command)
        doors = (
            (f"{address}/sparql?{urlencode({'query': query})}", '"boolean":true'),
            (f"{address}/catalog.ttl?{urlencode({'modified_since': since})}", title),
        )
        sparql, feed = (pool.submit(_until, url, wanted) for url, wanted in doors)
        read = float(json.loads(run.result().output)["phases"]["fetched"])
        return run.result(), sparql.result() - read, feed.result() - read


def _defaults() -> list[dict[str, Any]]:
    """The metadata of the portal's first records, in its order."""
    saved = json.loads((SHARED / "data/real/opendatasoft/derived/public-portal-2015.v21.json").read_text("utf-8"))
    return [record["metas"]["default"] for record in saved["results"]]


def _until(url: str, wanted: str) -> float:
    """When a door first answered with this; it is asked thirty times a second, for two minutes at most."""
    for _ in range(3600):
        with (
            suppress(OSError),
            urlopen(
                Request(url, headers={"Accept": "application/sparql-results+json, text/turtle"}), timeout=30
            ) as answer,
        ):
            if wanted in answer.read().decode():
                return time.time()
        time.sleep(1 / 30)
    sys.exit(f"{wanted} was never seen at {url}")


@contextmanager
def _portal(size: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(PORTAL), "--port", "0", "--datasets", str(size)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


@contextmanager
def _server(config: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [str(GARONNE), "--config", str(config), "serve", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        yield next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.]+:\d+", line)))
    finally:
        process.terminate()
        process.wait()
