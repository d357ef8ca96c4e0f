"""A few changed datasets in a large catalogue: what finding their faults costs, on the way that a harvest takes.

A portal is harvested with the configured profiles; then some records change, and what the next run would judge is
judged several times over in a draft that is thrown away: which datasets are concerned, what is said around them, and
the findings.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

from catalog.draft import Draft
from catalog.releases import Releases
from catalog.settings import Settings, load
from catalog.staging import Staging
from harvest.lookups import Lookups, lines
from harvest.validation import Validator
from tests.bench.harvest import PORTAL
from tests.bench.machine import GARONNE, cost, described
from tests.bench.page import merge_rows

TITLE = "One changed dataset in a large catalogue"
SAMPLE = 200
"""Datasets that are judged one by one."""
CHANGED = 10


def options(parser: argparse.ArgumentParser) -> None:
    """`--catalogues`."""
    parser.add_argument("--catalogues", default="100000", help="change: datasets of the portals, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every size in turn."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    rows = {f"{size:,}": _row(size) for size in map(int, args.catalogues.split(","))}
    return "\n".join(
        [
            described(),
            "",
            f"| datasets | one dataset: median | 95 % within | of processor | conformance of a run with {CHANGED} |",
            "|---:|---:|---:|---:|---:|",
            *merge_rows(kept, rows),
        ]
    )


def _row(size: int) -> str:
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        config = Path(name) / "garonne.toml"
        portal = subprocess.Popen(
            [sys.executable, str(PORTAL), "--port", "0", "--datasets", str(size)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert portal.stdout is not None
            url = portal.stdout.readline().strip()
            config.write_text(
                '[catalog]\nbase = "http://127.0.0.1:8099/"\n'
                f'[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{url}"\nallow_private = true\n',
                encoding="utf-8",
            )
            command = [GARONNE, "--config", config, "harvest", "run", "--json"]
            cost(command)
            urlopen(Request(f"{url}/_control?change={CHANGED}", method="POST")).read()
            run = json.loads(cost(command).output)["phases"]["conformance"]
        finally:
            portal.kill()
        walls, processor = judge_one_by_one(load(config))
        median, most = statistics.median(walls), statistics.quantiles(walls, n=20)[-1]
        return (
            f"| {size:,} | {median * 1000:.1f} ms | {most * 1000:.1f} ms | {processor / len(walls) * 1000:.1f} ms |"
            f" {run:.2f} s |"
        )


def judge_one_by_one(settings: Settings) -> tuple[list[float], float]:
    """Seconds for each dataset judged alone as if it had changed, and seconds of processor for all of them."""
    releases = Releases(settings.store.path)
    current = releases.current()
    assert current is not None
    validator = Validator(settings)
    staging = Staging(settings.store.path, current)
    try:
        with closing(Draft(settings.store.path, current.number + 1, datetime.now(UTC), settings.catalog.base)) as draft:
            sql = "SELECT iri FROM descriptions WHERE kind = 'dataset' AND until IS NULL ORDER BY iri"
            iris = [row["iri"] for row in draft.db.execute(sql)]
            chosen = iris[:: max(1, len(iris) // SAMPLE)]
            _judge(chosen[0], validator, Lookups(draft, staging.workspace))  # compiles the shapes, once a run
            processor = time.process_time()
            walls = [_timed(iri, validator, draft, staging) for iri in chosen]
            return walls, time.process_time() - processor
    finally:
        staging.close()


def _timed(iri: str, validator: Validator, draft: Draft, staging: Staging) -> float:
    began = time.perf_counter()
    _judge(iri, validator, Lookups(draft, staging.workspace))  # nothing remembered from the dataset before
    return time.perf_counter() - began


def _judge(iri: str, validator: Validator, look: Lookups) -> None:
    """What a run does for a dataset of which every statement has changed: whom does it concern, what is found."""
    (dataset,) = look.described([iri])
    validator.concerned(iri, lines(dataset), look)
    validator.findings([dataset], look)
