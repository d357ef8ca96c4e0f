"""Whether a query and what the rewriting makes of it have the same answer on a store."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, Store

from catalog import ordering
from catalog.ranks import FUNCTIONS
from catalog.rewriting import Plan, plan


def answer(store: Store, planned: Plan, **more: Any) -> Any:
    """What a plan gives: a truth value, a multiset of statements, or rows in their order."""
    results = store.query(planned.query, custom_functions=FUNCTIONS, **more)
    if isinstance(results, QueryBoolean):
        return bool(results)
    if isinstance(results, QueryTriples):
        return frozenset(str(t) for t in results)
    return rows(results, planned)


def rows(results: QuerySolutions, planned: Plan) -> tuple[list[str], list[str]]:
    """The variables, and the rows as JSON in their order."""
    out = io.BytesIO()
    if planned.order is not None:
        ordering.write(results, planned.order, out, QueryResultsFormat.JSON)
    else:
        results.serialize(out, QueryResultsFormat.JSON)
    found = json.loads(out.getvalue())
    return found["head"]["vars"], [json.dumps(row, sort_keys=True) for row in found["results"]["bindings"]]


def same(store: Store, query: str, **more: Any) -> bool:
    """Asserts that both have one answer, rows in any order; says whether the query was rewritten at all."""
    planned = plan(query)
    if planned.query == query:
        return False
    expected, found = answer(store, Plan(query), **more), answer(store, planned, **more)
    if isinstance(expected, tuple):
        assert found[0] == expected[0], planned.query
        assert Counter(found[1]) == Counter(expected[1]), f"{query}\n{planned.query}"
    else:
        assert found == expected, f"{query}\n{planned.query}"
    return True
