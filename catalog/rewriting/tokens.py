"""The tokens of a SPARQL query (SPARQL 1.1, section 19.8), for rewriting: whatever is ambiguous is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class NotUnderstood(Exception):
    """The query has something that rewriting does not deal with; it goes to the engine as it is."""


_TOKEN = re.compile(
    r"""
      (?P<space> (?: \s+ | \#[^\n\r]* )+ )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<string> \"{3}(?:[^"\\]++|\\.|\"(?!\"\"))*+\"{3} | '{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
                | "(?:[^"\\\n\r]++|\\.)*+" | '(?:[^'\\\n\r]++|\\.)*+' )
    | (?P<variable> [?$]\w[\w·]* )
    | (?P<language> @[a-zA-Z]+(?:-[a-zA-Z0-9]+)* )
    | (?P<blank> _:\w(?:[\w.·-]*[\w·-])? )
    | (?P<name> (?:[^\W\d_](?:[\w.·-]*[\w·-])?)? : (?:(?:[\w:]|%[0-9a-fA-F]{2}|\\[-_~.!$&'()*+,;=/?\#@%])
                (?:[\w:·-]|%[0-9a-fA-F]{2}|\\[-_~.!$&'()*+,;=/?\#@%]|\.(?=[\w:%\\-]))*)? )
    | (?P<number> (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+ | [0-9]*\.[0-9]+ | [0-9]+ )
    | (?P<word> [A-Za-z]\w* )
    | (?P<sign> \^\^ | && | \|\| | != | <= | >= | [{}()\[\];,.*/^|!?+=<>-] )
    """,
    re.VERBOSE | re.DOTALL,
)
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_BEFORE_IRI = frozenset(" \t\r\n({[,^/|!;.:=")
LIMIT = 40_000
"""Tokens that are read at most: a longer query is a batch of values, not a puzzle."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (a group of the expression above) and its text; words in upper case are `word`."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """The text in upper case where the token may be a keyword, else empty."""
        return self.text.upper() if self.kind == "word" else ""

    def is_(self, *texts: str) -> bool:
        """Whether the token is one of these keywords (in upper case) or signs."""
        return (self.text.upper() if self.kind == "word" else self.text if self.kind == "sign" else "") in texts


END = Token("end", "")


def tokens(query: str) -> list[Token]:
    """The tokens without spaces and comments. Raises `NotUnderstood` for a text that could be split in two ways."""
    found: list[Token] = []
    at, size = 0, len(query)
    while at < size:
        match = _TOKEN.match(query, at)
        if match is None or len(found) > LIMIT:
            raise NotUnderstood(query[at : at + 20])
        kind = match.lastgroup or ""
        if kind == "iri":
            _unambiguous(query, at, match[0])
        if kind != "space":
            found.append(Token(kind, match[0]))
            if len(found) > 1:
                _join(found)
        at = match.end()
    return found


def _join(found: list[Token]) -> None:
    """A literal with its language or datatype is one token, since the engine wants no space in it."""
    last, before = found[-1], found[-2]
    if last.kind == "language" and before.kind == "string":
        found[-2:] = [Token("literal", before.text + last.text)]
    elif last.kind in {"iri", "name"} and before.is_("^^") and len(found) > 2 and found[-3].kind == "string":
        found[-3:] = [Token("literal", found[-3].text + "^^" + last.text)]


def _unambiguous(query: str, at: int, iri: str) -> None:
    """`?a<b&&?c>d` is an IRI to the grammar and may be two comparisons to an engine."""
    doubtful = "&&" in iri or "||" in iri or not _SCHEME.match(iri)
    if doubtful or (at and query[at - 1] not in _BEFORE_IRI):
        raise NotUnderstood(iri)


class Written(Protocol):
    """What can be written as a part of a query."""

    @property
    def text(self) -> str:
        """As the grammar writes it."""


def text_of(found: Iterable[Written]) -> str:
    """Tokens, and what stands between them, as text again; the engine wants no space before a call's bracket."""
    out = ""
    for part in found:
        text = part.text
        out += text if text[0] == "(" or not out else " " + text
    return out
