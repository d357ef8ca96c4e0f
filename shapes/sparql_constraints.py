"""SHACL-SPARQL as shapes declare it: `sh:sparql`, constraint components of their own, and SPARQL targets.

(SHACL 1.0, sections 5 and 6; SHACL Advanced Features, section 3.1, for targets.) A query is checked when the shapes are
compiled, see `shapes.prebinding`, and answered in a process of its own, see `shapes.queries`. Whatever cannot be used
becomes a note: a forbidden or wrong query, one that takes too long, a validator or a target that is not in SPARQL.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from shapes.components import Constraint, Shape, Unusable
from shapes.components.sparql import AskConstraint, SparqlConstraint
from shapes.prebinding import Query, prepared, undeclared
from shapes.run import Run
from shapes.shapes_graph import NO_TEXT, ShapesGraph
from shapes.text import Term, Text
from vocab.namespaces import OWL, PREFIXES, RDF, RDFS, SH

Build = Callable[[Shape, Term, str, Term], Iterator[Constraint]]
"""Makes constraints: (shape, its node, the parameter's local name, its value). May raise `Unusable`."""

_CONTEXT = ("this", "shapesGraph", "currentShape")
_NAME = re.compile(r"[^\W\d]\w*$")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a component (section 6.2.1): its predicate, its variable, whether it may be absent."""

    predicate: NamedNode
    variable: str
    optional: bool


@dataclass(frozen=True)
class Component:
    """A constraint component that the shapes declare (section 6.2)."""

    node: NamedNode
    parameters: tuple[Parameter, ...]

    @property
    def key(self) -> NamedNode:
        """The parameter that announces it on a shape: the first that is not optional."""
        return next(one.predicate for one in self.parameters if not one.optional)


class Declarations:
    """What a shapes graph declares in SPARQL."""

    def __init__(self, graph: ShapesGraph) -> None:
        self._graph = graph
        self.notes: list[Text] = []

    # ── sh:sparql ────────────────────────────────────────────────────────────────────────────────────────────────

    def sparql(self, shape: Shape, node: Term, name: str, value: Term) -> Iterator[Constraint]:
        """The constraint at `value` of `sh:sparql` (section 5.2); none where it is deactivated."""
        if self._graph.is_true(value, SH.deactivated):
            return
        query = self._query(value, SH.select, _CONTEXT, self._path(shape, node))
        message = self._graph.message(value)
        yield SparqlConstraint(shape, "SPARQL", query, self._called(node, value), message, source=value)

    def _query(
        self,
        holder: Term,
        predicate: NamedNode,
        prebound: Collection[str],
        path: str | None = None,
        absent: Collection[str] = (),
    ) -> Query:
        written = f"sh:{predicate.value[len(SH.base) :]}"
        texts = self._graph.values(holder, predicate)
        if len(texts) != 1 or not isinstance(texts[0], Literal):
            raise Unusable(
                f"{self._which(holder)} demande un {written} et un seul\u00a0: laissée de côté.",
                f"{self._which(holder)} needs one {written}: left out.",
            )
        try:
            text = texts[0].value
            return prepared(text, prebound, path, self._prefixes(holder, text), absent)
        except Unusable as error:
            raise Unusable(
                f"la requête de {self._which(holder)} ne peut pas servir\u00a0: {error.reason.fr}.",
                f"the query of {self._which(holder)} cannot be used: {error.reason.en}.",
            ) from None

    @staticmethod
    def _which(holder: Term) -> str:
        return str(holder) if isinstance(holder, NamedNode) else "sh:sparql"

    def _called(self, shape: Term, holder: Term) -> str:
        """A constraint's name in notes: its IRI, or that of its shape."""
        shapes = self._graph.called(shape) or str(shape)
        return f"{shapes}, {holder.value}" if isinstance(holder, NamedNode) else shapes

    def _path(self, shape: Shape, node: Term) -> str | None:
        """What `$PATH` stands for (section 5.3.1)."""
        if shape.path is None:
            return None
        written = self._graph.path(self._graph.values(node, SH.path)[0])
        return f"({written})" if "<" in written else f"<{written}>"

    def _prefixes(self, holder: Term, text: str) -> dict[str, str]:
        """The prefixes that `sh:prefixes` leads to, with what its ontologies import (section 5.2.1).

        Usual ones that nobody declares are taken as everybody means them, with a note.
        """
        found = self._declared(holder)
        for prefix in sorted(undeclared(text, found) & PREFIXES.keys()):
            found[prefix] = PREFIXES[prefix]
            told = f"<{PREFIXES[prefix]}>"
            self.notes.append(
                Text(
                    f"{self._graph.called(holder)}\u00a0: la requête emploie le préfixe «\u00a0{prefix}\u00a0» sans le "
                    f"déclarer (sh:prefixes)\u00a0; il est lu comme {told}.",
                    f"{self._graph.called(holder)}: the query uses the prefix “{prefix}” without declaring it "
                    f"(sh:prefixes); it is read as {told}.",
                )
            )
        return found

    def _declared(self, holder: Term) -> dict[str, str]:
        found: dict[str, str] = {}
        level = self._graph.values(holder, SH.prefixes)
        seen = set(level)
        while level:
            for one in (declared for ontology in level for declared in self._graph.values(ontology, SH.declare)):
                self._declare(one, found)
            level = [i for ontology in level for i in self._graph.values(ontology, OWL.imports) if i not in seen]
            seen.update(level)
        return found

    def _declare(self, node: Term, found: dict[str, str]) -> None:
        prefix, namespace = self._graph.value(node, SH.prefix), self._graph.value(node, SH.namespace)
        if not isinstance(prefix, Literal) or not isinstance(namespace, Literal):
            raise Unusable("un sh:declare est incomplet", "a sh:declare is incomplete")
        if found.setdefault(prefix.value, namespace.value) != namespace.value:
            raise Unusable(
                f"le préfixe {prefix.value} est déclaré deux fois, différemment",
                f"the prefix {prefix.value} is declared twice, differently",
            )

    # ── constraint components ────────────────────────────────────────────────────────────────────────────────────

    def builders(self) -> dict[NamedNode, Build]:
        """How to make the constraints that each parameter announces; a parameter may announce several components."""
        found: defaultdict[NamedNode, list[Component]] = defaultdict(list)
        for component in self._components:
            found[component.key].append(component)
        return {SH.sparql: self.sparql, **{key: self._builder(components) for key, components in found.items()}}

    def _builder(self, components: list[Component]) -> Build:
        def build(shape: Shape, node: Term, name: str, value: Term) -> Iterator[Constraint]:
            for component in components:
                yield from self._made(component, shape, node, value)

        return build

    @property
    def parameters(self) -> frozenset[NamedNode]:
        """Every predicate that is a parameter of a component."""
        return frozenset(one.predicate for component in self._components for one in component.parameters)

    @cached_property
    def _components(self) -> tuple[Component, ...]:
        types = {SH.ConstraintComponent}
        level: set[Term] = {SH.ConstraintComponent}
        while level := {s for one in level for s in self._graph.subjects_of(RDFS.subClassOf, one)} - types:
            types |= {one for one in level if isinstance(one, NamedNode)}
        nodes = [
            node
            for node in self._graph.subjects()
            if isinstance(node, NamedNode)
            and not node.value.startswith(SH.base)  # descriptions of SHACL Core, which is built in
            and types.intersection(self._graph.values(node, RDF.type))
        ]
        return tuple(made for node in nodes if (made := self._component(node)))

    def _component(self, node: NamedNode) -> Component | None:
        parameters = []
        for one in self._graph.values(node, SH.parameter):
            path = self._graph.value(one, SH.path)
            name = _NAME.search(path.value) if isinstance(path, NamedNode) else None
            if not isinstance(path, NamedNode) or name is None or name[0] in {*_CONTEXT, "value", "PATH", "path"}:
                self._note(node, "un paramètre n’a pas de nom qui puisse servir", "a parameter has no usable name")
                return None
            parameters.append(Parameter(path, name[0], self._graph.is_true(one, SH.optional)))
        if all(one.optional for one in parameters):
            self._note(node, "il n’a pas de paramètre obligatoire", "it has no parameter that is not optional")
            return None
        return Component(node, tuple(sorted(parameters, key=lambda one: one.variable)))

    def _note(self, node: NamedNode, fr: str, en: str) -> None:
        self.notes.append(
            Text(
                f"Le composant {node.value} ne peut pas servir\u00a0: {fr}.",
                f"The constraint component {node.value} cannot be used: {en}.",
            )
        )

    def _made(self, component: Component, shape: Shape, node: Term, value: Term) -> Iterator[Constraint]:
        """The constraint that a component makes of a shape's parameters; none where one that is needed is absent."""
        constants: dict[str, str] = {}
        for one in component.parameters:
            given = [value] if len(component.parameters) == 1 else self._graph.values(node, one.predicate)
            if not given and not one.optional:
                return
            if len(given) > 1:
                raise Unusable(
                    f"{component.node} demande une seule valeur de {one.predicate}\u00a0: laissée de côté.",
                    f"{component.node} needs a single value of {one.predicate}: left out.",
                )
            if given:
                constants[one.variable] = str(given[0])
        yield self._validated(component, shape, node, constants)

    def _validated(self, component: Component, shape: Shape, node: Term, constants: dict[str, str]) -> Constraint:
        validator = self._validator(component, shape)
        is_ask = bool(self._graph.values(validator, SH.ask))
        prebound = (*_CONTEXT, *constants, *(("value",) if is_ask else ()))
        absent = {one.variable for one in component.parameters} - constants.keys()
        query = self._query(validator, SH.ask if is_ask else SH.select, prebound, self._path(shape, node), absent)
        if query.ask != is_ask:
            raise Unusable(
                f"{component.node}\u00a0: sh:ask et sh:select sont confondus.",
                f"{component.node}: sh:ask and sh:select are confused.",
            )
        message = self._message(component, node, validator)
        made = AskConstraint if is_ask else SparqlConstraint
        return made(shape, component.node.value, query, self._called(node, component.node), message, constants)

    def _validator(self, component: Component, shape: Shape) -> Term:
        """The validator that fits the kind of shape (section 6.2.3), of those that are in SPARQL."""
        special = SH.nodeValidator if shape.path is None else SH.propertyValidator
        for predicate in (special, SH.validator):
            for one in self._graph.values(component.node, predicate):
                if self._graph.values(one, SH.ask) or self._graph.values(one, SH.select):
                    return one
        raise Unusable(
            f"{component.node} n’a pas de validateur en SPARQL pour cette sorte de forme\u00a0: non vérifié.",
            f"{component.node} has no validator in SPARQL for this kind of shape: not checked.",
        )

    def _message(self, component: Component, node: Term, validator: Term) -> Text:
        """The validator's or the component's message; a shape that has its own keeps it (section 2.1.5)."""
        if self._graph.message(node) != NO_TEXT:
            return NO_TEXT
        for holder, predicate in (
            (validator, SH.message),
            (component.node, SH.message),
            (component.node, SH.labelTemplate),
        ):
            if (found := self._graph.text(holder, predicate)) != NO_TEXT:
                return found
        return NO_TEXT

    # ── targets ──────────────────────────────────────────────────────────────────────────────────────────────────

    def target(self, node: Term, value: Term) -> SparqlTarget:
        """The target at `value` of `sh:target`. Raises `Unusable` for what is no plain query."""
        if not self._graph.values(value, SH.select):
            raise Unusable(
                f"la cible {value} (sh:target) n’est pas une requête sh:select\u00a0: elle n’est pas suivie.",
                f"the target {value} (sh:target) is no sh:select query: it is not followed.",
            )
        return SparqlTarget(self._query(value, SH.select, ()), self._called(node, value))


@dataclass(frozen=True)
class SparqlTarget:
    """The focus nodes are the values of `this` in the solutions of a query (SHACL Advanced Features, section 3.1)."""

    query: Query
    name: str

    def nodes(self, run: Run) -> set[str]:
        """The focus nodes; none, and a note of why, where the query cannot be asked."""
        try:
            found = {answer.focus for answer in run.queries.ask(self.query)}
        except Unusable as error:
            run.note(
                Text(
                    f"{self.name}\u00a0: la cible SPARQL n’a pas pu être suivie\u00a0: {error.reason.fr}.",
                    f"{self.name}: the SPARQL target could not be followed: {error.reason.en}.",
                )
            )
            return set()
        return {node for node in found if not run.is_foreign(node)}
