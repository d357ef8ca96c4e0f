"""A portal of OpenDataSoft harvested from nothing, again unchanged, and with one change while a server watches."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

from tests.bench.machine import GARONNE, SHARED, Cost, cost, described, today
from tests.bench.page import merge_rows

TITLE = "Harvest (fetch, map, load, publish; without SHACL)"
PORTAL = SHARED / "tools/portal.py"


@dataclass
class Figures:
    """One harvest of a portal of `datasets`, and what a small change afterwards costs."""

    datasets: int
    first: Cost
    portal: float
    publish: float
    switch: float
    disk: int
    unchanged: float

    def row(self) -> str:
        """Its row of the table; processor time includes the portal's."""
        return (
            f"| {self.datasets:,} | {self.datasets / self.first.seconds:.0f} | {self.first.cpu + self.portal:.1f} s |"
            f" {self.first.peak} MB | {self.unchanged:.1f} s | {self.disk // 1_000_000} MB | {self.publish:.2f} s |"
            f" {self.switch:.2f} s | {today()} |"
        )


def options(parser: argparse.ArgumentParser) -> None:
    """`--sizes`."""
    parser.add_argument("--sizes", default="10000,100000", help="harvest: datasets of the portals, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every size in turn, each once."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    found = [harvest(int(size)) for size in args.sizes.split(",")]
    rows = merge_rows(kept, {f"{figures.datasets:,}": figures.row() for figures in found})
    return "\n".join(
        [
            f"{described()} The portal runs on the same machine and takes its share of it.",
            "",
            "| datasets | datasets/s | processor time | peak memory | unchanged again | disk | publish | switch | on |",
            "|---:|---:|---:|---:|---:|---:|---:|---:|---|",
            *rows,
        ]
    )


def harvest(datasets: int) -> Figures:
    """One portal, harvested from nothing, then again unchanged, then with one change while a server watches."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("GARONNE_BENCH_DIR")) as name:
        folder = Path(name)
        portal = subprocess.Popen(
            [sys.executable, str(PORTAL), "--port", "0", "--datasets", str(datasets)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert portal.stdout is not None
            url = portal.stdout.readline().strip()
            config = folder / "garonne.toml"
            config.write_text(
                f'[catalog]\nbase = "http://127.0.0.1:8099/"\n[validation]\nprofiles = []\n'
                f'[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{url}"\nallow_private = true\n',
                encoding="utf-8",
            )
            command = [GARONNE, "--config", config, "harvest", "run", "--json"]
            before = _spent(portal.pid)
            first = cost(command)
            served = _spent(portal.pid) - before
            unchanged = cost(command).seconds
            disk = sum(f.stat().st_blocks * 512 for f in (folder / "var").rglob("*") if f.is_file())
            switch = time_switch(config, url)
            publish = float(json.loads(first.output)["phases"]["publish"])
            return Figures(datasets, first, served, publish, switch, disk, unchanged)
        finally:
            portal.kill()


def _spent(pid: int) -> float:
    """Seconds of processor that a running process has used; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_switch(config: Path, portal: str) -> float:
    """Seconds from the last write of a release with one changed dataset to the first answer from it."""
    server = subprocess.Popen(
        [str(GARONNE), "--config", str(config), "serve", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        address = ""
        for line in server.stderr:
            found = re.search(r"http://[\d.]+:\d+", line)
            if found:
                address = found[0]
                break
        urlopen(Request(f"{portal}/_control?change=1", method="POST")).read()
        harvesting = subprocess.Popen(
            [str(GARONNE), "--config", str(config), "harvest", "run", "--json", "--quiet"],
            stdout=subprocess.PIPE,
            text=True,
        )
        before = _release(address)
        while _release(address) == before and harvesting.poll() is None:
            time.sleep(0.005)
        answered = datetime.now(UTC).timestamp()
        output = harvesting.communicate()[0]
        return answered - float(json.loads(output)["phases"]["last_write"])
    finally:
        server.terminate()
        server.wait()


def _release(address: str) -> str:
    with urlopen(f"{address}/health/ready", timeout=10) as answer:
        return str(json.load(answer).get("release"))
