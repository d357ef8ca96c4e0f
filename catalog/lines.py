"""Statements as lines of canonical N-Triples: joined, searched and written without an object for each of them.

Exact descriptions are such lines, and a page of the feed is thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyoxigraph import RdfFormat, Triple, parse

from catalog.formats import Format
from catalog.jsonld import expanded
from catalog.rdfxml import rdf_xml
from catalog.turtle import turtle

_SPACE, _CLOSE = b" >"


def lines_in(canonical: bytes) -> list[bytes]:
    """The lines of canonical N-Triples, without their line feeds; `bytes.splitlines` also cuts at other characters."""
    return canonical.split(b"\n")[:-1]


def lines_of(triples: Iterable[Triple]) -> list[bytes]:
    """The lines that make these statements."""
    return [f"{t} .".encode() for t in triples]


def triples_of(lines: Iterable[bytes]) -> list[Triple]:
    """The statements that these lines make."""
    return [q.triple for q in parse(joined(lines), format=RdfFormat.N_TRIPLES)]


def joined(lines: Iterable[bytes]) -> bytes:
    """The lines as one document of N-Triples."""
    return b"\n".join([*lines, b""])


def objects_in(lines: Iterable[bytes], starts: Iterable[str] = ("",)) -> set[str]:
    """The IRIs that are objects of these statements, those with one of these starts; datatypes are none."""
    found = {  # before an IRI there is a space, before a datatype a circumflex
        line[at + 1 : -3] for line in lines if line[-3] == _CLOSE and line[(at := line.rindex(b"<")) - 1] == _SPACE
    }
    wanted = tuple(start.encode() for start in starts)
    return {iri.decode() for iri in found if iri.startswith(wanted)}


_WRITERS: dict[str, Callable[[list[bytes]], bytes]] = {
    "nt": joined,
    "ttl": turtle,
    "trig": turtle,
    "jsonld": expanded,
    "rdf": rdf_xml,
}


def write_lines(lines: Iterable[bytes], fmt: Format) -> bytes:
    """The statements of these lines in this format, each once, as `catalog.formats.write` has them."""
    ordered = sorted(lines)
    return _WRITERS[fmt.suffix]([line for line, last in zip(ordered, [b"", *ordered], strict=False) if line != last])
