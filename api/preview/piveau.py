"""What data.europa.eu makes of a DCAT feed: piveau's importer, hub and index (`piveau-utils`, `piveau-indexing`).

The hub keeps a dataset's whole closure as RDF; the index, which search and pages are made from, reads the values here.
Each function names the one of piveau that it follows; what they drop is a rule of `files/piveau.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyoxigraph import BlankNode, Literal, NamedNode

from api.preview import geometry
from api.preview.graph import Graph, Node, Term, iri, text
from api.preview.model import Contact, Harvest, Held, Licence, Notes, Outcome, Resource
from api.preview.pages import Walk
from api.preview.rules import Note, rules
from api.preview.values import Reader, instant
from vocab.namespaces import (
    ADMS,
    AUTHORITY,
    DCAT,
    DCATAP,
    DCT,
    FOAF,
    HVD_LEGISLATION,
    HYDRA,
    LOCN,
    OWL,
    RDF,
    RDFS,
    SKOS,
    VCARD,
)
from vocab.terms import table, term

NAME = "piveau"
_GEOJSON = "https://www.iana.org/assignments/media-types/application/vnd.geo+json"
_PLACES = ("country", "continent", "place")


def following(graph: Graph) -> str:
    """The next page: that of a `hydra:PagedCollection` where there is one (`HydraPaging.findPaging`)."""
    for kind, link in ((HYDRA.PagedCollection, HYDRA.nextPage), (HYDRA.PartialCollectionView, HYDRA.next)):
        nodes = graph.typed(kind)
        if nodes:
            return text(graph.value(nodes[0], link))
    return ""


class Piveau:
    """A hub whose catalogue is registered in this language."""

    def __init__(self, lang: str = "fr") -> None:
        self.lang = lang
        self.following = following

    def read(self, pages: Walk) -> Harvest:
        """Every dataset of every page; the last of those that share an identifier stays."""
        items: dict[str, Held] = {}
        passed: list[Held] = []
        notes: list[Note] = []
        total = ""
        for page in pages:
            total, more = _total(page.graph)
            notes += more
            reader = Reading(page.graph, self.lang, page.number)
            for held in reader.datasets():
                if held.outcome is not Outcome.TAKEN:
                    passed.append(held)
                    continue
                if held.key in items:
                    note = _note("identifier-twice", held.key)
                    passed.append(replace(items[held.key], outcome=Outcome.SKIPPED, notes=(note,)))
                items[held.key] = held
            passed += reader.services()
        if pages.endless:
            notes.append(_note("pages-endless", pages.endless))
        datasets = len(items) + sum(h.kind == "dataset" for h in passed)
        if total and total != str(datasets):
            notes.append(_note("total-wrong", total))
        return Harvest((*items.values(), *passed), tuple(dict.fromkeys(notes)), pages.read)


def _total(graph: Graph) -> tuple[str, list[Note]]:
    """How many datasets the feed says it has: on the node of a `PagedCollection`, else anywhere."""
    collections = graph.typed(HYDRA.PagedCollection)
    if collections:
        total = text(graph.value(collections[0], HYDRA.totalItems))
    elif graph.typed(HYDRA.PartialCollectionView):
        total = next(
            (
                text(o)
                for s in graph.typed(HYDRA.Collection, DCAT.Catalog, HYDRA.PartialCollectionView)
                for o in graph.objects(s, HYDRA.totalItems)
            ),
            "",
        )
    else:
        return "", []
    return (total, []) if total.isdigit() else ("", [_note("total-missing")])


class Reading:
    """One page, read."""

    def __init__(self, graph: Graph, lang: str, page: int) -> None:
        self.graph = graph
        self.page = page
        self.values = Reader(graph, lang)

    def datasets(self) -> Iterator[Held]:
        """Every `dcat:Dataset`."""
        for node in self.graph.typed(DCAT.Dataset):
            yield self._dataset(node)

    def services(self) -> Iterator[Held]:
        """Services that no distribution names: nobody keeps them."""
        for node in self.graph.typed(DCAT.DataService):
            if DCAT.accessService not in self.graph.incoming(node):
                title, key = self.values.value(node, DCT.title), text(self.graph.value(node, DCT.identifier))
                note = (_note("service-not-read"),)
                yield Held(key, iri(node), "service", Outcome.SKIPPED, title, notes=note, page=self.page)

    def _dataset(self, node: Node) -> Held:
        """`indexingDataset`."""
        notes = Notes()
        identifier = text(self.graph.value(node, DCT.identifier))
        title = self._title(node, notes)
        named = Held(identifier or iri(node), iri(node), title=title, identifier=identifier, page=self.page)
        if not named.key:
            return replace(named, outcome=Outcome.SKIPPED, notes=(_note("identifier-missing"),))
        if not identifier:
            notes.add(_note("identifier-by-iri"))
        self._closure(node, notes)
        resources = tuple(self._resource(d, notes) for d in self.graph.objects(node, DCAT.distribution))
        description = self.values.value(node, DCT.description)
        if not description:
            notes.add(_note("description-missing"))
        held = replace(
            named,
            description=description,
            licence=self._licence(node),
            tags=tuple(dict.fromkeys([*self._themes(node, notes), *self._keywords(node)])),
            hvd=self._hvd(node, notes),
            frequency=self._labelled(self.graph.value(node, DCT.accrualPeriodicity)),
            temporal=self._temporal(node),
            spatial=self._spatial(node, notes),
            contacts=tuple(self._contacts(node)),
            issued=self._date(node, DCT.issued, notes),
            modified=self._date(node, DCT.modified, notes),
            landing=text(self.graph.value(node, DCAT.landingPage)),
            resources=resources,
            aliases=tuple(self._aliases(node)),
        )
        return replace(held, notes=notes.sorted())

    def _title(self, node: Node, notes: Notes) -> str:
        best = self.values.best(node, DCT.title)
        if not isinstance(best, Literal):
            notes.add(_note("title-missing"))
            return ""
        if not best.language:
            notes.add(_note("language-missing"))
        return str(best.value)

    def _closure(self, node: Node, notes: Notes) -> None:
        """Other datasets that what is extracted contains (`Resource.extract`): it stops at `foaf:primaryTopic` only."""
        seen: set[Term] = {node}
        waiting: list[Term] = [node]
        while waiting:
            for predicate, value in self.graph.properties(waiting.pop()):
                if isinstance(value, Literal) or value in seen or predicate in {FOAF.primaryTopic, RDF.type}:
                    continue
                seen.add(value)
                waiting.append(value)
                if self.graph.is_a(value, DCAT.Dataset):
                    notes.add(_note("dataset-inside", text(value)))
                    return

    def _keywords(self, node: Node) -> Iterator[str]:
        yield from (str(o.value) for o in self.graph.objects(node, DCAT.keyword) if isinstance(o, Literal))

    def _themes(self, node: Node, notes: Notes) -> list[str]:
        """The European themes, by IRI or by code (`ThemeVisitor`)."""
        known = table("data-theme")
        found = [known.find(text(o).rpartition("/")[2]) for o in self.graph.objects(node, DCAT.theme) if _theme(o)]
        if not any(found):
            notes.add(_note("theme-missing"))
        return [t.fr if self.values.lang == "fr" else t.en for t in found if t is not None]

    def _hvd(self, node: Node, notes: Notes) -> tuple[str, ...]:
        categories = tuple(self._labelled(o) for o in self.graph.objects(node, DCATAP.hvdCategory))
        ruled = HVD_LEGISLATION in {text(o) for o in self.graph.objects(node, DCATAP.applicableLegislation)}
        if categories and not ruled:
            notes.add(_note("hvd-without-legislation"))
        return categories if ruled else ()

    def _licence(self, node: Node) -> Licence:
        """That of the first distribution that has one which is known."""
        given = [o for d in self.graph.objects(node, DCAT.distribution) if (o := self.graph.value(d, DCT.license))]
        for one in given:
            known = term(text(one))
            if known is not None and known.scheme == "licence":
                return Licence(known.code, known.fr if self.values.lang == "fr" else known.en, text(one))
        return Licence(given=text(given[0]) if given else "")

    def _temporal(self, node: Node) -> tuple[str, str]:
        """Not indexed: what stands in the RDF that the hub keeps."""
        for period in self.graph.objects(node, DCT.temporal):
            found = (text(self.graph.value(period, DCAT.startDate)), text(self.graph.value(period, DCAT.endDate)))
            if any(found):
                return found
        return "", ""

    def _spatial(self, node: Node, notes: Notes) -> str:
        """Places of the European vocabularies, and geometries in GeoJSON (`SpatialVisitor`, `GeoSpatialVisitor`)."""
        given = self.graph.objects(node, DCT.spatial)
        found = []
        for place in given:
            known = term(text(place))
            if known is not None and known.scheme in _PLACES:
                found.append(known.fr if self.values.lang == "fr" else known.en)
            for shape in self.graph.objects(place, LOCN.geometry):
                if isinstance(shape, Literal) and shape.datatype.value == _GEOJSON:
                    value = geometry.from_geojson(str(shape.value)) or {}
                    found.append(geometry.extent(value.get("coordinates")))
        kept = [f for f in found if f]
        if given and not kept:
            notes.add(_note("spatial-unread"))
        return " · ".join(dict.fromkeys(kept))

    def _contacts(self, node: Node) -> Iterator[Contact]:
        """`indexingContactPoint` and `indexingPublisher`."""
        value = self.values.value
        for card in self.graph.objects(node, DCAT.contactPoint):
            if not isinstance(card, Literal):
                name = value(card, VCARD.fn) or value(card, VCARD.hasName)
                yield Contact("contact", name, value(card, VCARD.hasEmail).removeprefix("mailto:"))
        for agent in self.graph.objects(node, DCT.publisher):
            if not isinstance(agent, Literal):
                yield Contact("publisher", value(agent, FOAF.name), value(agent, FOAF.mbox).removeprefix("mailto:"))

    def _date(self, node: Node, predicate: NamedNode, notes: Notes) -> str:
        """`normalizeDateTime`: a day or a moment; neither a year nor a month."""
        given = text(self.graph.value(node, predicate))
        if given and (len(given) < 10 or instant(given) is None):
            notes.add(_note("date-unreadable", given))
            return ""
        return given

    def _aliases(self, node: Node) -> Iterator[str]:
        for one in self.graph.objects(node, ADMS.identifier):
            yield text(self.graph.value(one, SKOS.notation)) or text(one)
        yield from (text(o) for o in self.graph.objects(node, OWL.sameAs))

    def _resource(self, node: Term, notes: Notes) -> Resource:
        """`indexingDistribution`."""
        title = self.values.value(node, DCT.title)
        access, download = text(self.graph.value(node, DCAT.accessURL)), text(self.graph.value(node, DCAT.downloadURL))
        if not access:
            notes.add(Note(rules(NAME)["resource-without-url"], "", title or iri(node)))
        licence = self.graph.value(node, DCT.license)
        known = term(text(licence)) if licence is not None else None
        if licence is None:
            notes.add(Note(rules(NAME)["licence-missing"], "", title))
        elif isinstance(licence, NamedNode) and (known is None or known.scheme != "licence"):
            notes.add(Note(rules(NAME)["licence-unknown"], text(licence), title))
        api = self.graph.value(node, DCAT.accessService) is not None
        media = text(self.graph.value(node, DCAT.mediaType))
        size = text(self.graph.value(node, DCAT.byteSize))
        url = download or access
        kind = "api" if api else "main"
        return Resource(iri(node) or url, title, url, self._format(node, notes, title), media, size, kind, iri(node))

    def _format(self, node: Term, notes: Notes, title: str) -> str:
        """A format of the European vocabulary, by IRI or by the last part of one (`FormatVisitor`)."""
        given = self.graph.value(node, DCT["format"])
        if given is None:
            return ""
        known = table("file-type").find(text(given).rpartition("/")[2])
        if known is not None:
            return known.fr if self.values.lang == "fr" else known.en
        if isinstance(given, NamedNode):
            notes.add(Note(rules(NAME)["format-unknown"], text(given), title))
            return ""
        return self._labelled(given)

    def _labelled(self, node: Term | None) -> str:
        if node is None or isinstance(node, Literal):
            return text(node)
        known = term(text(node)) if not isinstance(node, BlankNode) else None
        if known is not None:
            return known.fr if self.values.lang == "fr" else known.en
        labels = (self.values.value(node, p) for p in (SKOS.prefLabel, SKOS.altLabel, RDFS.label))
        return next((label for label in labels if label), iri(node))


def _theme(given: Term) -> bool:
    return isinstance(given, Literal) or text(given).startswith(f"{AUTHORITY}data-theme/")


def _note(name: str, value: str = "") -> Note:
    return Note(rules(NAME)[name], value)
