"""A shapes graph as the checks look at it: its shapes, what each refers to, and what targets reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from shapes.plan import Plan
from shapes.shapes_graph import path_in_words
from shapes.text import Term
from vocab.namespaces import OWL, RDF, RDFS, SH
from vocab.shacl import terms

RESULTS = {SH.ValidationReport, SH.ValidationResult, SH.AbstractResult}
"""Types of nodes that tell results; they are no shapes, whatever they name."""

_REFERRING = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_LISTING = (SH["and"], SH["or"], SH.xone)
_ASIDE = frozenset({RDF.type, OWL.imports, SH.sourceShape})
"""Predicates that name a shape without applying it, beside those of RDF Schema."""


class Subject:
    """What is linted: one set of shapes and its plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.graph = plan.graph

    @cached_property
    def parameters(self) -> frozenset[NamedNode]:
        """The parameters that make a constraint: those of the vocabulary, and of components that the shapes declare."""
        core = {SH[one.name] for one in terms().values() if one.components and not one.optional}
        return frozenset(core | self.plan.sparql.parameters | {SH.rule})

    @cached_property
    def shapes(self) -> tuple[Term, ...]:
        """Every shape (SHACL, section 2.1), in the order of the files."""
        nested = {target for node in self.graph.subjects() for _, target in self.references(node)}
        parameters = self.graph.objects(SH.parameter)
        return tuple(
            node
            for node in self.graph.subjects()
            if not isinstance(node, Literal)
            and node not in parameters
            and not RESULTS.intersection(self.graph.values(node, RDF.type))
            and (node in nested or self.is_shape(node))
        )

    def is_shape(self, node: Term) -> bool:
        """Whether the node says itself that it is a shape: by type, target or parameter."""
        if isinstance(node, NamedNode) and node.value.startswith(SH.base):
            return False  # SHACL's own vocabulary and its shapes describe these
        types = self.graph.values(node, RDF.type)
        if SH.NodeShape in types or SH.PropertyShape in types:
            return True
        said = set(self.graph.predicates(node))
        return bool(said & self.parameters or said & TARGETS)

    def references(self, node: Term) -> Iterator[tuple[NamedNode, Term]]:
        """The shapes that a node applies, each with the parameter that does it."""
        for predicate in _REFERRING:
            for value in self.graph.values(node, predicate):
                yield predicate, value
        for predicate in _LISTING:
            for value in self.graph.values(node, predicate):
                for one in self.graph.items(value):
                    yield predicate, one

    @cached_property
    def targeted(self) -> tuple[Term, ...]:
        """The shapes that have a target of any kind."""
        planned = {shape.node for shape, _ in self.plan.targeted}
        return tuple(node for node in self.shapes if str(node) in planned or self.graph.values(node, SH.target))

    @cached_property
    def reached(self) -> set[Term]:
        """Every node that statements lead to from a shape with a target."""
        return self.spread(set(), self.targeted)

    def spread(self, seen: set[Term], start: Iterable[Term]) -> set[Term]:
        """`seen` with these nodes added, and every node that statements lead to from them."""
        level = [node for node in start if node not in seen]
        seen.update(level)
        while level:
            level = [value for node in level for value in self.led(node) if value not in seen]
            seen.update(level)
        return seen

    def led(self, node: Term) -> Iterator[Term]:
        """The nodes that a node's statements lead to, those aside that only name or describe."""
        for predicate in self.graph.predicates(node):
            if predicate not in _ASIDE and not predicate.value.startswith(RDFS.base):
                for value in self.graph.values(node, predicate):
                    if not isinstance(value, Literal):
                        yield value

    def name(self, node: Term) -> str:
        """The shape's IRI, else that of the nearest shape around it, followed by its path."""
        called = self.graph.called(node)
        path = self.graph.value(node, SH.path)
        if isinstance(node, BlankNode) and path is not None and not isinstance(path, Literal):
            return f"{called or 'sh:property'}, {path_in_words(self.graph.path(path))}"
        return called or str(node)


TARGETS = {SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target}
"""What makes a shape check nodes by itself, beside being a class."""
