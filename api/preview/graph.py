"""A page of a feed as harvesters see it: a set of statements, looked up in the order of the document.

rdflib, which udata and CKAN read with, answers "the first value" in that order too; where a rule takes the first of
several, the document decides.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vocab.namespaces import RDF

Term = NamedNode | BlankNode | Literal
Node = NamedNode | BlankNode


class Graph:
    """The statements of one page, each once."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._out: dict[Node, dict[NamedNode, dict[Term, None]]] = {}
        self._in: dict[Term, list[tuple[Node, NamedNode]]] = {}
        for t in triples:
            if not isinstance(t.subject, NamedNode | BlankNode) or isinstance(t.object, Triple):
                continue  # a statement about a statement: no harvester of DCAT reads it
            objects = self._out.setdefault(t.subject, {}).setdefault(t.predicate, {})
            if t.object not in objects:
                objects[t.object] = None
                self._in.setdefault(t.object, []).append((t.subject, t.predicate))

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """The values of a property, in the order of the document."""
        if isinstance(subject, Literal):
            return []
        return list(self._out.get(subject, {}).get(predicate, ()))

    def value(self, subject: Term, predicate: NamedNode) -> Term | None:
        """The first value of a property."""
        return next(iter(self.objects(subject, predicate)), None)

    def properties(self, subject: Term) -> Iterable[tuple[NamedNode, Term]]:
        """Every property of a node with each of its values."""
        about = {} if isinstance(subject, Literal) else self._out.get(subject, {})
        return ((p, o) for p, objects in about.items() for o in objects)

    def subjects(self, predicate: NamedNode, obj: Term) -> list[Node]:
        """The nodes with this value of a property, in the order of the document."""
        return [s for s, p in self._in.get(obj, ()) if p == predicate]

    def incoming(self, node: Term) -> list[NamedNode]:
        """The properties of which a node is a value."""
        return [p for _, p in self._in.get(node, ())]

    def typed(self, *kinds: NamedNode) -> list[Node]:
        """The nodes of these types, each once."""
        return list(dict.fromkeys(s for kind in kinds for s in self.subjects(RDF.type, kind)))

    def is_a(self, node: Term, kind: NamedNode) -> bool:
        """Whether a node is typed so."""
        return kind in self.objects(node, RDF.type)


def text(term: Term | None) -> str:
    """The characters of a term: an IRI's, a literal's, the label of a blank node; empty for none."""
    if term is None:
        return ""
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term.value)


def iri(term: Term | None) -> str:
    """The IRI of a named node; empty for anything else."""
    return term.value if isinstance(term, NamedNode) else ""
