"""What is sorted and cut within a query is the same, and does not end the process."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from catalog.rewriting import Plan, plan
from tests.api.test_workers import mixed
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.compare import answer, same
from tests.catalog.rewriting.randomly import PREFIX, Dice, triple

NAMES = ("?a", "?b", "?c")


def sub_select(dice: Dice) -> str:
    """One whose cut is the same however equal rows are ordered: it is sorted by the texts of all that it shows."""
    group = f"?a {dice.of(':p', ':q', ':r')} ?b . " + dice.of(
        "",
        triple(dice, *NAMES),
        f"OPTIONAL {{ {triple(dice, *NAMES)} }}",
        "BIND(STR(?b) AS ?c)",
        f"GRAPH {dice.of(':g', '?c')} {{ ?a :p ?b }}",
        "VALUES ?c { 1 :a UNDEF }",
        "FILTER NOT EXISTS { SELECT ?a { ?a :q ?z } ORDER BY ?z LIMIT 2 }",
    )
    cut = f"LIMIT {dice.randrange(6)}" + dice.of("", f" OFFSET {dice.randrange(3)}")
    down = dice.of("", "DESC")
    order = f"ORDER BY {down}(isBlank(?a)) {down}(STR(?a)) DESC(isBlank(?b)) STR(?b) isBlank(?c) STR(?c)"
    return dice.of(
        f"SELECT ?a ?b ?c {{ {group} }} {order} {cut}",
        f"SELECT DISTINCT ?a ?b ?c {{ {group} }} {order} {cut}",
        f"SELECT ?a (COUNT(*) AS ?n) {{ {group} FILTER(!isBlank(?a)) }} GROUP BY ?a ORDER BY DESC(?n) STR(?a) {cut}",
        f"SELECT ?a {{ {group} FILTER(!isBlank(?a)) }} GROUP BY ?a ORDER BY {down}(COUNT(?b)) STR(?a) {cut}",
    )


def test_random_sub_selects_on_random_graphs() -> None:
    rewritten = 0
    for seed in range(1200):
        dice = Dice(seed)
        around = dice.of(
            "{{ {0} }}",
            "?a :p ?x . {{ {0} }}",
            "?a :p ?x OPTIONAL {{ {{ {0} }} }}",
            "GRAPH :g {{ {{ {0} }} }}",
            "{{ {0} }} UNION {{ ?a :q ?b }}",
            "?a :p ?b FILTER EXISTS {{ {0} }}",
            "?a :p ?b MINUS {{ {0} }}",
        )
        store = named(randomly.store(dice))
        rewritten += same(store, PREFIX + f"SELECT * {{ {around.format(sub_select(dice))} }}")
    assert rewritten > 900


def named(store: Store) -> Store:
    """The store with IRIs for its blank nodes, which have no order to rely on."""
    found = Store()
    for quad in store:
        nodes = [NamedNode(f"http://e/n{n.value[:3]}") if type(n).__name__ == "BlankNode" else n for n in quad]
        found.add(Quad(*nodes))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_values_of_any_types_are_cut_after_their_order(seed: int) -> None:
    whole = answer(Store(), plan(mixed(seed)))[1]
    for inner in (f"{{ {mixed(seed)} LIMIT 60 OFFSET 7 }}", f"{{ SELECT * {{ {{ {mixed(seed)} LIMIT 67 }} }} }}"):
        rows = answer(Store(), plan(f"SELECT ?x {{ {inner} }}"))[1]
        assert len(rows) in {60, 67}
        assert not Counter(rows) - Counter(whole[:67])


def test_a_graph_is_made_of_the_first_rows() -> None:
    store = Store()
    for n in range(50):
        value = Literal(n) if n % 2 else Literal(f"{n:02}")
        store.add(Quad(NamedNode(f"http://e/{n}"), NamedNode("http://e/p"), value))
    asked = "CONSTRUCT { ?s <x:q> ?o } WHERE { ?s <http://e/p> ?o } ORDER BY DESC(?o) LIMIT 3"
    found = answer(store, plan(asked))
    assert {line.partition(" ")[0] for line in found} == {f"<http://e/{n}>" for n in (48, 46, 44)}
    assert len(answer(store, plan("DESCRIBE ?s { ?s <http://e/p> ?o } ORDER BY ?o LIMIT 3 OFFSET 1"))) == 3


def test_what_is_not_cut_is_not_sorted() -> None:
    asked = "SELECT * { { SELECT ?s { ?s ?p ?o } ORDER BY ?o } }"
    assert "ORDER" not in plan(asked).query
    assert plan(asked) != Plan(asked)
