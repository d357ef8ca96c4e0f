"""Statements as lines of canonical N-Triples: joined, searched and written without an object for each of them.

Exact descriptions are such lines, and a page of the feed is thousands of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pyoxigraph import RdfFormat, Triple, parse

from catalog.formats import Format, named_in_xml, serialized, written
from vocab.namespaces import RDF


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


def objects_in(lines: Iterable[bytes]) -> set[str]:
    """The IRIs that are objects of these statements; datatypes are none."""
    found = set()
    for line in lines:
        if line.endswith(b"> ."):
            at = line.rindex(b"<")
            if line[at - 1] == 32:  # a space; before a datatype it is a circumflex
                found.add(line[at + 1 : -3])
    return {iri.decode() for iri in found}


_TYPE = f"<{RDF.type.value}>".encode()


def _names_in(lines: Iterable[bytes]) -> set[str]:
    """The predicates of these statements, and the classes that types name: what RDF/XML may write as elements."""
    names: set[bytes] = set()
    for line in lines:
        _, predicate, rest = line.split(b" ", 2)
        names.add(predicate)
        if predicate == _TYPE and rest[:1] == b"<":
            names.add(rest[:-2])
    return {name[1:-1].decode() for name in names}


def write_lines(lines: Collection[bytes], fmt: Format) -> bytes:
    """Unique statements in this format, literals exactly as they are; the same statements give the same bytes."""
    whole = joined(sorted(lines))
    if fmt.suffix == "nt":
        return whole
    if fmt.suffix == "rdf" and all(named_in_xml(name) for name in _names_in(lines)):
        return written(parse(whole, format=RdfFormat.N_TRIPLES), fmt)  # nothing to leave out
    return serialized(parse(whole, format=RdfFormat.N_TRIPLES), fmt)
