"""CSV files as offices leave them: any encoding, any separator, ragged rows, of any size, read as a stream."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import RecordInvalid
from harvest.documents.packed import is_packed
from harvest.documents.text import encoding
from harvest.tables import names
from harvest.tables.model import Box, Column, Table
from harvest.tables.values import Observed, is_data

HEAD = 1 << 16
_CHUNK = 1 << 18
_SEPARATORS = ";,\t|"
_LONGEST_CELL = 10_000_000
"""Characters in one cell after which a quotation mark was surely left open."""
_PREAMBLE = 10
"""Lines above the headings that are looked at."""


class Lines:
    """The lines of a text file in an unknown encoding. `encoding` is what it turned out to be, `read` the bytes so far.

    A file that is UTF-8 at first and not later is Windows-1252 if all before was ASCII, else damaged: what cannot be
    read is counted in `damaged`.
    """

    def __init__(self, file: Path, *, most: int) -> None:
        self.file = file
        self.most = most
        with file.open("rb") as f:
            self.head = f.read(HEAD)
        self.encoding = encoding(self.head)
        self.read = 0
        self.damaged = 0
        self._plain = True

    def __iter__(self) -> Iterator[str]:
        rest = ""
        newlines = io.IncrementalNewlineDecoder(None, translate=True)
        for text in self._texts():
            *lines, rest = (rest + newlines.decode(text)).split("\n")
            if len(rest) > _LONGEST_CELL:
                raise broken(
                    self.file,
                    "a line has more than 10 million characters",
                    "une ligne compte plus de 10 millions de caractères",
                )
            yield from (line + "\n" for line in lines)
        if rest:
            yield rest

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("strict" if self._is_utf8() else "replace")
        with self.file.open("rb") as f:
            while self.read < self.most:
                chunk = f.read(min(_CHUNK, self.most - self.read))
                self.read += len(chunk)
                waiting = decoder.getstate()[0]
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError:
                    if self._plain:
                        self.encoding = "cp1252"
                    decoder = codecs.getincrementaldecoder(self.encoding)("replace")
                    text = decoder.decode(waiting + chunk, final=not chunk)
                self._plain = self._plain and text.isascii()
                self.damaged += text.count("\ufffd")
                if text:
                    yield text
                if not chunk:
                    return

    def _is_utf8(self) -> bool:
        return self.encoding in ("utf-8", "utf-8-sig")


def describe(file: Path, name: str, *, most: int) -> Table:
    """The table in a CSV file, of which at most `most` bytes are read. `RecordInvalid` for what is none."""
    lines = Lines(file, most=most)
    _refuse_others(file, lines.head)
    csv.field_size_limit(_LONGEST_CELL)
    sample = list(_sample(lines))
    separator = separator_of(sample)
    rows = csv.reader(iter(lines), delimiter=separator)
    try:
        found = _read(file, name, rows, _width(sample, separator))
    except csv.Error as e:
        raise broken(
            file,
            f"line {rows.line_num}: {e}; a quotation mark is probably left open",
            f"ligne {rows.line_num} : un guillemet est sans doute resté ouvert",
        ) from e
    size = file.stat().st_size
    if lines.read < size and found.rows:
        found.rows, found.estimated = round(found.rows * size / lines.read), True
        found.findings["partly_read"] = lines.read
    if lines.damaged:
        found.findings["damaged"] = lines.damaged
    if lines.encoding not in ("utf-8", "utf-8-sig"):
        found.findings["encoding"] = lines.encoding
    return found


def broken(file: Path, english: str, french: str) -> RecordInvalid:
    """A file that cannot be described, and why."""
    return RecordInvalid(
        f"The file cannot be read: {english}.",
        french=f"Le fichier ne peut être lu\u00a0: {french}.",
        what=file.name,
        hint="Export it again.",
    )


def _refuse_others(file: Path, head: bytes) -> None:
    if not head.strip():
        raise broken(file, "it is empty", "il est vide")
    if is_packed(head):
        raise broken(file, "it is compressed; unpack it", "il est compressé ; décompressez-le")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise broken(
            file,
            "it is a spreadsheet or an archive, whatever its name says; export it as CSV",
            "c’est un classeur ou une archive, quel que soit son nom ; exportez-le en CSV",
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise broken(file, "it is a web page or XML", "c’est une page web ou du XML")
    if b"\0" in head and not encoding(head).startswith(("utf-16", "utf-32")):
        raise broken(file, "it holds binary data", "il contient des données binaires")


# ── separator and headings ───────────────────────────────────────────────────────────────────────────────────────────


def _sample(lines: Lines) -> Iterator[str]:
    """The first lines as far as they are whole."""
    text = lines.head.decode(lines.encoding, "replace").removeprefix("\ufeff")
    found = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
    yield from found[:-1] if len(found) > 1 and len(lines.head) == HEAD else found


def separator_of(sample: list[str]) -> str:
    """The separator that cuts most lines into as many cells; a comma for a table of one column."""
    scored = []
    for separator in _SEPARATORS:
        widths = _widths(sample, separator)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]))
        if width > 1:
            first = _first_width(sample, separator) == width
            scored.append((first, count / sum(widths.values()), width, separator))
    return max(scored)[3] if scored else ","


def _rows(sample: list[str], separator: str) -> Iterator[list[str]]:
    reader = csv.reader(iter(sample), delimiter=separator)
    try:
        yield from (row for row in reader if any(cell.strip() for cell in row))
    except csv.Error:
        return


def _widths(sample: list[str], separator: str) -> Counter[int]:
    return Counter(len(row) for row in _rows(sample, separator))


def _first_width(sample: list[str], separator: str) -> int:
    return len(next(_rows(sample, separator), []))


def _width(sample: list[str], separator: str) -> int:
    widths = _widths(sample, separator)
    return max(widths.items(), key=lambda one: (one[1], one[0]))[0] if widths else 1


# ── the rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(file: Path, name: str, rows: Iterator[list[str]], width: int) -> Table:
    """Reads all rows and keeps counts. The first line is not taken for headings if it looks like data: it might be."""
    found = Table(name, "csv")
    head, skipped = _headings(file, rows, width)
    if skipped:
        found.findings["preamble"] = skipped
    headless = any(is_data(cell) for cell in head)
    seen = _Seen(head, first=head if headless else None)
    for row in rows:
        seen.take(row)
    if not headless and seen.repeated():
        headless = True
        seen.count += 1
    found.rows = seen.count
    if headless:
        head = [f"_col.{i}" for i in range(1, len(head) + 1)]
        found.findings["no_header"] = True
    found.columns = [_column(n, one) for n, one in zip(head, seen.columns, strict=True)]
    for code, kind in (("comma_numbers", "comma"), ("french_dates", "french-date")):
        told = [n.strip() for n, one in zip(head, seen.columns, strict=True) if one.type == kind]
        if told:
            found.findings[code] = told
    if seen.ragged:
        found.findings["ragged"] = seen.ragged
    if not names.personal(head):
        found.extent = seen.box.extent()
    return found


def _headings(file: Path, rows: Iterator[list[str]], width: int) -> tuple[list[str], int]:
    """The row of headings, and how many lines of another kind stand above it."""
    skipped = 0
    for row in rows:
        cells = sum(bool(c.strip()) for c in row)
        if not cells:
            continue
        if width > 1 and (len(row) != width or cells <= width // 3) and skipped < _PREAMBLE:
            skipped += 1
            continue
        return [c.strip().removeprefix("\ufeff") for c in row], skipped
    raise broken(file, "it holds no line of headings", "il n’a pas de ligne d’en-têtes")


def _column(name: str, seen: Observed) -> Column:
    return Column(name.strip(), seen.type if seen.type not in ("comma", "french-date") else "")


class _Seen:
    """What is remembered of the rows: counts, types, the box around positions."""

    def __init__(self, head: list[str], first: list[str] | None) -> None:
        self.head = head
        self.columns = [Observed() for _ in head]
        self.count = self.ragged = 0
        self.box = Box()
        self._again = [False] * len(head)
        pair = names.position(head)
        self._pair = (head.index(pair[0]), head.index(pair[1])) if pair else None
        self._point = next((i for i, n in enumerate(head) if names.words(n) in names.POINT), None)
        if first is not None:
            self.count = 1

    def take(self, row: list[str]) -> None:
        """One row; a blank line is none."""
        if not any(row) or row == self.head:  # headings come again where files were joined
            return
        self.count += 1
        if len(row) != len(self.head):
            self.ragged += 1
        for i, (value, column) in enumerate(zip(row, self.columns, strict=False)):
            if value:
                column.look(value)
                if value == self.head[i]:
                    self._again[i] = True
        self._place(row)

    def repeated(self) -> bool:
        """Whether most headings come again as values: the first row then was data."""
        return sum(self._again) * 2 > len(self.head) > 1

    def _place(self, row: list[str]) -> None:
        try:
            if self._pair:
                east, north = (row[i].replace(",", ".") for i in self._pair)
                if east.strip() and north.strip():
                    self.box.add(float(east), float(north))
            elif self._point is not None and row[self._point].strip():
                north, east = row[self._point].split(",")
                self.box.add(float(east), float(north))
        except (ValueError, IndexError):
            return
