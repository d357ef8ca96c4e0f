"""Where a SPARQL text breaks off, and what should stand there, in plain words.

The engine's parser says how far it came, which is often behind the mistake, and lists what it tried there by letters.
Triples are therefore counted here: the first place where one more term stands than fits is the mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.scanner import Token, tokens
from vocab.text import Text

_TERMS = frozenset({"iri", "name", "variable", "string", "number"})
_CONSTANTS = frozenset({"A", "TRUE", "FALSE"})
_PATH = frozenset("/|^!*+?")
_FUNCTION_LIKE = frozenset({"EXISTS", "NOT"})
_ENDS = {"{": "}", "(": ")", "[": "]"}

SUBJECT = Text("un sujet", "a subject")
PROPERTY = Text("une propriété", "a property")
OBJECT = Text("une valeur (variable, IRI, texte ou nombre)", "a value (a variable, an IRI, a text or a number)")
BETWEEN = Text("un point, un point-virgule ou «\u00a0}\u00a0»", "a full stop, a semicolon or `}`")
CONDITION = Text(
    "une condition entre parenthèses, comme FILTER(?x > 3)", "a condition in brackets, as in FILTER(?x > 3)"
)
NUMBER = Text("un nombre entier", "a whole number")
NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Break:
    """The place in a text where it breaks off (characters from its beginning), the token there, and what should be."""

    at: int
    token: str
    expected: Text


@dataclass(slots=True)
class _Level:
    """An open bracket: its sign, and how many terms the triple under way has; None where no triple is read."""

    sign: str
    start: int
    terms: int | None
    path: bool = False
    data: bool = False


def broken(text: str, reached: int) -> Break | None:
    """The first place up to `reached` where a triple has too many terms or too few, or a keyword lacks what follows.

    None where no such place is found: the engine's own is then the best there is.
    """
    levels: list[_Level] = []
    previous: Token | None = None
    body = values = False
    for token in tokens(text):
        if token.start > reached:
            break
        found = _after_keyword(previous, token)
        if found is None and levels and levels[-1].terms is not None:
            found = _in_triples(levels[-1], previous, token)
        if found is not None:
            return Break(token.start, token.text, found)
        body = body or token.text == "{"
        if body:
            _step(levels, token, data=values)
        values = token.word == "VALUES" or (values and token.text != "{")
        previous = token
    return None


def unclosed(text: str) -> tuple[str, int]:
    """The innermost bracket that is opened and not closed, and where; empty when there is none."""
    opened: list[Token] = []
    for token in tokens(text):
        if token.kind == "other" and token.text in _ENDS:
            opened.append(token)
        elif opened and token.text == _ENDS[opened[-1].text]:
            opened.pop()
    return (opened[-1].text, opened[-1].start) if opened else ("", -1)


def _after_keyword(previous: Token | None, token: Token) -> Text | None:
    """What a keyword demands next, where something else stands there."""
    before = previous.word if previous else ""
    if before == "FILTER" and token.text != "(" and token.kind not in {"word", "name", "iri"}:
        return CONDITION
    if before in {"LIMIT", "OFFSET"} and token.kind != "number":
        return NUMBER
    if before in {"OPTIONAL", "MINUS", "UNION"} and token.text != "{":
        return Text("«\u00a0{\u00a0»", "`{`")
    if before in {"ORDER", "GROUP"} and token.word != "BY" and before == "ORDER":
        return Text("le mot BY", "the word BY")
    if before == "PREFIX" and not (token.kind == "name" and token.text.endswith(":")):
        return Text("un préfixe suivi de deux-points, comme dct:", "a prefix with a colon, as in dct:")
    return None


def _in_triples(level: _Level, previous: Token | None, token: Token) -> Text | None:
    """What a group's triples want where this token stands, when it does not fit."""
    terms = level.terms or 0
    if _is_term(token) and terms == 3 and not _continues(previous):
        return BETWEEN
    if token.text in {".", "}", ";"} and level.sign == "{" and token.kind == "other":
        if terms == 1 and not (previous and previous.text == "]"):
            return PROPERTY
        if terms == 2:
            return OBJECT
    if token.text == ";" and terms == 0 and previous and previous.text in {"{", "."}:
        return SUBJECT
    return None


def _is_term(token: Token) -> bool:
    return token.kind in _TERMS or token.word in _CONSTANTS


def _continues(previous: Token | None) -> bool:
    """Whether what follows still belongs to the term before it: a datatype, a path, a signed number."""
    return previous is not None and (previous.text in _PATH or previous.text in {"-", "|"})


def _step(levels: list[_Level], token: Token, *, data: bool) -> None:
    """Open or close a bracket, or count a term; `data` says that a curly one holds the rows of VALUES."""
    top = levels[-1] if levels else None
    if token.kind == "other" and token.text in _ENDS:
        inside = (token.text == "{" and not data) or (token.text == "[" and top is not None and top.terms is not None)
        terms = (1 if token.text == "[" else 0) if inside else None
        levels.append(_Level(token.text, token.start, terms, data=data and token.text == "{"))
        return
    if top is None:
        return
    if token.kind == "other" and token.text == _ENDS[top.sign]:
        levels.pop()
        if levels:
            _closed(levels[-1], top.sign)
        return
    if top.terms is None:
        if top.sign == "{" and token.text == ".":
            top.terms = 0
        return
    _count(top, token)


def _closed(level: _Level, sign: str) -> None:
    """A bracket inside a level has ended: it was a term, or what a keyword spoke of."""
    if level.sign == "(" or level.data:
        return
    if sign == "{" or level.terms is None:
        level.terms = 0 if level.sign == "{" else level.terms
    else:
        level.terms = level.terms if level.path else level.terms + 1
        level.path = False


def _count(level: _Level, token: Token) -> None:
    terms = level.terms or 0
    if token.word and token.word not in _CONSTANTS:
        level.terms = None  # FILTER, BIND, OPTIONAL, VALUES…: until its bracket ends
    elif _is_term(token):
        level.terms = terms if level.path else terms + 1
        level.path = False
    elif token.text == "." and level.sign == "{":
        level.terms, level.path = 0, False
    elif token.text == ";":
        level.terms = 1
    elif token.text == ",":
        level.terms = 2
    elif token.text in {"/", "|", "^"} and token.kind == "other":
        level.path = terms >= 2


_ITEM = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"|\b([A-Za-z]{2,})\b')


def told(message: str) -> Text:
    """What the engine's `message` says that it expected, where that is a few words or signs; else nothing."""
    _, found, rest = message.partition("expected ")
    rest = rest.removeprefix("one of ")
    if not found or "[" in rest or "Prefix" in rest:
        return NOTHING
    items = [sign or word for sign, word in _ITEM.findall(rest)]
    if not 0 < len(items) <= 5 or items == ["OPTIONAL"]:  # which it says of any place in a group
        return NOTHING
    listed = [f"`{item}`" for item in items]
    fr, en = ([*listed[:-2], f" {word} ".join(listed[-2:])] for word in ("ou", "or"))
    return Text(", ".join(fr), ", ".join(en))
