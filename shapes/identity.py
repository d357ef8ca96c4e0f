"""What tells two constraints of one shape, or of two shapes without an IRI, apart: the same in every run.

A shape's IRI and a component name most constraints. They do not where a shape gives one parameter several values
(`sh:sparql` twice), or where several shapes go by one IRI because they have none of their own; there a digest of what
the constraint demands is added. Wording and severity are no part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import BlankNode, NamedNode

from shapes.components import Constraint, Shape
from shapes.shapes_graph import ShapesGraph
from shapes.text import Term
from vocab.namespaces import RDFS, SH

_WORDS = {SH.message, SH.name, SH.description, SH.order, SH.group, SH.severity, RDFS.comment, RDFS.label}
_DEEPEST = 12


def given(shapes: ShapesGraph, shape: Term, component: str) -> list[Term]:
    """The values that a shape gives to the parameters of a component, of SHACL or declared by the shapes."""
    if component.startswith(SH.base) or ":" not in component:
        return shapes.values(shape, _parameter(component))
    declared = shapes.values(NamedNode(component), SH.parameter)
    paths = [path for one in declared if isinstance(path := shapes.value(one, SH.path), NamedNode)]
    return [value for path in paths for value in shapes.values(shape, path)]


def _parameter(component: str) -> NamedNode:
    """The parameter that gives a component of SHACL its name: `sh:minCount`, or `sh:sparql`."""
    local = component.removeprefix(SH.base).removesuffix("ConstraintComponent")
    if local == "SPARQL":
        return SH.sparql
    if local.startswith("Qualified"):
        return SH.qualifiedValueShape
    return SH[local[:1].lower() + local[1:]]


def mark(shapes: ShapesGraph, shape: Term, component: str, argument: Term | None) -> str:
    """What to add to shape and component: 16 hexadecimal digits, or nothing where these two are enough.

    `argument` is the value of the parameter, `None` where it is not known which of them it is.
    """
    values = given(shapes, shape, component)
    if isinstance(shape, NamedNode) and len(values) < 2:
        return ""
    told = sorted(_content(shapes, one, _DEEPEST) for one in (values if argument is None else [argument]))
    return _digest(told) if told else ""


def argument(shapes: ShapesGraph, shape: Term, by: Constraint) -> Term | None:
    """The value, in the shapes graph, of the parameter that this compiled constraint comes from."""
    source: Term | None = getattr(by, "source", None)
    if source is not None:
        return source
    values = given(shapes, shape, by.component)
    if len(values) < 2:
        return values[0] if values else None
    wanted = _fields(by)
    for one in values:
        if str(one) in wanted or tuple(str(member) for member in shapes.items(one)) in wanted:
            return one
    return None


def _fields(by: Constraint) -> set[object]:
    """What a compiled constraint keeps of its parameter: a term, or the shapes that it refers to."""
    found: set[object] = set()
    for value in vars(by).values():
        if isinstance(value, Shape):
            found.add(value.node)
        elif isinstance(value, tuple) and (nested := tuple(one.node for one in value if isinstance(one, Shape))):
            found.add(nested)
        elif isinstance(value, dict):
            found.update(value.values())
        elif isinstance(value, str):
            found.add(value)
    return found


def _content(shapes: ShapesGraph, node: Term, depth: int) -> str:
    """A term as it is; for a blank node a digest of what is said of it, however it is labelled."""
    if not isinstance(node, BlankNode) or not depth:
        return "" if isinstance(node, BlankNode) else str(node)
    told = (
        f"{predicate} {_content(shapes, value, depth - 1)}"
        for predicate in shapes.predicates(node)
        if predicate not in _WORDS
        for value in shapes.values(node, predicate)
    )
    return _digest(sorted(told))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
