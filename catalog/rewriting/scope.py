"""Which groups mean the same wherever the variables around them are already bound.

A filter sees what its own group binds (18.2.2.2). Evaluated with more bound from outside it may see more, and so may a
pattern in an OPTIONAL. A group is closed when that makes no difference: it is made of triples, values, filters and
closed groups, and its filters speak of no outer variable that its own triples do not bind.
"""

from __future__ import annotations

from catalog.rewriting.tree import (
    Bind,
    Element,
    Filter,
    Group,
    InGraph,
    Minus,
    Optional,
    SubSelect,
    Triple,
    Union,
    Values,
    variables,
)


def closed(group: Group, own: frozenset[str]) -> bool:
    """Whether the group is closed against the outer variables `own`."""
    if not all(plain(e, own) for e in group.elements):
        return False
    spoken = variables(tuple(e for e in group.elements if isinstance(e, Filter)))
    return not (spoken & own) - _bound(group)


def plain(element: Element, own: frozenset[str]) -> bool:
    """Whether the element may stand in a closed group."""
    if isinstance(element, Union):
        return all(closed(g, own) for g in element.groups)
    if isinstance(element, InGraph):
        return closed(element.group, own)
    return isinstance(element, Triple | Values | Filter)


def _bound(group: Group) -> frozenset[str]:
    """Variables that every solution of the group binds."""
    found = variables(tuple(e for e in group.elements if isinstance(e, Triple)))
    for element in group.elements:
        if isinstance(element, InGraph):
            found |= _bound(element.group)
    return found


def in_scope(group: Group) -> frozenset[str]:
    """The variables that a solution of the group may bind: those that `SELECT *` gives (18.2.1)."""
    found: frozenset[str] = frozenset()
    for element in group.elements:
        found |= _in_scope(element)
    return found


def _in_scope(element: Element) -> frozenset[str]:
    if isinstance(element, Filter | Minus):
        return frozenset()
    if isinstance(element, Bind):
        return variables(element.variable)
    if isinstance(element, Optional):
        return in_scope(element.group)
    if isinstance(element, InGraph):
        return variables(element.name) | in_scope(element.group)
    if isinstance(element, Union):
        return frozenset().union(*(in_scope(g) for g in element.groups))
    if isinstance(element, SubSelect):
        projection = element.query.projection
        shown = in_scope(element.query.where) | variables(element.query.values)
        return shown if projection is None else frozenset(p.variable.text[1:] for p in projection)
    return variables(element)  # triples and values
