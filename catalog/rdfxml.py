"""RDF/XML from lines of canonical N-Triples, by regrouping them: no term is parsed.

A property is the name of an element here (RDF 1.1 XML Syntax, section 2.2), so that statements whose property does not
end as a name in XML does, or is a word of the syntax itself (section 6.1.4), cannot be said: they are left out, and
every other format has them. Classes are said as properties' values, which any IRI can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from xml.parsers.expat import ExpatError, ParserCreate

from vocab.namespaces import PREFIXES, RDF

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even escaped (section 2.2)."""
_STARTS = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
"""What names begin with (Namespaces in XML 1.0, section 3): as XML 1.0, section 2.3, has it, without the colon."""
_START = re.compile(f"[{_STARTS}]")
_TAIL = re.compile(f"[{_STARTS}.0-9\u00b7\u0300-\u036f\u203f\u2040-]*")
_LABEL = re.compile(rb"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = ("RDF", "Description", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li")
_OLD_WORDS = ("aboutEach", "aboutEachPrefix", "bagID")
_SYNTAX = {f"{RDF}{word}" for word in _WORDS + _OLD_WORDS}
_SHORT = {base: prefix for prefix, base in PREFIXES.items()}

_QUOTE = ord('"')
_ESCAPE = re.compile(rb"\\(?:u([0-9A-F]{4})|(.))")
_MEANT = {b'"': b"&quot;", b"t": b"\t", b"n": b"\n", b"r": b"&#13;", b"b": b"\xef\xbf\xbd", b"f": b"\xef\xbf\xbd"}
"""What an escaped letter is in XML, where it is not itself; of backspaces and form feeds XML has none."""

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF %s>\n' % b" ".join(
    sorted(f'xmlns:{prefix}="{base}"'.encode() for prefix, base in PREFIXES.items())
)


def fit_for_xml(text: str) -> str:
    """The text with a replacement character for each one that XML 1.0 cannot hold."""
    return _UNFIT.sub("\ufffd", text)


@lru_cache(4096)
def named_in_xml(iri: str) -> tuple[str, str] | None:
    """The namespace and the local name that an element for this property has; None where there can be none.

    A name has to be one for older parsers as well, which know the letters of an earlier edition: rdflib has one.
    """
    if iri in _SYNTAX:
        return None
    tail = _TAIL.match(iri[::-1])
    begin = len(iri) - (tail.end() if tail else 0)
    begin = next((i + 1 for i in range(len(iri) - 1, begin - 1, -1) if not _parsed(f"a{iri[i]}")), begin)
    start = next((i for i in range(begin, len(iri)) if _START.match(iri, i) and _parsed(iri[i])), None)
    return None if start is None else (iri[:start], iri[start:])


@lru_cache(4096)
def _parsed(name: str) -> bool:
    try:
        ParserCreate().Parse(f"<{name}/>".encode(), True)
    except ExpatError:
        return False
    return True


def rdf_xml(lines: Iterable[bytes]) -> bytes:
    """The document that these lines make, which must be sorted and unique."""
    found = [_HEAD]
    add = found.append
    end = last_subject = b""
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        start, close = _property(predicate)
        if not start:
            continue
        if subject != last_subject:
            add(end)
            add(b"\t<rdf:Description ")
            add(_reference(b'rdf:about="', subject))
            add(b">\n")
            last_subject, end = subject, b"\t</rdf:Description>\n"
        add(start)
        if rest[0] == _QUOTE:
            _value(rest[:-2], add)
            add(close)
        else:
            add(b" ")
            add(_reference(b'rdf:resource="', rest[:-2]))
            add(b"/>\n")
    add(end)
    add(b"</rdf:RDF>")
    return b"".join(found)


@lru_cache(4096)
def _property(predicate: bytes) -> tuple[bytes, bytes]:
    """The start of a property's element, as far as its attributes, and its end; empty where XML cannot name it."""
    named = named_in_xml(predicate[1:-1].decode())
    if named is None:
        return b"", b""
    namespace, local = named
    if namespace in _SHORT:
        name = f"{_SHORT[namespace]}:{local}".encode()
        return b"\t\t<" + name, b"</%s>\n" % name
    name, space = local.encode(), _reference(b'xmlns="', f"<{namespace}>".encode())
    return b"\t\t<%s %s" % (name, space), b"</%s>\n" % name


def _reference(attribute: bytes, node: bytes) -> bytes:
    if node.startswith(b"<"):
        return attribute + node[1:-1].replace(b"&", b"&amp;").replace(b"'", b"&apos;") + b'"'
    label = node[2:]  # which has to be a name here
    return b'rdf:nodeID="' + (label if _LABEL.fullmatch(label) else b"_" + label.hex().encode()) + b'"'


def _value(literal: bytes, add: Callable[[bytes], None]) -> None:
    if literal.endswith(b">"):
        literal, _, datatype = literal.rpartition(b"^^")
        add(b" ")
        add(_reference(b'rdf:datatype="', datatype))
    elif not literal.endswith(b'"'):
        literal, _, language = literal.rpartition(b"@")
        add(b' xml:lang="')
        add(language)
        add(b'"')
    add(b">")
    add(_text(literal[1:-1]))


def _text(lexical: bytes) -> bytes:
    text = lexical.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"'", b"&apos;")
    return _ESCAPE.sub(_unescaped, text) if b"\\" in text else text


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code, letter = escape.groups()
    if code:
        return fit_for_xml(chr(int(code, 16))).encode()
    return _MEANT.get(letter, letter)
