"""Going through a query from the inside out, with a function that may replace each group or each EXISTS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from catalog.rewriting.tokens import Token
from catalog.rewriting.tree import (
    Bind,
    Condition,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    InGraph,
    Minus,
    Optional,
    Projected,
    Query,
    SubSelect,
    Union,
    variables,
)

OnExists = Callable[[Exists, frozenset[str]], tuple[Token | Exists, ...]]
"""Gives what stands for an EXISTS; the names are the variables that occur around it."""
OnGroup = Callable[[Group], Group]


def groups(query: Query, change: OnGroup) -> Query:
    """The query with `change` applied to every group pattern, inner ones first."""
    return _Walk(None, change).query(query)


def exists(query: Query, change: OnExists) -> Query:
    """The query with `change` applied to every EXISTS, inner ones first."""
    return _Walk(change, None).query(query)


class _Walk:
    def __init__(self, on_exists: OnExists | None, on_group: OnGroup | None) -> None:
        self.on_exists = on_exists
        self.on_group = on_group

    def query(self, query: Query) -> Query:
        around = variables(query.where)
        return replace(
            query,
            where=self.group(query.where, frozenset()),
            projection=None if query.projection is None else tuple(self.projected(p, around) for p in query.projection),
            group_by=self.maybe(query.group_by, around),
            having=self.maybe(query.having, around),
            order=tuple(Condition(self.expression(c.expression, around), c.descending) for c in query.order),
        )

    def projected(self, item: Projected, around: frozenset[str]) -> Projected:
        return Projected(item.variable, self.maybe(item.expression, around))

    def maybe(self, expression: Expression | None, around: frozenset[str]) -> Expression | None:
        return None if expression is None else self.expression(expression, around)

    def group(self, group: Group, outside: frozenset[str]) -> Group:
        around = outside | variables(tuple(e for e in group.elements if not isinstance(e, Filter | Bind)))
        around |= frozenset(e.variable.text[1:] for e in group.elements if isinstance(e, Bind))
        changed = Group(tuple(self.element(e, around) for e in group.elements))
        return changed if self.on_group is None else self.on_group(changed)

    def element(self, element: Element, around: frozenset[str]) -> Element:
        nothing: frozenset[str] = frozenset()
        if isinstance(element, Filter):
            return Filter(self.expression(element.expression, around))
        if isinstance(element, Bind):
            return Bind(self.expression(element.expression, around), element.variable)
        if isinstance(element, Optional):
            return Optional(self.group(element.group, around))
        if isinstance(element, Minus):
            return Minus(self.group(element.group, nothing))
        if isinstance(element, InGraph):
            return InGraph(element.name, self.group(element.group, nothing))
        if isinstance(element, Union):
            return Union(tuple(self.group(g, nothing) for g in element.groups))
        if isinstance(element, SubSelect):
            return SubSelect(self.query(element.query))
        return element

    def expression(self, expression: Expression, around: frozenset[str]) -> Expression:
        parts: list[Token | Exists] = []
        for part in expression.parts:
            if isinstance(part, Exists):
                inner = Exists(part.negated, self.group(part.group, around))
                parts += (inner,) if self.on_exists is None else self.on_exists(inner, around)
            else:
                parts.append(part)
        return Expression(tuple(parts))
