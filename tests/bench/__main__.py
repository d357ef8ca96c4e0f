"""Measures harvest and publication against the yardsticks, and writes docs/benchmarks.md.

python -m tests.bench [--sizes 10000,100000] [--no-write]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT.parent / "shared/tools/portal.py"
GARONNE = Path(sys.executable).parent / "garonne"


@dataclass
class Figures:
    """One harvest of a portal of `datasets`, and what a small change afterwards costs."""

    datasets: int
    seconds: float
    peak: int
    publish: float
    switch: float
    disk: int
    unchanged: float

    @property
    def rate(self) -> float:
        """Datasets a second, fetch to publication."""
        return self.datasets / self.seconds


def main() -> None:
    """Runs every size in turn and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--no-write", action="store_true")
    args = parser.parse_args()
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    found = [harvest(int(size)) for size in args.sizes.split(",")]
    page = report(found)
    print(page)
    if not args.no_write:
        (ROOT / "docs/benchmarks.md").write_text(page, encoding="utf-8")


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
            first, peak, seconds = run(config)
            _, _, unchanged = run(config)
            disk = sum(f.stat().st_blocks * 512 for f in (folder / "var").rglob("*") if f.is_file())
            switch = time_switch(config, url)
            phases = first["phases"]
            return Figures(datasets, seconds, peak, phases["publish"], switch, disk, unchanged)
        finally:
            portal.kill()


def run(config: Path) -> tuple[dict, int, float]:  # type: ignore[type-arg]  # whatever the summary holds
    """One `garonne harvest run`: its summary, its peak resident size in MB, its seconds."""
    began = time.monotonic()
    command = ["/usr/bin/env", "time", "-f", "%M", str(GARONNE), "--config", str(config), "harvest", "run", "--json"]
    child = [sys.executable, "-c", _MEASURED, *command[4:]]
    done = subprocess.run(child, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    peak = re.search(r"^peak (\d+)$", done.stderr, re.MULTILINE)
    if done.returncode not in (0, 1) or peak is None:
        sys.exit(f"the harvest failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout), int(peak[1]) // 1024, seconds


_MEASURED = (
    "import resource, subprocess, sys\n"
    "code = subprocess.run(sys.argv[1:]).returncode\n"
    "print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(code)\n"
)


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


def report(found: list[Figures]) -> str:
    """The page docs/benchmarks.md."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, on {os.cpu_count()} cores, {platform.machine()},",
        f"Python {platform.python_version()}. The portal runs on the same machine and takes its share of it.",
        "",
        "## Harvest (fetch, map, load, publish; without SHACL)",
        "",
        "| datasets | datasets/s | peak memory | again, unchanged | disk | publish | last write to first answer |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for f in found:
        lines.append(
            f"| {f.datasets:,} | {f.rate:.0f} | {f.peak} MB | {f.unchanged:.1f} s | {f.disk // 1_000_000} MB |"
            f" {f.publish:.2f} s | {f.switch:.2f} s |"
        )
    lines += [
        "",
        "Yardsticks: 500 datasets/s and under 500 MB at 10,000; at 100,000 the rate within a quarter of that and under",
        "1 GB; under 1 s from the last write of a release to the first answer from it at 100,000.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
