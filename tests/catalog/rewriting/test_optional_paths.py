"""`p?` as a union has the same rows, as often."""

from __future__ import annotations

from catalog.rewriting import plan
from tests.catalog.rewriting import randomly
from tests.catalog.rewriting.compare import same
from tests.catalog.rewriting.randomly import PREFIX, Dice


def test_random_optional_paths_on_random_graphs() -> None:
    rewritten = 0
    for seed in range(1000):
        dice = Dice(seed)
        path = dice.of(":p?", ":p/:q?", ":p/^:q?/^:r", "(^:p)?/:q", ":p?/:q", ":p/:q?/:r", "^:p?")
        more = [randomly.triple(dice, "?a", "?b", "?c") for _ in range(dice.randrange(0, 3))]
        parts = [f"{dice.of('?a', '?b', ':a')} {path} {dice.of('?b', '?c', ':b')} .", *more]
        dice.shuffle(parts)
        rewritten += same(randomly.store(dice), PREFIX + f"SELECT ?a ?b ?c {{ {' '.join(parts)} }}")
    assert rewritten > 300


def test_a_path_whose_ends_are_unknown_is_left_alone() -> None:
    asked = PREFIX + "SELECT ?a ?b { ?a :p? ?b }"
    assert plan(asked).query == asked
