"""Counts from statistics are the counts that the engine makes."""

from __future__ import annotations

import itertools
import json

import pytest
from pyoxigraph import QueryResultsFormat, Store

from catalog.rewriting import counted
from catalog.statistics import QUERIES, Rows, Statistics
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.randomly import PREFIX, Dice


def rows(store: Store, query: str) -> Rows:
    data = store.query(query, base_iri="http://base/").serialize(format=QueryResultsFormat.JSON)
    found = json.loads(data or b"")["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def known(store: Store) -> Statistics:
    return Statistics.of({name: rows(store, query) for name, query in QUERIES.items()})


def test_every_count_of_one_pattern_on_random_graphs() -> None:
    patterns = ("?s ?p ?o", "?s :p ?o", "?s <http://e/q> ?x .", "?s a :C", "?s a ?o", "?s :none ?o", "?s a :None")
    counts = ("*", "DISTINCT *", "?s", "DISTINCT ?s", "?o", "DISTINCT ?o", "DISTINCT ?p")
    answered = 0
    for seed in range(40):
        store = randomly.store(Dice(seed))
        store.update(PREFIX + "INSERT DATA { :a a :C, :D . :b a :C . GRAPH :g { :a a :E } }")
        statistics = known(store)
        for pattern, count in itertools.product(patterns, counts):
            query = PREFIX + f"SELECT (COUNT({count}) AS ?n) {{ {pattern} }}"
            changed = counted(query, statistics)
            if changed != query:
                answered += 1
                assert rows(store, changed) == rows(store, query), query
                assert "VALUES" in changed
    assert answered > 40 * 20


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s :p ?s }",
        "SELECT (COUNT(*) AS ?n) { ?s :p :a }",
        "SELECT (COUNT(*) AS ?n) { :a ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p :a }",
        "SELECT (COUNT(?z) AS ?n) { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o FILTER(?o = 1) }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s :p ?o } }",
        "SELECT (COUNT(*) AS ?n) FROM :g { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY ?s",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } HAVING(COUNT(*) > 3)",
        "SELECT (COUNT(*) + 1 AS ?n) { ?s :p ?o }",
        "SELECT (COUNT(STR(?s)) AS ?n) { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) ?s { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s :p+ ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s unknown:p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } VALUES ?s { :a }",
        "ASK { ?s :p ?o }",
    ],
)
def test_anything_else_is_left_to_the_engine(query: str) -> None:
    assert counted(PREFIX + query, known(Store())) == PREFIX + query
