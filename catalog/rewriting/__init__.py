"""Queries that the engine answers slowly or not at all, written another way that has the same answer.

`plan` is the door. Each rule is a module with the reason why it holds; what a rule does not fully understand it leaves
as it was, and what the engine then does not read is asked as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from catalog.rewriting import counts, exists, optional_paths, order, partitions, slices, unions
from catalog.rewriting.order import Order
from catalog.rewriting.parser import parse
from catalog.rewriting.tokens import NotUnderstood
from catalog.statistics import Statistics

_PATH = re.compile(r"\?(?![\w·])")


def _occasion(query: str) -> bool:
    """Whether a query has something of what every rule needs."""
    capitals = query.upper()
    return "ORDER" in capitals or "EXISTS" in capitals or "UNION" in capitals or bool(_PATH.search(query))


_SHORT = 5_000
LENGTH = 100_000
"""Characters of a query that are looked at; what is longer is data."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to ask a query: the text for the engine, and how to sort what it gives, None for as it comes."""

    query: str
    order: Order | None = None


def counted(query: str, known: Statistics) -> str:
    """The query, or one that has what the statistics know of what it asks for. Never raises."""
    if len(query) > _SHORT or not partitions.occasion(query):
        return query
    try:
        asked = parse(query)
        changed = partitions.apply(counts.apply(asked, known), known)
    except (NotUnderstood, RecursionError):
        return query
    return query if changed == asked else changed.text


@lru_cache(512)
def plan(query: str) -> Plan:
    """The plan of a query; the query itself where no rule applies. Never raises."""
    if len(query) > LENGTH or not _occasion(query):
        return Plan(query)
    try:
        asked = parse(query)
        changed, sorting = order.apply(slices.apply(asked))
        changed = unions.apply(optional_paths.apply(exists.apply(changed)))
    except (NotUnderstood, RecursionError):
        return Plan(query)
    return Plan(query) if changed == asked else Plan(changed.text, sorting)
