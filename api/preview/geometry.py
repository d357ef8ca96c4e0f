"""Geometries in literals as harvesters read them: WKT and GeoJSON, to GeoJSON values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_HEAD = re.compile(r"\s*(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON)\s*(?:Z|M|ZM)?\s*(?=\()")
_TYPES = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}


def from_wkt(given: str) -> dict[str, Any] | None:
    """A WKT geometry in capitals, without a prefix for its reference system; None where that cannot be read."""
    head = _HEAD.match(given)
    if head is None:
        return None
    name, depth = _TYPES[head.group(1)]
    body = given[head.end() :].strip()
    if re.search(r"[^0-9eE+\-.,()\s]", body):
        return None
    listed = re.sub(r"[^(),]+", lambda m: "[" + ",".join(m.group().split()) + "]" if m.group().strip() else "", body)
    try:
        value = json.loads(re.sub(r"(?<=[\[,-])\.", "0.", listed.replace("(", "[").replace(")", "]").replace("+", "")))
    except (ValueError, RecursionError):
        return None
    coordinates = value[0] if depth == 0 and value else value
    return {"type": name, "coordinates": coordinates} if _depth(coordinates) == depth + 1 else None


def from_geojson(given: str) -> dict[str, Any] | None:
    """A GeoJSON value; None for what is none."""
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def from_box(given: str) -> dict[str, Any] | None:
    """Four numbers with commas, west, south, east, north, as ArcGIS gives them; None for what is none."""
    parts = given.strip().split(",")
    try:
        west, south, east, north = (float(p) for p in parts)
    except ValueError:
        return None
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


def polygons(geometry: dict[str, Any]) -> list[Any]:
    """The coordinates of each polygon; none for points, lines, collections and features."""
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        return [coordinates]
    return list(coordinates) if geometry.get("type") == "MultiPolygon" and isinstance(coordinates, list) else []


def extent(coordinates: Any) -> str:
    """The box around coordinates of any depth, as people read it: `1.2–1.6 E, 43.5–43.7 N`; empty for none."""
    try:
        found = list(_positions(coordinates))
    except (OverflowError, RecursionError):  # numbers or nesting that no place has
        return ""
    if not found:
        return ""
    west, east = min(x for x, _ in found), max(x for x, _ in found)
    south, north = min(y for _, y in found), max(y for _, y in found)
    return f"{west:.6g} – {east:.6g} E, {south:.6g} – {north:.6g} N"


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list):
        return
    if len(value) >= 2 and all(isinstance(n, int | float) for n in value[:2]):
        yield float(value[0]), float(value[1])
    else:
        for one in value:
            yield from _positions(one)


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and value:
        depth, value = depth + 1, value[0]
    return depth
