"""Records in Dublin Core: those of a catalogue service's core schema (`csw:Record`) and of OAI-PMH (`oai_dc`)."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree
from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Identity, Mapped, Record, Text
from harvest import identity as names
from harvest.graph.mapping import map_graph
from harvest.graph.model import Graph, Statement
from harvest.iso.distributions import is_data, protocol_format
from harvest.iso.document import Element, View, find, first, local, value
from harvest.iso.extents import box
from harvest.iso.languages import tag
from harvest.iso.records import digest, kept
from harvest.mapping import wording
from harvest.mapping.context import Context
from harvest.rdf.names import unchecked
from harvest.source import Rejected
from vocab.licences import licence
from vocab.namespaces import DCAT, DCT, FOAF, GEO, RDF

NOTHING_INSIDE = Text("la fiche n’a ni identifiant ni titre.", "the record has neither an identifier nor a title.")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PLAIN = {
    "title": DCT.title,
    "alternative": DCT.alternative,
    "description": DCT.description,
    "abstract": DCT.description,
    "subject": DCAT.keyword,
    "creator": DCT.creator,
    "publisher": DCT.publisher,
    "contributor": DCT.contributor,
    "language": DCT.language,
    "created": DCT.created,
    "issued": DCT.issued,
    "date": DCT.issued,
    "dateSubmitted": DCT.issued,
    "available": DCT.issued,
    "modified": DCT.modified,
    "accrualPeriodicity": DCT.accrualPeriodicity,
    "provenance": DCT.provenance,
    "temporal": DCT.temporal,
    "accessRights": DCT.accessRights,
    "conformsTo": DCT.conformsTo,
    "identifier": DCT.identifier,
}
_TEXTS = frozenset((DCT.title, DCT.alternative, DCT.description, DCAT.keyword))
_SINGLE = frozenset((DCT.publisher, DCT.issued, DCT.modified, DCT.created, DCT.accrualPeriodicity, DCT.accessRights))
_LINKS = frozenset(("relation", "references", "source", "URI", "isPartOf", "isVersionOf", "hasVersion", "hasPart"))
_SIDE = re.compile(r"\b(north|south|east|west)(?:limit|bound\w*)?\s*[=: ]\s*(-?\d+(?:[.,]\d+)?)", re.IGNORECASE)


def record_of(source: str, element: Element, *, kind: str, id_: str = "", pages: bool = False) -> Record | Rejected:
    """The record in an element. `id_` is what the protocol calls it; `pages` says that identifiers are web pages."""
    given = [value(e) for e in find(element, "identifier") if value(e)]
    title = value(first(element, "title"))
    if not given and not title:
        return Rejected(id_ or "-", NOTHING_INSIDE)
    given.sort(key=lambda g: not names.unique(g))
    own = next((g for g in given if names.persistent(g)), "") if not pages else ""
    chosen = own or (given[0] if given else id_ or title)
    payload = etree.tostring(element, encoding="utf-8", with_tail=False)
    return Record(
        source,
        id_ or chosen,
        payload,
        {"form": "dc", "pages": pages},
        digest(element),
        value(first(element, "modified", "date")) or None,
        iri=own,
        identifier=chosen,
        name=title or names.last_part(chosen),
        claims=names.claims(given),
        kind=kind,
    )


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The description of a record's resource. `RecordInvalid` where it has no title."""
    root = kept(record.payload, record.id)
    view = View(root)
    view.rule = "dublin-core"
    language = tag(value(first(root, "language")))
    graph = _Writer(view, Graph(NamedNode(identity.iri)), language, record.data["pages"]).write(root)
    return map_graph(record, graph, identity, context, view=view, language=language)


def types(record: Record) -> tuple[str, ...]:
    """The types that a record gives its resource."""
    return tuple(value(e) for e in find(kept(record.payload, record.id), "type") if value(e))


class _Writer:
    """Writes the elements of one record as a graph."""

    def __init__(self, view: View, graph: Graph, language: str, pages: bool) -> None:
        self.view = view
        self.graph = graph
        self.language = language
        self.pages = pages
        self.distributions: list[BlankNode] = []
        self.service = False

    def write(self, root: Element) -> Graph:
        """The graph of the record in `root`."""
        kinds = {re.split(r"[/#]", value(e))[-1].lower() for e in find(root, "type")}
        self.service = "service" in kinds
        self._add(RDF.type, DCAT.DataService if self.service else DCAT.Dataset)
        later: list[tuple[Callable[[Element], None], Element]] = []
        for one in root:
            name = local(one)
            if not value(one) and name != "BoundingBox":
                continue
            if name in _PLAIN:
                self._plain(one, _PLAIN[name])
            elif name in _LINKS:
                self._link(one)
            elif name in ("coverage", "spatial"):
                self._coverage(one)
            elif name in ("BoundingBox", "WGS84BoundingBox"):
                self._bounding_box(one)
            elif name == "type":
                self._type(one, is_kind=re.split(r"[/#]", value(one))[-1].lower() in ("dataset", "service"))
            elif name in ("rights", "license", "rightsHolder"):
                later.append((self._rights, one))
            elif name in ("format", "extent", "medium"):
                later.append((self._format, one))
        for write, one in later:
            write(one)
        return self.graph

    def _add(self, predicate: NamedNode, thing: object, one: Element | None = None, node: object = None) -> None:
        path, item = self.view.place(one) if one is not None else ("", None)
        subject = self.graph.root if node is None else node
        self.graph.add(Statement(subject, predicate, thing, path, item))  # type: ignore[arg-type]  # terms all

    def _words(self, one: Element) -> Literal:
        lang = tag(one.get(_XML_LANG) or "") or self.language
        return Literal(value(one), language=lang) if lang else Literal(value(one))

    def _plain(self, one: Element, predicate: NamedNode) -> None:
        if predicate in _SINGLE and self.graph.values(self.graph.root, predicate):
            self.view.refuse_element(one, wording.SUPERSEDED)
            return
        self._add(predicate, self._words(one) if predicate in _TEXTS else Literal(value(one)), one)
        if predicate == DCT.identifier and self.pages and re.match(r"https?://", value(one)):
            self._add(DCAT.landingPage, unchecked(value(one)), one)

    def _link(self, one: Element) -> None:
        address = value(one)
        if not re.match(r"(?:https?|ftp)://", address):
            self.view.refuse_element(one, wording.BAD_ADDRESS)
        elif licence(None, url=address).term:
            self._add(DCT.license, unchecked(address), one)
        elif self.service and not self.graph.values(self.graph.root, DCAT.endpointURL):
            self._add(DCAT.endpointURL, unchecked(address), one)
        elif not self.service and is_data(one.get("protocol") or "", address):
            node = BlankNode(f"d{len(self.distributions)}")
            self.distributions.append(node)
            self._add(DCAT.distribution, node)
            self._add(RDF.type, DCAT.Distribution, node=node)
            self._add(DCAT.accessURL, unchecked(address), one, node)
            if (name := one.get("name") or one.get("description") or "").strip():
                self._add(DCT.title, Literal(name.strip()), node=node)
            if kind := protocol_format(one.get("protocol") or "", address):
                self._add(DCT["format"], Literal(kind), node=node)
        else:
            self._add(FOAF.page, unchecked(address), one)

    def _coverage(self, one: Element) -> None:
        sides = {k.lower(): v for k, v in _SIDE.findall(value(one))}
        if len(sides) == 4:
            # some write the east first: the smaller longitude is the west
            west, east = sorted((sides["west"], sides["east"]), key=lambda s: float(s.replace(",", ".")))
            self._box(one, (west, sides["south"], east, sides["north"]))
        else:
            self._add(DCT.spatial, self._words(one), one)

    def _bounding_box(self, one: Element) -> None:
        """`ows:BoundingBox`: two corners, latitude first but in CRS:84 (OWS Common, 10.2)."""
        corners = [value(first(one, c)).split() for c in ("LowerCorner", "UpperCorner")]
        self.view.take(*(first(one, c) for c in ("LowerCorner", "UpperCorner")))
        if any(len(c) != 2 for c in corners):
            return
        if _is_swapped(corners):  # GeoNetwork writes east and south, then west and north
            corners = [[corners[1][0], corners[0][1]], [corners[0][0], corners[1][1]]]
            self._box(first(one, "LowerCorner"), (*corners[0], *corners[1]))
            return
        if local(one) == "BoundingBox" and "84" not in (one.get("crs") or "").upper().rpartition("CRS")[2][:4]:
            corners = [c[::-1] for c in corners]
        self._box(first(one, "LowerCorner"), (*corners[0], *corners[1]))

    def _box(self, one: Element | None, sides: tuple[str, ...]) -> None:
        found = box(*sides)
        if isinstance(found, Text):
            self.view.refuse_element(one, found)
            return
        node = BlankNode(f"place{len(self.graph)}")
        self._add(DCT.spatial, node)
        self._add(RDF.type, DCT.Location, node=node)
        self._add(found[0], Literal(found[1], datatype=GEO.wktLiteral), one, node)

    def _type(self, one: Element, *, is_kind: bool) -> None:
        if is_kind:
            self.view.take(one)
        else:
            self._add(DCT.type, Literal(value(one)), one)

    def _rights(self, one: Element) -> None:
        """A licence that is recognised belongs to the distributions; other words are rights."""
        if licence(value(one), url=value(one) if "://" in value(one) else None).term:
            for node in (*self.distributions,) or (self.graph.root,):
                if not self.graph.values(node, DCT.license):
                    self._add(DCT.license, self._words(one), one, node)
        else:
            self._add(DCT.rights, self._words(one), one)

    def _format(self, one: Element) -> None:
        """A format is that of the only distribution; of several, nothing says which it belongs to."""
        alone = self.distributions[0] if len(self.distributions) == 1 else None
        if alone is None or local(one) != "format" or self.graph.values(alone, DCT["format"]):
            self.view.refuse_element(one, FORMAT_OF_SOME)
        else:
            self._add(DCT["format"], Literal(value(one)), one, alone)


def _is_swapped(corners: list[list[str]]) -> bool:
    """Whether the lower corner's first number is the larger one, and its second the smaller."""
    try:
        (a, b), (c, d) = ([float(n) for n in corner] for corner in corners)
    except ValueError:
        return False
    return a > c and b < d


FORMAT_OF_SOME = Text("rien ne dit de quel fichier c’est le format", "nothing says of which file this is the format")
