"""A cheap look at a SPARQL text before it goes to the engine: its form, and words that are refused.

The text is split as SPARQL's grammar splits it (section 19.8), so that a word inside an IRI, a literal, a comment or a
variable's name is not taken for a keyword. The engine reads keywords without a space around them (`SERVICEex:a`,
`1SERVICE<…>`): those are found too. This is for a friendly answer; what the worker cannot do, the sandbox prevents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      (?P<space> \s+ )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<string> \"{3}(?:[^"\\]++|\\.|\"(?!\"\"))*+\"{3} | '{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
                | "(?:[^"\\\n\r]++|\\.)*+" | '(?:[^'\\\n\r]++|\\.)*+' )
    | (?P<comment> \#[^\n\r]* )
    | (?P<variable> [?$][\w·]+ )
    | (?P<language> @[a-zA-Z]+(?:-[a-zA-Z0-9]+)* )
    | (?P<number> [0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)? )
    | (?P<name> (?P<prefix>[^\W\d_][\w.·-]{0,99}+|_)?(?<!\.):(?:(?:[\w:]|%[0-9a-fA-F]{2}|\\[-_~.!$&'()*+,;=/?\#@%])
                (?:[\w:·-]|%[0-9a-fA-F]{2}|\\[-_~.!$&'()*+,;=/?\#@%]|\.(?=[.\w:%\\-]))*+)? )
    | (?P<word> [^\W\d]\w* )
    | (?P<other> \\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)

# The engine may read `?a<'>'` as a comparison with a string where the grammar sees an IRI, and be out of step with us
# from there on. Behind `scheme://` it cannot. Where it could, any mention of SERVICE counts.
_DOUBTFUL = re.compile(r"<(?![A-Za-z][\w+.-]*://)[^>]*['#]")

QUERY_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATE_FORMS = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
_BETWEEN = frozenset({"space", "comment"})
_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a SPARQL text: `kind` is iri, string, variable, language, number, name, word or other (one sign)."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The keyword that it may be, in capitals; empty for what is no bare word."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a SPARQL text in their order, without comments and white space; never raises."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "prefix":
            kind = "name"
        if kind not in _BETWEEN:
            yield Token(kind, found[0], found.start(), found.end())


_PIECE = re.compile(
    r"""
      \s+ | \#[^\n\r]*
    | ( <[^<>"{}|^`\\\x00-\x20]*>
      | \"{3}(?:[^"\\]++|\\.|\"(?!\"\"))*+\"{3} | '{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
      | "(?:[^"\\\n\r]++|\\.)*+" | '(?:[^'\\\n\r]++|\\.)*+'
      | (?:[\w?$@:.%·-]|\\.)++ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A text in pieces as above, in fewer kinds: white space and comments are not in the group."""


@lru_cache(64)
def pieces(text: str) -> tuple[str, ...]:
    """A text in pieces, without white space and comments: a name or a word may have the full stop behind it."""
    return tuple(filter(None, _PIECE.findall(text)))


def normalised(text: str) -> str:
    """A text that is the same only for SPARQL texts that differ in nothing but comments and white space."""
    return "\x1f".join(pieces(text))


_NOTABLE = ("SERVICE", *sorted(UPDATE_FORMS), *sorted(_VOLATILE - {"STRUUID"}))


def plain(query: str) -> bool:
    """Whether a query text has none of the words that `scan` looks for; most have none."""
    capitals = query.upper()
    return not any([word in capitals for word in _NOTABLE])  # noqa: C419  a generator takes twice as long


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen: the first word that is a form (`SELECT`, `INSERT`…, empty if none), whether SERVICE occurs, and
    whether the result may differ from one evaluation to the next on the same data."""

    form: str
    service: bool
    volatile: bool

    @property
    def update(self) -> bool:
        """Whether this is a SPARQL Update request."""
        return self.form in UPDATE_FORMS


def scan(query: str) -> Scan:
    """Look through a query text of any size in one pass; never raises."""
    form, service, volatile = "", False, False
    mentioned = "SERVICE" in query.upper()
    declared: set[str] = set()
    doubtful: set[str] = set()
    previous = ""
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind == "name":
            prefix = (token["prefix"] or "").upper()
            (declared if previous == "PREFIX" else doubtful).add(prefix)
        elif kind == "iri":
            service = service or (mentioned and bool(_DOUBTFUL.match(token[0])))
        elif kind == "word":
            word = token[0].upper()
            service = service or "SERVICE" in word
            volatile = volatile or word in _VOLATILE
            if not form and word in QUERY_FORMS | UPDATE_FORMS:
                form = word
        if kind not in _BETWEEN:
            previous = token[0].upper()
    hidden = any("SERVICE" in prefix for prefix in doubtful - declared)
    return Scan(form, service or hidden, volatile)


def prefixes_missing(query: str) -> list[str]:
    """The prefixes that the query uses and does not declare, in order of first use; at most five."""
    declared: set[str] = set()
    used: dict[str, None] = {}
    previous = ""
    for token in _TOKEN.finditer(query):
        if token.lastgroup == "name" and token["prefix"] != "_":
            prefix = token["prefix"] or ""
            if previous == "PREFIX":
                declared.add(prefix)
            else:
                used[prefix] = None
        if token.lastgroup not in _BETWEEN:
            previous = token[0].upper()
    return [prefix for prefix in used if prefix not in declared][:5]
