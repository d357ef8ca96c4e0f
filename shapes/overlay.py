"""Our words for the shapes of other people: what our own profiles say of the same property is said of theirs.

A shape of an official or a national file is matched by the class it is about, its path and its constraint; it needs
neither an IRI nor a message. Where our profiles hold the same constraint, their sentence is lent whole; where they
know only the property, its repair and its field are lent, and the sentence is made from the constraint.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode

from shapes.finding import Severity
from shapes.meaning import Meaning, meaning
from shapes.profiles import DEFAULTS, profile
from shapes.shapes_graph import NO_TEXT, ShapesGraph
from shapes.text import Term, Text
from vocab.namespaces import GARONNE, RDF, SH

ODS_FIELD = GARONNE.odsField
"""The property by which a shape names the field of OpenDataSoft's form that repairs it."""

LENT = (*DEFAULTS, "geodcat-ap-3", "hvd")
"""The profiles whose words are lent, the first that fits first; those of `hvd` to shapes for high-value data only."""

_VALUES = frozenset({"Node", "Or", "And", "Xone", "HasValue", "In", "Pattern", "QualifiedMinCount"})
_RESOURCE = frozenset({SH.IRI, SH.BlankNodeOrIRI})


@dataclass(frozen=True)
class Lent:
    """Words for a shape. `rule` is empty where our profiles do not hold its constraint."""

    rule: Text = NO_TEXT
    repair: Text = NO_TEXT
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Own:
    """A property shape of ours, with what it asks by kind of constraint."""

    lent: Lent
    severity: Severity
    counts: frozenset[tuple[str, str]]
    kinds: frozenset[Term]
    meaning: Meaning
    profile: str

    def holds(self, theirs: ShapesGraph, shape: Term, component: str) -> bool:
        """Whether it asks what this constraint of `shape` asks, and as strictly."""
        weight = theirs.severity(shape)
        if (weight is Severity.VIOLATION) != (self.severity is Severity.VIOLATION):
            return False
        if component in ("MinCount", "MaxCount"):
            return (component, _first(theirs, shape, component)) in self.counts
        if component == "NodeKind":
            return self._is_of(theirs.value(shape, SH.nodeKind))
        if component == "Class" and not self.meaning.classes:  # being in the list stands for being typed as its terms
            return bool(self.meaning.schemes or self.meaning.hosts)
        return self.meaning.agrees(asked(theirs, shape, component))

    def _is_of(self, kind: Term | None) -> bool:
        if kind in _RESOURCE:
            return bool(self.kinds & _RESOURCE or self.meaning.classes or self.meaning.schemes)
        return kind in self.kinds


def asked(graph: ShapesGraph, shape: Term, component: str) -> Meaning:
    """What one constraint of a shape speaks of."""
    name = component[0].lower() + component[1:]
    if component in ("Class", "Datatype"):
        said = frozenset(v.value for v in graph.values(shape, SH[name]) if isinstance(v, NamedNode))
        return Meaning(classes=said) if component == "Class" else Meaning(datatypes=said)
    if component in ("Node", "QualifiedMinCount"):
        inner = graph.values(shape, SH.node if component == "Node" else SH.qualifiedValueShape)
        return _together(meaning(graph, one) for one in inner)
    if component in _VALUES:
        return meaning(graph, shape)
    return Meaning()


class Overlay:
    """The words of our profiles, by class and path."""

    def __init__(self, graphs: dict[str, ShapesGraph]) -> None:
        self._own: dict[tuple[str, str], list[_Own]] = defaultdict(list)
        self._repairs: dict[str, set[Text]] = defaultdict(set)
        for name, graph in graphs.items():
            for shape in graph.subjects():
                if isinstance(shape, NamedNode) and SH.PropertyShape in graph.values(shape, RDF.type):
                    self._keep(name, graph, shape)

    def _keep(self, name: str, graph: ShapesGraph, shape: NamedNode) -> None:
        path = graph.value(shape, SH.path)
        if path is None:
            return
        own = _own(name, graph, shape)
        simple = _plain(graph.path(path))
        self._own[shape.value.rsplit("#", 1)[-1].partition("-")[0], simple].append(own)
        self._repairs[simple].add(own.lent.repair)

    def lent(self, theirs: ShapesGraph, shape: Term, component: str, path: str) -> Lent:
        """Our words for a constraint of their `shape`, `component` being its local name (`MinCount`)."""
        about = [self._own.get((name, _plain(path)), []) for name in (*_about(theirs, shape), "Resource")]
        known = [one for group in about for one in group if one.profile != "hvd" or _high_value(theirs, shape)]
        for one in known:
            if one.holds(theirs, shape, component):
                return one.lent
        if known:
            one = _nearest(known, component)
            return Lent(repair=one.lent.repair, fields=one.lent.fields)
        repairs = self._repairs.get(_plain(path), set())
        return Lent(repair=next(iter(repairs))) if len(repairs) == 1 else Lent()


def in_house(shape: Term) -> bool:
    """Whether the shape is one of ours."""
    return isinstance(shape, NamedNode) and shape.value.startswith("https://w3id.org/garonne/shapes/")


@cache
def overlay() -> Overlay:
    """The words of the installed profiles of `LENT`, read once."""
    return Overlay({name: ShapesGraph(profile(name).triples) for name in LENT})


def _own(name: str, graph: ShapesGraph, shape: NamedNode) -> _Own:
    written = graph.path(graph.value(shape, SH.path) or shape)
    counts = {(c, _first(graph, shape, c)) for c in ("MinCount", "MaxCount")}
    if graph.values(shape, SH.qualifiedMinCount) and (name == "hvd" or not written.endswith("?")):
        counts.add(("MinCount", "1"))
    fields = tuple(v.value for v in graph.values(shape, ODS_FIELD) if isinstance(v, Literal))
    return _Own(
        Lent(graph.message(shape), graph.repair(shape), fields),
        graph.severity(shape),
        frozenset(counts),
        frozenset(graph.values(shape, SH.nodeKind)),
        meaning(graph, shape),
        name,
    )


def _first(graph: ShapesGraph, shape: Term, component: str) -> str:
    value = graph.value(shape, SH[component[0].lower() + component[1:]])
    return "" if value is None else getattr(value, "value", "")


def _together(meanings: Iterator[Meaning]) -> Meaning:
    parts = list(meanings)
    return Meaning(*(frozenset().union(*found) for found in zip(*(vars(one).values() for one in parts), strict=True)))


def _plain(path: str) -> str:
    """The path without the mark by which a shape of ours includes the node itself: `<P>?` is P, `(P|Q)?` is P|Q."""
    return re.sub(r"^(?:<([^>]*)>|\((.*)\))\?$", lambda found: found[1] or found[2], path)


def _about(graph: ShapesGraph, shape: Term) -> list[str]:
    """The local names of the classes that the shape is about: those that the nearest shapes around it target."""
    level, seen = [shape], {shape}
    while level:
        named = {v.value for node in level for v in graph.values(node, SH.targetClass) if isinstance(v, NamedNode)}
        if named:
            return sorted(re.split(r"[#/]", iri)[-1] for iri in named)
        above = [s for node in level for s in graph.around(node) if s not in seen]
        seen.update(above)
        level = [node for node in above if not graph.values(node, SH.path)]  # beyond a path is another node
    return []


def _high_value(graph: ShapesGraph, shape: Term) -> bool:
    return "hvd" in graph.called(shape).lower()


def _nearest(known: list[_Own], component: str) -> _Own:
    """The shape whose repair fits best: where a list or a class is asked for, the one that knows it."""
    if component in _VALUES or component == "Class":
        return next((one for one in known if one.meaning.schemes or one.meaning.hosts), known[0])
    return known[0]
