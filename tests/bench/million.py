"""From a thousand datasets to a million: harvested, validated, published, copied, queried; and how each cost grows.

Hours at a million, so every step is written down when it ends, in the folder of `--million-folder`, and what is written
down there is not done again: a bench that was stopped goes on with the step that it was in.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.bench.harvest import PORTAL
from tests.bench.machine import GARONNE, described
from tests.bench.page import merge_rows

TITLE = "From a thousand datasets to a million"
QUERIES = {
    "count": "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }",
    "look-up": "SELECT ?p ?o { ?d dct:identifier ?i ; ?p ?o } LIMIT 50",
    "by theme": "SELECT ?t (COUNT(*) AS ?n) { ?d dcat:theme ?t } GROUP BY ?t ORDER BY DESC(?n)",
    "join": "SELECT ?d ?u { ?d dcat:theme eu-theme:ENVI ; dcat:distribution ?x . ?x dct:format eu-type:CSV ;"
    " dcat:downloadURL ?u } LIMIT 1000",
    "findings": "SELECT ?m (COUNT(*) AS ?n) { GRAPH ?g { ?r sh:sourceShape ?m } } GROUP BY ?m ORDER BY DESC(?n)",
}
PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX eu-theme: <http://publications.europa.eu/resource/authority/data-theme/>
PREFIX eu-type: <http://publications.europa.eu/resource/authority/file-type/>
"""
PAGES = {"feed, first page": "/catalog.ttl", "feed, last page": "/catalog.ttl?page={last}", "home": "/?lang=en"}
NEEDED = {True: 90_000, False: 60_000}
"""Bytes on the disk that a dataset takes at most while it is harvested, with its findings and without."""
MOST_BYTES = 20_000_000_000
"""The export of a million is larger than what the settings accept by themselves."""
STEPS = ("harvest", "unchanged", "one changed", "export", "queries")
Result = dict[str, Any]


def options(parser: argparse.ArgumentParser) -> None:
    """`--million-folder`, `--million-profiles`; the sizes are those of `harvest`."""
    parser.add_argument("--million-folder", type=Path, help="million: where stores and what was measured are kept")
    parser.add_argument("--million-keep", action="store_true", help="million: leave the stores when all is measured")
    parser.add_argument("--million-profiles", help="million: profiles with commas, '' for none; the defaults else")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every size in turn, each step once."""
    if not PORTAL.exists():
        sys.exit("the portal that the bench harvests stands in ../shared/tools, and is absent")
    folder: Path = args.million_folder or Path(os.environ.get("GARONNE_BENCH_DIR", "/tmp")) / "garonne-million"  # noqa: S108  a folder that a later run finds again
    sizes = [int(size) for size in args.sizes.split(",")]
    results = {
        size: _Size(folder / str(size), size, args.million_profiles).run(keep=args.million_keep) for size in sizes
    }
    return "\n\n".join([described(), _judged(args.million_profiles), *_tables(results, kept)])


class _Size:
    """One size: its folder, with the store and `steps.json`, what was measured so far."""

    def __init__(self, folder: Path, size: int, profiles: str | None) -> None:
        self.folder = folder
        self.size = size
        self.profiles = profiles
        self.written = folder / "steps.json"
        self.done: Result = json.loads(self.written.read_text()) if self.written.exists() else {}
        self.config = folder / "garonne.toml"
        self.store = folder / "var"

    def run(self, *, keep: bool) -> Result:
        self.folder.mkdir(parents=True, exist_ok=True)
        free, needed = shutil.disk_usage(self.folder).free, NEEDED[self.profiles != ""] * self.size
        if "harvest" not in self.done and free < needed:
            sys.exit(
                f"{self.size:,} datasets need about {needed >> 30} GiB in {self.folder}, and {free >> 30} are free"
            )
        if not all(step in self.done for step in STEPS):
            with self._portal() as url:
                for step in STEPS:
                    if step not in self.done:
                        self._log(f"{step} …")
                        self._keep(step, getattr(self, f"_{step.replace(' ', '_')}")(url))
        if not keep:
            for place in (self.store, self.folder / "copy"):
                shutil.rmtree(place, ignore_errors=True)
        return self.done

    def _keep(self, step: str, result: Result) -> None:
        self.done[step] = {**result, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        pending = self.written.with_suffix(".tmp")
        pending.write_text(json.dumps(self.done, indent=1))
        pending.replace(self.written)
        self._log(f"{step}: {json.dumps(result)}")

    def _log(self, text: str) -> None:
        line = f"{datetime.now(UTC):%H:%M:%S} {self.size:,}: {text}"
        with (self.folder / "log").open("a") as log:
            log.write(line + "\n")
        print(line, file=sys.stderr, flush=True)

    @contextmanager
    def _portal(self) -> Iterator[str]:
        """The portal, at the same address each time: it is a part of what the datasets say."""
        known = self.folder / "port"
        port = known.read_text() if known.exists() else "0"
        command = [sys.executable, str(PORTAL), "--port", port, "--datasets", str(self.size)]
        portal = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert portal.stdout is not None
            url = portal.stdout.readline().strip()
            known.write_text(url.rpartition(":")[2])
            validation = (
                "" if self.profiles is None else f"profiles = {json.dumps([p for p in self.profiles.split(',') if p])}"
            )
            self.config.write_text(
                f'[catalog]\nbase = "http://127.0.0.1:8099/"\n[query]\ntimeout = 600.0\nmemory = 4096\nbudget = 1e6\n'
                f"[validation]\n{validation}\n[store]\nkeep = 2\n[harvest]\nmax_bytes = {MOST_BYTES}\n"
                f'[[source]]\nid = "portal"\nkind = "opendatasoft"\nurl = "{url}"\nallow_private = true\n',
                encoding="utf-8",
            )
            yield url
        finally:
            portal.kill()
            portal.wait()

    # ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────

    def _harvest(self, _url: str) -> Result:
        if not (self.store / "current").exists():  # what a stopped run left is the next one's to remove; it is measured
            shutil.rmtree(self.store, ignore_errors=True)
        found = _watched(self._command("harvest", "run", "--json"))
        parts = {part: _disk(self.store / part) for part in ("releases", "bookkeeping.sqlite")}
        manifest = json.loads(next((self.store / "releases").glob("*/manifest.json")).read_text())
        return {
            **found,
            "disk": _disk(self.store),
            **parts,
            "quads": manifest["quads"],
            "datasets": manifest["datasets"],
        }

    def _unchanged(self, _url: str) -> Result:
        return _watched(self._command("harvest", "run", "--json"))

    def _one_changed(self, url: str) -> Result:
        urlopen(Request(f"{url}/_control?change=1", method="POST")).read()
        return _watched(self._command("harvest", "run", "--json"))

    def _export(self, _url: str) -> Result:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        number = (self.store / "current").read_text().strip()
        found = _watched(self._command("releases", "export", number, str(copy)))
        return {**found, "disk": _disk(copy)}

    def _queries(self, _url: str) -> Result:
        command = self._command("serve", "--port", "0", "--release", str(self.folder / "copy"))
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stderr is not None
            began = time.monotonic()
            address = next(m[0] for m in (re.search(r"http://[\d.]+:\d+", line) for line in server.stderr) if m)
            threading.Thread(target=server.stderr.read, daemon=True).start()
            while not _ready(address):
                time.sleep(0.02)
            found: Result = {"ready": round(time.monotonic() - began, 2)}
            for name, query in QUERIES.items():
                asked = urlencode({"query": PREFIXES + query, "format": "csv"})
                found[name] = _timed(f"{address}/sparql?{asked}")
            pages = math.ceil(self.done["harvest"]["datasets"] / 100)
            for name, path in PAGES.items():
                found[name] = _timed(address + path.format(last=pages))
            return found
        finally:
            server.terminate()
            server.wait()

    def _command(self, *arguments: str) -> list[str]:
        return [str(GARONNE), "--config", str(self.config), *arguments]


def _watched(command: list[str]) -> Result:
    """Runs a command: seconds, processor, peak and, at each tenth of its time, present memory in MB; its phases."""
    began, seen = time.monotonic(), list[tuple[float, int]]()
    with (Path(command[2]).parent / "out").open("w+") as out, (Path(command[2]).parent / "err").open("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            seen.append((time.monotonic() - began, _resident(process.pid)))
            time.sleep(min(1.0, 0.02 + len(seen) / 100))
        took = time.monotonic() - began
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        out.seek(0)
        err.seek(0)
        if code not in {0, 1}:
            sys.exit(f"{' '.join(command)}: failed with {code}: {err.read()[-2000:]}")
        said = out.read()
    phases = json.loads(said).get("phases", {}) if said.lstrip().startswith("{") else {}
    tenths = [max((m for at, m in seen if t <= 10 * at / took < t + 1), default=0) for t in range(10)]
    return {
        "seconds": round(took, 2),
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "peak": used.ru_maxrss // 1024,
        "memory": tenths,
        "phases": {name: round(value, 3) for name, value in phases.items() if name != "last_write"},
    }


def _resident(pid: int) -> int:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


def _disk(place: Path) -> int:
    """MB on the disk, each file once however many names it has."""
    files = [place] if place.is_file() else [f for f in place.rglob("*") if f.is_file()]
    return sum({(s := f.stat()).st_ino: s.st_blocks * 512 for f in files}.values()) // 1_000_000


def _ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/health/ready", timeout=10) as answer:
            return bool(json.load(answer).get("status") == "ok")
    except OSError:
        return False


def _timed(address: str) -> float:
    began = time.monotonic()
    with urlopen(address, timeout=1000) as answer:
        while answer.read(1 << 20):
            pass
    return round(time.monotonic() - began, 3)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _judged(profiles: str | None) -> str:
    """What the datasets of this run were judged by."""
    if profiles == "":
        return "Findings are off (`[validation] profiles = []`), as in a first load of this size."
    return f"Judged by {'the default profiles' if profiles is None else f'the profiles {profiles}'}."


def _tables(results: dict[int, Result], kept: str) -> Iterator[str]:
    for title, columns, cells in _TABLES:
        rows = {f"{size:,}": f"| {size:,} | {' | '.join(cells(size, result))} |" for size, result in results.items()}
        head = ["datasets", *columns]
        before = _table(kept, head)
        yield "\n".join([title, "", _row(head), _row(["---:"] * len(head)), *merge_rows(before, rows)])
    if len(results) > 1:
        yield _growth(results)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(kept: str, head: list[str]) -> str:
    """The table with this head, as it stands on the page."""
    start = kept.find(_row(head))
    return "" if start < 0 else kept[start:].partition("\n\n")[0]


def _growth(results: dict[int, Result]) -> str:
    """By which power of the number of datasets each cost has grown, from one size to the next."""
    sizes = sorted(results)
    lines = [_row(["from, to", *_GROWN]), _row(["---", *["---:"] * len(_GROWN)])]
    for small, large in itertools.pairwise(sizes):
        powers = [
            math.log(max(get(results[large]), 1e-3) / max(get(results[small]), 1e-3), large / small)
            for get in _GROWN.values()
        ]
        lines.append(_row([f"{small:,}, {large:,}", *(f"{power:.2f}" for power in powers)]))
    return "\n".join(["By which power of the number of datasets (1 is in proportion, 0 not at all):", "", *lines])


_GROWN: dict[str, Callable[[Result], float]] = {
    "processor time": lambda r: float(r["harvest"]["cpu"]),
    "peak memory": lambda r: float(r["harvest"]["peak"]),
    "disk": lambda r: float(r["harvest"]["disk"]),
    "unchanged again": lambda r: float(r["unchanged"]["cpu"]),
    "publish": lambda r: float(r["harvest"]["phases"].get("publish", 0)),
}

_TABLES: list[tuple[str, list[str], Callable[[int, Result], list[str]]]] = [
    (
        "Harvested and published (the portal takes its share of the machine):",
        [
            "time",
            "processor time",
            "datasets/s",
            "of it validation",
            "publish",
            "peak memory",
            "memory by tenths of the time",
        ],
        lambda size, r: [
            f"{(h := r['harvest'])['seconds']:.0f} s",
            f"{h['cpu']:.0f} s",
            f"{size / h['seconds']:.0f}",
            f"{h['phases'].get('conformance', 0):.0f} s",
            f"{h['phases'].get('publish', 0):.2f} s",
            f"{h['peak']} MB",
            " ".join(map(str, h["memory"])),
        ],
    ),
    (
        "What it takes on the disk, and what comes after:",
        ["quads", "disk", "store", "bookkeeping", "unchanged again", "one changed", "its publication", "a copy", "of"],
        lambda _, r: [
            f"{(h := r['harvest'])['quads']:,}",
            f"{h['disk']:,} MB",
            f"{h['releases']:,} MB",
            f"{h['bookkeeping.sqlite']:,} MB",
            f"{r['unchanged']['seconds']:.1f} s, {r['unchanged']['peak']} MB",
            f"{r['one changed']['seconds']:.1f} s, {r['one changed']['peak']} MB",
            f"{r['one changed']['phases'].get('publish', 0):.2f} s",
            f"{r['export']['seconds']:.1f} s",
            f"{r['export']['disk']:,} MB",
        ],
    ),
    (
        "A service of the copy: until it is ready, then each for the first time:",
        ["ready", *QUERIES, *PAGES],
        lambda _, r: [f"{r['queries'][name]:.3f} s" for name in ("ready", *QUERIES, *PAGES)],
    ),
]
