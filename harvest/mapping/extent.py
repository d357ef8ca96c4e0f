"""Rules on the extent of a dataset and the size of its detail: boxes, centroids, resolution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from catalog.model import Text
from harvest.mapping import wording
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import literal, node, text
from harvest.mapping.text import one_line
from vocab.namespaces import DCAT, DCT, GEO, SKOS, XSD

SPATIAL, LOCATION = node(DCT.spatial), node(DCT.Location)
BBOX, CENTROID = node(DCAT.bbox), node(DCAT.centroid)
RESOLUTION, SCOPE_NOTE = node(DCAT.spatialResolutionInMeters), node(SKOS.scopeNote)
WKT = GEO.wktLiteral

INSPIRE_SIDES = tuple(
    f"inspire.extend_bounding_box_{side}"
    for side in ("westbound_longitude", "southbound_latitude", "eastbound_longitude", "northbound_latitude")
)
BOXES = ("dcat_ap.spatial_bbox", "default.bbox")
_TINY = 1e-6


def extent(view: Reader, out: Draft) -> None:
    """`dcat_ap.spatial_bbox`, else `default.bbox`, else the four INSPIRE sides → `{dataset}/extent` with a WKT box.

    udata reads WKT polygons without a CRS. What is off the globe, swapped, or no area is refused.
    """
    box = None
    for path in BOXES:
        if view.get(path) is None:
            continue
        if box is not None:
            view.ignore(path, wording.SUPERSEDED)
            continue
        box = _checked(view, (path,), _sides(view.take(path)))
    box = _inspire_box(view, box) or box
    centre = _centroid(view)
    if box or centre:
        place = out.below("extent")
        out.add(SPATIAL, place)
        out.statements.typed(place, LOCATION)
        if box:
            out.statements.add(place, BBOX, literal(polygon(box), WKT))
        if centre:
            out.statements.add(place, CENTROID, literal(f"POINT({_number(centre[0])} {_number(centre[1])})", WKT))


Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


def _inspire_box(view: Reader, box: Box | None) -> Box | None:
    values = [view.take(path) for path in INSPIRE_SIDES]
    given = [path for path, value in zip(INSPIRE_SIDES, values, strict=True) if value is not None]
    if not given:
        return None
    if box:
        for path in given:
            view.ignore(path, wording.SUPERSEDED)
        return None
    try:
        west, south, east, north = (float(str(v).replace(",", ".")) for v in values)
    except ValueError:
        for path in given:
            view.refuse(path, wording.BAD_BOX)
        return None
    return _checked(view, given, (west, south, east, north))


def _checked(view: Reader, paths: Iterable[str], box: Box | None) -> Box | None:
    reason = _reason(box) if box else wording.BAD_BOX
    if box and reason is None:
        return _clipped(box)
    for path in paths:
        view.refuse(path, reason or wording.BAD_BOX)
    return None


def box_of(value: Any) -> Box | None:
    """The box around a GeoJSON feature or geometry, or of four sides, if it lies on the globe and is an area."""
    box = _sides(value)
    return None if box is None or _reason(box) else _clipped(box)


def _reason(box: Box) -> Text | None:
    """Why a box cannot be published."""
    west, south, east, north = box
    if not (-180 - _TINY <= west <= east <= 180 + _TINY and -90 - _TINY <= south <= north <= 90 + _TINY):
        return wording.BAD_BOX
    return None if west < east and south < north else wording.FLAT_BOX


def _clipped(box: Box) -> Box:
    west, south, east, north = box
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def _sides(value: Any) -> Box | None:
    points = list(_points(value))
    if not points:
        return None
    longitudes, latitudes = [p[0] for p in points], [p[1] for p in points]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _points(value: Any) -> Iterator[tuple[float, float]]:
    """The positions of a GeoJSON feature or geometry, or `west,south,east,north` as a text or a list."""
    if isinstance(value, str):
        value = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", value)] if re.match(r"[-\d., ]+\Z", value) else None
    if isinstance(value, list) and len(value) == 4 and all(_is_number(n) for n in value):
        yield float(value[0]), float(value[1])
        yield float(value[2]), float(value[3])
        return
    waiting = [value.get("geometry", value).get("coordinates")] if _has_geometry(value) else []
    while waiting:
        here = waiting.pop()
        if not isinstance(here, list):
            continue
        if len(here) >= 2 and all(_is_number(n) for n in here):
            yield float(here[0]), float(here[1])
        else:
            waiting.extend(here)


def _has_geometry(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("geometry", value), dict)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def polygon(box: Box) -> str:
    """The box as a WKT polygon, longitude first, counter-clockwise from the south-west."""
    west, south, east, north = (_number(side) for side in box)
    corners = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    return f"POLYGON(({corners}))"


def _number(value: float) -> str:
    """The shortest decimal that reads back as the same number, never in exponent form."""
    if value == int(value):
        return str(int(value))
    shown = repr(value)
    return shown if "e" not in shown else f"{value:.12f}".rstrip("0").rstrip(".")


def _centroid(view: Reader) -> tuple[float, float] | None:
    path = "dcat_ap.spatial_centroid"
    value = view.take(path)
    if value is None:
        return None
    if isinstance(value, dict) and _is_number(value.get("lon")) and _is_number(value.get("lat")):
        points = [(float(value["lon"]), float(value["lat"]))]
    elif isinstance(value, dict):
        points = list(_points(value))
    else:
        points = []
    if len(points) == 1 and abs(points[0][0]) <= 180 and abs(points[0][1]) <= 90:
        return points[0]
    view.refuse(path, wording.BAD_BOX)
    return None


_DISTANCE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(m|mètres?|metres?|meters?|km|kilomètres?|kilometers?|cm)?\Z", re.IGNORECASE
)
_SCALES = {"k": 1000.0, "c": 0.01}


def granularity(view: Reader, out: Draft) -> None:
    """`dcat.granularity`, `inspire.spatial_resolution` → a resolution in metres where it is a distance, else a note."""
    for path in ("dcat.granularity", "inspire.spatial_resolution"):
        value = view.take_text(path)
        if value is None:
            continue
        found = _DISTANCE.match(value.strip())
        if found and (found[2] or path.startswith("inspire")):
            metres = float(found[1].replace(",", ".")) * _SCALES.get((found[2] or "m")[0].lower(), 1.0)
            out.add(RESOLUTION, literal(_number(metres), XSD.decimal))
        else:
            prefix = "Granularité : " if out.tag.startswith("fr") else "Granularity: "
            out.add(SCOPE_NOTE, text(prefix + one_line(value), out.tag))
