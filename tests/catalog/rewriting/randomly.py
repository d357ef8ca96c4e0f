"""Random graphs and random queries, small enough that every way to evaluate them ends."""

from __future__ import annotations

import random

from pyoxigraph import RdfFormat, Store

PREFIX = "PREFIX : <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
_LITERALS = ('"x"', '"y"@fr', "1", "2", "1.0", '"2020-01-01"^^xsd:date', "true")


class Dice(random.Random):
    """Repeatable chance."""

    def of(self, *choices: str) -> str:
        """One of these."""
        return self.choice(choices)


def store(dice: Dice) -> Store:
    """A graph of few nodes and many edges, also in two named graphs; blank nodes and literals among the objects."""
    found = Store()
    lines = []
    for _ in range(dice.randrange(5, 40)):
        subject = dice.of(":a", ":b", ":c", ":d", "_:n", "_:m")
        value = dice.choice(_LITERALS) if dice.random() < 0.2 else dice.of(":a", ":b", ":c", ":d", "_:n", ":p")
        triple = f"{subject} {dice.of(':p', ':q', ':r', ':s')} {value} ."
        lines.append(triple if dice.random() < 0.8 else f"GRAPH {dice.of(':g', ':h')} {{ {triple} }}")
    found.load(
        "@prefix : <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n" + "\n".join(lines),
        RdfFormat.TRIG,
    )
    return found


def term(dice: Dice, *names: str) -> str:
    """A variable of these, or now and then a node."""
    return dice.of(":a", ":b", '"x"') if dice.random() < 0.12 else dice.choice(names)


def subject(dice: Dice, *names: str) -> str:
    """A variable of these, or now and then an IRI."""
    return dice.of(":a", ":b") if dice.random() < 0.1 else dice.choice(names)


def predicate(dice: Dice) -> str:
    """A predicate, a variable, or a path."""
    return dice.of(
        *(":p", ":q", ":r", ":s") * 3, "?y", ":p/:q", "^:r", ":p|:q", "(:p/:q)|^:r", ":s/^:p", ":p?", ":q*", "!:p"
    )


def triple(dice: Dice, *names: str) -> str:
    """A triple pattern on these variables."""
    return f"{subject(dice, *names)} {predicate(dice)} {term(dice, *names, '[]') if dice.random() < 0.9 else '[]'} ."


def condition(dice: Dice, *names: str) -> str:
    """An expression on these variables."""
    one, two = dice.choice(names), dice.choice(names)
    return dice.of(
        f"{one} = {two}",
        f"{one} IN (:a, :b, 1)",
        f"BOUND({one})",
        f"!BOUND({one}) || {two} != :c",
        f"isIRI({one}) && {one} != :a",
        f"STR({one}) < STR({two})",
        f"{one} > 1",
        f"EXISTS {{ {one} :p {two} . {two} :q ?z }}",
        f"NOT EXISTS {{ {one} :p/:r {two} }}",
    )


def inner(dice: Dice) -> str:
    """The group of an EXISTS: patterns on the outer ?a and ?b and on its own ?i, ?j, ?k, and more."""
    names = ("?a", "?b", "?i", "?j", "?k")
    parts = [triple(dice, *names) for _ in range(dice.randrange(1, 4))]
    for _ in range(dice.randrange(0, 3)):
        parts.append(
            dice.of(
                f"FILTER({condition(dice, *names)})",
                f"OPTIONAL {{ {triple(dice, *names)} FILTER({condition(dice, *names)}) }}",
                "OPTIONAL { ?i ?y ?m VALUES ?y { :p :q } } FILTER(?i = :a || ?m IN (:b, :c))",
                f"{{ {triple(dice, *names)} }} UNION {{ {triple(dice, *names)} FILTER({condition(dice, *names)}) }}",
                f"{{ {triple(dice, *names)} OPTIONAL {{ {triple(dice, *names)} }} }}",
                f"MINUS {{ {triple(dice, *names)} }}",
                f"GRAPH :g {{ {triple(dice, *names)} }}",
                triple(dice, *names),
            )
        )
    if dice.random() < 0.2:
        dice.shuffle(parts)
    return " ".join(parts)


def outer(dice: Dice) -> str:
    """A group on ?a and ?b, which the second pattern may leave unbound."""
    second = f"?a {dice.of(':p', ':q', ':r')} ?b ."
    return f"?a {dice.of(':p', ':q', '?w')} ?c . " + dice.of(second, second, f"OPTIONAL {{ {second} }}", "")
