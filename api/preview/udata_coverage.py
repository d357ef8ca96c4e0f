"""Where and when a dataset is about, as udata reads it (`udata/core/dataset/rdf.py`)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime

from pyoxigraph import Literal, NamedNode

from api.preview import geometry
from api.preview.graph import Graph, Node, Term, text
from api.preview.model import Notes
from api.preview.rules import Note, rules
from api.preview.values import instant
from vocab.namespaces import DCAT, DCT, GEO, SCHEMA, Namespace

SCV = Namespace("http://purl.org/NET/scovo#")
_GEOJSON = {GEO.geoJSONLiteral.value, "https://www.iana.org/assignments/media-types/application/vnd.geo+json"}
_WKT = {GEO.wktLiteral.value, "http://www.opengis.net/rdf#wktLiteral"}


def temporal(graph: Graph, node: Node, notes: Notes, now: datetime) -> tuple[str, str]:
    """The first period: a text, or a node with two dates (`temporal_from_rdf`)."""
    given = graph.objects(node, DCT.temporal)
    if not given:
        return "", ""
    if len(given) > 1:
        notes.add(_note("temporal-several", str(len(given))))
    first = given[0]
    if isinstance(first, Literal):
        found = _literal(str(first.value))
    else:
        start, end = _period(graph, first)
        found = (_whole(start, notes, now), _whole(end, notes, now))
    if isinstance(first, NamedNode):
        notes.add(_note("temporal-fetched", first.value))
        return "", ""
    if found == ("", ""):
        notes.add(_note("temporal-unread"))
    return found


def _whole(given: str, notes: Notes, now: datetime) -> str:
    """A date with a day: what a year or a month lacks is taken from today, as dateutil does."""
    if not re.fullmatch(r"\d{4}(-\d{2})?", given):
        return given
    notes.add(_note("temporal-imprecise", given))
    year, month = int(given[:4]), int(given[5:] or now.month)
    try:
        return f"{year:04}-{month:02}-{min(now.day, monthrange(year, month)[1]):02}"
    except ValueError:
        return given


def _literal(given: str) -> tuple[str, str]:
    """`start/end`, a year or a month (`temporal_from_literal`)."""
    start, slash, end = given.partition("/")
    if slash:
        days = [instant(start), instant(end)]
        if "/" in end or None in days:
            return "", ""
        return str(days[0].date()) if days[0] else "", str(days[1].date()) if days[1] else ""
    if re.fullmatch(r"\d{4}", given):
        return f"{given}-01-01", f"{given}-12-31"
    month = re.fullmatch(r"(\d{4})-(\d{2})", given)
    if month is None or instant(given) is None:
        return "", ""
    year, number = month.groups()
    return f"{given}-01", f"{given}-{monthrange(int(year), int(number))[1]}"


def _period(graph: Graph, node: Term) -> tuple[str, str]:
    """The dates of a node, of schema.org, of DCAT or of SCOVO (`temporal_from_resource`)."""
    for start, end in (
        (SCHEMA.startDate, SCHEMA.endDate),
        (DCAT.startDate, DCAT.endDate),
        (SCV.min, SCV.max),
    ):
        found = (text(graph.value(node, start)), text(graph.value(node, end)))
        if any(found):
            return found
    return "", ""


def spatial(graph: Graph, node: Node, notes: Notes) -> str:
    """The box around all polygons that the places carry (`spatial_from_rdf`)."""
    places = graph.objects(node, DCT.spatial)
    found: list[object] = []
    for place in places:
        for shape in _shapes(graph, place):
            found += [p for p in geometry.polygons(shape) if p not in found]
    box = geometry.extent(found)
    if places and not box:
        notes.add(_note("spatial-without-polygon"))
    return box


def _shapes(graph: Graph, place: Term) -> list[dict[str, object]]:
    if isinstance(place, Literal):
        box = geometry.from_box(str(place.value))
        return [box] if box else []
    shapes = []
    for _, value in graph.properties(place):
        if not isinstance(value, Literal):
            continue
        kind, given = value.datatype.value, str(value.value)
        if kind in _GEOJSON:
            shapes.append(geometry.from_geojson(given))
        elif kind in _WKT:
            shapes.append(geometry.from_wkt(given.strip().upper()))
    return [s for s in shapes if s]


def _note(name: str, value: str = "") -> Note:
    return Note(rules("udata")[name], value)
