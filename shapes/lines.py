"""On which line of a file each of its statements stands.

A parser names no lines but for errors. So it is given the file line by line: the line that was read last when a
statement comes out is the one where the statement's object ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from pyoxigraph import RdfFormat, Triple, parse

from shapes.read import Document, statements

_STREAMED = {
    one.name: one
    for one in (
        RdfFormat.TURTLE,
        RdfFormat.N_TRIPLES,
        RdfFormat.N_QUADS,
        RdfFormat.TRIG,
        RdfFormat.N3,
        RdfFormat.RDF_XML,
    )
}
"""Formats whose statements come out as they are read. JSON-LD's context may come last, so it is read ahead."""


def lines(document: Document, body: bytes, *, base: str | None = None, blank: str = "") -> Mapping[Triple, int]:
    """The first line of each statement; none for JSON-LD. The rest is what `document` was made with."""
    if document.format not in _STREAMED:
        return {}
    stream = _Lines(body.removeprefix(b"\xef\xbb\xbf"))
    quads = parse(stream, format=_STREAMED[document.format], base_iri=base)
    found: dict[Triple, int] = {}
    for triple in statements(quads, document.name, blank):
        found.setdefault(triple, stream.number)
    return found


class _Lines(BytesIO):
    """A stream that gives the rest of one line at most; `number` is the line that it is on."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.number = 0
        self._ended = True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, up to the end of the line."""
        given = self.readline(-1 if size is None else size)
        self.number += self._ended and bool(given)
        self._ended = given.endswith(b"\n")
        return given
