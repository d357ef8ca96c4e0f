"""EXISTS, nested, says the same."""

from __future__ import annotations

from catalog.rewriting import plan
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.compare import same
from tests.catalog.rewriting.randomly import PREFIX, Dice


def test_random_exists_on_random_graphs() -> None:
    rewritten = 0
    for seed in range(1500):
        dice = Dice(seed)
        store, inner, outer = randomly.store(dice), randomly.inner(dice), randomly.outer(dice)
        shape = dice.of(
            "SELECT ?a ?b ?c { %o FILTER EXISTS { %i } }",
            "SELECT ?a ?b { %o FILTER NOT EXISTS { %i } }",
            "SELECT ?a ?b ?v { %o BIND(EXISTS { %i } AS ?v) }",
            "SELECT ?v (COUNT(*) AS ?n) { %o BIND(EXISTS { %i } AS ?v) } GROUP BY ?v",
            "SELECT ?a { %o FILTER(!EXISTS { %i } || ?a = :a) }",
            "SELECT ?a { ?a :p ?c OPTIONAL { ?a :q ?b FILTER EXISTS { %i } } }",
            "SELECT ?a { GRAPH :g { ?a ?w ?b FILTER EXISTS { %i } } }",
            "ASK { %o FILTER EXISTS { %i } }",
        )
        rewritten += same(store, PREFIX + shape.replace("%o", outer).replace("%i", inner))
    assert rewritten > 700


def test_patterns_are_asked_from_what_is_known() -> None:
    asked = "SELECT ?d { ?d a :D FILTER EXISTS { ?x a :X . ?x :licence ?l . ?d :has ?x } }"
    assert "EXISTS { ?d :has ?x . FILTER EXISTS { ?x a :X . FILTER EXISTS { ?x :licence ?l . } } }" in (
        plan(PREFIX + asked).query
    )


def test_what_may_differ_is_left_alone() -> None:
    for inner in (
        "?d :p ?x OPTIONAL { ?x :q ?y } ?y :r ?z",
        "?d :p ?x . ?x :q ?y MINUS { ?d :r ?y }",
        "?d :p ?x . ?x :q ?y BIND(?x AS ?z)",
        "?d :p ?x . ?x :q ?y { ?z :r ?y FILTER(?x = ?y) }",
        "?d :p ?x . ?x :q ?y { SELECT ?y { ?y :r ?d } }",
        "?d :p ?x . ?x :q [ :r ?y ]",
    ):
        asked = PREFIX + f"SELECT ?d {{ ?d a :D FILTER EXISTS {{ {inner} }} }}"
        assert plan(asked).query == asked
