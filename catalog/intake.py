"""Statements on their way to a store, spooled to disk by kind: few large loads cost much less than many small ones.

Each of the three kinds is loaded apart. The store sorts a batch into three indexes for the default graph and six for
named ones; mixed, a batch takes twice the memory for the same number of statements, and leaves twice as many files to
merge. Statements with blank nodes go another way, for the bulk loader gives those new labels.
"""

from __future__ import annotations

import tempfile
from enum import Enum
from pathlib import Path

from catalog import schema


class Form(Enum):
    """The kinds of statements: of the default graph, of named graphs, and with blank nodes in either."""

    TRIPLES = ".nt"
    QUADS = ".nq"
    BLANK = ".blank.nq"


class Spool:
    """Statements of one form, on disk; `count` of them. The file goes when it is closed."""

    def __init__(self, folder: Path, form: Form) -> None:
        try:
            self.file = tempfile.NamedTemporaryFile(dir=folder, suffix=form.value)  # noqa: SIM115  `close` does
        except OSError as e:
            raise schema.explained(e, folder) from e
        self.folder = folder
        self.form = form
        self.count = 0

    @property
    def path(self) -> str:
        """Where to read what was added, all of which is there."""
        try:
            self.file.flush()
        except OSError as e:
            raise schema.explained(e, self.folder) from e
        return self.file.name

    def add(self, statements: bytes) -> None:
        """Appends N-Triples or N-Quads, one a line."""
        self.count += statements.count(b"\n")
        try:
            self.file.file.write(statements)
        except OSError as e:
            raise schema.explained(e, self.folder) from e

    def close(self) -> None:
        """Removes the file; twice does no harm."""
        self.file.close()


class Intake:
    """Collects statements in spools beside the store, which takes them when they are large enough."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._spools: dict[Form, Spool] = {}

    def add(self, triples: bytes, graph: str, *, merged: bool = True) -> None:
        """N-Triples, one a line, that a named graph states and, when `merged`, the default graph too."""
        plain, blank = split_blank(triples)
        if merged:
            self._spool(Form.TRIPLES).add(plain)
        self._spool(Form.QUADS).add(in_graph(plain, graph))
        if blank:
            self._spool(Form.BLANK).add(in_graph(blank, graph) + (blank if merged else b""))

    def _spool(self, form: Form) -> Spool:
        if (found := self._spools.get(form)) is None:
            found = self._spools[form] = Spool(self.folder, form)
        return found

    def full(self, size: int = 1) -> list[Spool]:
        """Gives away the spools when one of them has at least this many statements; who takes them closes them.

        Those of the default graph and of named graphs go together. Statements with blank nodes are few, and wait for
        the call that asks for everything, with size 1.
        """
        if all(spool.count < size for spool in self._spools.values()):
            return []
        return [
            self._spools.pop(form) for form in Form if form in self._spools and (form is not Form.BLANK or size == 1)
        ]

    def close(self) -> None:
        """Drops what was not given away."""
        for spool in self._spools.values():
            spool.close()
        self._spools.clear()


def in_graph(triples: bytes, graph: str) -> bytes:
    """These N-Triples, one a line, as N-Quads of a named graph; no literal holds a raw line feed."""
    return triples.replace(b" .\n", f" <{graph}> .\n".encode())


def split_blank(triples: bytes) -> tuple[bytes, bytes]:
    """The N-Triples without and those with blank nodes."""
    at = triples.find(b"_:")
    if at < 0:
        return triples, b""
    plain: list[bytes] = []
    blank: list[bytes] = []
    done = 0
    while at >= 0:
        start, end = triples.rfind(b"\n", 0, at) + 1, triples.index(b"\n", at) + 1
        line = triples[start:end]
        last = line.rsplit(b" ", 2)[
            -2
        ]  # the object, or the last word of a text, which ends in a quotation mark at least
        if line.startswith(b"_:") or (last.startswith(b"_:") and b'"' not in last):
            plain.append(triples[done:start])
            blank.append(line)
            done = end
        at = triples.find(b"_:", end)
    return b"".join([*plain, triples[done:]]), b"".join(blank)
