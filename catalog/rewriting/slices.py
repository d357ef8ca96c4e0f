"""Rule: what is sorted and cut within a query is sorted by texts that stand for the values (`catalog.ranks`).

A sub-select with LIMIT, and the pattern of a graph with LIMIT, are cut by the engine, so it has to sort them; its
comparison of values of different types is no order, and its sort then ends the process. The conditions become texts,
which it sorts without fail, one more column each, made before the sort:

    SELECT ?x { P } ORDER BY ?y LIMIT 3
    SELECT ?x { { SELECT ?x (rank(?y) AS ?k) { P } } } ORDER BY ?k LIMIT 3

Sorting comes before projection, DISTINCT and the cut (18.2.5), so the outer SELECT has these and the inner one groups.
A condition that is an error is unbound, as its rank is, and comes first. ORDER BY without LIMIT says nothing about a
graph or a sub-select, which are bags: there it is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.rewriting import walk
from catalog.rewriting.scope import in_scope
from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import (
    Condition,
    Exists,
    Expression,
    Group,
    Projected,
    Query,
    SubSelect,
    tokens_of,
    variable,
    variables,
)
from vocab.namespaces import GARONNE

RANK = GARONNE.rank.value
"""The name of the function that gives a term's text (`catalog.ranks.FUNCTIONS`)."""
KEY = "garonne_rank_"
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def apply(query: Query) -> Query:
    """The query with every sub-select sorted by ranks, and its whole pattern too where it asks for a graph."""
    query = walk.groups(query, _in_group)
    if not query.order or query.form == "SELECT":
        return query
    if not _cut(query):
        return replace(query, order=())
    if query.group_by is not None or query.having is not None or query.form == "ASK":
        raise NotUnderstood("a graph of groups")
    inner = Query("SELECT", query.where, order=query.order, limit=query.limit, offset=query.offset, values=query.values)
    return replace(query, where=Group((SubSelect(_ranked(inner)),)), order=(), limit=None, offset=0, values=())


def _in_group(group: Group) -> Group:
    return Group(tuple(SubSelect(_sub_select(e.query)) if isinstance(e, SubSelect) else e for e in group.elements))


def _sub_select(query: Query) -> Query:
    if not query.order:
        return query
    return _ranked(query) if _cut(query) else replace(query, order=())


def _cut(query: Query) -> bool:
    return query.limit is not None or query.offset > 0


def _ranked(query: Query) -> Query:
    shown = query.projection
    if shown is None:
        shown = tuple(Projected(variable(name)) for name in sorted(in_scope(query.where) | variables(query.values)))
    keys = [variable(f"{KEY}{n}") for n in range(len(query.order))]
    # Beside groups the engine knows no name that its own SELECT gives: what the name stands for is written out.
    named = {p.variable.text: p.expression for p in shown if p.expression is not None}
    known = named if query.group_by is not None or query.having is not None or _aggregates(query) else {}
    ranks = tuple(Projected(k, _rank(c.expression, known)) for k, c in zip(keys, query.order, strict=True))
    inner = replace(query, modifier="", projection=(*shown, *ranks), order=(), limit=None, offset=0)
    return Query(
        "SELECT",
        Group((SubSelect(inner),)),
        modifier=query.modifier,
        projection=tuple(Projected(p.variable) for p in shown),
        order=tuple(Condition(Expression((k,)), c.descending) for k, c in zip(keys, query.order, strict=True)),
        limit=query.limit,
        offset=query.offset,
    )


def _aggregates(query: Query) -> bool:
    return any(token.word in _AGGREGATES for p in query.projection or () for token in tokens_of(p.expression))


def _rank(expression: Expression, known: Mapping[str, Expression]) -> Expression:
    parts: list[Token | Exists] = []
    for part in expression.parts:
        written = known.get(part.text) if isinstance(part, Token) and part.kind == "variable" else None
        parts += (part,) if written is None else (Token("sign", "("), *written.parts, Token("sign", ")"))
    return Expression((Token("iri", f"<{RANK}>"), Token("sign", "("), *parts, Token("sign", ")")))
