"""The search tree of the change feed: a root, indexes of 100 pages, pages of 100 activities.

Bounds follow from the numbers of the activities alone, so they are the same for ever. Pages and indexes that are full
are closed: they gain nothing any more. Every relation carries the times that its node has, so that a client reads only
what it wants (TREE, section 3): one that knows all until a time leaves out the nodes that end before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from catalog.activities import Activities
from vocab.namespaces import AS, LDES, RDF, TREE, XSD

PAGE = 100
"""Activities on a page."""
FAN = 100
"""Pages in an index."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node below the root: `level` is "index" or "page", `number` counts from 1."""

    level: str
    number: int

    @property
    def size(self) -> int:
        """How many activities it leads to when it is full."""
        return PAGE * FAN if self.level == "index" else PAGE

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last number of an activity that it leads to when it is full."""
        return (self.number - 1) * self.size + 1, self.number * self.size

    def closed(self, last: int) -> bool:
        """Whether it is full, `last` being the highest number so far."""
        return self.span[1] <= last

    def children(self, last: int) -> list[Node]:
        """The pages of an index that there are so far."""
        first = (self.number - 1) * FAN + 1
        return [Node("page", n) for n in range(first, min(self.number * FAN, pages(last)) + 1)]


def pages(last: int) -> int:
    """How many pages there are, `last` being the highest number of an activity; one even before the first."""
    return max(1, -(-last // PAGE))


def page_of(number: int) -> Node:
    """The page that tells of an activity."""
    return Node("page", (number - 1) // PAGE + 1)


def indexes(last: int) -> list[Node]:
    """The indexes that there are so far."""
    return [Node("index", n) for n in range(1, -(-pages(last) // FAN) + 1)]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The IRIs of one view: that which negotiates its format, or that of one suffix, whose links all carry it."""

    base: str
    suffix: str = ""

    @property
    def stream(self) -> NamedNode:
        """The event stream: one, whatever the view."""
        return NamedNode(f"{self.base}ldes#stream")

    @property
    def root(self) -> NamedNode:
        """The root node."""
        return NamedNode(f"{self.base}ldes{self._tail}")

    def node(self, node: Node) -> NamedNode:
        """A node below the root."""
        return NamedNode(f"{self.base}ldes/{node.level}/{node.number}{self._tail}")

    def member(self, number: int) -> NamedNode:
        """An activity: one, whatever the view."""
        return NamedNode(f"{self.base}ldes/event/{number}")

    @property
    def _tail(self) -> str:
        return f".{self.suffix}" if self.suffix else ""


def relations(at: Addresses, source: NamedNode, nodes: list[Node], activities: Activities, last: int) -> list[Triple]:
    """The relations from a node to these: not before the first time that each has, and not after the last when closed.

    The nodes of relations are named, so that two readings of one page are the same statements.
    """
    spans = [node.span for node in nodes]
    found: list[Triple] = []
    for node, (first, until) in zip(nodes, activities.times(spans), strict=True):
        bounds = [("from", TREE.GreaterThanOrEqualToRelation, first)]
        if node.closed(last):
            bounds.append(("until", TREE.LessThanOrEqualToRelation, until))
        for name, kind, time in bounds:
            found += _relation(source, at.node(node), f"{node.level}-{node.number}-{name}", kind, time)
    return found


def _relation(source: NamedNode, target: NamedNode, name: str, kind: NamedNode, time: str) -> Iterator[Triple]:
    node = NamedNode(f"{source.value}#{name}")
    yield Triple(source, TREE.relation, node)
    yield Triple(node, RDF.type, kind)
    yield Triple(node, TREE.path, AS.published)
    yield Triple(node, TREE.value, Literal(time, datatype=XSD.dateTime))
    yield Triple(node, TREE.node, target)


def node_triples(at: Addresses, node: NamedNode, *, closed: bool) -> list[Triple]:
    """What every node says: that it is one, of which stream, and that it gains nothing when it is closed."""
    found = [
        Triple(at.stream, RDF.type, LDES.EventStream),
        Triple(at.stream, TREE.view, at.root),
        Triple(at.stream, LDES.timestampPath, AS.published),
        Triple(at.stream, LDES.versionOfPath, AS.object),
        Triple(node, RDF.type, TREE.Node),
    ]
    if closed:
        found.append(Triple(node, LDES.immutable, Literal(value=True)))
    return found
