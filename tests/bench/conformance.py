"""SHACL: every engine on the same data with the full DCAT-AP 3.0.1 shapes, ours alone on more, and small things cold.

Each engine runs in a process of its own, once, from cold; results are compared one by one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.judges import JUDGES, Judged, Unavailable, judge, results, write_ntriples
from tests.bench.machine import GARONNE, SHARED, cost, described
from tests.shapes.catalogues import CORRECT
from tests.shapes.official import FULL, make_catalogue, official

TITLE = "Conformance (SHACL)"
COLD = 7
"""Starts of `garonne validate` of which the median counts."""
_HEADING = (
    "| datasets | engine | in validation | processor | whole process | peak memory | results | same | ours is |",
    "|---:|---|---:|---:|---:|---:|---:|---|---|",
)
LEAST = {"pyshacl": 50.0, "topbraid": 3.0}
"""How many times faster than each other engine ours is to be."""


@dataclass
class Lap:
    """What one engine made of one catalogue; `same` is whether its results are ours, `why` why there are none."""

    engine: str
    found: Judged | None
    same: bool = True
    why: str = ""


def options(parser: argparse.ArgumentParser) -> None:
    """`--together`, `--alone`, `--pyshacl-most`."""
    parser.add_argument("--together", default="1000,5000", help="conformance: datasets that every engine judges")
    parser.add_argument("--alone", default="20000,100000", help="conformance: datasets that ours judges alone")
    parser.add_argument(
        "--pyshacl-most", type=int, default=5000, help="conformance: datasets that pySHACL judges, at most"
    )


def measure(args: argparse.Namespace, kept: str) -> str:
    """Every table, each measured once."""
    if not (SHARED / "tools/catalogue.py").exists():
        sys.exit("the catalogue that the engines judge is made by ../shared/tools/catalogue.py, which is absent")
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(Path(name))
        parts = [described()]
        for part in (
            bench.cold,
            lambda: bench.together(_sizes(args.together), args.pyshacl_most),
            lambda: bench.spanish(args.pyshacl_most),
            lambda: bench.alone(_sizes(args.alone)),
        ):
            parts.append(part())
            print(parts[-1], file=sys.stderr, flush=True)  # an hour may pass before the last
    return "\n\n".join(parts)


def _sizes(given: str) -> list[int]:
    return [int(size) for size in given.split(",") if size]


class _Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def together(self, sizes: list[int], pyshacl_most: int) -> str:
        """All engines, one after the other on the same file."""
        lines = [
            f"Full DCAT-AP {FULL} shapes, all engines on the same file:",
            "",
            *_HEADING,
        ]
        for size in sizes:
            left_out = {"pyshacl"} if size > pyshacl_most else set()
            laps = self.laps(self.catalogue(size), self.shapes(FULL), left_out)
            lines += [_row(f"{size:,}", lap, laps[0]) for lap in laps]
        return "\n".join(lines)

    def alone(self, sizes: list[int]) -> str:
        """Our engine on growing catalogues."""
        lines = [
            "Ours on growing catalogues, the same shapes:",
            "",
            "| datasets | in validation | processor | for 1,000 datasets | whole process | peak memory | results |",
            "|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for size in sizes:
            found = judge("garonne", self.catalogue(size), self.shapes(FULL), self.folder / "rows")
            lines.append(
                f"| {size:,} | {found.wall:.2f} s | {found.cpu:.2f} s | {found.cpu / size * 1e6:.0f} ms |"
                f" {found.whole:.1f} s | {found.peak:,} MB | {found.count:,} |"
            )
        return "\n".join(lines)

    def spanish(self, pyshacl_most: int) -> str:
        """DCAT-AP-ES, whose 22 SPARQL constraints slow engines down."""
        lines = [
            "DCAT-AP-ES with its 22 SPARQL constraints, 100 datasets:",
            "",
            *_HEADING,
        ]
        left_out = {"pyshacl"} if pyshacl_most < 5000 else set()  # a minute or two, for those who give it time
        laps = self.laps(self.catalogue(100), self.shapes("ES"), left_out)
        return "\n".join([*lines, *(_row("100", lap, laps[0]) for lap in laps)])

    def cold(self) -> str:
        """`garonne validate` of one small file, from the start of the process to its end."""
        file = self.folder / "small.ttl"
        file.write_text(CORRECT, encoding="utf-8")
        taken = sorted((one.seconds, one.cpu) for one in (cost([GARONNE, "validate", file]) for _ in range(COLD)))
        wall, processor = taken[COLD // 2]
        return (
            f"`garonne validate` of one small file, from a cold start: {wall:.2f} s ({processor:.2f} s of processor;"
            f" median of {COLD}, from {taken[0][0]:.2f} to {taken[-1][0]:.2f} s). Goal: under 0.7 s."
        )

    def laps(self, data: Path, shapes: Path, left_out: set[str]) -> list[Lap]:
        """Every engine on these files, ours first."""
        found: list[Lap] = []
        ours = None
        for name in JUDGES:
            rows = self.folder / f"rows.{name}"
            if name in left_out:
                found.append(Lap(name, None, why="left out at this size"))
                continue
            try:
                taken = judge(name, data, shapes, rows)
            except Unavailable as reason:
                found.append(Lap(name, None, why=str(reason)))
                continue
            its = results(rows)
            ours = its if ours is None else ours
            found.append(Lap(name, taken, same=its == ours))
        return found

    def catalogue(self, datasets: int) -> Path:
        """A made catalogue as N-Triples; only the last is kept, the large ones take a gigabyte."""
        place = self.folder / f"{datasets}.nt"
        if not place.exists():
            for old in self.folder.glob("[0-9]*.nt"):
                old.unlink()
            make_catalogue(datasets, place)
        return place

    def shapes(self, name: str) -> Path:
        """A set of official shapes as N-Triples."""
        place = self.folder / f"shapes-{name}.nt"
        if not place.exists():
            write_ntriples(official(name).triples, place)
        return place


def _row(size: str, lap: Lap, ours: Lap) -> str:
    if lap.found is None:
        return f"| {size} | {lap.engine} | {lap.why} | | | | | | |"
    found = lap.found
    same = "" if lap.engine == ours.engine else "yes" if lap.same else "**no**"
    return (
        f"| {size} | {lap.engine} | {found.wall:.2f} s | {found.cpu:.2f} s | {found.whole:.1f} s | {found.peak:,} MB |"
        f" {found.count:,} | {same} | {_ratio(lap, ours)} |"
    )


def _ratio(lap: Lap, ours: Lap) -> str:
    """How many times faster ours is, and what the goal was."""
    if lap.found is None or ours.found is None or lap.engine == ours.engine:
        return ""
    times, least = lap.found.cpu / ours.found.cpu, LEAST[lap.engine]
    return f"{times:.0f} times faster (goal {least:.0f}{'' if times >= least else ', not met'})"
