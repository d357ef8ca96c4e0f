"""Bytes from elsewhere as text: byte order marks, declared and guessed encodings."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def encoding(head: bytes) -> str:
    """The encoding of a document that begins so: its byte order mark's, its XML declaration's, else UTF-8 if it is.

    A text that is neither is taken for Windows-1252, as what French offices export is.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    declared = _DECLARED.match(head)
    if declared:
        try:
            return codecs.lookup(declared[1].decode("ascii")).name
        except LookupError:
            return "utf-8"
    if head[1:4:2] == b"\0\0" or head[:3:2] == b"\0\0":
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


_HALF = re.compile("[\\ud800-\\udfff]")


def whole(words: str) -> str:
    """The same with U+FFFD for half a surrogate pair, which JSON can write and RDF cannot."""
    return _HALF.sub("\ufffd", words)


def decoded(body: bytes) -> str:
    """The text of a document; what its encoding does not have becomes U+FFFD."""
    return body.decode(encoding(body[: 1 << 16]), "replace").removeprefix("\ufeff")
