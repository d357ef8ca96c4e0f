"""JSON-LD from lines of canonical N-Triples, by regrouping them: no term is parsed.

Expanded document form (JSON-LD 1.1, section 9.1 of the API): one node object a subject. N-Triples escapes strings as
JSON does, but for a few control characters, and IRIs hold nothing that JSON would escape. The document is, byte for
byte, what the serialiser makes of the same statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_QUOTE = ord('"')
_ESCAPE = re.compile(rb"\\(?:u([0-9A-F]{4})|.)")


def expanded(lines: Iterable[bytes]) -> bytes:
    """The document that these lines make, which must be sorted and unique."""
    found: list[bytes] = []
    add = found.append
    start, last_subject, last_predicate = b"[", b"", b""
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if subject != last_subject:
            add(start)
            add(b'{"@id":"')
            add(_id(subject))
            add(b'","')
            add(predicate[1:-1])
            add(b'":[')
            last_subject, last_predicate, start = subject, predicate, b"]},"
        elif predicate != last_predicate:
            add(b'],"')
            add(predicate[1:-1])
            add(b'":[')
            last_predicate = predicate
        else:
            add(b",")
        if rest[0] == _QUOTE:
            _value(rest[:-2], add)
        else:
            add(b'{"@id":"')
            add(_id(rest[:-2]))
            add(b'"}')
    add(b"]}]" if found else b"[]")
    return b"".join(found)


def _id(node: bytes) -> bytes:
    return node[1:-1] if node.startswith(b"<") else node


def _value(literal: bytes, add: Callable[[bytes], None]) -> None:
    if b"\\u" in literal:
        literal = _ESCAPE.sub(_as_json, literal)
    if literal.endswith(b">"):
        literal, _, datatype = literal.rpartition(b"^^")
        add(b'{"@type":"')
        add(datatype[1:-1])
        add(b'","@value":')
    elif literal.endswith(b'"'):
        add(b'{"@value":')
    else:
        literal, _, language = literal.rpartition(b"@")
        add(b'{"@language":"')
        add(language)
        add(b'","@value":')
    add(literal)
    add(b"}")


def _as_json(escape: re.Match[bytes]) -> bytes:
    """An escape as JSON has it: hexadecimal digits are small, and what is no control character is not escaped."""
    if not escape[1]:
        return escape[0]
    character = chr(int(escape[1], 16))
    return escape[0].lower() if character < " " else character.encode()
