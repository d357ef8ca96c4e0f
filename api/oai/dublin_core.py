"""What a record discloses of a dataset in unqualified Dublin Core (`oai_dc`): OAI-PMH 2.0, section 5.2 and appendix 1.

Each of the fifteen elements, as the Dublin Core to DCAT mapping goes: a link is written as the address, a term of a
vocabulary as its label and its IRI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from api.oai.xml import leaf, schema_location, tag
from api.reading import NAMELESS, Reading, tail
from catalog.model import Description
from vocab.namespaces import ADMS, DCAT, DCT, FOAF, SCHEMA, SKOS
from vocab.terms import term

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA_AT = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_FILES = (DCAT.downloadURL, DCAT.accessURL)


def dublin_core(dataset: Description, statements: Iterable[Triple], lang: str) -> str:
    """The `oai_dc:dc` element of a dataset, made from the statements of its document; labels are in this language."""
    elements = dict.fromkeys(_Elements(dataset, Reading(statements, lang)).all())
    attributes = {"xmlns:oai_dc": NAMESPACE, "xmlns:dc": _DC, **schema_location(NAMESPACE, SCHEMA_AT)}
    return tag("oai_dc:dc", *elements, **attributes)


class _Elements:
    def __init__(self, dataset: Description, graph: Reading) -> None:
        self.node = NamedNode(dataset.iri)
        self.graph = graph

    def all(self) -> Iterator[str]:
        """Every element that has a value, each once and in the order of the specification."""
        yield from self._texts("title", DCT.title)
        yield from self._labels("creator", DCT.creator)
        yield from self._texts("subject", DCAT.keyword)
        yield from self._labels("subject", DCAT.theme)
        yield from self._texts("description", DCT.description)
        yield from self._labels("publisher", DCT.publisher)
        yield from self._labels("contributor", DCT.contributor)
        for predicate in (DCT.issued, DCT.modified):
            yield from self._values("date", predicate)
        yield leaf("dc:type", "Service" if self.graph.is_a(self.node, DCAT.DataService) else "Dataset")
        yield from self._labels("type", DCT.type)
        yield from self._formats()
        yield from self._identifiers()
        yield from self._values("source", DCT.source)
        yield from self._languages()
        yield from self._relations()
        yield from self._coverage()
        yield from self._rights()

    def _texts(self, name: str, *path: NamedNode) -> Iterator[str]:
        for value in self.graph.objects(self.node, *path):
            if isinstance(value, Literal) and value.value.strip():
                more = {"xml:lang": value.language} if value.language else {}
                yield leaf(f"dc:{name}", value.value, **more)

    def _values(self, name: str, *path: NamedNode) -> Iterator[str]:
        for value in self.graph.objects(self.node, *path):
            if isinstance(value, NamedNode | Literal) and value.value.strip():
                yield leaf(f"dc:{name}", value.value)

    def _labels(self, name: str, *path: NamedNode) -> Iterator[str]:
        """The label of each thing; its IRI where it has none, unless it is one that was minted below the dataset."""
        for named in self.graph.named(self.node, *path):
            unnamed = named.iri and named.label == tail(named.iri)
            label = named.iri if unnamed else named.label
            if label != NAMELESS and not label.startswith(f"{self.node.value}/"):
                yield leaf(f"dc:{name}", label)

    def _formats(self) -> Iterator[str]:
        for value in self.graph.objects(self.node, DCAT.distribution, DCAT.mediaType):
            if isinstance(value, NamedNode):
                yield leaf("dc:format", value.value.rpartition("/media-types/")[2] or value.value)
        yield from self._labels("format", DCAT.distribution, DCT["format"])

    def _identifiers(self) -> Iterator[str]:
        yield from self._values("identifier", DCT.identifier)
        yield leaf("dc:identifier", self.node.value)
        yield from self._values("identifier", ADMS.identifier, SKOS.notation)
        yield from self._values("identifier", DCAT.landingPage)

    def _languages(self) -> Iterator[str]:
        for value in self.graph.objects(self.node, DCT.language):
            if isinstance(value, NamedNode | Literal):
                known = term(value.value)
                yield leaf("dc:language", known.code.lower() if known else value.value)

    def _relations(self) -> Iterator[str]:
        for distribution in self.graph.objects(self.node, DCAT.distribution):
            addresses = (self.graph.address(distribution, predicate) for predicate in _FILES)
            if address := next((a for a in addresses if a), ""):
                yield leaf("dc:relation", address)
        for predicate in (DCAT.endpointURL, DCT.relation, DCT.isReferencedBy, DCAT.inSeries, FOAF.page):
            yield from self._values("relation", predicate)

    def _coverage(self) -> Iterator[str]:
        yield from self._labels("coverage", DCT.spatial)
        for predicate in (DCAT.bbox, DCAT.centroid):
            yield from self._values("coverage", DCT.spatial, predicate)
        for period in self.graph.objects(self.node, DCT.temporal):
            start, end = (
                self.graph.address(period, dcat) or self.graph.address(period, schema)
                for dcat, schema in ((DCAT.startDate, SCHEMA.startDate), (DCAT.endDate, SCHEMA.endDate))
            )
            if start or end:
                yield leaf("dc:coverage", f"{start or '..'}/{end or '..'}")

    def _rights(self) -> Iterator[str]:
        for path in ((DCT.license,), (DCAT.distribution, DCT.license)):
            yield from self._labels("rights", *path)
            yield from (
                leaf("dc:rights", o.value) for o in self.graph.objects(self.node, *path) if isinstance(o, NamedNode)
            )
        for predicate in (DCT.accessRights, DCT.rights):
            yield from self._labels("rights", predicate)
