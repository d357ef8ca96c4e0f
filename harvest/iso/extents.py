"""Where and when: bounding boxes as precise as they were given, places, periods."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal, NamedNode

from catalog.model import Text
from harvest.iso.document import Element, find, first, href, local, value
from harvest.iso.writer import Writer
from harvest.mapping import wording
from harvest.repair import rules
from vocab.namespaces import DCAT, DCT, GEO, SKOS

_SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def extents(w: Writer) -> None:
    """Boxes, places and periods of the resource."""
    for extent in (e for e in w.find("extent/*") if local(e) in ("EX_Extent", "EX_SpatialTemporalExtent")):
        for one in find(extent, "geographicElement/EX_GeographicBoundingBox"):
            _box(w, one)
        for held in find(extent, "geographicElement/EX_GeographicDescription/geographicIdentifier/*/code"):
            _place(w, held)
        for one in find(extent, "description"):
            if value(one):
                w.texts(w.root, DCT.spatial, one)
        for period in find(extent, "temporalElement/*/extent/*"):
            _period(w, period)


def _box(w: Writer, element: Element) -> None:
    sides = [first(element, name) for name in _SIDES]
    w.view.take(*sides)
    west, south, east, north = (value(s) for s in sides)
    if swapped(west, east):
        west, east = east, west
        for one in (sides[0], sides[2]):
            w.view.note_element(one, rules.SIDES.text, rule=rules.SIDES.name)
    found = box(west, south, east, north)
    if isinstance(found, Text):
        _refuse(w, sides, found)
    else:
        place = w.node(w.root, DCT.spatial, DCT.Location)
        w.add(place, found[0], Literal(found[1], datatype=GEO.wktLiteral), sides[0])


def swapped(west: str, east: str) -> bool:
    """Whether west and east stand in each other's place: the box would else go around most of the globe."""
    first_, second = _number(west), _number(east)
    return first_ is not None and second is not None and 0 < first_ - second < 180


def box(*sides: str) -> tuple[NamedNode, str] | Text:
    """The WKT of a box of four sides (west, south, east, north), every digit kept; why it cannot be published.

    Comes with the property for it: a point is no box, but a centroid.
    """
    numbers = [_number(s) for s in sides]
    if any(n is None for n in numbers):
        return wording.BAD_BOX
    west, south, east, north = (n for n in numbers if n is not None)
    reason = _reason(west, south, east, north)
    if reason:
        return reason
    if west == east and south == north:
        return DCAT.centroid, f"POINT({west:f} {south:f})"
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return DCAT.bbox, f"POLYGON(({','.join(f'{x:f} {y:f}' for x, y in corners)}))"


def _refuse(w: Writer, sides: list[Element | None], reason: Text) -> None:
    for one in sides:
        w.view.refuse_element(one, reason)


def _number(words: str) -> Decimal | None:
    """The number exactly as it was given, but for superfluous zeros at its ends."""
    try:
        found = Decimal(words.replace(",", ".").replace("\u2212", "-"))
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > 1000 or found.as_tuple().exponent < -30:  # type: ignore[operator]
        return None
    shown = f"{found:f}"
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown) + 0


def _reason(west: Decimal, south: Decimal, east: Decimal, north: Decimal) -> Text | None:
    """Why a box cannot be published. West may lie beyond east: it then crosses the date line, and is not drawn."""
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90 or south > north or west > east:
        return wording.BAD_BOX
    if not any((west, south, east, north)):
        return NOWHERE
    return wording.FLAT_BOX if (west == east) != (south == north) else None


NOWHERE = Text("emprise à zéro\u00a0: elle n’a pas été renseignée", "extent of zeros: it has not been filled in")


def _place(w: Writer, held: Element) -> None:
    address = href(held)
    if re.match(r"https?://", address):
        w.link(w.root, DCT.spatial, address, held)
    elif value(held):
        made = w.node(w.root, DCT.spatial, DCT.Location)
        w.texts(made, SKOS.prefLabel, held)


def _period(w: Writer, element: Element) -> None:
    """A `gml:TimePeriod`, or a `gml:TimeInstant`, which begins and ends at once."""
    kind = local(element)
    starts = find(element, "beginPosition", "begin/*/timePosition")
    ends = find(element, "endPosition", "end/*/timePosition")
    if kind == "TimeInstant":
        starts = ends = find(element, "timePosition")
    bounds = [(p, e) for p, found in ((DCAT.startDate, starts), (DCAT.endDate, ends)) for e in found[:1] if _date(e)]
    if not bounds:
        return
    made = w.node(w.root, DCT.temporal, DCT.PeriodOfTime)
    for predicate, one in bounds:
        w.say(made, predicate, _date(one), one)


def _date(one: Element) -> str:
    """The date, unless it is said to be now or unknown."""
    return "" if one.get("indeterminatePosition") in ("now", "unknown") else value(one)
