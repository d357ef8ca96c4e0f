"""What a worker sends of a result: pieces, counted, digested and compressed as they go."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable
from typing import Protocol
from xml.sax.saxutils import quoteattr

import brotli
import orjson

from api.frames import DATA, HEAD, LAST, RECEIPT, frame, whole

PIECE = 64 * 1024
"""A piece of the result is sent when it has this many bytes…"""
PATIENCE = 1.0
"""…or when this many seconds have passed since the last one…"""
FIRST = 0.04
"""…or, for the first one, this many: a client sees early that there is something."""
SMALL = 1024
"""A whole result of fewer bytes is not compressed."""

Send = Callable[[bytes], None]


class _Compressor(Protocol):
    def compress(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=4)

    def compress(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data)) + bytes(self._inner.flush())

    def flush(self) -> bytes:
        return bytes(self._inner.finish())


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.compressobj(4, wbits=31)

    def compress(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)

    def flush(self) -> bytes:
        return self._inner.flush()


COMPRESSORS: dict[str, Callable[[], _Compressor]] = {"gzip": _Gzip, "br": _Brotli}


class Rows:
    """How many rows a table has, from its bytes as they pass.

    CSV and JSON are looked at outside their quoted texts only; XML and TSV cannot have their marks inside a text.
    """

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.number = -1 if suffix in {"csv", "tsv"} else 0  # their first line names the variables
        self._inside = False
        self._tail = b""
        self._begun = False

    def see(self, data: bytes, *, last: bool = False) -> None:
        """Count what is in this piece; a mark that is cut is counted with the next."""
        if self.suffix == "tsv":
            self.number += data.count(b"\n")
        elif self.suffix == "xml":
            data = self._tail + data
            self.number += data.count(b"<result>")
            self._tail = data[-7:]
        elif self.suffix == "json" and last and not self._begun and b"{}" not in data:
            self.number = _rows(data)
        elif self.suffix in {"csv", "json"}:
            self._quoted(self._tail + data, last)
        self._begun = True

    def _quoted(self, data: bytes, last: bool) -> None:
        cut = len(data)
        while not last and cut and data[cut - 1] in _MAY_GO_ON:
            cut -= 1
        self._tail, data = data[cut:], data[:cut]
        if self.suffix == "csv":
            self.number += sum(part.count(b"\r\n") for part in self._outside(data))
        else:
            self._json(data)

    def _json(self, data: bytes) -> None:
        """A row begins with `{"` after a comma or bracket; so may end a text, but then a comma or brace follows."""
        if b"\\" in data:
            data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
        if b"{}" in data:  # perhaps a row without any value, perhaps in a text
            self.number += sum(part.count(b",{") + part.count(b"[{") for part in self._outside(data))
            return
        for mark in (b',{"', b'[{"'):
            self.number += data.count(mark) - data.count(mark + b",") - data.count(mark + b"}")
        self._inside ^= data.count(b'"') % 2 == 1

    def _outside(self, data: bytes) -> list[bytes]:
        """The pieces that are outside quoted texts; at the end it is known whether a text goes on."""
        parts = data.split(b'"')
        outside = parts[1::2] if self._inside else parts[::2]
        self._inside ^= len(parts) % 2 == 0
        return outside


def _rows(data: bytes) -> int:
    """The rows of a whole result in JSON, each with a value: no text has a quotation mark inside, unescaped."""
    begun = data.find(b'"bindings":[') + 12
    parts = data.split(b'}},{"')
    ends_of_texts = [part for part in parts[1:] if part[:1] in (b",", b"}")]
    return (data[begun : begun + 2] == b'{"') + len(parts) - 1 - len(ends_of_texts)


_MAY_GO_ON = frozenset(b'\\\r,[{"')
"""Bytes at the end of a piece that mean something else with the one that follows."""


class Output:
    """The file that a result is serialised into: gathers pieces, sends the head with the first.

    `rows` counts the statements of a graph from outside; those of a table are counted from what is written. `link` is
    an address to name in the head of a table in JSON or XML.
    """

    def __init__(self, send: Send, head: dict[str, str], encoding: str = "", link: str = "") -> None:
        self.transmit = send
        self.head = head
        self.encoding = encoding
        self.link = link if head["form"] == "select" else ""
        self.pending = bytearray()
        self.begun = self.sent = time.monotonic()
        self.size = 0
        self.rows = 0
        self._table = Rows(head["format"]) if head["form"] == "select" else None
        self._digest = hashlib.sha256()
        self._compressor: _Compressor | None = None
        self._opened = False

    def write(self, data: bytes) -> int:
        """Take some of the result."""
        self.pending += data
        waited = time.monotonic() - self.sent
        if len(self.pending) >= PIECE or waited > (PATIENCE if self._opened else FIRST):
            self.push()
        return len(data)

    def flush(self) -> None:
        """Nothing: the engine flushes more often than is good for throughput."""

    def push(self) -> None:
        """Send what was gathered."""
        self.transmit(self._opening() + frame(DATA, self._piece(last=False)))
        self.sent = time.monotonic()

    def finish(self) -> None:
        """Send the rest, and what the whole was."""
        at_once = not self._opened
        if at_once:
            self._open("" if len(self.pending) < SMALL else self.encoding)
        piece = self._piece(last=True)
        rows = self._table.number if self._table is not None else self.rows
        receipt = {"rows": rows, "bytes": self.size, "sha256": self._digest.hexdigest()}
        if at_once:
            self.transmit(whole(orjson.dumps(self.head | receipt), piece))
        else:
            self.transmit(frame(RECEIPT, orjson.dumps(receipt)) + frame(LAST, piece))

    def _opening(self) -> bytes:
        if self._opened:
            return b""
        self._open(self.encoding)
        return frame(HEAD, orjson.dumps(self.head))

    def _open(self, encoding: str) -> None:
        self._opened = True
        self.head = self.head | {"encoding": encoding}
        if encoding:
            self._compressor = COMPRESSORS[encoding]()

    def _linked(self, data: bytes) -> bytes:
        """The first piece, with the link in its head (SPARQL 1.1 Query Results JSON, 3.1.2; XML, 2.2)."""
        address, self.link = self.link, ""
        if self.head["format"] == "json":
            return data.replace(b'{"head":{', b'{"head":{"link":[' + orjson.dumps(address) + b"],", 1)
        if self.head["format"] == "xml":
            return data.replace(b"</head>", b"<link href=" + quoteattr(address).encode() + b"/></head>", 1)
        return data

    def _piece(self, *, last: bool) -> bytes:
        data = bytes(self.pending)
        if self.link and data:
            data = self._linked(data)
        self.pending.clear()
        self.size += len(data)
        self._digest.update(data)
        if self._table is not None:
            self._table.see(data, last=last)
        if self._compressor is None:
            return data
        return self._compressor.compress(data) + (self._compressor.flush() if last else b"")
