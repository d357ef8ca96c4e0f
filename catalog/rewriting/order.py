"""Rule: the engine does not sort; the worker sorts what it gives (`catalog.ordering`).

The engine's comparison of values of different types is no order, and its sort then ends the process; it reads each term
anew for each comparison, and sorts everything where LIMIT asks for ten. So ORDER BY, LIMIT and OFFSET are taken off the
outermost SELECT, and each condition that is no projected variable becomes one more projected expression: an error
leaves it unbound, and unbound sorts first (15.1). DISTINCT stays with the engine unless such a column would hide
duplicates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import (
    Bind,
    Condition,
    Group,
    Projected,
    Query,
    Union,
    variable,
)

HIDDEN = "garonne_key_"


@dataclass(frozen=True, slots=True)
class Order:
    """What is left to do with the rows: `keys` are variables with whether they descend, most important first.

    `hidden` are those that only serve to sort; `distinct` says that rows must be told apart without them.
    """

    keys: tuple[tuple[str, bool], ...]
    hidden: frozenset[str]
    distinct: bool
    limit: int | None
    offset: int


def apply(query: Query) -> tuple[Query, Order | None]:
    """The query without its outermost ORDER BY, and what that leaves to do."""
    if not query.order or query.form != "SELECT":
        return query, None
    if query.modifier == "REDUCED":
        raise NotUnderstood("REDUCED")
    return _taken_off(query)


def _taken_off(query: Query) -> tuple[Query, Order]:
    keys: list[tuple[str, bool]] = []
    added: list[Projected] = []
    projected = None if query.projection is None else {p.variable.text[1:] for p in query.projection}
    for n, condition in enumerate(query.order):
        name = name_of(condition)
        if not name or (projected is not None and name not in projected):
            name = f"{HIDDEN}{n}"
            added.append(Projected(variable(name), condition.expression))
        keys.append((name, condition.descending))
    hidden = frozenset(p.variable.text[1:] for p in added)
    distinct = bool(added) and query.modifier == "DISTINCT"
    order = Order(tuple(keys), hidden, distinct, query.limit, query.offset)
    modifier = "" if distinct else query.modifier
    return _projecting(replace(query, modifier=modifier, order=(), limit=None, offset=0), added), order


def _projecting(query: Query, added: list[Projected]) -> Query:
    if query.projection is not None:
        return replace(query, projection=(*query.projection, *added))
    if added and (query.group_by is not None or query.values):
        raise NotUnderstood("SELECT * with groups or values")
    binds = tuple(Bind(p.expression, p.variable) for p in added if p.expression is not None)
    return replace(query, where=Group((Union((query.where,)), *binds))) if binds else query


def name_of(condition: Condition) -> str:
    """The variable that the condition is, in brackets or not; empty for another expression."""
    parts = list(condition.expression.parts)
    while len(parts) > 2 and isinstance(parts[0], Token) and parts[0].is_("("):
        parts = parts[1:-1]
    only = parts[0] if len(parts) == 1 else None
    return only.text[1:] if isinstance(only, Token) and only.kind == "variable" else ""
