"""JSON-LD from lines of canonical N-Triples, by regrouping them: no term is parsed.

Expanded document form (JSON-LD 1.1, section 9.1 of the API): one node object a subject. N-Triples escapes strings as
JSON does, but for a few control characters, and IRIs hold nothing that JSON would escape. The document is, byte for
byte, what the serialiser makes of the same statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ESCAPE = re.compile(rb"\\(?:u([0-9A-F]{4})|.)")


def expanded(lines: Iterable[bytes]) -> bytes:
    """The document that these lines make, which must be sorted and unique."""
    found = [b"["]
    end = between = last_subject = last_predicate = b""
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if subject != last_subject:
            found += (end, between, b'{"@id":"', _id(subject), b'","', predicate[1:-1], b'":[')
            end, between = b"]}", b","
        elif predicate != last_predicate:
            found += (b'],"', predicate[1:-1], b'":[')
        else:
            found.append(b",")
        last_subject, last_predicate = subject, predicate
        if rest.startswith(b'"'):
            found += _value(rest[:-2])
        else:
            found += (b'{"@id":"', _id(rest[:-2]), b'"}')
    found += (end, b"]")
    return b"".join(found)


def _id(node: bytes) -> bytes:
    return node[1:-1] if node.startswith(b"<") else node


def _value(literal: bytes) -> tuple[bytes, ...]:
    if b"\\u" in literal:
        literal = _ESCAPE.sub(_as_json, literal)
    if literal.endswith(b'"'):
        return b'{"@value":', literal, b"}"
    if literal.endswith(b">"):
        lexical, _, datatype = literal.rpartition(b"^^")
        return b'{"@type":"', datatype[1:-1], b'","@value":', lexical, b"}"
    lexical, _, language = literal.rpartition(b"@")
    return b'{"@language":"', language, b'","@value":', lexical, b"}"


def _as_json(escape: re.Match[bytes]) -> bytes:
    """An escape as JSON has it: hexadecimal digits are small, and what is no control character is not escaped."""
    if not escape[1]:
        return escape[0]
    character = chr(int(escape[1], 16))
    return escape[0].lower() if character < " " else character.encode()
