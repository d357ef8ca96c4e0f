"""Where and when a dataset is about, as udata reads it (`udata/core/dataset/rdf.py`)."""

from __future__ import annotations

import re

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
_LAST = {"04": "30", "06": "30", "09": "30", "11": "30"}


def temporal(graph: Graph, node: Node, notes: Notes) -> tuple[str, str]:
    """The first period: a text, or a node with two dates (`temporal_from_rdf`)."""
    given = graph.objects(node, DCT.temporal)
    if not given:
        return "", ""
    if len(given) > 1:
        notes.add(_note("temporal-several", str(len(given))))
    first = given[0]
    found = _literal(str(first.value)) if isinstance(first, Literal) else _period(graph, first)
    if isinstance(first, NamedNode):
        notes.add(_note("temporal-fetched", first.value))
        return "", ""
    if found == ("", ""):
        notes.add(_note("temporal-unread"))
    return found


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
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    last = ("29" if leap else "28") if number == "02" else _LAST.get(number, "31")
    return f"{given}-01", f"{given}-{last}"


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
