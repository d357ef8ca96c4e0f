"""A plan: a shapes graph compiled into what can be run over a whole catalogue.

Nothing that is ill-formed stops a validation: what cannot be used is left out, and `Plan.unusable` says what and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from shapes import literals, patterns
from shapes.components import Constraint, Shape, Unusable
from shapes.components.logical import ChoiceConstraint, NodeConstraint, NotConstraint, PropertyConstraint
from shapes.components.logical import QualifiedConstraint as Qualified
from shapes.components.pairs import ClosedConstraint, DisjointConstraint, EqualsConstraint, OrderConstraint
from shapes.components.values import (
    ClassConstraint,
    CountConstraint,
    DatatypeConstraint,
    HasValueConstraint,
    InConstraint,
    LanguageInConstraint,
    LengthConstraint,
    NodeKindConstraint,
    PatternConstraint,
    RangeConstraint,
    UniqueLangConstraint,
)
from shapes.graph import World
from shapes.paths import Alternative, Chain, Path, Predicate, Repeated, inverse
from shapes.shapes_graph import ShapesGraph
from shapes.sparql_constraints import Declarations
from shapes.targets import Targets
from shapes.text import Term, Text
from vocab.errors import InputInvalid
from vocab.namespaces import RDF, RDFS, SH

_Made = Iterator[Constraint]


class Plan:
    """The shapes that have targets, ready to run. `unusable` tells at which shapes what could not be used, and why."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = tuple(triples)
        self.graph = ShapesGraph(self.triples)
        self.unusable: list[tuple[Term, Text]] = []
        self._shapes: dict[Term, Shape] = {}
        self.sparql = Declarations(self.graph)
        self._builders = self.sparql.builders() | _builders(self)
        nodes = [node for node in self.graph.subjects() if not isinstance(node, Literal)]
        self.targeted: list[tuple[Shape, Targets]] = []
        for node in nodes:
            if targets := self._targets(node):
                self.targeted.append((self.shape(node), targets))

    def admitted(self, world: World) -> set[str]:
        """The nodes that shapes name, or reach as objects of the data: focus nodes, whoever describes them."""
        found = {node for _, targets in self.targeted for node in targets.named}
        for predicate in {predicate for _, targets in self.targeted for predicate in targets.objects_of}:
            found |= world.data.column(predicate).distinct_ends
        return found

    def note(self, shape: Term, fr: str, en: str) -> None:
        """Keeps a remark on a shape."""
        self.unusable.append((shape, Text(fr, en)))

    def shape(self, node: Term) -> Shape:
        """The compiled shape at `node`, made once; shapes may refer to each other in circles."""
        if node in self._shapes:
            return self._shapes[node]
        made = self._shapes[node] = Shape(str(node), None, "", self.graph.is_true(node, SH.deactivated), [])
        declared = self.graph.values(node, SH.path)
        if declared:
            try:
                made.path, made.written = self.path(declared[0], node), self.graph.path(declared[0])
            except Unusable as error:
                self.note(node, error.reason.fr, error.reason.en)
                made.deactivated = True
                return made
        made.constraints += self._constraints(node, made)
        return made

    def _constraints(self, node: Term, shape: Shape) -> Iterator[Constraint]:
        for parameter, build in self._builders.items():
            for value in self.graph.values(node, parameter):
                try:
                    yield from build(shape, node, parameter.value[len(SH.base) :], value)
                except Unusable as error:
                    self.note(node, error.reason.fr, error.reason.en)

    # ── targets ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _targets(self, node: Term) -> Targets:
        of = self.graph.values
        found = Targets(
            classes=[str(one) for one in of(node, SH.targetClass)],
            named=[str(one) for one in of(node, SH.targetNode)],
            subjects_of=[str(one) for one in of(node, SH.targetSubjectsOf)],
            objects_of=[str(one) for one in of(node, SH.targetObjectsOf)],
        )
        if isinstance(node, NamedNode) and self._is_class(node) and self.is_shape(node):
            found.classes.append(str(node))
        for target in of(node, SH.target):
            try:
                found.others.append(self.sparql.target(node, target))
            except Unusable as error:
                self.note(node, error.reason.fr, error.reason.en)
        return found

    def _is_class(self, node: NamedNode) -> bool:
        """Whether the shapes graph says that the node is a class: an implicit target (section 2.1.3.3)."""
        wide: set[Term] = {RDFS.Class}
        level = wide
        while level:
            level = {s for one in level for s in self.graph.subjects_of(RDFS.subClassOf, one)} - wide
            wide |= level
        return any(one in wide for one in self.graph.values(node, RDF.type))

    def is_shape(self, node: Term) -> bool:
        """Whether the node is a shape (section 2.1): by its type, or by having a constraint parameter or a target."""
        types = self.graph.values(node, RDF.type)
        if SH.NodeShape in types or SH.PropertyShape in types:
            return True
        return any(self.graph.values(node, parameter) for parameter in self._builders)

    # ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────

    def path(self, node: Term, shape: Term) -> Path:
        """The path at `node` (section 2.3.1). Raises `Unusable`."""
        return self._path(node, frozenset())

    def _path(self, node: Term, above: frozenset[Term]) -> Path:
        if isinstance(node, NamedNode) and node != RDF.nil:
            return Predicate(str(node))
        if isinstance(node, Literal) or node in above:
            raise Unusable(f"le chemin {node} n’en est pas un.", f"the path {node} is none.")
        above |= {node}
        if self.graph.values(node, RDF.first):
            members = self.graph.items(node)
            if len(members) < 2:
                raise Unusable("un chemin en suite a deux parties au moins.", "a sequence path has at least two parts.")
            return Chain(tuple(self._path(one, above) for one in members))
        if (one := self.graph.value(node, SH.inversePath)) is not None:
            return inverse(self._path(one, above))
        if (one := self.graph.value(node, SH.alternativePath)) is not None:
            members = self.graph.items(one)
            if not members:
                raise Unusable("un choix de chemins est vide.", "an alternative path is empty.")
            return Alternative(tuple(self._path(member, above) for member in members))
        for predicate, least, once in (
            (SH.zeroOrMorePath, 0, False),
            (SH.oneOrMorePath, 1, False),
            (SH.zeroOrOnePath, 0, True),
        ):
            if (one := self.graph.value(node, predicate)) is not None:
                return Repeated(self._path(one, above), least, once)
        raise Unusable(f"le chemin {node} n’a pas de sens pour SHACL.", f"the path {node} means nothing to SHACL.")


def too_deep(names: Iterable[str]) -> InputInvalid:
    """The error for shapes that hold each other more often than Python's own stack can follow."""
    return InputInvalid(
        "the shapes are nested too deeply to be followed.",
        what=", ".join(names),
        hint="Refer from one shape to another over fewer levels.",
        french="les formes sont emboîtées trop profondément pour être suivies.",
        french_hint="Que les formes se réfèrent les unes aux autres sur moins de niveaux.",
    )


# ── builders: from a parameter to constraints ────────────────────────────────────────────────────────────────────────


def _builders(plan: Plan) -> dict[NamedNode, Callable[[Shape, Term, str, Term], _Made]]:
    make = _Builder(plan)
    return {
        SH.minCount: make.min_count,
        SH.maxCount: make.max_count,
        SH.nodeKind: make.node_kind,
        SH["class"]: make.class_,
        SH.datatype: make.datatype,
        SH.hasValue: lambda s, _, __, v: iter([HasValueConstraint(s, "HasValue", str(v))]),
        SH["in"]: make.in_,
        SH.pattern: make.pattern,
        SH.minLength: make.min_length,
        SH.maxLength: make.max_length,
        SH.minInclusive: make.bound,
        SH.minExclusive: make.bound,
        SH.maxInclusive: make.bound,
        SH.maxExclusive: make.bound,
        SH.languageIn: make.language_in,
        SH.uniqueLang: make.unique_lang,
        SH.equals: lambda s, _, __, v: iter([EqualsConstraint(s, "Equals", str(v))]),
        SH.disjoint: lambda s, _, __, v: iter([DisjointConstraint(s, "Disjoint", str(v))]),
        SH.lessThan: make.less_than,
        SH.lessThanOrEquals: make.less_than,
        SH.closed: make.closed,
        SH.node: lambda s, n, _, v: iter([NodeConstraint(s, "Node", make.nested(n, v))]),
        SH.property: make.property,
        SH["not"]: lambda s, n, _, v: iter([NotConstraint(s, "Not", make.nested(n, v))]),
        SH["and"]: make.choice,
        SH["or"]: make.choice,
        SH.xone: make.choice,
        SH.qualifiedValueShape: make.qualified,
    }


class _Builder:
    """Makes constraints: (shape, its node, the parameter's local name, its value) to none, one or two of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.graph = plan.graph

    def nested(self, node: Term, value: Term) -> Shape:
        if isinstance(value, Literal):
            raise Unusable(f"{value} n’est pas une forme.", f"{value} is no shape.")
        return self.plan.shape(value)

    def property(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        nested = self.nested(node, value)
        if nested.path is not None:  # else it is described nowhere, or has no path: `shapes.lint` tells
            yield PropertyConstraint(shape, "Property", nested)

    def choice(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        nested = tuple(self.nested(node, one) for one in self._list(name, value))
        least = len(nested) if name == "and" else 1
        most = 1 if name == "xone" else len(nested)
        yield ChoiceConstraint(shape, name.capitalize(), nested, least, most)

    def _list(self, name: str, value: Term) -> list[Term]:
        members = self.graph.items(value)
        if not members and value != RDF.nil:
            raise Unusable(f"sh:{name} n’est pas suivi d’une liste.", f"sh:{name} is not followed by a list.")
        return members

    def qualified(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        nested = self.nested(node, value)
        siblings: tuple[Shape, ...] = ()
        if self.graph.is_true(node, SH.qualifiedValueShapesDisjoint):
            siblings = tuple(self.plan.shape(one) for one in self._siblings(node, value))
        least, most = self.graph.value(node, SH.qualifiedMinCount), self.graph.value(node, SH.qualifiedMaxCount)
        if least is not None:
            yield Qualified(
                shape, "QualifiedMinCount", nested, siblings, _whole(least, "qualifiedMinCount"), float("inf")
            )
        if most is not None:
            yield Qualified(shape, "QualifiedMaxCount", nested, siblings, 0, _whole(most, "qualifiedMaxCount"))

    def _siblings(self, node: Term, own: Term) -> Iterator[Term]:
        """The qualified shapes of the other property shapes of the same parents (section 4.7.3)."""
        for parent in self.graph.subjects_of(SH.property, node):
            for other in self.graph.values(parent, SH.property):
                for one in self.graph.values(other, SH.qualifiedValueShape):
                    if one != own:
                        yield one

    def class_(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield ClassConstraint(shape, "Class", _iri(value, "class"))

    def datatype(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield DatatypeConstraint(shape, "Datatype", _iri(value, "datatype"))

    def node_kind(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        starts = KINDS.get(value)
        if starts is None:
            raise Unusable(f"sh:nodeKind {value} n’existe pas.", f"there is no sh:nodeKind {value}.")
        yield NodeKindConstraint(shape, "NodeKind", starts)

    def in_(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield InConstraint(shape, "In", frozenset(str(one) for one in self._list(name, value)))

    def pattern(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        flags = self.graph.value(node, SH.flags)
        options = flags.value if isinstance(flags, Literal) else ""
        if not isinstance(value, Literal):
            raise Unusable(f"sh:pattern {value} n’est pas un texte.", f"sh:pattern {value} is no text.")
        try:
            patterns.check(value.value, options)
        except patterns.Broken as error:
            raise Unusable(
                f"le motif {value} n’est pas une expression régulière ({error}).",
                f"the pattern {value} is no regular expression ({error}).",
            ) from None
        yield PatternConstraint(shape, "Pattern", value.value, options)

    def min_count(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield CountConstraint(shape, "MinCount", _whole(value, "minCount"), float("inf"))

    def max_count(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield CountConstraint(shape, "MaxCount", 0, _whole(value, "maxCount"))

    def min_length(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield LengthConstraint(shape, "MinLength", _whole(value, "minLength"), float("inf"))

    def max_length(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        yield LengthConstraint(shape, "MaxLength", 0, _whole(value, "maxLength"))

    def bound(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        limit = literals.value(str(value))
        if limit is None:
            raise Unusable(f"{value} n’est pas une valeur ordonnée.", f"{value} is no value with an order.")
        test = _test(limit, above=name.startswith("min"), or_equal=name.endswith("Inclusive"))
        yield RangeConstraint(shape, name[0].upper() + name[1:], test)

    def language_in(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        tags = [one.value.lower() for one in self._list(name, value) if isinstance(one, Literal)]
        yield LanguageInConstraint(shape, "LanguageIn", tuple(tags))

    def unique_lang(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        if isinstance(value, Literal) and value.value == "true":
            yield UniqueLangConstraint(shape, "UniqueLang")

    def less_than(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        if shape.path is None:
            raise Unusable(f"sh:{name} demande un chemin.", f"sh:{name} needs a path.")
        yield OrderConstraint(shape, name[0].upper() + name[1:], str(value), name == "lessThanOrEquals")

    def closed(self, shape: Shape, node: Term, name: str, value: Term) -> _Made:
        if not (isinstance(value, Literal) and value.value in {"true", "1"}):
            return
        paths = [path for one in self.graph.values(node, SH.property) for path in self.graph.values(one, SH.path)]
        ignored = self.graph.items(self.graph.value(node, SH.ignoredProperties))
        allowed = frozenset(str(one) for one in [*paths, *ignored] if isinstance(one, NamedNode))
        yield ClosedConstraint(shape, "Closed", allowed)


KINDS: dict[Any, str] = {
    SH.IRI: "<",
    SH.Literal: '"',
    SH.BlankNode: "_",
    SH.BlankNodeOrIRI: "_<",
    SH.BlankNodeOrLiteral: '_"',
    SH.IRIOrLiteral: '<"',
}


def _test(limit: literals.Value, *, above: bool, or_equal: bool) -> Callable[[literals.Value | None], bool]:
    if above:
        return lambda found: literals.before(limit, found, or_equal=or_equal)
    return lambda found: literals.before(found, limit, or_equal=or_equal)


def _whole(value: Term, name: str) -> int:
    if isinstance(value, Literal):
        try:
            return int(value.value)
        except ValueError:
            pass
    raise Unusable(f"sh:{name} {value} n’est pas un nombre entier.", f"sh:{name} {value} is no whole number.")


def _iri(value: Term, name: str) -> str:
    if isinstance(value, NamedNode):
        return str(value)
    raise Unusable(f"sh:{name} {value} n’est pas un IRI.", f"sh:{name} {value} is no IRI.")
