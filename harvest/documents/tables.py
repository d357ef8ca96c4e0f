"""Tables from elsewhere: CSV in any of the usual encodings and with any of the usual separators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.errors import ResponseInvalid
from harvest.documents import text
from harvest.tables.delimited import separator_of

FIELD = 10_000_000
"""The longest cell, in characters; a longer one is a quotation mark that is never closed."""
_MAC = "éèàçêôûîâùëïœÉÀ’"


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the line of the document on which it ends."""

    line: int
    cells: list[str]


def encoding(body: bytes) -> str:
    """As `text.encoding`, and MacRoman where that reads French and Windows-1252 does not.

    Neither has a mark of its own: `é` is 0x8E in the one and 0xE9 in the other, so the letters that French needs are
    counted in both readings.
    """
    found = text.encoding(body[: 1 << 20])
    if found == "utf-8":
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            found = "cp1252"
    if found != "cp1252":
        return found
    sample = body[: 1 << 20]
    counts = {
        name: sum(sample.decode(name, "replace").count(letter) for letter in _MAC) for name in ("cp1252", "mac_roman")
    }
    return "mac_roman" if counts["mac_roman"] > counts["cp1252"] else "cp1252"


def rows(body: bytes, *, what: str) -> Iterator[Row]:
    """The rows of a CSV table, empty ones too. Raises `ResponseInvalid` for what is none."""
    words = body.decode(encoding(body), "replace").removeprefix("\ufeff")
    if "\0" in words:
        raise ResponseInvalid("it is no text table: it holds zero bytes.", what=what)
    separator = separator_of(_head(words).splitlines(keepends=True))
    before = csv.field_size_limit(FIELD)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield Row(reader.line_num, cells)
    except csv.Error as e:
        raise ResponseInvalid(f"line {reader.line_num}: it is no valid CSV ({e}).", what=what) from e
    finally:
        csv.field_size_limit(before)


def _head(words: str) -> str:
    """The first lines, complete ones, that tell the separator."""
    sample = words[: 1 << 16]
    return sample if len(sample) == len(words) else sample.rpartition("\n")[0] or sample
