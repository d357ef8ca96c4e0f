"""What a CKAN portal makes of a DCAT feed: ckanext-dcat 2.4's harvester with its European profiles, on CKAN 2.12.

Each function names the one of ckanext-dcat that it follows; what they drop is a rule of `files/ckan.toml`. The profiles
`euro_dcat_ap_2` and `_3` differ only in what they read of versions, which is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode

from api.preview import geometry
from api.preview.graph import Graph, Node, Term, iri, text
from api.preview.model import Contact, Harvest, Held, Licence, Notes, Outcome, Resource
from api.preview.pages import Page, Walk
from api.preview.rules import Note, rules
from api.preview.tables import rows
from vocab.namespaces import (
    ADMS,
    DCAT,
    DCATAP,
    DCT,
    FOAF,
    GEO,
    HYDRA,
    LOCN,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    TIME,
    VCARD,
)

NAME = "ckan"
_LARGE = 50 * 1024 * 1024
_TAG = re.compile(r"[\w \-.]*")
_GEOJSON = "https://www.iana.org/assignments/media-types/application/vnd.geo+json"
_PLAIN = "http://www.w3.org/2001/XMLSchema#string"
_MEDIA = "iana.org/assignments/media-types"


def following(graph: Graph) -> str:
    """The next page: of either kind of page, `next` before `nextPage` (`RDFParser.next_page`)."""
    for kind in (HYDRA.PartialCollectionView, HYDRA.PagedCollection):
        for node in graph.typed(kind):
            for link in (HYDRA.next, HYDRA.nextPage):
                for target in graph.objects(node, link):
                    return text(target)
    return ""


class Ckan:
    """A portal on CKAN as it is installed, in this language."""

    def __init__(self, lang: str = "fr") -> None:
        self.lang = lang
        self.following = following

    def read(self, pages: Walk) -> Harvest:
        """Every dataset of every page (`gather_stage`). The first one without a title ends it all."""
        items: dict[str, Held] = {}
        passed: list[Held] = []
        notes: list[Note] = []
        for page in pages:
            notes += _transport(page)
            reader = Reading(page.graph, self.lang, page.number)
            for held in reader.datasets():
                if not held.title:
                    notes.append(_note("title-missing", held.iri or held.key))
                if held.key in items:
                    again = replace(items[held.key], outcome=Outcome.SKIPPED, notes=(_note("guid-twice", held.key),))
                    passed.append(again)
                items[held.key] = held
            passed += reader.passed()
        if pages.endless:
            notes.append(_note("pages-endless", pages.endless))
        return Harvest((*items.values(), *passed), tuple(dict.fromkeys(notes)), pages.read)


def _transport(page: Page) -> Iterator[Note]:
    """What size and encoding do to a page (`_get_content_and_type`)."""
    if page.size >= _LARGE:
        yield _note("page-large", f"{page.size / 1e6:.0f}")
    if not page.utf8:
        yield _note("not-utf-8", str(page.number))


class Reading:
    """One page, read."""

    def __init__(self, graph: Graph, lang: str, page: int) -> None:
        self.graph = graph
        self.lang = lang
        self.page = page

    def datasets(self) -> Iterator[Held]:
        """Every `dcat:Dataset` (`RDFParser._datasets`)."""
        for node in self.graph.typed(DCAT.Dataset):
            yield self._dataset(node)

    def passed(self) -> Iterator[Held]:
        """What is there and not looked at: series, and services that no distribution names."""
        for kind, name in ((DCAT.DatasetSeries, "series-not-read"), (DCAT.DataService, "service-not-read")):
            for node in self.graph.typed(kind):
                if self.graph.is_a(node, DCAT.Dataset) or DCAT.accessService in self.graph.incoming(node):
                    continue
                what = "service" if kind == DCAT.DataService else "dataset"
                title, key = self._value(node, DCT.title), self._value(node, DCT.identifier)
                yield Held(key, iri(node), what, Outcome.SKIPPED, title, notes=(_note(name),), page=self.page)

    def _dataset(self, node: Node) -> Held:
        """`_parse_dataset_base` and `_parse_dataset_v2`."""
        notes = Notes()
        identifier, title = self._value(node, DCT.identifier), self._value(node, DCT.title)
        if not iri(node) and not identifier:
            notes.add(_note("guid-by-name"))
        resources = tuple(self._resource(d, notes) for d in self.graph.objects(node, DCAT.distribution))
        licence = self._licence(node, notes)
        held = Held(
            key=iri(node) or identifier or title,
            iri=iri(node),
            title=title,
            description=self._value(node, DCT.description),
            licence=licence,
            tags=self._tags(node, notes),
            hvd=tuple(text(o) for o in self.graph.objects(node, DCATAP.hvdCategory)),
            frequency=self._value(node, DCT.accrualPeriodicity),
            temporal=self._temporal(node, notes),
            spatial=self._spatial(node, notes),
            contacts=tuple(self._contacts(node, notes)),
            issued=self._value(node, DCT.issued),
            modified=self._value(node, DCT.modified),
            landing=self._value(node, DCAT.landingPage),
            resources=resources,
            identifier=identifier,
            aliases=tuple(self._aliases(node)),
            page=self.page,
        )
        failed = not title or any(n.rule.effect == "fail" for n in notes.found)
        return replace(held, outcome=Outcome.FAILED if failed else Outcome.TAKEN, notes=notes.sorted())

    def _value(self, node: Term, predicate: NamedNode) -> str:
        """The text in the portal's language, else the first; of a node its label, else its IRI (`_object_value`)."""
        fallback = ""
        for given in self.graph.objects(node, predicate):
            if not isinstance(given, Literal):
                labels = self.graph.objects(given, RDFS.label)
                return text(labels[0]) if labels else given.value
            if given.language == self.lang:
                return str(given.value)
            fallback = fallback or str(given.value)
        return fallback

    def _tags(self, node: Node, notes: Notes) -> tuple[str, ...]:
        """Keywords, split at commas (`_keywords`), under the rules that CKAN has for tags."""
        found: list[str] = []
        split: list[str] = []
        for given in self.graph.objects(node, DCAT.keyword):
            if "," in text(given):
                notes.add(_note("keyword-split", text(given)))
                split += [part.strip() for part in text(given).split(",")]
            else:
                found.append(text(given))
        tags = [*found, *split]
        for tag in tags:
            if not 2 <= len(tag) <= 100:
                notes.add(_note("tag-length", tag))
            elif not _TAG.fullmatch(tag):
                notes.add(_note("tag-refused", tag))
        return tuple(dict.fromkeys(tags))

    def _licence(self, node: Node, notes: Notes) -> Licence:
        """The first licence of a distribution that is in the register, by IRI, else by title (`_license`)."""
        given = [o for d in self.graph.objects(node, DCAT.distribution) if (o := self.graph.value(d, DCT.license))]
        if len(set(given)) > 1:
            notes.add(_note("licence-several", str(len(set(given)))))
        for one in given:
            title = "" if isinstance(one, Literal) else self._value(one, DCT.title)
            # An empty title equals that of no licence, an empty address that of licences without one: as in CKAN.
            for row in rows("ckan-licences"):
                if row["url"] and text(one) == row["url"]:
                    return Licence(row["id"], row["title"], text(one))
            for row in rows("ckan-licences"):
                if title == row["title"]:
                    return Licence(row["id"], row["title"], title)
        notes.add(_note("licence-unknown", text(given[0])) if given else _note("licence-missing"))
        return Licence(given=text(given[0]) if given else "")

    def _temporal(self, node: Node, notes: Notes) -> tuple[str, str]:
        """Dates of DCAT, else of OWL-Time, else of schema.org (`_time_interval`)."""
        periods = self.graph.objects(node, DCT.temporal)
        found = ["", ""]
        for read in (self._schema_org, self._owl_time):  # the base profile's order; version 2 goes over it again
            if not any(found):
                found = list(next((r for p in periods if any(r := read(p))), ("", "")))
        for read in (self._dcat, self._owl_time, self._schema_org):
            again = next((r for p in periods if any(r := read(p))), None)
            if again:
                found = [again[0] or found[0], again[1] or found[1]]
                break
        if periods and not any(found):
            notes.add(_note("temporal-unread"))
        return found[0], found[1]

    def _schema_org(self, period: Term) -> tuple[str, str]:
        return self._value(period, SCHEMA.startDate), self._value(period, SCHEMA.endDate)

    def _dcat(self, period: Term) -> tuple[str, str]:
        return self._value(period, DCAT.startDate), self._value(period, DCAT.endDate)

    def _owl_time(self, period: Term) -> tuple[str, str]:
        ways = (TIME.inXSDDateTimeStamp, TIME.inXSDDateTime, TIME.inXSDDate)
        found = []
        for bound in (TIME.hasBeginning, TIME.hasEnd):
            moment = self.graph.value(period, bound)
            values = (self._value(moment, way) for way in ways) if moment is not None else ()
            found.append(next((v for v in values if v), ""))
        return found[0], found[1]

    def _spatial(self, node: Node, notes: Notes) -> str:
        """Name, IRI and box of the places (`_spatial`): geometries only where the place is typed."""
        places = self.graph.objects(node, DCT.spatial)
        name = address = box = ""
        for place in places:
            address = iri(place) or address
            if isinstance(place, Literal):
                name = str(place.value)
            elif self.graph.is_a(place, DCT.Location):
                for predicate in (LOCN.geometry, DCAT.bbox, DCAT.centroid):
                    box = box or self._shape(place, predicate)
                for label in (*self.graph.objects(place, SKOS.prefLabel), *self.graph.objects(place, RDFS.label)):
                    name = text(label)
        if places and not (name or address or box):
            notes.add(_note("spatial-unread"))
        return " · ".join(part for part in (name, box, address) if part)

    def _shape(self, place: Term, predicate: NamedNode) -> str:
        """The box of a geometry: GeoJSON, untyped or so typed, else WKT (`_parse_geodata`)."""
        for given in self.graph.objects(place, predicate):
            if not isinstance(given, Literal):
                continue
            found = None
            if given.datatype.value in {_GEOJSON, _PLAIN}:
                found = geometry.from_geojson(str(given.value))
            elif given.datatype == GEO.wktLiteral:
                found = geometry.from_wkt(str(given.value))
            if found and (box := geometry.extent(found.get("coordinates"))):
                return box
        return ""

    def _contacts(self, node: Node, notes: Notes) -> Iterator[Contact]:
        """The first contact, publisher and creator (`_contact_details`, `_agents_details`)."""
        cards = self.graph.objects(node, DCAT.contactPoint) or self.graph.objects(node, ADMS.contactPoint)
        if len(cards) > 1:
            notes.add(_note("contact-several", str(len(cards))))
        for card in cards[:1]:
            email = self._vcard(card, VCARD.hasEmail)
            name = self._translated(card, VCARD.fn) or self._vcard(card, VCARD.fn) or self._vcard(card, VCARD.hasFN)
            yield Contact("contact", name, _mail(email), self._vcard(card, VCARD.hasURL))
        for role in ("publisher", "creator"):
            agents = self.graph.objects(node, DCT[role])
            if len(agents) > 1 and role == "publisher":
                notes.add(_note("publisher-several", str(len(agents))))
            for agent in agents[:1]:
                email = self._value(agent, FOAF.mbox) or self._value(agent, VCARD.hasEmail)
                name = self._translated(agent, FOAF.name) or self._value(agent, FOAF.name)
                yield Contact(role, name, _mail(email), self._value(agent, FOAF.homepage))

    def _translated(self, node: Term, predicate: NamedNode) -> str:
        """The name in the portal's language, else the one without language, else the first."""
        given = [o for o in self.graph.objects(node, predicate) if isinstance(o, Literal)]
        ours = next((str(o.value) for o in given if o.language == self.lang), "")
        plain = next((str(o.value) for o in given if not o.language), "")
        return ours or plain or next((str(o.value) for o in given), "")

    def _vcard(self, card: Term, predicate: NamedNode) -> str:
        first = self.graph.value(card, predicate)
        return self._value(first, VCARD.hasValue) if isinstance(first, BlankNode) else self._value(card, predicate)

    def _aliases(self, node: Node) -> Iterator[str]:
        for one in self.graph.objects(node, ADMS.identifier):
            yield self._value(one, SKOS.notation) or text(one)
        yield from (text(o) for o in self.graph.objects(node, OWL.sameAs))

    def _resource(self, node: Term, notes: Notes) -> Resource:
        title = self._value(node, DCT.title)
        url = self._value(node, DCAT.downloadURL) or self._value(node, DCAT.accessURL)
        media, shape = self._format(node)
        if not url:
            notes.add(Note(rules(NAME)["resource-without-url"], "", title or iri(node)))
        if not iri(node):
            notes.add(Note(rules(NAME)["resource-blank"], "", title))
        if shape.startswith(("http://", "https://")):
            notes.add(Note(rules(NAME)["format-iri"], shape, title))
        service = self.graph.value(node, DCAT.accessService) is not None
        kind = "api" if service else "main"
        return Resource(iri(node) or url, title, url, shape, media, self._size(node, notes, title), kind, iri(node))

    def _format(self, node: Term) -> tuple[str, str]:
        """Media type and format (`_distribution_format`); the register of formats knows names, not IRIs."""
        media, label = self._value(node, DCAT.mediaType), ""
        given = self.graph.value(node, DCT["format"])
        if isinstance(given, Literal):
            value = str(given.value)
            media, label = (value, "") if not media and "/" in value else (media, value)
        elif given is not None and self.graph.value(given, RDF.type) == DCT.IMT:
            media = media or text(self.graph.value(given, RDF.value))
            label = self._value(given, RDFS.label)
        elif isinstance(given, NamedNode):
            media, label = (given.value, "") if _MEDIA in given.value and not media else (media, given.value)
        known = _formats()
        return media, known.get(media) or known.get(label.lower()) or label or media

    def _size(self, node: Term, notes: Notes, title: str) -> str:
        given = self._value(node, DCAT.byteSize)
        try:
            return str(int(float(given))) if given else ""
        except (ValueError, OverflowError):
            notes.add(Note(rules(NAME)["size-unreadable"], given, title))
            return ""


@cache
def _formats() -> dict[str, str]:
    return {name: row["format"] for row in rows("ckan-formats") for name in row["names"].split("|")}


def _mail(given: str) -> str:
    return given.replace("mailto:", "")


def _note(name: str, value: str = "") -> Note:
    return Note(rules(NAME)[name], value)
