"""Looks for texts and addresses in whatever holds them: rows of the bookkeeping, unpacked, and files, decompressed."""

from __future__ import annotations

import gzip
import html
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import brotli
import zstandard
from pyoxigraph import Literal

from catalog.packing import unpack

LONG = 20
"""Characters from which on a text is found within others; a shorter one must be the whole of a value."""
SHORT = 3
"""Characters below which a text is nobody's own."""
MOST = 4_000
"""Characters of a text that are looked for."""
PIECE = 8 << 20
"""Bytes that are searched at a time…"""
OVERLAP = 64 << 10
"""…and those of the piece before that are searched again: a text may stand across."""
_GAP = b"\x00"
_WITHIN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~%/#?=&+@-")
"""Bytes that go on an address, or a name before one."""
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08"
_WHERE = ("iri", "dataset", "slug", "source", "id", "catalogue", "number", "n", "seq")


@dataclass(frozen=True)
class Needle:
    """One thing to look for, as it may be written: plainly, in N-Triples, in JSON, in XML. `shown` is for people."""

    shown: str
    forms: tuple[bytes, ...]
    whole: bool = False

    @classmethod
    def text(cls, value: str) -> Needle:
        """A text; where it is short, only as the whole of a value: between quotes, tags, or columns."""
        written = _written(value[:MOST])
        if len(value) >= LONG:
            return cls(value, written)
        around = ((b'"', b'"'), (b">", b"<"), (_GAP, _GAP))
        return cls(value, tuple(a + form + b for form in written for a, b in around))

    @classmethod
    def address(cls, value: str) -> Needle:
        """An IRI, or an e-mail address; not one that goes on."""
        return cls(value, _written(value[:MOST]), whole=True)

    def within(self, data: bytes) -> bool:
        """Whether it stands in there."""
        return any(form in data and (not self.whole or _alone(form, data)) for form in self.forms)


def _written(value: str) -> tuple[bytes, ...]:
    plain = json.dumps(value, ensure_ascii=False)[1:-1]
    ascii_only = json.dumps(value)[1:-1]
    found = {value, str(Literal(value))[1:-1], plain, ascii_only, html.escape(value), html.escape(value, quote=False)}
    found |= {plain.replace("/", "\\/"), ascii_only.replace("/", "\\/")}
    return tuple(sorted(one.encode("utf-8", "surrogatepass") for one in found))


def _alone(form: bytes, data: bytes) -> bool:
    at = data.find(form)
    while at >= 0:
        after = data[at + len(form) : at + len(form) + 2]
        goes_on = after[:1] and (after[0] in _WITHIN or (after[:1] == b"." and after[1:2].isalnum()))
        if not goes_on and (at == 0 or data[at - 1] not in _WITHIN):
            return True
        at = data.find(form, at + 1)
    return False


class Search:
    """A search for needles by the names of what they stand for."""

    def __init__(self, wanted: Mapping[str, Sequence[Needle]]) -> None:
        self.wanted = dict(wanted)

    def in_bytes(self, data: bytes) -> Iterator[str]:
        """The names of what stands in there."""
        return (name for name, needles in self.wanted.items() if any(n.within(data) for n in needles))

    def rows(
        self, db: sqlite3.Connection, sql: str, values: Mapping[str, Any] | None = None, *, once: bool = False
    ) -> Iterator[tuple[str, str]]:
        """What stands in the rows that a question gives, each with the row it stands in; `once`: in the first only.

        Many rows are looked through at a time. What is packed is unpacked.
        """
        cursor = db.execute(sql, values or {})
        columns = [column[0] for column in cursor.description]
        rows: list[tuple[bytes, str]] = []
        size = 0
        for row in cursor:
            told = _GAP.join([b"", *map(_plain, row), b""])
            rows.append((told, _place(columns, row)))
            size += len(told)
            if size > PIECE:
                yield from self._in_rows(rows, once=once)
                rows, size = [], 0
        yield from self._in_rows(rows, once=once)

    def _in_rows(self, rows: list[tuple[bytes, str]], *, once: bool) -> Iterator[tuple[str, str]]:
        for name in list(self.in_bytes(b"".join(told for told, _ in rows))):
            holding = (where for told, where in rows if any(n.within(told) for n in self.wanted[name]))
            for where in holding:
                yield name, where
                if once:
                    del self.wanted[name]
                    break

    def in_file(self, file: Path) -> set[str]:
        """The names of what stands in a file, as it is or decompressed."""
        found: set[str] = set()
        for piece in contents(file):
            found.update(self.in_bytes(piece))
        return found


def _plain(value: Any) -> bytes:
    if isinstance(value, bytes):
        with suppress(zlib.error, zstandard.ZstdError):
            return unpack(value)
        return value
    return str(value).encode("utf-8", "surrogatepass") if value is not None else b""


def _place(columns: Sequence[str], row: Sequence[Any]) -> str:
    named = [str(row[i]) for i, column in enumerate(columns) if column in _WHERE and row[i] is not None]
    return " ".join(named[:2])


def contents(file: Path) -> Iterator[bytes]:
    """A file's bytes, and what they are decompressed: gzip (RFC 1952), Zstandard (RFC 8878), the answers kept in either
    or in Brotli behind a line that says what they are. In pieces that overlap."""
    with file.open("rb") as raw:
        yield from _pieces(raw)
        raw.seek(0)
        head = raw.read(2048)
        line = head.find(b"\n") + 1
        for start in dict.fromkeys((0, line)):
            magic = head[start : start + 4]
            raw.seek(start)
            with suppress(OSError, EOFError, zlib.error, zstandard.ZstdError):
                if magic == _ZSTD:
                    yield from _pieces(zstandard.ZstdDecompressor().stream_reader(raw, closefd=False))
                elif magic[:3] == _GZIP:
                    yield from _pieces(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)))
        if file.name.endswith("br") and line:
            raw.seek(line)
            with suppress(brotli.error):
                yield brotli.decompress(raw.read())


def _pieces(stream: Any) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(PIECE):
        yield before + piece
        before = piece[-OVERLAP:]


def files(folder: Path, passed: Iterable[Path]) -> Iterator[Path]:
    """The files below a folder, but for those in `passed` or below one of them."""
    left_out = set(passed)
    for path in sorted(folder.iterdir()):
        if path in left_out or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(path, left_out)
        elif path.is_file():
            yield path
