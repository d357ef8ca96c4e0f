"""Rules on where and when: extent, places, periods, granularity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from harvest.mapping import concepts, wording
from harvest.mapping.addresses import address
from harvest.mapping.context import Context
from harvest.mapping.dates import Moment, Period, is_reversed, moment, period_in_words
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, blank, literal, node, text
from harvest.mapping.text import one_line
from vocab.frequencies import frequency
from vocab.namespaces import DCAT, DCT, GEO, SKOS, XSD
from vocab.places import Place, commune, decode_reference, find_place, french_place
from vocab.terms import table
from vocab.terms import term as known_term

SPATIAL, LOCATION, TEMPORAL, PERIOD = node(DCT.spatial), node(DCT.Location), node(DCT.temporal), node(DCT.PeriodOfTime)
BBOX, CENTROID = node(DCAT.bbox), node(DCAT.centroid)
START, END = node(DCAT.startDate), node(DCAT.endDate)
RESOLUTION, LABEL, SCOPE_NOTE = node(DCAT.spatialResolutionInMeters), node(SKOS.prefLabel), node(SKOS.scopeNote)
WKT = GEO.wktLiteral

_INSPIRE_SIDES = tuple(
    f"inspire.extend_bounding_box_{side}"
    for side in ("westbound_longitude", "southbound_latitude", "eastbound_longitude", "northbound_latitude")
)
_TINY = 1e-6
_BOXES = ("dcat_ap.spatial_bbox", "default.bbox")
_PLACES = ("default.geographic_reference", "default.territory", "dcat.spatial", "dcat_ap.spatial")


# ── extent ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def extent(view: Reader, out: Draft) -> None:
    """`dcat_ap.spatial_bbox`, else `default.bbox`, else the four INSPIRE sides → `{dataset}/extent` with a WKT box.

    udata reads WKT polygons without a CRS. What is off the globe, swapped, or no area is refused.
    """
    box = None
    for path in _BOXES:
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
    values = [view.take(path) for path in _INSPIRE_SIDES]
    given = [path for path, value in zip(_INSPIRE_SIDES, values, strict=True) if value is not None]
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


def _checked(view: Reader, paths: Any, box: Box | None) -> Box | None:
    reason = wording.BAD_BOX
    if box:
        west, south, east, north = box
        on_globe = -180 - _TINY <= west <= east <= 180 + _TINY and -90 - _TINY <= south <= north <= 90 + _TINY
        if on_globe and west < east and south < north:
            return (max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))
        reason = wording.FLAT_BOX if on_globe else wording.BAD_BOX
    for path in paths:
        view.refuse(path, reason)
    return None


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


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def places(view: Reader, out: Draft) -> None:
    """Codes, territories and spatial texts → `dct:spatial`: EU places and countries, else concepts with their code.

    A text that names no known place stays as a label. The operator's default holds only where neither place nor box
    is stated.
    """
    codes = dict(view.take_texts("default.geographic_reference"))
    names = {i: one_line(v) for i, v in view.take_texts("default.territory")}
    decoded = {i: _place_of_code(out.context, code.strip(), names.get(i, code)) for i, code in codes.items()}
    for i, place in decoded.items():
        if place is None:
            view.refuse("default.geographic_reference", wording.NO_PLACE_CODE, item=i, table="places")
    found = {concepts.city_place(out, p) for p in decoded.values() if p}
    for path in ("default.territory", "dcat.spatial", "dcat_ap.spatial"):
        for i, value in view.take_texts(path):
            if path == "default.territory" and decoded.get(i) and _places_named(out.context, one_line(value)) is None:
                view.note(path, wording.NAMED_BY_CODE, item=i)
            else:
                found |= _named_place(view, out, path, i, one_line(value))
    for one in sorted(found):
        out.add(SPATIAL, one)
    if not any(view.get(p) for p in (*_PLACES, *_BOXES, *_INSPIRE_SIDES)):
        for one in _default_place(out):
            out.add(SPATIAL, one)


def _named_place(view: Reader, out: Draft, path: str, item: int, name: str) -> set[Term]:
    known = _places_named(out.context, name)
    if known is None:
        return _labelled_place(view, out, path, item, name)
    if not known:
        view.ignore(path, wording.DELIBERATE, item=item)
    return {concepts.city_place(out, place) for place in known}


@lru_cache(maxsize=8192)
def _places_named(context: Context, name: str) -> tuple[Place, ...] | None:
    """The places that a text means, by the city's table first; none where the table says so, `None` if unknown."""
    listed = context.city("places", name)
    if listed is not None:
        return tuple(p for p in (_place_of_target(target, name) for target in listed) if p)
    found = _of_term(name) if concepts.is_address(name) else find_place(name)
    return (found,) if found else None


def _of_term(name: str) -> Place | None:
    eu = known_term(name)
    return Place(eu.code, eu.fr, eu.scheme, "", eu.iri) if eu else None


def _labelled_place(view: Reader, out: Draft, path: str, item: int, name: str) -> set[Term]:
    if frequency(name).term:
        view.refuse(path, wording.NOT_A_PLACE, item=item)
        return set()
    view.refuse(path, wording.NO_PLACE, item=item, table="places")
    label = out.below("place", concepts.key(name))
    out.statements.typed(label, LOCATION)
    out.statements.add(label, LABEL, text(name, out.tag))
    return {label}


@lru_cache(maxsize=8192)
def _place_of_code(context: Context, code: str, name: str) -> Place | None:
    for target in context.city("places", code) or ():
        if place := _place_of_target(target, name):
            return place
    return decode_reference(code)


def _place_of_target(target: str, name: str) -> Place | None:
    """The place that a line of the city's table means: an EU term, an INSEE or SIREN code, a name, an address."""
    eu = table("place").by_code(target) or table("country").by_code(target)
    if found := _of_term(eu.iri if eu else target):
        return found
    if elsewhere := address(target) if concepts.is_address(target) else None:
        return Place("", name, concepts.ELSEWHERE, "", elsewhere[1:-1])
    for level in ("epci", "departement", "region"):
        if known := french_place(level, target):
            return known
    return commune(target) or find_place(target)


def _default_place(out: Draft) -> list[Term]:
    given = out.default("spatial", "dct:spatial")
    place = _place_of_target(given, given) if given else None
    return [concepts.city_place(out, place)] if place else []


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

_PERIODS = (
    ("dcat_ap.temporal_startDate", "dcat_ap.temporal_endDate"),
    ("dcat.temporal_coverage_start", "dcat.temporal_coverage_end"),
)


def temporal(view: Reader, out: Draft) -> None:
    """Start and end dates, else a prose period that is certain → `dct:temporal`, typed by the precision given."""
    found: Period | None = None
    for start, end in _PERIODS:
        if view.get(start) is None and view.get(end) is None:
            continue
        if found:
            view.ignore(start, wording.SUPERSEDED)
            view.ignore(end, wording.SUPERSEDED)
        else:
            found = _period(view, start, end, out.zone)
    words = view.take_text("dcat.temporal")
    if words is not None:
        stated = period_in_words(words)
        if found:
            view.ignore("dcat.temporal", wording.SUPERSEDED)
        elif stated is None:
            view.refuse("dcat.temporal", wording.BAD_PERIOD)
        found = found or stated
    if found:
        _state(out, found)


def _period(view: Reader, start: str, end: str, zone: str) -> Period | None:
    first, last = (_boundary(view, path, zone) for path in (start, end))
    if is_reversed(first, last):
        view.refuse(start, wording.REVERSED_PERIOD)
        view.refuse(end, wording.REVERSED_PERIOD)
        return None
    return Period(first, last) if first or last else None


def _boundary(view: Reader, path: str, zone: str) -> Moment | None:
    value = view.take_text(path)
    if value is None:
        return None
    found = moment(value, zone, vague=True)
    if found is None:
        view.refuse(path, wording.BAD_DATE)
    return found


def _state(out: Draft, period: Period) -> None:
    start, end = (one.term if one else "" for one in (period.start, period.end))
    label = blank(out.identity.iri, "temporal", start, end)
    out.add(TEMPORAL, label)
    out.statements.typed(label, PERIOD)
    if start:
        out.statements.add(label, START, start)
    if end:
        out.statements.add(label, END, end)


# ── granularity ──────────────────────────────────────────────────────────────────────────────────────────────────────

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
