"""The spellings of the real OpenDataSoft records, and the tables of what is expected of each."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph

from tests.shared import shared

EXPECTED = Path(__file__).parent / "expected"
RDF = {
    ".rdf": pyoxigraph.RdfFormat.RDF_XML,
    ".ttl": pyoxigraph.RdfFormat.TURTLE,
    "": pyoxigraph.RdfFormat.TURTLE,
}
PREDICATES = {
    "http://purl.org/dc/terms/license": "license",
    "http://purl.org/dc/terms/accrualPeriodicity": "accrualperiodicity",
    "http://www.w3.org/ns/dcat#theme": "theme",
    "http://purl.org/dc/terms/format": "format",
    "http://www.w3.org/ns/dcat#mediaType": "mimetype",
}
INCOMPLETE = {"catalogue.ttl"}
"""Cut at its source: it ends in the middle of a statement."""


def expected(name: str) -> list[dict[str, str]]:
    """The rows of `expected/{name}.csv`."""
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def opendatasoft(*fields: str) -> set[str]:
    """Every non-empty value of these fields (last part of their name, any case) in the real OpenDataSoft files.

    JSON in every API version, the catalogue as CSV, and the RDF that the portals export.
    """
    found: set[str] = set()
    for path in sorted(shared("data/real/opendatasoft").rglob("*")):
        if path.is_file() and path.name not in INCOMPLETE:
            found |= {text.strip() for field, text in _values(path) if field in fields and text.strip()}
    assert found
    return found


def _values(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix == ".json":
        yield from _json("", json.loads(path.read_text("utf-8-sig")))
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield from ((name.rsplit(".", 1)[-1].lower(), value or "") for name, value in row.items())
    elif path.suffix in RDF:
        for quad in pyoxigraph.parse(
            path=str(path), format=RDF[path.suffix], base_iri="http://base.example/", lenient=True
        ):
            if quad.predicate.value in PREDICATES and not isinstance(quad.object, pyoxigraph.BlankNode):
                yield PREDICATES[quad.predicate.value], quad.object.value


def _json(field: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _json(name.lower(), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _json(field, inner)
    elif isinstance(value, str):
        yield field, value
