"""Where and when: places, geometries, periods and their dates."""

from __future__ import annotations

import json
import re

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.terms import DATES_OF_PERIODS
from harvest.graph.values import thing
from harvest.graph.work import Group, Work, digest
from harvest.mapping import concepts, extent, wording
from harvest.mapping.coverage import places_named
from harvest.mapping.dates import period_in_words
from harvest.mapping.statements import Term, blank, iri, literal, node, text
from harvest.repair import iris, rules
from harvest.repair.texts import text as clean
from vocab.namespaces import DCAT, DCT, GEO, LOCN, RDFS, SKOS, XSD

# ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_WKT = re.compile(
    r"\s*(?:<[^>]*>\s*)?(?:SRID=\d+;)?(?:MULTI)?(?:POLYGON|POINT|LINESTRING|ENVELOPE|GEOMETRYCOLLECTION)\s*Z?\s*\(",
    re.IGNORECASE,
)


def places(work: Work, group: Group) -> None:
    """`dct:spatial`: places by their IRI, places that the source describes, geometries, names of places."""
    for s in group.statements:
        value = s.object
        if isinstance(value, Literal):
            _place_in_words(work, group, s, value.value, value.language or "")
        elif isinstance(value, BlankNode) or work.graph.describes(value):
            if isinstance(value, BlankNode):
                work.mint("place", value)
            work.typed(thing(work, group, s), DCT.Location)
        elif (fixed := iris.name(value.value, work.base)).iris and iris.original(value.value) is None:
            made = iri(fixed.iris[0])
            work.say(group, s, made, *fixed.rules)
            work.typed(made, DCT.Location)
        else:
            _place_in_words(work, group, s, iris.original(value.value) or value.value, "")


def _place_in_words(work: Work, group: Group, s: Statement, words: str, tag: str) -> None:
    geometry = box_of(words)
    if geometry or _WKT.match(words):
        made = work.out.below("extent", digest(words))
        work.typed(made, DCT.Location)
        if geometry:
            work.into.add(made, node(DCAT.bbox), literal(geometry, GEO.wktLiteral))
        else:
            work.into.add(made, node(LOCN.geometry), literal(words.strip(), GEO.wktLiteral))
        work.say(group, s, made, rules.GEOMETRY)
        return
    name = clean(words).value
    if not name:
        work.refuse(s, "empty", wording.EMPTY_TEXT)
        return
    known = places_named(work.out.context, name)
    for place in known or ():
        work.say(group, s, concepts.city_place(work.out, place), rules.VOCABULARY)
    if known is None:
        made = work.out.below("place", concepts.key(name))
        work.typed(made, DCT.Location)
        work.into.add(made, node(SKOS.prefLabel), text(name, tag))
        work.say(group, s, made, rules.AS_STATEMENT)
        work.refuse(s, "place", wording.NO_PLACE, table="places")
    elif not known:
        work.account.ignore(s, rules.VOCABULARY)


def box_of(words: str) -> str:
    """The box around a GeoJSON geometry, or of `west,south,east,north`, as WKT; empty for anything else."""
    data: object = words
    if words.lstrip().startswith(("{", "[")):
        try:
            data = json.loads(words)
        except (ValueError, RecursionError):
            return ""
    elif not re.fullmatch(r"[-\d., ]+", words.strip()) or words.count(",") < 3:
        return ""
    box = extent.box_of(data)
    return extent.polygon(box) if box else ""


def geometries(work: Work, group: Group) -> None:
    """`locn:geometry`, `dcat:bbox`, `dcat:centroid`: one literal each; WKT comes before GeoJSON of the same."""
    literals = [s for s in group.statements if isinstance(s.object, Literal)]
    literals.sort(key=lambda s: (not _WKT.match(s.object.value), str(s.object)))
    for i, s in enumerate(literals):
        if i:
            work.account.ignore(s, rules.SURPLUS)
        elif _WKT.match(s.object.value) and s.object.datatype == XSD.string:  # type: ignore[union-attr]  # a literal
            work.say(group, s, literal(s.object.value, GEO.wktLiteral), rules.GEOMETRY)
        elif group.predicate == DCAT.bbox and (wkt := box_of(s.object.value)):
            work.say(group, s, literal(wkt, GEO.wktLiteral), rules.GEOMETRY)
        else:
            work.say(group, s, str(s.object))
    for s in group.statements:
        if not isinstance(s.object, Literal):
            thing(work, group, s)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def periods(work: Work, group: Group) -> None:
    """`dct:temporal`: periods that the source describes, and periods in words that are certain."""
    for s in group.statements:
        value = s.object
        words = value.value if isinstance(value, Literal) else ""
        if isinstance(value, NamedNode):
            words = iris.original(value.value) or ""
            if not work.graph.describes(value) and not words and (fixed := iris.name(value.value)).iris:
                work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
                work.typed(iri(fixed.iris[0]), DCT.PeriodOfTime)
                continue
        elif isinstance(value, BlankNode):
            work.names[value] = blank(work.out.identity.iri, "temporal", work.content(value))
        if not words and not isinstance(value, Literal):
            made = work.term(value)
            work.say(group, s, made)
            work.typed(made, DCT.PeriodOfTime)
            work.follow(value)
            _only_words(work, value, made)
        else:
            _period_in_words(work, group, s, words)


def _only_words(work: Work, value: Node, made: Term) -> None:
    """The bounds of a period that has a label and no dates."""
    label_ = work.label(value)
    if not label_ or len([x for x in work.graph.about(value) if x.predicate not in _NOT_DATES]) > 0:
        return
    period = period_in_words(clean(label_).value)
    for end, predicate in ((period and period.start, DCAT.startDate), (period and period.end, DCAT.endDate)):
        if end:
            work.into.add(made, node(predicate), end.term)


_NOT_DATES = (NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), RDFS.label, SKOS.prefLabel, DCT.title)


def _period_in_words(work: Work, group: Group, s: Statement, words: str) -> None:
    period = period_in_words(clean(words).value) or _interval(words)
    if period is None:
        work.refuse(s, "period", wording.BAD_PERIOD)
        return
    start, end = (one.term if one else "" for one in (period.start, period.end))
    made = blank(work.out.identity.iri, "temporal", start, end)
    work.typed(made, DCT.PeriodOfTime)
    for value, predicate in ((start, DCAT.startDate), (end, DCAT.endDate)):
        if value:
            work.into.add(made, node(predicate), value)
    work.say(group, s, made, rules.PERIOD_WORDS)


def _interval(words: str):  # type: ignore[no-untyped-def]  # a Period
    """`start=2019-01-01; end=2019-12-31` (DCMI Period), and ISO 8601 intervals with times."""
    from harvest.mapping.dates import Period, is_reversed, moment

    found = dict(re.findall(r"(start|end)\s*=\s*([^;]+?)\s*(?:;|\Z)", words))
    if not found and (parts := re.fullmatch(r"\s*(\d{4}-\S+?)\s*/\s*(\d{4}-\S+|\.\.|)\s*", words)):
        found = {"start": parts[1], "end": parts[2].strip(".")}
    start, end = (moment(found[k], "UTC", vague=True) if found.get(k) else None for k in ("start", "end"))
    return Period(start, end) if (start or end) and not is_reversed(start, end) else None


def period_dates(work: Work, group: Group) -> None:
    """`schema:startDate` and `schema:endDate` of a period are `dcat:startDate` and `dcat:endDate`."""
    from harvest.graph.values import anything, days

    right = DATES_OF_PERIODS[group.predicate]
    node_is_period = any(s.object == group.node for s in work.graph if s.predicate == DCT.temporal)
    if node_is_period or work.graph.is_a(group.node, DCT.PeriodOfTime):
        days(work, Group(group.node, right, group.statements, (rules.DEPRECATED,)))
    else:
        anything(work, group)
