"""A thousand hostile queries from fifty clients beside one polite client, with a release switched in the middle."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.api import attack
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.bench.machine import described

TITLE = "SPARQL under attack"


def options(parser: argparse.ArgumentParser) -> None:
    """`--hostile`, how many hostile queries."""
    parser.add_argument("--hostile", type=int, default=1000, help="hostile queries of `attack`, from 50 clients")


def measure(args: argparse.Namespace, _kept: str) -> str:
    """Once with the budgets of a default service, once with none, so that every query is really evaluated."""
    lines = [described() + " Times are p50 / p99 / worst.", ""]
    lines.append(
        "| | a server that does nothing | the polite client | failures | hostile queries ended as | left behind |"
    )
    lines.append("|---|---:|---:|---:|---|---|")
    for title, limits in (("budgets as by default", {}), ("without budgets", {"budget": 1e6, "errors": 1_000_000})):
        lines.append(_row(title, limits, args.hostile))
    return "\n".join(lines)


def _row(title: str, limits: dict[str, object], hostile: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        settings = settings_in(Path(name), query={"timeout": 5.0, "memory": 512, **limits}, serve={"queue": 128})
        city = City(settings)
        city.publish(TITLES)
        with Server(settings, Path(name)) as server:
            server.sparql("ASK {}")
            files = attack.descriptors(server)
            report = attack.attack(
                server,
                clients=50,
                hostile=hostile,
                patience=1.0,
                polite="SELECT ?d{n} { ?d{n} a <http://www.w3.org/ns/dcat#Dataset> }",
                during=lambda: city.publish({"autre": "Autre"}) and None,
            )
            deadline = time.monotonic() + 30
            while (left := attack.left_behind(server, 2, files)) and time.monotonic() < deadline:
                time.sleep(0.5)
    ends = ", ".join(f"{count} {end}" for end, count in report.hostile.most_common())
    times = " | ".join(_times(waits) for waits in (report.bare, report.waits))
    return f"| {title} | {times} | {len(report.failures)} of {len(report.waits)} | {ends} | {left or 'nothing'} |"


def _times(waits: list[float]) -> str:
    found = (attack.percentile(waits, 0.5), attack.percentile(waits, 0.99), max(waits))
    return " / ".join(f"{1000 * wait:.0f}" for wait in found) + " ms"
