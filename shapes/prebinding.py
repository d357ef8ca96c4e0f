"""The text of a SPARQL query in shapes: what SHACL forbids in it, and its pre-bound variables (SHACL, appendix A).

Pre-binding is *values insertion*: each basic graph pattern is joined with the table of the pre-bound variables. Here
the table is a named graph, FOCUS, of one triple for each value, and every group of the query begins with a pattern over
it: so blank nodes can be bound, and many focus nodes be asked about at once where the answers for each are independent.

`STR` and `DATATYPE` are replaced by functions of ours, because the store rewrites literals: see `shapes.spellings`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from shapes.components import Unusable
from shapes.spellings import STORED_AS

OWN = "x-garonne:"
"""The scheme of the IRIs that exist only inside a validation."""
FOCUS = f"<{OWN}focus>"
TABLE = f"<{OWN}table>"
SHAPES = f"<{OWN}shapes>"
STR = f"<{OWN}str>"
DATATYPE = f"<{OWN}datatype>"

LONGEST = 100_000  # characters; the longest published constraint has 1,500

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n\r]*)
    |(?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
    |(?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      |\"(?:[^"\\\n\r]|\\.)*\"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<var>[?$]\w+)
    |(?P<name>(?:[^\W\d][\w.-]*)?:(?:[\w:-]|\.(?=[\w:.%\\-])|%[0-9A-Fa-f]{2}|\\.)*)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[^\W\d]\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a query. `name` is that of a keyword or function in capitals, or of a variable without its sign."""

    kind: str
    text: str
    name: str
    apart: bool

    def is_word(self, *names: str) -> bool:
        """Whether it is one of these keywords or functions."""
        return self.kind == "word" and self.name in names


def tokens(text: str) -> list[Token]:
    """The pieces of a query, white space and comments left out but for whether there was any before."""
    found = []
    apart = False
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "other", match[0]
        if kind != "space":
            name = piece[1:] if kind == "var" else piece.upper() if kind == "word" else ""
            found.append(Token(kind, piece, name, apart))
        apart = kind == "space"
    return found


@dataclass(frozen=True)
class Query:
    """A query ready to be asked.

    `bound` are the pre-bound variables that it mentions: FOCUS must hold a value of each. `together` says that `this`
    (of an ASK query `value`) may have any number of values at once: the answers are those of single questions.
    """

    text: str
    prefixes: tuple[tuple[str, str], ...]
    ask: bool
    bound: frozenset[str]
    together: bool


def prepared(
    text: str,
    prebound: Collection[str],
    path: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
) -> Query:
    """The query with its pre-bound variables inserted and `$PATH` replaced by `path`.

    `prebound` are the variables that have a value, `absent` those that might have had one, `prefixes` are declared
    outside of the text. Raises `Unusable` for what section 5.2.1 and appendix A forbid.
    """
    if len(text) > LONGEST:
        raise Unusable(f"elle dépasse {LONGEST} caractères", f"it is longer than {LONGEST} characters")
    found = tokens(text)
    form = _form(found)
    _refuse_words(found)
    _refuse_assignment(found, {*prebound, *absent})
    mentioned = {t.name for t in found if t.kind == "var"}
    bound = frozenset(mentioned & set(prebound)) | ({"this"} & set(prebound) if form == "SELECT" else set())
    for at in _selects(found)[form == "SELECT" :]:
        _refuse_narrow(found, at, bound - {"shapesGraph", "currentShape"})
    together = _together(found, form, bound)
    written = _written(found, bound, path, ask=form == "ASK" and together)
    return Query(written, tuple((prefixes or {}).items()), form == "ASK", bound, together)


def undeclared(text: str, prefixes: Collection[str]) -> set[str]:
    """The prefixes that a query uses and that neither its own text nor `prefixes` declare."""
    found = tokens(text)
    used = {t.text.split(":")[0] for t in found if t.kind == "name"}
    own = {name.text[:-1] for before, name in pairwise(found) if before.is_word("PREFIX")}
    return used - own - set(prefixes) - {"_"}


def _form(found: Sequence[Token]) -> str:
    form = next((t.name for t in found if t.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), "")
    if form not in ("SELECT", "ASK"):
        raise Unusable("ce n’est ni SELECT ni ASK", "it is neither a SELECT nor an ASK query")
    return form


def _refuse_words(found: Sequence[Token]) -> None:
    for token in found:
        if token.is_word("MINUS", "VALUES", "SERVICE", "FROM"):
            raise Unusable(
                f"elle contient {token.name}, que SHACL n’admet pas",
                f"it uses {token.name}, which SHACL does not allow",
            )


def _refuse_assignment(found: Sequence[Token], prebound: Collection[str]) -> None:
    for before, token in pairwise(found):
        if before.is_word("AS") and token.kind == "var" and token.name in prebound:
            raise Unusable(
                f"elle donne une valeur à ${token.name}, qui en a déjà une",
                f"it assigns a value to ${token.name}, which has one already",
            )


def _selects(found: Sequence[Token]) -> list[int]:
    return [at for at, token in enumerate(found) if token.is_word("SELECT")]


def _flat(found: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """The tokens outside of round brackets, each with the one before it."""
    depth = 0
    for before, token in pairwise(found):
        depth += (token.text == "(") - (before.text == ")")
        if depth <= 0:
            yield before, token


def _projected(found: Sequence[Token], at: int) -> set[str]:
    """What the SELECT clause at this place projects; `*` stands for itself."""
    end = next((i for i in range(at, len(found)) if found[i].text == "{"), len(found))
    names = {token.name for _, token in _flat(found[at:end]) if token.kind == "var"}
    names |= {"*" for _, token in _flat(found[at:end]) if token.text == "*"}
    return names | {t.name for b, t in pairwise(found[at:end]) if b.is_word("AS")}


def _refuse_narrow(found: Sequence[Token], at: int, needed: Collection[str]) -> None:
    """A subquery must return the pre-bound variables (appendix A): else they would be lost inside it."""
    names = _projected(found, at)
    if "*" in names:
        names |= _visible(found, at)
    for name in sorted(needed):
        if name not in names:
            raise Unusable(f"une sous-requête ne rend pas ${name}", f"a subquery does not return ${name}")


def _visible(found: Sequence[Token], at: int) -> set[str]:
    """The variables that the patterns of the first group after this place bind, not those of its filters."""
    start = next((i for i in range(at, len(found)) if found[i].text == "{"), len(found))
    return {token.name for _, token in _flat(found[start : _closing(found, start)]) if token.kind == "var"}


def _closing(found: Sequence[Token], at: int) -> int:
    """Where the group that begins at this place ends; the end of all where it never does."""
    depth = 0
    for i in range(at, len(found)):
        depth += (found[i].text == "{") - (found[i].text == "}")
        if depth == 0:
            return i
    return len(found)


_ONE_BY_ONE = {"LIMIT", "OFFSET", "ORDER", "GRAPH", "RAND", "UUID", "STRUUID", "BNODE", "REDUCED"}
_GROUPING = {"GROUP", "HAVING", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}


def _together(found: Sequence[Token], form: str, bound: Collection[str]) -> bool:
    words = {t.name for t in found if t.kind == "word"}
    selects = _selects(found)
    nested = len(selects) > (form == "SELECT")
    if words & _ONE_BY_ONE or (nested and words & {"EXISTS", *_GROUPING}):
        return False
    if form == "ASK":
        return "value" in bound and "this" not in bound and not words & _GROUPING
    if not _projected(found, selects[0]) & {"this", "*"}:
        return False
    return not words & _GROUPING or "this" in _grouped(found)


def _grouped(found: Sequence[Token]) -> set[str]:
    """The variables that GROUP BY names by themselves."""
    at = next((i for i, token in enumerate(found) if token.is_word("GROUP")), len(found))
    end = next((i for i in range(at, len(found)) if found[i].is_word("HAVING")), len(found))
    return {token.name for _, token in _flat(found[at:end]) if token.kind == "var"}


# ── writing it again ─────────────────────────────────────────────────────────────────────────────────────────────────


def _written(found: Sequence[Token], bound: Collection[str], path: str | None, *, ask: bool) -> str:
    """The query with the table's pattern in every group; `ask` makes it a SELECT of the values that ASK says yes to."""
    pattern = " ;".join(f" <{OWN}{name}> ?{name}" for name in sorted(bound))
    begin = f" GRAPH {FOCUS} {{ {TABLE}{pattern} }} " if bound else ""
    ends = _graphs_closed(found)
    pieces: list[str] = []
    i = 0
    while i < len(found):
        text, used = _replaced(found, i, path, ask=ask)
        pieces += (" " if found[i].apart else "", text)
        if text == "{" and not (i + 1 < len(found) and found[i + 1].is_word("SELECT")):
            pieces.append(begin)
        pieces += (f" FILTER({name} != {FOCUS}) " for name in ends.get(i, ()))
        i += used
    return "".join(pieces)


def _replaced(found: Sequence[Token], i: int, path: str | None, *, ask: bool) -> tuple[str, int]:
    """What stands for the token at this place, and how many tokens that uses up."""
    token = found[i]
    if token.is_word("STR", "DATATYPE") and [t.text for t in found[i + 1 : i + 2]] == ["("]:
        return _spelled(found, i)
    if token.kind == "var" and token.name == "PATH" and path is not None:
        return path, 1
    if token.is_word("ASK") and ask:
        return "SELECT DISTINCT ?value WHERE", 1
    return token.text, 1


def _graphs_closed(found: Sequence[Token]) -> dict[int, list[str]]:
    """Where each `GRAPH ?g {…}` ends, and ?g: the table is none of the graphs that a query may meet."""
    ends: dict[int, list[str]] = {}
    for i, token in enumerate(found[:-1]):
        if token.is_word("GRAPH") and found[i + 1].kind == "var":
            ends.setdefault(_closing(found, i + 2), []).append(found[i + 1].text)
    return ends


_MAYBE = ", ".join(sorted(STORED_AS))


def _spelled(found: Sequence[Token], i: int) -> tuple[str, int]:
    """The function of ours; for a plain variable only where its value may have been rewritten, as calls cost time."""
    ours = STR if found[i].is_word("STR") else DATATYPE
    if i + 3 < len(found) and found[i + 2].kind == "var" and found[i + 3].text == ")":
        own, name = found[i].name, found[i + 2].text
        asked = f"IF(DATATYPE({name}) IN ({_MAYBE}), {ours}({name}), 1/0)"
        return f"COALESCE({asked}, {own}({name}))", 4
    return ours, 1
