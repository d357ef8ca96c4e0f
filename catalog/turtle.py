"""Turtle and TriG from lines of canonical N-Triples, by regrouping them: no term is parsed.

A literal is written alike in all three languages, and so is an IRI that has no prefix. What remains is to say a
subject and a predicate once (Turtle, section 2.1), to shorten IRIs (2.4) and to write numbers and booleans bare
(2.5.2, 2.5.3). Which name an IRI has is asked of the serialiser, once for each: the document is, byte for byte, what
the serialiser makes of the same statements, but that a name with an escape is spelled out: rdflib does not read all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from vocab.namespaces import PREFIXES, XSD

_START = len(min(PREFIXES.values(), key=len)) + 1
_STARTS = {f"<{base}".encode()[:_START] for base in PREFIXES.values()}
"""How the IRIs begin that may have a prefix: most have none, and are told by this alone."""
_OPEN, _CLOSE = b"<>"
_BARE = {
    XSD.integer: r"[+-]?[0-9]+",
    XSD.decimal: r"[+-]?[0-9]*\.[0-9]+",
    XSD.double: r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+",
    XSD.boolean: r"true|false",
}
_IS_BARE = {str(datatype).encode(): re.compile(f'"(?:{form})"'.encode()) for datatype, form in _BARE.items()}

HEAD = b"".join(sorted(f"@prefix {prefix}: <{base}> .\n".encode() for prefix, base in PREFIXES.items()))
"""The prefixes that a document declares, in order."""


def turtle(lines: Iterable[bytes]) -> bytes:
    """The document that these lines make, which must be sorted and unique; it is TriG as well."""
    found = [HEAD]
    add, names, verbs, starts = found.append, _Names(_named), _Names(_verb), _STARTS
    end = last_subject = last_predicate = b""
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if subject != last_subject:
            add(end)
            add(names[subject] if subject[:_START] in starts else subject)
            add(b" ")
            add(verbs[predicate])
            last_subject, last_predicate, end = subject, predicate, b" .\n"
        elif predicate != last_predicate:
            add(b" ;\n\t")
            add(verbs[predicate])
            last_predicate = predicate
        else:
            add(b" , ")
        term = rest[:-2]
        if term[0] == _OPEN:
            add(names[term] if term[:_START] in starts else term)
        else:
            add(_typed(term, names) if term[-1] == _CLOSE else term)
    add(end)
    return b"".join(found) if end else b""


def _typed(literal: bytes, names: _Names) -> bytes:
    lexical, _, datatype = literal.rpartition(b"^^")
    bare = _IS_BARE.get(datatype)
    if bare is not None and bare.fullmatch(lexical):
        return lexical[1:-1]
    return b"^^".join((lexical, names[datatype]))


class _Names(dict[bytes, bytes]):
    """What is written for each IRI of one document, found once."""

    def __init__(self, find: Callable[[bytes], bytes]) -> None:
        self._find = find

    def __missing__(self, iri: bytes) -> bytes:
        found = self[iri] = self._find(iri)
        return found


@lru_cache(4096)
def _verb(predicate: bytes) -> bytes:
    return b"%s " % _written(predicate)[1]


@lru_cache(4096)
def _named(iri: bytes) -> bytes:
    return _written(iri)[2]


def _written(iri: bytes) -> list[bytes]:
    """An IRI as subject, as predicate and as object."""
    node = NamedNode(iri[1:-1].decode())
    document = serialize([Triple(node, node, node)], format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    names = document.splitlines()[len(PREFIXES)].split(b" ")
    return [iri if b"\\" in name else name for name in names]
