"""Rule: which classes and properties there are, and how often, is known from the statistics of the release.

`SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c` and its like are what people ask first of a catalogue that they do
not know; the engine goes through every statement for it. Where nothing but counts looks at ?s,

    { ?s a ?c }    says no more than the classes, each as many times as it has instances
    { ?s ?p ?o }   says no more than the properties, each as many times as it has statements

because a triple is in the default graph once. What is joined to that pattern, optional or filtered, goes with every
copy alike. So VALUES take its place, with the number of copies in a variable of their own, and each COUNT is the SUM of
that. With DISTINCT and no aggregate the number does not matter at all. COUNT(DISTINCT ?s) is known only where there is
no more than the pattern, grouped by what it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from catalog.rewriting.counts import iri_of, prefixes_of
from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import (
    Condition,
    Exists,
    Expression,
    Group,
    Projected,
    Query,
    Triple,
    Values,
    tokens_of,
    variable,
    variables,
)
from catalog.statistics import Statistics
from vocab.namespaces import RDF

MOST = 1000
"""Classes or properties up to which they are listed."""
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\x00-\x20]*')
_OTHERS = frozenset({"SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"})
_VOLATILE = frozenset({"RAND", "UUID", "STRUUID", "BNODE"})


@dataclass(frozen=True, slots=True)
class _Table:
    """What stands for the pattern: a row for each `key`, with its number of copies and of each hidden variable."""

    key: str
    hidden: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def occasion(query: str) -> bool:
    """Whether a text has what a query needs for this rule."""
    capitals = query.upper()
    return "COUNT" in capitals or "DISTINCT" in capitals or "GROUP" in capitals


def apply(query: Query, known: Statistics) -> Query:
    """The query with the classes or properties in the place of the pattern, or as it was."""
    try:
        return _applied(query, known)
    except NotUnderstood:
        return query


def _applied(query: Query, known: Statistics) -> Query:
    prefixes = prefixes_of(query)
    tables = {e: _table(e, prefixes, known) for e in query.where.elements if isinstance(e, Triple)}
    found = [(triple, table) for triple, table in tables.items() if table is not None]
    if query.form != "SELECT" or query.projection is None or query.dataset or query.values or len(found) != 1:
        raise NotUnderstood("no such pattern")
    ((triple, table),) = found
    rest = tuple(e for e in query.where.elements if e is not triple)
    outside = (query.projection, query.having, query.order)
    if not table.rows or len(table.rows) > MOST or set(table.hidden) & _seen(query, rest):
        raise NotUnderstood("the pattern says more")
    words = {token.word for token in tokens_of(outside)}
    volatile = _VOLATILE & {token.word for token in tokens_of(query)}
    if volatile or words & _OTHERS or not (query.group_by or "COUNT" in words or query.modifier == "DISTINCT"):
        raise NotUnderstood("the number of rows matters otherwise")
    alone = not rest and query.group_by is not None and query.group_by.text == f"?{table.key}"
    counts = _Counts(table, variables(query), alone=alone)
    where = Group(tuple(counts.values if e is triple else e for e in query.where.elements))
    return replace(
        query,
        where=where,
        projection=tuple(Projected(p.variable, counts.maybe(p.expression)) for p in query.projection),
        having=counts.maybe(query.having),
        order=tuple(Condition(counts.expression(c.expression), c.descending) for c in query.order),
    )


def _seen(query: Query, rest: object) -> frozenset[str]:
    """The variables that something looks at beside counts."""
    plain = tuple(p.variable for p in query.projection or () if p.expression is None)
    return variables((rest, plain, query.group_by))


def _table(triple: Triple, prefixes: Mapping[str, str], known: Statistics) -> _Table | None:
    """What the statistics know of a pattern; None for any other."""
    subject, target = _name(triple.subject), _name(triple.object)
    predicate = triple.predicate[0] if len(triple.predicate) == 1 else Token("sign", "/")
    if not subject or not target or subject == target:
        return None
    if predicate.kind == "variable" and predicate.text[1:] not in {subject, target}:
        rows = tuple((iri, (p.triples, p.subjects, p.objects)) for iri, p in known.properties.items())
        return _Table(predicate.text[1:], (subject, target), _sound(rows))
    if predicate.kind in {"word", "iri", "name"} and iri_of(predicate, prefixes) == RDF.type.value:
        stated = known.properties.get(RDF.type.value)
        if stated is None or sum(known.classes.values()) != stated.triples:
            return None  # some class is no IRI
        return _Table(target, (subject,), _sound(tuple((iri, (n, n)) for iri, n in known.classes.items())))
    return None


def _sound(rows: tuple[tuple[str, tuple[int, ...]], ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return rows if all(_IRI.fullmatch(iri) for iri, _ in rows) else ()


def _name(token: Token) -> str:
    return token.text[1:] if token.kind == "variable" else ""


class _Counts:
    """The VALUES in the place of the pattern, and what counts become."""

    def __init__(self, table: _Table, taken: frozenset[str], *, alone: bool) -> None:
        self.hidden = table.hidden
        self.alone = alone
        self.numbers = [next(_fresh(f"n{place}_", taken)) for place in range(1 + len(table.hidden))]
        names = [variable(table.key), *(variable(name) for name in self.numbers)]
        data = [token for iri, numbers in table.rows for token in _bracketed(_row(iri, numbers))]
        self.values = Values((*_bracketed(names), Token("sign", "{"), *data, Token("sign", "}")))

    def maybe(self, expression: Expression | None) -> Expression | None:
        """An expression with its counts replaced."""
        return None if expression is None else self.expression(expression)

    def expression(self, expression: Expression) -> Expression:
        """The same. Raises `NotUnderstood` for a hidden variable that is not counted."""
        parts: list[Token | Exists] = []
        left = list(expression.parts)
        while left:
            part = left.pop(0)
            if isinstance(part, Token) and part.word == "COUNT":
                end = next((n for n, p in enumerate(left) if isinstance(p, Token) and p.is_(")")), len(left))
                parts += [Token("word", "SUM"), *_bracketed([variable(self._number(left[: end + 1]))])]
                left = left[end + 1 :]
            else:
                parts.append(part)
        if variables(tuple(parts)) & set(self.hidden):
            raise NotUnderstood("more than a count")
        return Expression(tuple(parts))

    def _number(self, call: list[Token | Exists]) -> str:
        """The variable whose sum is this count."""
        shape = [part.text.upper() if isinstance(part, Token) else "" for part in call]
        distinct = len(shape) == 4 and shape[1] == "DISTINCT"
        what = call[2] if distinct else call[1] if len(call) == 3 else Token("end", "")
        if shape[:1] != ["("] or not isinstance(what, Token):
            raise NotUnderstood("not a count")
        name = _name(what)
        if not distinct and (what.is_("*") or name in self.hidden):
            return self.numbers[0]
        if distinct and self.alone and name in self.hidden:
            return self.numbers[1 + self.hidden.index(name)]
        raise NotUnderstood("a count of something else")


def _fresh(stem: str, taken: frozenset[str]) -> Iterator[str]:
    return (name for n in range(len(taken) + 1) if (name := f"{stem}{n}") not in taken)


def _row(iri: str, numbers: Iterable[int]) -> list[Token]:
    return [Token("iri", f"<{iri}>"), *(Token("number", str(number)) for number in numbers)]


def _bracketed(tokens: Iterable[Token]) -> list[Token]:
    return [Token("sign", "("), *tokens, Token("sign", ")")]
