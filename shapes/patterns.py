"""Regular expressions as SPARQL's REGEX reads them, in time that does not explode.

Oxigraph's own expressions run in linear time. What they cannot express (look-around, back-references) is left to the
`regex` package with a time limit.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from functools import lru_cache

import regex
from pyoxigraph import Literal, QuerySolutions, Store, Variable

SECONDS = 2.0
"""Time that one pattern may take on the texts of one question, where the fallback decides…"""
MORE = 0.001
"""…and on each of them, on average: a large catalogue has many."""
BATCH = 4_000


class TooSlow(Exception):
    """A pattern took more time than it may."""


class Broken(ValueError):
    """A pattern that no engine compiles."""


def matching(pattern: str, flags: str, texts: Collection[str]) -> set[str]:
    """Those of `texts` in which the pattern occurs. Raises `Broken` or `TooSlow`."""
    if linear(pattern, flags):
        found: set[str] = set()
        for batch in _batches(list(texts)):
            found.update(_asked(pattern, flags, batch))
        return found
    compiled = _compiled(pattern, flags)
    end = time.monotonic() + SECONDS + MORE * len(texts)
    try:
        return {text for text in texts if compiled.search(text, timeout=max(end - time.monotonic(), 0.001))}
    except TimeoutError as error:
        raise TooSlow(pattern) from error


def check(pattern: str, flags: str) -> None:
    """Raises `Broken`, with the reason, where the pattern is none."""
    if not linear(pattern, flags):
        _compiled(pattern, flags)


@lru_cache(maxsize=512)
def linear(pattern: str, flags: str) -> bool:
    """Whether Oxigraph compiles the pattern."""
    query = f"SELECT (REGEX('', {Literal(pattern)}, {Literal(flags)}) AS ?is) {{}}"
    try:
        (row,) = _solutions(query)
    except (SyntaxError, ValueError, OSError):
        return False
    return row[Variable("is")] is not None


def _solutions(query: str) -> QuerySolutions:
    found = Store().query(query)
    assert isinstance(found, QuerySolutions)  # noqa: S101 - both queries are SELECTs
    return found


def _batches(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _asked(pattern: str, flags: str, texts: list[str]) -> Iterator[str]:
    rows = " ".join(f"({number} {Literal(text)})" for number, text in enumerate(texts))
    query = f"SELECT ?n {{ VALUES (?n ?text) {{ {rows} }} FILTER(REGEX(?text, {Literal(pattern)}, {Literal(flags)})) }}"
    for row in _solutions(query):
        yield texts[int(row[0].value)]


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    options = 0
    for flag in flags:
        options |= {"i": regex.IGNORECASE, "s": regex.DOTALL, "m": regex.MULTILINE, "x": regex.VERBOSE}.get(flag, 0)
    try:
        return regex.compile(regex.escape(pattern) if "q" in flags else pattern, options)
    except (regex.error, OverflowError) as error:
        raise Broken(str(error)) from error
    except RecursionError:
        raise Broken("its groups are nested too deeply") from None
