"""RDF terms and statements written directly as canonical N-Triples.

A description is kept as canonical N-Triples. Making pyoxigraph objects only to print them again would cost more than
the whole of the mapping, so terms are strings here: `<iri>`, `"text"@fr`, `_:label`. Every IRI that does not come from
our own constants passes through `iri`, which pyoxigraph checks.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from vocab.namespaces import RDF, XSD

Term = str
"""A term as N-Triples writes it."""


class Statements:
    """The statements about one thing, collected in any order; `canonical` sorts them and drops duplicates."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, subject: Term, predicate: Term, value: Term) -> None:
        """One statement."""
        self._lines.append(f"{subject} {predicate} {value} .\n")

    def typed(self, subject: Term, *classes: Term) -> None:
        """`subject` is of each class."""
        for one in classes:
            self._lines.append(f"{subject} {TYPE} {one} .\n")

    @property
    def canonical(self) -> bytes:
        """Sorted canonical N-Triples, one statement a line."""
        return "".join(sorted(set(self._lines))).encode()


def node(term: NamedNode) -> Term:
    """A vocabulary term of `vocab.namespaces`."""
    return f"<{term.value}>"


TYPE = node(RDF.type)
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")


def text(value: str, lang: str = "") -> Term:
    """A literal, tagged where `lang` is given; the caller has checked the tag with `is_language_tag`."""
    body = f'"{value}"' if _SPECIAL.search(value) is None else str(Literal(value))
    return f"{body}@{lang}" if lang else body


def is_language_tag(tag: str) -> bool:
    """Whether `tag` is a well-formed lower-case language tag (BCP 47: language and subtags)."""
    return _TAG.match(tag) is not None


def literal(value: str, datatype: NamedNode) -> Term:
    """A typed literal, its lexical form as given."""
    return f"{text(value)}^^<{datatype.value}>"


def boolean(value: bool) -> Term:
    """`xsd:boolean`."""
    return literal("true" if value else "false", XSD.boolean)


@lru_cache(maxsize=16384)
def iri(value: str) -> Term:
    """An absolute IRI; `ValueError` for what RFC 3987 does not allow."""
    return f"<{NamedNode(value).value}>"


def below(parent: str, *path: str) -> Term:
    """The IRI of something below `parent`: a path of keys, whose letters are kept and the rest percent-encoded."""
    return f"<{parent.rstrip('/')}/{'/'.join(segment(p) for p in path)}>"


_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+\Z")


def segment(key: str) -> str:
    """`key` as one segment of an IRI's path. Distinct keys give distinct segments."""
    return (
        key
        if _PLAIN.match(key) and key not in {".", ".."}
        else quote(key, safe="", errors="replace").replace(".", "%2E")
    )


def blank(*content: str) -> Term:
    """A blank node whose label follows from what it stands for, so that two runs give the same bytes."""
    return "_:p" + hashlib.sha1("\x00".join(content).encode(), usedforsecurity=False).hexdigest()
