"""A columnar engine beside ours: whether it gives the same terms, and how long it takes, on the reference queries.

`maplib` (SPARQL on Polars) runs in a process of its own that is started anew after whatever ends it. Results are
compared as multisets of rows, term for term; what has a LIMIT without an order is compared by its number of rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, QueryResultsFormat, RdfFormat, Store

from catalog.engine import Engine
from tests.bench.endpoints import built, kept
from tests.bench.machine import described
from tests.bench.sparql import QUERIES

TITLE = "A columnar engine on the reference queries"
_LEFT = re.compile(r"\b(?:GRAPH|FROM|CONSTRUCT|ASK|DESCRIBE)\b")
"""It has no named graphs here, and its other results are of another shape."""

_LANE = """
import json, sys, time
from maplib import Model
model = Model()
model.read(sys.argv[1], format="ntriples")
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    began = time.process_time()
    try:
        found = {"found": model.query(json.loads(line), return_json=True)}
    except Exception as e:
        found = {"error": f"{type(e).__name__}: {e}"[:200]}
    print(json.dumps(found | {"seconds": time.process_time() - began}), flush=True)
"""


def options(parser: argparse.ArgumentParser) -> None:
    """`--columnar-datasets`, the size of the catalogue."""
    parser.add_argument("--columnar-datasets", type=int, default=10_000, help="datasets of the catalogue of `columnar`")


def measure(args: argparse.Namespace, written: str) -> str:
    """Every reference query that both can read."""
    if importlib.util.find_spec("maplib") is None:
        return written or "Not measured: `maplib` is not installed."
    at = kept(args.columnar_datasets)
    store = Store.read_only(str(built(at, args.columnar_datasets)))
    with tempfile.TemporaryDirectory(dir=at) as name:
        data = Path(name) / "default.nt"
        store.dump(str(data), RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        rows = list(_compared(Engine(store), data))
    lines = [f"{described()} {args.columnar_datasets:,} datasets. Seconds of processor time.", ""]
    lines += ["| query | ours | columnar | the same terms |", "|---|---:|---:|---|", *(f"| {row} |" for row in rows)]
    return "\n".join(lines)


@contextmanager
def lane(data: Path) -> Iterator[subprocess.Popen[str]]:
    """The other engine, loaded."""
    command = [sys.executable, "-c", _LANE, str(data)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            _told(process)
            yield process
        finally:
            process.kill()


def _compared(engine: Engine, data: Path) -> Iterator[str]:
    waiting = [f for f in sorted(QUERIES.glob("q*.rq")) if not _LEFT.search(_plain(f.read_text()))]
    while waiting:
        with lane(data) as process:
            while waiting and process.poll() is None:
                file = waiting.pop(0)
                row, alive = _one(engine, process, file.read_text())
                yield f"{file.stem} | {row}"
                if not alive:
                    break


def _one(engine: Engine, process: subprocess.Popen[str], query: str) -> tuple[str, bool]:
    began = time.process_time()
    out = io.BytesIO()
    engine.ask(query).table(out, QueryResultsFormat.JSON)
    took = time.process_time() - began
    ours = json.loads(out.getvalue())["results"]["bindings"]
    with suppress(BrokenPipeError):
        print(json.dumps(query), file=process.stdin, flush=True)
    told = _told(process)
    if told is None:
        return f"{took:.3f} | – | its process ended", False
    if "error" in told:
        return f"{took:.3f} | – | {told['error'].splitlines()[0].replace('|', '/')}", False
    return f"{took:.3f} | {told['seconds']:.3f} | {_judged(query, ours, json.loads(told['found']))}", True


def _told(process: subprocess.Popen[str]) -> Any:
    line = process.stdout.readline() if process.stdout else ""
    return json.loads(line) if line else None


def _judged(query: str, ours: list[Any], theirs: Any) -> str:
    found = theirs["results"]["bindings"]
    left, right = Counter(map(_row, ours)), Counter(map(_row, found))
    if left == right:
        return "yes"
    cut = re.search(r"\bLIMIT\s+(\d+)\s*$", query.strip())
    if cut is not None and len(ours) == len(found) == int(cut[1]):
        return "as many rows"
    one, other = next(iter(left - right), "nothing"), next(iter(right - left), "nothing")
    return f"no: `{one}`, not `{other}`"


def _row(row: dict[str, dict[str, str]]) -> str:
    terms = {
        name: [t["value"][:40].replace("|", "/"), t.get("datatype", t.get("xml:lang", "")).lower()]
        for name, t in row.items()
    }
    return json.dumps(dict(sorted(terms.items())), ensure_ascii=False).replace(
        "http://www.w3.org/2001/xmlschema#", "xsd:"
    )


def _plain(query: str) -> str:
    return re.sub(r"^\s*#.*$", "", query, flags=re.MULTILINE)
