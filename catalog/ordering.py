"""ORDER BY outside the engine: rows as it serialises them, sorted, cut and written in the format asked for.

The order is total and agrees with SPARQL's wherever that says which of two values comes first (section 15.1): unbound,
blank nodes, IRIs, triples, literals. Among literals: numbers by value, then booleans, dates and times by instant (one
without a zone counts as UTC), texts by code point, then by language, the rest by datatype and text.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import IO, Any, cast

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from catalog.rewriting.order import Order

Key = tuple[Any, ...]
Term = dict[str, Any]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS = frozenset(
    _XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "negativeInteger"),
        *("nonPositiveInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_FLOATS = frozenset({_XSD + "double", _XSD + "float"})
_CYCLE = 146_097
"""Days after which the calendar repeats itself: 400 years."""
_MARK = '"bindings":['
_KEPT = 4096
"""Rows beyond those that LIMIT wants that are gathered before the surplus is dropped."""


class Rows(io.RawIOBase):
    """The file that the engine writes its JSON into; `sorted` gives the rows of the result then."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order
        self.variables: list[str] = []
        self.wanted = None if order.limit is None else order.limit + order.offset
        self._rows: list[tuple[list[Key], str]] = []
        self._text = ""
        self._bytes = bytearray()
        self._begun = False
        self._decode = json.JSONDecoder().raw_decode

    def write(self, data: Any) -> int:
        """Take some of the result; never fails for a well-formed one."""
        self._bytes += data
        if len(self._bytes) > 1 << 18:
            self._read()
        return len(data)

    def _read(self) -> None:
        """Take the whole rows out of what has come; a row that is cut waits for its rest."""
        cut = self._bytes.rfind(b"}")  # never within a character
        self._text += self._bytes[: cut + 1].decode()
        del self._bytes[: cut + 1]
        at = 0
        if not self._begun:
            if _MARK not in self._text:
                return
            at = self._text.index(_MARK) + len(_MARK)
            self.variables = json.loads(self._text[:at] + "]}}")["head"]["vars"]
            self._begun = True
        self._text = self._text[self._take(at) :]
        if self.wanted is not None and not self.order.distinct and len(self._rows) > self.wanted + _KEPT:
            self._rows = self._in_order()[: self.wanted]

    def _take(self, at: int) -> int:
        text, names = self._text, [name for name, _ in self.order.keys]
        while True:
            at += text.startswith(",", at)
            if not text.startswith("{", at):
                return at
            try:
                row, end = self._decode(text, at)
            except ValueError:
                return at
            self._rows.append(([key(row.get(name)) for name in names], text[at:end]))
            at = end

    def _in_order(self) -> list[tuple[list[Key], str]]:
        """The rows sorted, those that compare equal as they came: by the last condition first, each sort is stable."""
        rows = self._rows
        for n in reversed(range(len(self.order.keys))):
            rows.sort(key=lambda row: row[0][n], reverse=self.order.keys[n][1])
        return rows

    def sorted(self) -> Iterator[str]:
        """The rows of the result, in JSON."""
        self._read()
        rows: Iterator[str] = (row for _, row in self._in_order())
        if self.order.hidden:
            rows = map(self._shown, rows)
        if self.order.distinct:
            rows = iter(dict.fromkeys(rows))
        end = None if self.wanted is None else self.wanted
        for n, row in enumerate(rows):
            if end is not None and n >= end:
                return
            if n >= self.order.offset:
                yield row

    def _shown(self, row: str) -> str:
        found = {name: term for name, term in json.loads(row).items() if name not in self.order.hidden}
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    def document(self) -> Iterator[str]:
        """The result in JSON, in pieces."""
        rows = self.sorted()
        first = next(rows, "")
        names = [name for name in self.variables if name not in self.order.hidden]
        yield json.dumps({"vars": names}, ensure_ascii=False, separators=(",", ":")).join(('{"head":', ","))
        yield '"results":{"bindings":[' + first
        for row in rows:
            yield "," + row
        yield "]}}"


class _Reader(io.RawIOBase):
    """Pieces of text as a file that is read."""

    def __init__(self, pieces: Iterator[str]) -> None:
        super().__init__()
        self.pieces = pieces
        self.left = b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer when a piece ends; none at the end."""
        if not self.left:
            self.left = "".join(piece for _, piece in zip(range(256), self.pieces, strict=False)).encode()
        if size < 0:
            size = len(self.left)
        piece, self.left = self.left[:size], self.left[size:]
        return piece


def write(results: QuerySolutions, order: Order, out: IO[bytes], format_: QueryResultsFormat) -> None:
    """Sort the engine's results and write them."""
    rows = Rows(order)
    results.serialize(cast("IO[bytes]", rows), QueryResultsFormat.JSON)
    if format_ == QueryResultsFormat.JSON:
        for piece in rows.document():
            out.write(piece.encode())
        return
    again = parse_query_results(cast("IO[bytes]", _Reader(rows.document())), QueryResultsFormat.JSON)
    cast("QuerySolutions", again).serialize(out, format_)


def key(term: Term | None) -> Key:
    """Where a term of a result in JSON stands in the order."""
    if term is None:
        return (0,)
    kind, value = term["type"], term["value"]
    if kind == "bnode":
        return (1, value)
    if kind == "uri":
        return (2, value)
    if kind == "triple":
        return (3, *(key(value[part]) for part in ("subject", "predicate", "object")))
    language = term.get("xml:lang", "")
    datatype = term.get("datatype", "")
    if language or not datatype:
        return (4, 3, value, language)
    return (4, *_literal(value, datatype))


@lru_cache(4096)
def _literal(value: str, datatype: str) -> Key:
    try:
        if datatype in _INTEGERS:
            return (0, False, int(value), value)
        if datatype in _FLOATS:
            number = float(value.replace("INF", "inf"))
            return (0, math.isnan(number), 0 if math.isnan(number) else number, value)
        if datatype == _XSD + "decimal":
            return (0, False, Decimal(value), value)
        if datatype == _XSD + "boolean":
            return (1, value in {"true", "1"})
        if datatype in {_XSD + "date", _XSD + "dateTime"}:
            return (2, _instant(value), value)
    except (ValueError, InvalidOperation):
        pass
    return (4, datatype, value)


def _instant(value: str) -> Decimal | int:
    """Seconds since the year 1 of a date or dateTime, the first moment of a date."""
    if len(value) == 10 and value[4] == value[7] == "-":
        return (_CYCLE + date.fromisoformat(value).toordinal()) * 86_400
    day, _, rest = value.partition("T")
    zone = Decimal(0)
    if rest:
        rest, zone = _zoned(rest)
        hours, minutes, seconds = rest.split(":")
        within = Decimal(3600 * int(hours) + 60 * int(minutes)) + Decimal(seconds)
    else:
        within = Decimal(0)
        if day.endswith("Z"):
            day = day[:-1]
        elif len(day) > 6 and day[-6] in "+-" and day[-3] == ":":
            day, zone = _zoned(day)
    before, year = (-1, day[1:]) if day.startswith("-") else (1, day)
    number, month, of_month = year.split("-")
    cycles, left = divmod(before * int(number), 400)
    days = cycles * _CYCLE + date(left + 400, int(month), int(of_month)).toordinal()
    return Decimal(days) * 86_400 + within - zone


def _zoned(text: str) -> tuple[str, Decimal]:
    if text.endswith("Z"):
        return text[:-1], Decimal(0)
    if len(text) > 6 and text[-6] in "+-" and text[-3] == ":":
        offset = 3600 * int(text[-5:-3]) + 60 * int(text[-2:])
        return text[:-6], Decimal(-offset if text[-6] == "-" else offset)
    return text, Decimal(0)
