"""Classes and properties out of statistics are those that the engine finds, as often, whatever is joined to them."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest
from pyoxigraph import QueryResultsFormat, Store

from catalog.rewriting import counted
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.randomly import Dice
from tests.catalog.rewriting.test_counts import known

PREFIX = randomly.PREFIX + "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
PATTERNS = (
    ("?s ?p ?o", "?p"),
    ("?s a ?c", "?c"),
    ("?s rdf:type ?c", "?c"),
    ("?s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ?c .", "?c"),
)
MORE = (
    "",
    "OPTIONAL { KEY :p ?x }",
    "OPTIONAL { KEY :p ?x FILTER(?x != :a) } OPTIONAL { KEY :q ?y }",
    "FILTER(KEY != :C)",
    "FILTER NOT EXISTS { KEY :p ?x }",
    "{ SELECT ?x { ?x :p :a } }",
    "BIND(STR(KEY) AS ?x)",
    "MINUS { KEY :q ?x }",
    "?x :q KEY .",
    "{ ?x :p KEY } UNION { ?x :q KEY }",
    "GRAPH :g { ?x ?z KEY }",
)
COUNTED = (
    "SELECT KEY (COUNT(*) AS ?n) { BODY } GROUP BY KEY",
    "SELECT (COUNT(?s) AS ?n) KEY ?x { BODY } GROUP BY KEY ?x ORDER BY DESC(?n)",
    "SELECT DISTINCT KEY (COUNT(?s) AS ?n) { BODY } GROUP BY KEY HAVING(COUNT(?s) > 1)",
    "SELECT (COUNT(*) AS ?n) (2 * COUNT(?s) AS ?m) { BODY }",
    "SELECT ?x (COUNT(?s) AS ?n) { BODY } GROUP BY ?x",
    "SELECT DISTINCT KEY { BODY }",
    "SELECT DISTINCT KEY ?x { BODY } ORDER BY KEY",
    "SELECT KEY { BODY } GROUP BY KEY",
    "SELECT KEY (COUNT(DISTINCT ?s) AS ?n) (COUNT(?s) AS ?m) { BODY } GROUP BY KEY",
)


def rows(store: Store, query: str) -> Counter[str]:
    found = json.loads(store.query(query).serialize(format=QueryResultsFormat.JSON) or b"")
    return Counter(json.dumps(row, sort_keys=True) for row in found["results"]["bindings"])


def typed(seed: int) -> Store:
    store = randomly.store(Dice(seed))
    store.update(
        PREFIX
        + "INSERT DATA { :a a :C, :D . :b a :C . :c a :p . _:n a :q . :C :p :a, :b . :D :q :a . :p :q :p . :x :p :C . "
        "GRAPH :g { :a a :E . :a :z :C, :p } }"
    )
    return store


def test_with_whatever_is_joined_to_them_on_random_graphs() -> None:
    answered: Counter[str] = Counter()
    for seed in range(3):
        store = typed(seed)
        statistics = known(store)
        for (pattern, key), more, query in itertools.product(PATTERNS, MORE, COUNTED):
            for body in (f"{pattern.rstrip(' .')} . {more}", f"{more} {pattern}"):
                text = PREFIX + query.replace("BODY", body).replace("KEY", key)
                changed = counted(text, statistics)
                if changed != text:
                    answered[query] += 1
                    assert rows(store, changed) == rows(store, text), f"{text}\n{changed}"
                    assert "VALUES" in changed
    assert set(answered) == set(COUNTED)
    assert sum(answered.values()) > 1000


def test_distinct_subjects_and_objects_of_each_property() -> None:
    query = (
        "SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) "
        "WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?triples)"
    )
    for seed in range(20):
        store = typed(seed)
        changed = counted(query, known(store))
        assert changed != query
        assert rows(store, changed) == rows(store, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?c { ?s a ?c }",
        "SELECT * { ?s a ?c }",
        "SELECT DISTINCT ?s ?c { ?s a ?c }",
        "SELECT DISTINCT ?c { ?s a ?c . ?s :p ?x }",
        "SELECT DISTINCT ?c { ?s a ?c FILTER(?s != :a) }",
        "SELECT DISTINCT ?c { ?s a ?c FILTER NOT EXISTS { ?s :p ?x } }",
        "SELECT DISTINCT ?c { GRAPH :g { ?s a ?c } }",
        "SELECT DISTINCT ?c FROM :g { ?s a ?c }",
        "SELECT DISTINCT ?c { OPTIONAL { ?s a ?c } }",
        "SELECT DISTINCT ?c { ?s a ?c } VALUES ?s { :a }",
        "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c . ?c :p ?x } GROUP BY ?c",
        "SELECT ?c (COUNT(?c) AS ?n) { ?s a ?c } GROUP BY ?c",
        "SELECT ?c (SUM(?x) AS ?n) { ?s a ?c . ?c :p ?x } GROUP BY ?c",
        "SELECT ?c (MIN(?s) AS ?n) (COUNT(*) AS ?m) { ?s a ?c } GROUP BY ?c",
        "SELECT ?c (COUNT(STR(?s)) AS ?n) { ?s a ?c } GROUP BY ?c",
        "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ?s",
        "SELECT DISTINCT ?c (RAND() AS ?n) { ?s a ?c }",
        "SELECT DISTINCT ?p { ?s ?p ?s }",
        "SELECT DISTINCT ?p { ?s ?p :a }",
        "SELECT DISTINCT ?p { ?s ?p ?o . ?x ?q ?z }",
        "CONSTRUCT { ?c a :C } { ?s a ?c }",
    ],
)
def test_anything_else_is_left_to_the_engine(query: str) -> None:
    assert counted(PREFIX + query, known(typed(1))) == PREFIX + query


def test_classes_that_are_no_iris_are_left_to_the_engine() -> None:
    query = PREFIX + "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c"
    for other in ('"http://e/C"', "[]"):
        store = typed(1)
        store.update(PREFIX + f"INSERT DATA {{ :a a {other} }}")
        assert counted(query, known(store)) == query, other
