"""Properties whose values are things with a structure: distributions, places, periods, rights, checksums."""

from __future__ import annotations

import json
import re

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Node, Statement
from harvest.graph.terms import DATES_OF_PERIODS
from harvest.graph.values import _link, thing
from harvest.graph.words import as_text, clues, label
from harvest.graph.work import Group, Work, digest
from harvest.mapping import concepts, extent, wording
from harvest.mapping.concepts import is_address
from harvest.mapping.coverage import places_named
from harvest.mapping.dates import period_in_words
from harvest.mapping.references import national_schema
from harvest.mapping.statements import Term, blank, iri, literal, node, text
from harvest.repair import iris, rules
from harvest.repair.rules import Rule
from harvest.repair.texts import text as clean
from vocab.licences import licence as find_licence
from vocab.namespaces import ADMS, DCAT, DCT, GEO, LOCN, PROV, RDFS, SKOS, SPDX, XSD
from vocab.terms import table
from vocab.terms import term as known_term


def nodes(kind: str, *classes: NamedNode):  # type: ignore[no-untyped-def]  # a handler
    """The rule for a property whose values are things of a class, which the source describes or names."""

    def handle(work: Work, group: Group) -> None:
        for s in group.statements:
            value = s.object
            if isinstance(value, Literal):
                for made in _link(work, group, s):
                    work.typed(made, *classes)
                continue
            if isinstance(value, BlankNode) and value not in work.names:
                work.mint(kind, value)
            if isinstance(value, NamedNode) and not work.graph.describes(value):
                for made in _link(work, group, s):
                    work.typed(made, *classes)
            else:
                work.typed(thing(work, group, s), *classes)

    return handle


# ── distributions ────────────────────────────────────────────────────────────────────────────────────────────────────


def distributions(work: Work, group: Group) -> None:
    """`dcat:distribution`: a name that follows from the addresses, where the source gives no IRI of its own."""
    for s in group.statements:
        value = s.object
        if isinstance(value, Literal) or (isinstance(value, NamedNode) and not work.graph.describes(value)):
            _bare_distribution(work, group, s)
            continue
        if value not in work.names and not _lasting(value):
            work.mint("distribution", value, *_addresses(work, value))
            if list(work.names.values()).count(work.names[value]) > 1:
                work.mint("distribution", value)
        made = thing(work, group, s)
        work.typed(made, DCAT.Distribution)
        downloads = work.graph.values(value, DCAT.downloadURL, DCAT.downloadUrl)
        if not work.graph.values(value, DCAT.accessURL, DCAT.accessUrl, DCAT.accessURI) and downloads:
            for one in downloads:
                for address in iris.web(one.value, work.base).iris if not isinstance(one, BlankNode) else ():
                    work.add(value, DCAT.accessURL, iri(address))


def _lasting(value: Node) -> bool:
    """Whether it is an absolute http(s) IRI, or another that names the thing for good."""
    if isinstance(value, BlankNode) or iris.original(value.value) is not None:
        return False
    return not value.value.startswith("file:") and bool(iris.name(value.value).iris)


def _addresses(work: Work, value: Node) -> tuple[str, ...]:
    found = work.graph.values(value, DCAT.downloadURL, DCAT.accessURL, DCAT.downloadUrl, DCAT.accessUrl)
    return tuple(sorted(v.value for v in found if not isinstance(v, BlankNode)))


def _bare_distribution(work: Work, group: Group, s: Statement) -> None:
    """A distribution of which nothing but its address is known."""
    value = s.object
    fixed = iris.web(value.value, work.base) if not isinstance(value, BlankNode) else iris.NOTHING
    if not fixed.iris:
        work.refuse(s, "bad-address", wording.BAD_ADDRESS)
        return
    made = iri(fixed.iris[0])
    if isinstance(value, Literal):
        made = work.out.below("distribution", digest(fixed.iris[0]))
        work.into.add(made, node(DCAT.accessURL), iri(fixed.iris[0]))
    work.typed(made, DCAT.Distribution)
    work.say(group, s, made, *fixed.rules)


# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def licences(work: Work, group: Group) -> None:
    """`dct:license`: an IRI stays unless its own label contradicts it; words become the EU licence that they name.

    Words that name none are published as a rights statement.
    """
    iris_given = [
        s.object.value for s in group.statements if isinstance(s.object, NamedNode) and is_address(s.object.value)
    ]
    for s in group.statements:
        value = s.object
        url = _licence_url(work, s)
        words = value.value if isinstance(value, Literal) else work.label(value)
        if isinstance(value, NamedNode) and not words and iris.original(value.value) is not None:
            words = iris.original(value.value) or ""
        other = url or (iris_given[0] if iris_given else "")
        found = find_licence(
            words or None, url=other or None, license_id=_code(work, value), extra=work.out.context.licences
        )
        contradicts = found.reason is not None and found.reason.code == "ambiguous" and bool(words)
        if isinstance(value, NamedNode) and url and not contradicts:
            _licence_iri(work, group, s, value, url)
        elif found.term:
            again = found.term.iri in iris_given
            work.say(group, s, iri(found.term.iri), *((rules.DUPLICATE,) if again else (rules.LICENCE_TEXT,)))
            _spend_licence(work, group, s, words)
        else:
            _licence_words(work, group, s, words, url, contradicts=contradicts)
            if not contradicts and not isinstance(value, BlankNode):
                why = wording.joined(as_text(found.reason, wording.NO_LICENCE), wording.KEPT_AS_RIGHTS)
                work.refuse(s, "licence", why, table="licences")


def _licence_url(work: Work, s: Statement) -> str:
    """The web address by which a licence is given: its IRI, or what its description points to."""
    value = s.object
    if isinstance(value, NamedNode):
        found = iris.name(value.value, work.base).iris if iris.original(value.value) is None else ()
        return found[0] if found else ""
    if isinstance(value, Literal):
        return next(iter(iris.web(value.value).iris), "") if is_address(value.value) else ""
    given = work.graph.text(value, RDFS.seeAlso, _PAGE, DCT.source, DCT.identifier)
    return given if is_address(given) else ""


_PAGE = NamedNode("http://xmlns.com/foaf/0.1/page")


def _code(work: Work, value: object) -> str | None:
    if isinstance(value, BlankNode):
        given = work.graph.text(value, DCT.identifier, SKOS.notation)
        return given or None
    return None


def _licence_iri(work: Work, group: Group, s: Statement, value: NamedNode, url: str) -> None:
    made = iri(url)
    work.say(group, s, made, *iris.name(value.value, work.base).rules)
    work.typed(made, DCT.LicenseDocument)
    work.follow(value)


def _spend_licence(work: Work, group: Group, s: Statement, words: str) -> None:
    """Keeps the words of a licence that was recognised, where the source describes it by more than a code."""
    if isinstance(s.object, BlankNode):
        _rights(work, group.node, words, _licence_url(work, s))
        work.spend(s.object, rules.LICENCE_TEXT)


def _licence_words(work: Work, group: Group, s: Statement, words: str, url: str, *, contradicts: bool) -> None:
    if not words and not url:
        work.refuse(s, "licence", wording.NO_LICENCE, table="licences")
        work.spend(s.object)
        return
    _rights(work, group.node, words, url)
    done: tuple[Rule, ...] = (rules.LICENCE_CONFLICT,) if contradicts else (rules.AS_STATEMENT,)
    work.account.repaired(s, *group.rules, *done)
    work.spend(s.object, *done)


def _rights(work: Work, subject: Node, words: str, url: str) -> None:
    """A rights statement with the words, and the address they lead to; none where the subject has one already."""
    cleaned = clean(words, lines=True).value
    page = next(iter(iris.web(url).iris), "") if url else ""
    if (not cleaned and not page) or work.graph.values(subject, DCT.rights):
        return
    made = work.out.below("rights", digest(cleaned, page))
    work.add(subject, DCT.rights, made)
    work.typed(made, DCT.RightsStatement)
    if cleaned:
        work.into.add(made, node(RDFS.label), text(cleaned, work.language))
    if page:
        work.into.add(made, node(RDFS.seeAlso), iri(page))


def statements(kind: str, cls: NamedNode):  # type: ignore[no-untyped-def]  # a handler
    """The rule for statements in words: things of the class, or a text that becomes the label of one."""

    def handle(work: Work, group: Group) -> None:
        if _in_several_languages(group):
            _translated(work, group, kind, cls)
            return
        for s in group.statements:
            value = s.object
            web = iris.web(value.value, work.base).iris if not isinstance(value, BlankNode) else ()
            if (isinstance(value, Literal) and not web) or (
                isinstance(value, NamedNode) and not iris.name(value.value, work.base).iris
            ):
                label(work, group, s, kind, cls, RDFS.label)
            else:
                _statement_node(work, group, s, kind, cls)

    return handle


def _in_several_languages(group: Group) -> bool:
    tags = [s.object.language if isinstance(s.object, Literal) else None for s in group.statements]
    return len(tags) > 1 and all(tags) and len(set(tags)) == len(tags)


def _translated(work: Work, group: Group, kind: str, cls: NamedNode) -> None:
    """One statement of which the source gives the words in several languages."""
    made = work.out.below(kind, digest(*(str(s.object) for s in group.statements)))
    work.typed(made, cls)
    for s in group.statements:
        if not isinstance(s.object, Literal):
            continue
        cleaned = clean(s.object.value, lines=True)
        work.into.add(made, node(RDFS.label), text(cleaned.value, str(s.object.language)))
        work.say(group, s, made, rules.AS_STATEMENT, *cleaned.rules)


def _statement_node(work: Work, group: Group, s: Statement, kind: str, cls: NamedNode) -> None:
    if isinstance(s.object, BlankNode):
        work.mint(kind, s.object)
        work.typed(thing(work, group, s), cls)
        return
    if isinstance(s.object, NamedNode) and iris.web(s.object.value, work.base).iris == ():
        fixed = iris.name(s.object.value, work.base)
        made = iri(fixed.iris[0])
        work.say(group, s, made, *fixed.rules)
        work.typed(made, cls)
        work.follow(s.object)
        return
    for made in _link(work, group, s):
        work.typed(made, cls)


def access_rights(work: Work, group: Group) -> None:
    """`dct:accessRights`: the EU term that the value means, else a statement of rights."""
    other = statements("access-rights", DCT.RightsStatement)
    rest = []
    for s in group.statements:
        found = next((t for c in clues(work, s) if (t := table("access-right").find(c))), None)
        if found is None:
            rest.append(s)
        elif isinstance(s.object, NamedNode) and s.object.value == found.iri:
            work.say(group, s, str(s.object))
        else:
            work.say(group, s, iri(found.iri), rules.VOCABULARY)
            work.spend(s.object)
    if rest:
        other(work, Group(group.node, group.predicate, rest, group.rules))


def standards(work: Work, group: Group) -> None:
    """`dct:conformsTo`: each is a `dct:Standard`; the name of a national schema becomes its address."""
    for s in group.statements:
        value = s.object
        known = national_schema(value.value) if isinstance(value, Literal) else None
        if known:
            work.say(group, s, known, rules.VOCABULARY)
            work.typed(known, DCT.Standard)
        elif isinstance(value, BlankNode):
            work.mint("standard", value)
            work.typed(thing(work, group, s), DCT.Standard)
        elif iris.name(value.value, work.base).iris if isinstance(value, NamedNode) else iris.web(value.value).iris:
            for made in _link(work, group, s):
                work.typed(made, DCT.Standard)
        else:
            label(work, group, s, "standard", DCT.Standard, DCT.title)


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


# ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────────


def checksums(work: Work, group: Group) -> None:
    """`spdx:checksum`: a blank node stays one, its label follows from the value."""
    for s in group.statements:
        if isinstance(s.object, Literal):
            work.refuse(s, "checksum", wording.NO_ALGORITHM)
            continue
        if isinstance(s.object, BlankNode):
            work.names[s.object] = blank(work.out.identity.iri, "checksum", work.content(s.object))
        made = work.term(s.object)
        work.say(group, s, made)
        work.typed(made, SPDX.Checksum)
        work.follow(s.object)


def algorithms(work: Work, group: Group) -> None:
    """`spdx:algorithm`: the SPDX term; an IRI of another list stays."""
    for s in group.statements:
        found = next((t for c in clues(work, s) if (t := _algorithm(c))), None)
        if isinstance(s.object, NamedNode) and known_term(s.object.value):
            work.say(group, s, str(s.object))
        elif found:
            work.say(group, s, iri(found), rules.VOCABULARY)
        elif isinstance(s.object, NamedNode) and (fixed := iris.name(s.object.value, work.base)).iris:
            work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
        else:
            work.refuse(s, "checksum", wording.NO_ALGORITHM)


_ALGORITHM = re.compile(r"(md|sha|blake|adler)[^a-z0-9]*(\d[\d-]*)\Z")


def _algorithm(value: str) -> str:
    """The SPDX term of `SHA-256`, `md5`, `…#checksumAlgorithm_sha1`, `…/hashAlgorithms/md/5`."""
    found = _ALGORITHM.search(value.strip().lower())
    known = table("checksum-algorithm").by_code(found[1] + found[2].replace("-", "")) if found else None
    return known.iri if known else ""


def checksum_values(work: Work, group: Group) -> None:
    """`spdx:checksumValue`: `xsd:hexBinary`."""
    for s in group.statements:
        value = s.object.value.strip() if isinstance(s.object, Literal) else ""
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", value):
            made = literal(value, XSD.hexBinary)
            work.say(group, s, made, *(() if str(s.object) == made else (rules.NUMBER,)))
        else:
            work.refuse(s, "checksum", wording.BAD_NUMBER)


def other_identifiers(work: Work, group: Group) -> None:
    """`adms:identifier`: an `adms:Identifier` each; a bare text becomes the notation of one."""
    for s in group.statements:
        value = s.object
        if isinstance(value, NamedNode) and work.graph.describes(value):
            work.typed(thing(work, group, s), ADMS.Identifier)
        elif isinstance(value, BlankNode):
            work.mint("identifier", value)
            work.typed(thing(work, group, s), ADMS.Identifier)
        else:
            words = iris.original(value.value) or value.value
            notation = (
                literal(words, value.datatype)
                if isinstance(value, Literal) and value.datatype != XSD.string
                else text(words)
            )
            identifier(work, notation, words)
            work.account.repaired(s, *group.rules, rules.AS_STATEMENT)


def identifier(work: Work, notation: Term, key: str) -> None:
    """One more identifier of the resource."""
    made = work.out.below("identifier", digest(key))
    work.add(work.graph.root, ADMS.identifier, made)
    work.typed(made, ADMS.Identifier)
    work.into.add(made, node(SKOS.notation), notation)


ATTRIBUTION, ACTIVITY = PROV.Attribution, PROV.Activity
