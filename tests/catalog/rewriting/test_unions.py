"""A union joined branch by branch has the same rows, as often."""

from __future__ import annotations

from catalog.rewriting import plan
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.compare import same
from tests.catalog.rewriting.randomly import PREFIX, Dice, condition, triple


def branch(dice: Dice) -> str:
    names = ("?a", "?b", "?c", "?d")
    more = dice.of(
        "",
        "",
        f"FILTER({condition(dice, *names)})",
        f"OPTIONAL {{ {triple(dice, *names)} }}",
        "BIND(?d AS ?e)",
        f"GRAPH :g {{ {triple(dice, *names)} }}",
        "VALUES ?d { :a :b UNDEF }",
    )
    return f"{{ {triple(dice, *names)} {more} }}"


def test_random_unions_on_random_graphs() -> None:
    rewritten = 0
    for seed in range(1000):
        dice = Dice(seed)
        names = ("?a", "?b", "?c", "?d")
        union = " UNION ".join(branch(dice) for _ in range(dice.randrange(2, 4)))
        after = dice.of("", f"OPTIONAL {{ {triple(dice, *names)} }}", f"FILTER({condition(dice, *names)})", "?d :p ?f")
        group = f"{triple(dice, '?a', '?b')} {triple(dice, '?a', '?c')} {union} {after}"
        rewritten += same(randomly.store(dice), PREFIX + f"SELECT ?a ?b ?c ?d ?e ?f {{ {group} }}")
    assert rewritten > 250


def test_a_filter_on_what_its_branch_does_not_bind_forbids_it() -> None:
    asked = PREFIX + "SELECT * { ?a :p ?b { ?a :q ?c FILTER(?b = :x) } UNION { ?a :r ?c } }"
    assert plan(asked).query == asked
    asked = PREFIX + "SELECT * { ?a :p ?b { ?a :q ?c FILTER(?c = :x) } UNION { ?a :r ?c } }"
    assert "{ ?a :p ?b . ?a :q ?c . FILTER ( ?c = :x ) } UNION" in plan(asked).query
