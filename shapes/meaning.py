"""What the arguments of a constraint speak of: the lists, classes, datatypes and addresses that stand in them.

Two files say one thing in many ways: that a language is a term of the European list is a node shape in one, a class
and a pattern in another. What they speak of tells that they mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from pyoxigraph import Literal, NamedNode

from shapes.shapes_graph import ShapesGraph
from shapes.text import Term
from vocab.namespaces import SH, SKOS

_INSIDE = (SH.node, SH.property, SH.qualifiedValueShape)
_LISTS = (SH["or"], SH["and"], SH.xone)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(frozen=True)
class Meaning:
    """`schemes` are concept schemes that a value must be in, `hosts` the machines that a pattern names."""

    schemes: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    datatypes: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def agrees(self, other: Meaning) -> bool:
        """Whether both speak of one thing at least."""
        return any(getattr(self, f.name) & getattr(other, f.name) for f in fields(self))

    @property
    def datatypes_only(self) -> bool:
        """Whether it speaks of datatypes and of nothing else."""
        return bool(self.datatypes) and not (self.schemes or self.classes or self.values or self.hosts)


def meaning(graph: ShapesGraph, shape: Term) -> Meaning:
    """What `shape` asks of the values it is applied to; what it forbids (`sh:not`) is left out."""
    found: dict[str, set[str]] = {f.name: set() for f in fields(Meaning)}
    for kind, said in _said(graph, shape, set(), listed=False):
        found[kind].add(said)
    return Meaning(**{kind: frozenset(said) for kind, said in found.items()})


def _said(graph: ShapesGraph, shape: Term, seen: set[Term], *, listed: bool) -> Iterator[tuple[str, str]]:
    """`listed` tells that the values are concept schemes: the path that leads to them is `skos:inScheme`."""
    if shape in seen:
        return
    seen.add(shape)
    listed = listed or graph.value(shape, SH.path) == SKOS.inScheme
    for kind, predicate in (("classes", SH["class"]), ("datatypes", SH.datatype)):
        yield from ((kind, v.value) for v in graph.values(shape, predicate) if isinstance(v, NamedNode))
    members = [*graph.values(shape, SH.hasValue), *graph.items(graph.value(shape, SH["in"]))]
    yield from (("schemes" if listed else "values", m.value) for m in members if not hasattr(m, "language"))
    for pattern in graph.values(shape, SH.pattern):
        if isinstance(pattern, Literal):
            yield from (("hosts", host.lower()) for host in _HOST.findall(pattern.value.replace("\\", "")))
    inside = [one for predicate in _INSIDE for one in graph.values(shape, predicate)]
    inside += [one for predicate in _LISTS for start in graph.values(shape, predicate) for one in graph.items(start)]
    for one in inside:
        yield from _said(graph, one, seen, listed=listed)
