"""Rules on where and when: places and periods."""

from __future__ import annotations

from functools import lru_cache

from harvest.mapping import concepts, wording
from harvest.mapping.context import Context
from harvest.mapping.dates import Moment, Period, is_reversed, moment, period_in_words
from harvest.mapping.draft import Draft
from harvest.mapping.extent import BOXES, INSPIRE_SIDES, LOCATION, SPATIAL
from harvest.mapping.gazetteer import place_of_iri, place_of_target
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, blank, node, text
from harvest.mapping.text import one_line
from vocab.frequencies import frequency
from vocab.namespaces import DCAT, DCT, SKOS
from vocab.places import Place, decode_reference, find_place

TEMPORAL, PERIOD = node(DCT.temporal), node(DCT.PeriodOfTime)
START, END = node(DCAT.startDate), node(DCAT.endDate)
LABEL = node(SKOS.prefLabel)

_PLACES = ("default.geographic_reference", "default.territory", "dcat.spatial", "dcat_ap.spatial")


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
            if path == "default.territory" and decoded.get(i) and places_named(out.context, one_line(value)) is None:
                view.note(path, wording.NAMED_BY_CODE, item=i)
            else:
                found |= _named_place(view, out, path, i, one_line(value))
    for one in sorted(found):
        out.add(SPATIAL, one)
    if not any(view.get(p) for p in (*_PLACES, *BOXES, *INSPIRE_SIDES)):
        for one in _default_place(out):
            out.add(SPATIAL, one)


def _named_place(view: Reader, out: Draft, path: str, item: int, name: str) -> set[Term]:
    known = places_named(out.context, name)
    if known is None:
        return _labelled_place(view, out, path, item, name)
    if not known:
        view.ignore(path, wording.DELIBERATE, item=item)
    return {concepts.city_place(out, place) for place in known}


@lru_cache(maxsize=8192)
def places_named(context: Context, name: str) -> tuple[Place, ...] | None:
    """The places that a text means, by the city's table first; none where the table says so, `None` if unknown."""
    listed = context.city("places", name)
    if listed is not None:
        return tuple(p for p in (place_of_target(target, name) for target in listed) if p)
    found = place_of_iri(name) if concepts.is_address(name) else find_place(name)
    return (found,) if found else None


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
        if place := place_of_target(target, name):
            return place
    return decode_reference(code)


def _default_place(out: Draft) -> list[Term]:
    given = out.default("spatial", "dct:spatial")
    place = place_of_target(given, given) if given else None
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
