"""Files of a department, described: processor time and peak memory, which must not grow with the file."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.machine import cost, described
from tests.bench.page import merge_rows

TITLE = "Files of a department, described as datasets"
_DESCRIBE = """
import sys
from pathlib import Path
from harvest.tables import delimited, geojson
file = Path(sys.argv[1])
if file.suffix == ".csv":
    found = delimited.describe(file, file.name, most=1 << 40)
else:
    found = geojson.describe(file, file.name, limit=1 << 20)
print(found.rows)
"""


def options(parser: argparse.ArgumentParser) -> None:
    """`--rows`."""
    parser.add_argument("--rows", default="100000,1000000", help="tables: rows of the files, with commas")


def measure(args: argparse.Namespace, kept: str) -> str:
    """A CSV and a GeoJSON file of every size, each in a process of its own."""
    rows = dict(_row(kind, int(count)) for count in args.rows.split(",") for kind in _WRITERS)
    return "\n".join(
        [
            described(),
            "",
            "| file | size | processor time | peak memory |",
            "|---|---:|---:|---:|",
            *merge_rows(kept, rows),
        ]
    )


def _row(kind: str, count: int) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"file.{kind}"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(_WRITERS[kind](count))
        spent = cost([sys.executable, "-c", _DESCRIBE, file])
        assert int(spent.output) == count, spent.output
        name = f"{kind}, {count:,} rows"
        size = file.stat().st_size / 1e6
        return name, f"| {name} | {size:.0f} MB | {spent.cpu:.1f} s | {spent.peak} MB |"


def _csv(count: int) -> Iterator[str]:
    yield "id;libelle;insee;date;hauteur;latitude;longitude\n"
    for i in range(count):
        day, place = f"2024-01-{i % 28 + 1:02}", f"43.{i % 9999:04};1.{i % 9999:04}"
        yield f"{i};Arbre numéro {i} de la rue {i % 977};31{i % 1000:03};{day};{i % 300 / 10};{place}\n"


def _geojson(count: int) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    for i in range(count):
        shape = {"type": "Polygon", "coordinates": [[[1.4, 43.5], [1.5, 43.5], [1.5, 43.6], [1.4, 43.5]]]}
        one = {"type": "Feature", "properties": {"id": i, "nom_voie": f"rue {i}", "h": i / 3}, "geometry": shape}
        yield ("," if i else "") + json.dumps(one)
    yield "]}"


_WRITERS: dict[str, Callable[[int], Iterator[str]]] = {"csv": _csv, "geojson": _geojson}
