"""Statements as lines of N-Triples that a lenient parser reads back, whatever stands in their IRIs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from harvest.graph.model import Node, Value, parts

_UNSAFE = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def term(value: Value) -> str:
    """A term as N-Triples writes it; characters that would end an IRI too early are escaped."""
    if isinstance(value, NamedNode) and _UNSAFE.search(value.value):
        return f"<{_UNSAFE.sub(_escape, value.value)}>"
    return str(value)


def _escape(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04X}"


def read(lines: bytes) -> Iterator[Triple]:
    """The statements of such lines."""
    for quad in parse(lines, format=RdfFormat.N_TRIPLES, lenient=True):
        yield quad.triple


def node(written: str) -> Node:
    """The node that `term` wrote."""
    (triple,) = read(f"{written} <urn:x> <urn:x> .".encode())
    return parts(triple)[0]


class Labels:
    """Labels for the blank nodes of a set of statements that follow from what is said about them.

    Two runs over the same statements give the same labels, and nodes of which the same is said become one.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.about: dict[Value, list[tuple[Node, NamedNode, Value]]] = {}
        self.triples = [parts(t) for t in triples]
        for t in self.triples:
            self.about.setdefault(t[0], []).append(t)
        self._known: dict[BlankNode, str] = {}

    def lines(self) -> list[str]:
        """The statements, sorted, each once."""
        return sorted({f"{self._term(s)} {term(p)} {self._term(o)} .\n" for s, p, o in self.triples})

    def _term(self, value: Value) -> str:
        return f"_:b{self.label(value)}" if isinstance(value, BlankNode) else term(value)

    def label(self, node: BlankNode) -> str:
        """The label of one node."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._label(node, ())
        return found

    def _label(self, node: BlankNode, above: tuple[BlankNode, ...]) -> str:
        if node in above or len(above) > 20:
            return "above"
        if node in self._known:
            return self._known[node]
        here = (*above, node)
        said = sorted(
            f"{p} {self._label(o, here) if isinstance(o, BlankNode) else term(o)}"
            for _, p, o in self.about.get(node, ())
        )
        made = hashlib.sha1("\n".join(said).encode(), usedforsecurity=False).hexdigest()[:20]
        if not above:
            self._known[node] = made
        return made
