"""The statements of one resource while they are normalised, each knowing which value of the record it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vocab.namespaces import PREFIXES, RDF

Node = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal

RDF_LIST = frozenset((RDF.first.value, RDF.rest.value))


def parts(t: Triple) -> tuple[Node, NamedNode, Value]:
    """Subject, predicate and object of a statement that quotes no other (`quotes`)."""
    return t.subject, t.predicate, t.object  # type: ignore[return-value]  # no quoted statement, as promised


def quotes(t: Triple) -> bool:
    """Whether a statement quotes another one (RDF 1.2): no catalogue needs that, and no description holds it."""
    return isinstance(t.object, Triple) or isinstance(t.subject, Triple)


class Statement(NamedTuple):
    """One statement. `field` is the path in the record of the value that it states, `item` its place in a list there.

    IRIs may still be invalid, as a lenient parser leaves them; a literal may stand where an IRI belongs.
    """

    subject: Node
    predicate: NamedNode
    object: Value
    field: str = ""
    item: int | None = None


class Graph:
    """The statements that describe one resource, `root`, in the order they came in; duplicates count once."""

    def __init__(self, root: Node, statements: Iterable[Statement] = ()) -> None:
        self.root = root
        self._about: dict[Node, dict[Statement, None]] = {}
        for one in statements:
            self.add(one)

    @classmethod
    def of(cls, root: Node, triples: Iterable[Triple]) -> Graph:
        """The graph of these triples."""
        return cls(root, (Statement(*parts(t)) for t in triples))

    def add(self, one: Statement) -> None:
        """One more statement."""
        self._about.setdefault(one.subject, {})[one] = None

    def about(self, node: Value) -> list[Statement]:
        """The statements whose subject is `node`."""
        return list(self._about.get(node, ())) if not isinstance(node, Literal) else []

    def values(self, node: Value, *predicates: NamedNode) -> list[Value]:
        """The objects of these predicates, in their order."""
        found = self.about(node)
        return [s.object for p in predicates for s in found if s.predicate == p]

    def value(self, node: Value, *predicates: NamedNode) -> Value | None:
        """The first of `values`."""
        return next(iter(self.values(node, *predicates)), None)

    def text(self, node: Value, *predicates: NamedNode) -> str:
        """The first of `values` as a text, empty where there is none."""
        found = self.value(node, *predicates)
        return "" if found is None or isinstance(found, BlankNode) else found.value

    def is_a(self, node: Value, *classes: NamedNode) -> bool:
        """Whether the graph says that `node` is of one of these classes."""
        return any(t in classes for t in self.values(node, RDF.type))

    def describes(self, node: Value) -> bool:
        """Whether there is any statement about `node`."""
        return not isinstance(node, Literal) and node in self._about

    def __iter__(self) -> Iterator[Statement]:
        for statements in self._about.values():
            yield from statements

    def __len__(self) -> int:
        return sum(map(len, self._about.values()))


_PREFIXES = sorted(((base, name) for name, base in PREFIXES.items()), key=lambda p: -len(p[0]))


def short(iri: str) -> str:
    """`dct:title` for an IRI of a known namespace, else the IRI."""
    for base, name in _PREFIXES:
        if iri.startswith(base):
            return f"{name}:{iri[len(base) :]}"
    return iri
