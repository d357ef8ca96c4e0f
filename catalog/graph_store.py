"""What a graph store can do (SPARQL 1.1 Graph Store HTTP Protocol), and the documents that are put into one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from catalog.dataset import Dataset

TYPES: dict[str, RdfFormat] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "text/n3": RdfFormat.N3,
}
"""The media types of documents that are read."""
SUFFIXES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "xml": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
"""The media type that the name of a file stands for, where a form says nothing of its type."""


@dataclass(frozen=True, slots=True)
class Document:
    """One RDF document as it came."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a request: whether the graph was there before, and whether anything is different now."""

    existed: bool
    changed: bool


class NotWritable(ValueError):
    """A request would write `target`: a graph that is not to be written here, or DEFAULT, NAMED, ALL or `?`."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


class GraphStore(Protocol):
    """One store while it is written. A change is visible to nobody before `publish`."""

    def update(self, text: str, asked: Dataset) -> Change:
        """Apply an update request, whole or not at all. Raises `NotWritable`, or what the engine raises."""

    def put(self, graph: str, documents: Sequence[Document]) -> Change:
        """Make a graph state these documents and nothing else; the default graph where the name is empty."""

    def post(self, graph: str, documents: Sequence[Document]) -> Change:
        """Add these documents to a graph."""

    def delete(self, graph: str) -> Change:
        """Take a graph away."""

    def publish(self) -> int:
        """Make what was changed the current release; returns the number of the release that is current."""


def read(documents: Sequence[Document], base: str, salt: str = "") -> list[Quad]:
    """The statements of documents, in whatever graphs they name; relative IRIs are resolved against `base`.

    Blank nodes get names made of the documents and `salt`: the same documents always give the same. Raises
    `SyntaxError` with the place, or `ValueError`.
    """
    found: list[Quad] = []
    for number, document in enumerate(documents):
        digest = hashlib.sha256(b"\x1f".join([salt.encode(), str(number).encode(), document.body])).hexdigest()[:16]
        names: dict[BlankNode, BlankNode] = {}
        fmt = TYPES[document.media_type]
        for quad in parse(document.body, format=fmt, base_iri=base or None, rename_blank_nodes=True):
            found.append(_renamed(quad, digest, names))
    return list(dict.fromkeys(found))


def _renamed(quad: Quad, digest: str, names: dict[BlankNode, BlankNode]) -> Quad:
    if not any(isinstance(term, BlankNode | Triple) for term in (quad.subject, quad.object, quad.graph_name)):
        return quad

    def renamed(term: object) -> object:
        if isinstance(term, BlankNode):
            return names.setdefault(term, BlankNode(f"l{digest}x{len(names)}"))
        if isinstance(term, Triple):
            return Triple(renamed(term.subject), term.predicate, renamed(term.object))  # type: ignore[arg-type]
        return term

    return Quad(renamed(quad.subject), quad.predicate, renamed(quad.object), renamed(quad.graph_name))  # type: ignore[arg-type]


def graph_triples(quads: Sequence[Quad], graph: str) -> list[Triple]:
    """The triples of quads that are to go into one graph. Raises `NotWritable` for quads in a graph of another name."""
    own = NamedNode(graph) if graph else None
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode | BlankNode) and quad.graph_name != own:
            raise NotWritable(str(getattr(quad.graph_name, "value", quad.graph_name)))
    return [quad.triple for quad in quads]
