"""A text for each term, such that the texts compare by code point as `catalog.ordering` orders the terms.

The engine sorts texts without fail and without thinking: what it has to sort itself, it sorts by these. It calls `rank`
once for each row.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.ordering import Key, Term, key
from catalog.rewriting.slices import RANK
from vocab.namespaces import RDF, XSD

_ZERO, _BELOW, _ABOVE, _LEAST, _MOST = "1", "0", "2", "-", "3"
_MAGNITUDES = 10**9
"""More digits than a number has on either side of its point."""
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_PLAIN = frozenset({XSD.string, RDF.langString})


def rank(term: NamedNode | BlankNode | Literal | Triple) -> Literal:
    """The text that a term is sorted by."""
    return Literal(text_of(key(_term(term))))


FUNCTIONS: dict[NamedNode, Callable[..., Any]] = {NamedNode(RANK): rank}
"""The functions that `pyoxigraph` has to be given with a query that sorts by ranks."""


def text_of(found: Key) -> str:
    """The text of a key of `catalog.ordering`; texts compare as keys do."""
    kind, *rest = found
    if kind != 4:
        parts = (text_of(part) if isinstance(part, tuple) else part for part in rest)
        return f"{kind}" + "".join(_ended(part) for part in parts)
    sort = rest[0]
    if sort == 0:
        _, unordered, number, written = rest
        return f"40{unordered:d}{_number(number)} {written}"
    if sort == 1:
        return f"41{rest[1]:d}"
    if sort == 2:
        return f"42{_number(rest[1])} {rest[2]}"
    return f"4{sort}" + "".join(_ended(part) for part in rest[1:])


def _ended(text: str) -> str:
    """A text with an end that comes before every letter that may stand there."""
    return text.replace("\x00", "\x00\x01") + "\x00\x00"


def _number(number: int | float | Decimal) -> str:
    """Sign, magnitude, digits; of a negative number the complement of both, and an end that comes after every digit."""
    if number in (float("inf"), float("-inf")):
        return _MOST if number > 0 else _LEAST
    exact = Decimal(number)
    if not exact:
        return _ZERO
    digits, _, magnitude = format(exact.copy_abs(), "e").partition("e")
    digits = digits.replace(".", "").rstrip("0")
    placed = _MAGNITUDES + int(magnitude)
    if exact > 0:
        return f"{_ABOVE}{placed:010d}{digits}"
    return f"{_BELOW}{10 * _MAGNITUDES - 1 - placed:010d}{digits.translate(_COMPLEMENT)}~"


def _term(term: NamedNode | BlankNode | Literal | Triple) -> Term:
    """A term as results in JSON have it."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Literal):
        datatype = "" if term.datatype in _PLAIN else term.datatype.value
        return {"type": "literal", "value": term.value, "xml:lang": term.language or "", "datatype": datatype}
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return {"type": "triple", "value": {name: _term(part) for name, part in parts.items()}}
