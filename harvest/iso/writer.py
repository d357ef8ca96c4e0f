"""The graph of one record while its parts are written: what each rule of `harvest.iso` gets."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.graph.model import Graph, Node, Statement, Value
from harvest.iso.document import Element, View, find, first
from harvest.iso.languages import Languages
from harvest.rdf.names import unchecked
from vocab.namespaces import RDF


@dataclass
class Writer:
    """Writes statements about `root`, each with the element that its value comes from.

    `info` is the part that identifies the resource; the first one, which is the one that INSPIRE reads. `kind` is
    `dataset`, `series` or `service` (or another scope of ISO 19115). `licence` is what the distributions repeat,
    `serves` the IRIs of datasets by the names that the record uses for them, in lower case.
    """

    root: NamedNode
    document: Element
    view: View
    languages: Languages
    graph: Graph
    kind: str
    info: Element | None = None
    licence: list[tuple[Value, Element]] = field(default_factory=list)
    serves: dict[str, str] = field(default_factory=dict)
    technique: tuple[NamedNode, Element] | None = None
    nodes: int = 0

    def __post_init__(self) -> None:
        self.info = first(self.document, "identificationInfo/*")

    @property
    def is_service(self) -> bool:
        """Whether the record describes a service."""
        return self.kind == "service"

    def find(self, *paths: str) -> list[Element]:
        """The elements at these paths below what identifies the resource."""
        return find(self.info, *paths)

    def add(self, subject: Node, predicate: NamedNode, value: Value, element: Element | None = None) -> None:
        """One statement, of the value that `element` holds."""
        path, item = self.view.place(element) if element is not None else ("", None)
        self.graph.add(Statement(subject, predicate, value, path, item))

    def say(self, subject: Node, predicate: NamedNode, words: str, element: Element | None = None) -> None:
        """One statement of a bare text."""
        if words:
            self.add(subject, predicate, Literal(words), element)

    def link(self, subject: Node, predicate: NamedNode, address: str, element: Element | None = None) -> None:
        """One statement of an address, as it was found."""
        if address:
            self.add(subject, predicate, unchecked(address), element)

    def texts(self, subject: Node, predicate: NamedNode, element: Element | None) -> None:
        """One statement for each language of a text."""
        for words, held in self.languages.texts(element):
            self.add(subject, predicate, words, held)

    def typed(self, subject: Node, *classes: NamedNode) -> None:
        """What a thing is."""
        for cls in classes:
            self.graph.add(Statement(subject, RDF.type, cls))

    def thing(self, *classes: NamedNode) -> BlankNode:
        """A new thing of these classes."""
        self.nodes += 1
        made = BlankNode(f"n{self.nodes}")
        self.typed(made, *classes)
        return made

    def node(self, subject: Node, predicate: NamedNode, *classes: NamedNode) -> BlankNode:
        """A new thing that the subject has."""
        made = self.thing(*classes)
        self.graph.add(Statement(subject, predicate, made))
        return made
