"""Every set of official shapes on the real feeds and a made catalogue: our results beside TopBraid's, one by one."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from pyoxigraph import Triple

from tests.bench.judges import Unavailable, judge, missing, results, write_ntriples
from tests.bench.machine import described
from tests.bench.page import merge_rows
from tests.shapes.official import OFFICIAL, catalogue, feeds, official
from tests.shapes.w3c import Row

TITLE = "Agreement with TopBraid"
MADE = 100
"""Datasets of the made catalogue."""


def options(parser: argparse.ArgumentParser) -> None:
    """`--sets`."""
    parser.add_argument("--sets", default=",".join(OFFICIAL), help="agreement: sets of official shapes, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """Both engines on every set named."""
    if reason := missing("topbraid"):
        return kept or f"Not measured: {reason}."
    rows: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.nt"
        statements: dict[Triple, None] = dict.fromkeys(catalogue(MADE))
        for _, feed in feeds():
            statements.update(dict.fromkeys(feed))
        write_ntriples(statements, data)
        for name in args.sets.split(","):
            rows[name] = _row(name, data, Path(folder))
            print(rows[name], flush=True)
    return "\n".join(
        [
            f"{described()} {len(statements):,} statements.",
            "",
            "| shapes | ours | TopBraid | only ours | only TopBraid's | for one |",
            "|---|---:|---:|---:|---:|---|",
            *merge_rows(kept, rows),
        ]
    )


def _row(name: str, data: Path, folder: Path) -> str:
    shapes = folder / "shapes.nt"
    write_ntriples(official(name).triples, shapes)
    found: dict[str, Counter[Row]] = {}
    for engine in ("garonne", "topbraid"):
        try:
            judge(engine, data, shapes, folder / "rows")
        except Unavailable as reason:
            return f"| {name} | | | | | {reason} |"
        found[engine] = results(folder / "rows")
    ours, theirs = found["garonne"], found["topbraid"]
    one, other = ours - theirs, theirs - ours
    example = next(iter(sorted((*one, *other), key=str)), None)
    told = f"`{' '.join(str(part) for part in example).replace('|', '/')}`" if example else ""
    return f"| {name} | {ours.total():,} | {theirs.total():,} | {one.total():,} | {other.total():,} | {told} |"
