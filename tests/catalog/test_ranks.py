"""Texts that compare as the terms that they stand for."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.ordering import key
from catalog.ranks import _term, rank, text_of
from vocab.namespaces import XSD

LEXICAL = {
    XSD.integer: ("0", "-0", "7", "70", "71", "-7", "-70", "-71", "99999999999999999999", "1" + 5000 * "0", "x"),
    XSD.decimal: ("0.0", "0.07", "-0.07", "7.00", "7.01", "1e5", "." + "3" * 60, "." + "3" * 61),
    XSD.double: ("INF", "-INF", "NaN", "5e-324", "1.7976931348623157e308", "-5E-324", "0.1", "-0", "1E0", "?"),
    XSD.boolean: ("true", "false", "1", "0", "perhaps"),
    XSD.date: ("2020-01-01", "2020-01-01Z", "2020-01-01+05:00", "-0044-03-15", "2020-13-01"),
    XSD.dateTime: (
        "2020-01-01T00:00:00",
        "2019-12-31T23:59:59.5Z",
        "2020-01-01T01:00:00+05:00",
        "12020-01-01T00:00:00",
    ),
    XSD.gYear: ("2020", "1999"),
    XSD.string: ("", "a", "a\x00", "a\x00b", "a\x01", "ab", "A", "é", "\N{GRINNING FACE}", "\uffff", '"'),
}


def terms() -> list[Any]:
    found: list[Any] = [Literal(text, datatype=datatype) for datatype, texts in LEXICAL.items() for text in texts]
    found += [Literal(text, language=tag) for text in ("", "a", "ab") for tag in ("fr", "fr-be", "en")]
    found += [NamedNode("http://e/a"), NamedNode("http://e/a#b"), NamedNode("urn:x"), BlankNode("a"), BlankNode("ab")]
    dice = random.Random(2)  # noqa: S311  repeatable, not secret
    found += [
        Literal(str(dice.randrange(-(10 ** dice.randrange(1, 30)), 10**9)), datatype=XSD.integer) for _ in range(60)
    ]
    found += [
        Literal(repr(dice.uniform(-1, 1) * 10.0 ** dice.randrange(-40, 40)), datatype=XSD.double) for _ in range(60)
    ]
    found += [Literal(f"{dice.uniform(-99, 99):.4f}", datatype=XSD.decimal) for _ in range(60)]
    inner = [Triple(NamedNode("http://e/a"), NamedNode("http://e/p"), term) for term in found[::7]]
    return found + inner + [Triple(NamedNode("http://e/a"), NamedNode("http://e/p"), inner[3])]


def test_every_two_terms_compare_as_their_keys() -> None:
    compared = 0
    for one in terms():
        for other in terms():
            first, second = key(_term(one)), key(_term(other))
            ranks = rank(one).value, rank(other).value
            assert (ranks[0] < ranks[1], ranks[0] == ranks[1]) == (first < second, first == second), (one, other)
            compared += 1
    assert compared > 50_000


@pytest.mark.parametrize("kind", [int, float, Decimal])
def test_numbers_of_any_size(kind: Any) -> None:
    numbers = sorted(
        kind(sign * digits) * kind(10) ** power for sign in (-1, 1) for digits in (1, 12, 13) for power in range(30)
    )
    texts = [text_of((4, 0, False, number, "")) for number in numbers]
    assert all(a <= b for a, b in pairwise(texts))
    assert [a < b for a, b in pairwise(texts)] == [a < b for a, b in pairwise(numbers)]
