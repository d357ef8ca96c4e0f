"""Pages of a SELECT, each beginning where the last one ended, all from one release.

A page is asked for with the parameter `cursor`, empty for the first. The rows come in the order that the query asks
for, made total by all that they show, so that no row is given twice or left out. The next page is asked for by what the
last row showed: the engine is given a condition that only later rows meet. Where a condition cannot say that (numbers,
dates, blank nodes), the rows that were given are counted instead, which is as exact on a release, and slower towards
the end.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, replace

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from api.errors import BadRequest
from catalog.ordering import Term
from catalog.rewriting.order import name_of
from catalog.rewriting.parser import parse
from catalog.rewriting.tokens import NotUnderstood, text_of
from catalog.rewriting.tree import Query, variables
from vocab.text import Text

LARGEST = 10_000
"""Rows that a page may have."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _LANG = f"{_XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_TIMES = f"<{_XSD}date>, <{_XSD}dateTime>"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: the release, the query's digest, how many rows came before, and the last one of them.

    `copies` is how many rows equal to the last one have been given.
    """

    release: int
    query: str
    given: int
    last: dict[str, Term]
    copies: int

    def encoded(self) -> str:
        """As the value of a parameter."""
        return urlsafe_b64encode(zlib.compress(json.dumps(asdict(self)).encode(), 9)).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str) -> Cursor:
        """From the value of a parameter. Raises `BadRequest`."""
        try:
            packed = zlib.decompressobj()
            found = cls(**json.loads(packed.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), 1 << 20)))
            valid = (
                packed.eof
                and isinstance(found.last, dict)
                and found.given >= 0
                and found.copies >= 0
                and found.release > 0
            )
        except (ValueError, TypeError, RecursionError, zlib.error):
            valid = False
        if not valid:
            raise BadRequest(
                Text("Ce curseur n’est pas l’un des nôtres.", "This cursor is none of ours."),
                Text(
                    "Donnez celui du lien «\u00a0next\u00a0», ou cursor= vide pour commencer.",
                    "Give that of the link `next`, or an empty cursor= to begin.",
                ),
            )
        return found


class Paged:
    """A SELECT to be read in pages. Raises `BadRequest` for one that cannot be."""

    def __init__(self, query: str) -> None:
        self.digest = hashlib.sha256(query.encode()).hexdigest()[:16]
        try:
            self.parsed = parse(query)
        except (NotUnderstood, RecursionError):
            raise _not_paged("elle n’est pas comprise ici", "it is not understood here") from None
        self.limit, self.keys = _checked(self.parsed)
        shown = self.parsed.projection
        names = sorted(variables(self.parsed.where)) if shown is None else [p.variable.text[1:] for p in shown]
        self.names = tuple(dict.fromkeys(names))

    def text(self, cursor: Cursor | None) -> str:
        """The query of one page, with one row more: whether it comes says whether there is another page."""
        inner = replace(self.parsed, prologue=(), dataset=(), order=(), limit=None, offset=0)
        condition = self._later(cursor.last) if cursor else ""
        skipped = self.parsed.offset if cursor is None else cursor.copies if condition else cursor.given
        shown = "*" if self.parsed.projection is None else " ".join(f"?{name}" for name in self.names)
        order = [f"{'DESC' if down else 'ASC'}(?{name})" for name, down in self.keys]
        for name in self.names:
            order += [f"ASC(STR(?{name}))", f"ASC(LANG(?{name}))", f"ASC(STR(DATATYPE(?{name})))"]
        where = f"{{ {{ {inner.text} }} {f'FILTER({condition})' if condition else ''} }}"
        head = f"{text_of(self.parsed.prologue)} SELECT {shown} {text_of(self.parsed.dataset)} WHERE {where}"
        return f"{head} ORDER BY {' '.join(order)} LIMIT {self.limit + 1} OFFSET {skipped}"

    def _later(self, last: dict[str, Term]) -> str:
        """The condition that rows after this one meet, and rows equal to it; empty where none can say that."""
        terms = [last.get(name) for name in self.names]
        if any(term is not None and _constant(term) is None for term in terms):
            return ""
        steps: list[tuple[str, str]] = []  # (later by this, the same by this), most important first
        for name, down in self.keys:
            later = _after(f"?{name}", last.get(name), down=down)
            if later is None:
                return ""
            steps.append((later, _same(f"?{name}", last.get(name))))
        for name, term in zip(self.names, terms, strict=True):
            for part, value in _texts(f"?{name}", term):
                steps.append((_beyond(part, value), _equal(part, value)))
        same, alternatives = "", []
        for later, equal in steps:
            alternatives.append(f"({same}{later})")
            same += f"{equal} && "
        return " || ".join([*alternatives, f"({same.removesuffix(' && ')})"])

    def page(self, body: bytes, release: int, before: Cursor | None) -> tuple[bytes, Cursor | None]:
        """The rows of a page, as JSON, and where the next one begins; None when this is the last."""
        document = json.loads(body)
        rows: list[dict[str, Term]] = document["results"]["bindings"]
        more = len(rows) > self.limit
        del rows[self.limit :]
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        if not more or not rows:
            return text, None
        copies = next((n for n, row in enumerate(reversed(rows)) if row != rows[-1]), len(rows))
        if before is not None and copies == len(rows) and before.last == rows[-1]:
            copies += before.copies
        given = (before.given if before else self.parsed.offset) + len(rows)
        return text, Cursor(release, self.digest, given, rows[-1], copies)


def written(body: bytes, format_: QueryResultsFormat) -> bytes:
    """A page in another format than JSON."""
    if format_ == QueryResultsFormat.JSON:
        return body
    results = parse_query_results(body, format=QueryResultsFormat.JSON)
    assert isinstance(results, QuerySolutions)  # noqa: S101  pages are of SELECT only
    out = io.BytesIO()
    results.serialize(out, format_)
    return out.getvalue()


def _checked(query: Query) -> tuple[int, list[tuple[str, bool]]]:
    """The rows of a page, and the variables of ORDER BY with whether they descend."""
    if query.form != "SELECT":
        raise _not_paged("ce n’est pas un SELECT", "it is no SELECT")
    if query.limit is None or not 0 < query.limit <= LARGEST:
        raise _not_paged(f"il lui faut un LIMIT de 1 à {LARGEST}", f"it needs a LIMIT from 1 to {LARGEST}")
    shown = None if query.projection is None else {p.variable.text[1:] for p in query.projection}
    keys = []
    for condition in query.order:
        name = name_of(condition)
        if not name or (shown is not None and name not in shown):
            raise _not_paged(
                "son ORDER BY porte sur autre chose que des variables du SELECT",
                "its ORDER BY is on something else than variables of the SELECT",
            )
        keys.append((name, condition.descending))
    return query.limit, keys


def _not_paged(fr: str, en: str) -> BadRequest:
    return BadRequest(
        Text(f"Cette requête ne se lit pas par pages\u00a0: {fr}.", f"This query cannot be read in pages: {en}."),
        Text(
            "Le paramètre cursor demande un SELECT avec LIMIT, trié par ses variables ou pas trié.",
            "The parameter `cursor` wants a SELECT with LIMIT, ordered by its variables or not at all.",
        ),
    )


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _constant(term: Term) -> str | None:
    """A term as it is written in a query; None for one that cannot be, or not safely."""
    try:
        if term["type"] == "uri":
            return str(NamedNode(term["value"]))
        if term["type"] != "literal":
            return None
        if term.get("xml:lang"):
            return str(Literal(term["value"], language=term["xml:lang"]))
        return str(Literal(term["value"], datatype=NamedNode(term.get("datatype", _STRING))))
    except (ValueError, TypeError, KeyError):
        return None


def _quoted(text: str) -> str:
    return str(Literal(text))


def _same(name: str, term: Term | None) -> str:
    return f"!BOUND({name})" if term is None else f"sameTerm({name}, {_constant(term)})"


def _after(name: str, term: Term | None, *, down: bool) -> str | None:
    """The condition on a variable of ORDER BY for what comes after this term in `catalog.ordering`'s order.

    None for a term of which SPARQL cannot say that in one condition.
    """
    if term is None:
        return "false" if down else f"BOUND({name})"
    if term["type"] == "uri":
        beyond = f"isIRI({name}) && STR({name}) {'<' if down else '>'} {_quoted(term['value'])}"
        others = f"!BOUND({name}) || isBlank({name})" if down else f"!(isIRI({name}) || isBlank({name}))"
        return f"({others} || ({beyond}))" if down else f"(BOUND({name}) && ({others} || ({beyond})))"
    if term.get("datatype", _STRING) not in {_STRING, _LANG}:
        return None
    text = f"DATATYPE({name}) IN (<{_STRING}>, <{_LANG}>)"
    value, language, sign = _quoted(term["value"]), _quoted(term.get("xml:lang", "")), "<" if down else ">"
    within = f"{text} && (STR({name}) {sign} {value} || (STR({name}) = {value} && LANG({name}) {sign} {language}))"
    early = (
        f"isNumeric({name}) || DATATYPE({name}) = <{_XSD}boolean> || "
        f"(DATATYPE({name}) IN ({_TIMES}) && COALESCE(YEAR({name}) = YEAR({name}), false))"
    )
    if down:
        return f"(!BOUND({name}) || !isLiteral({name}) || (isLiteral({name}) && (({within}) || {early})))"
    return f"(BOUND({name}) && isLiteral({name}) && (({within}) || !({text} || {early})))"


def _texts(name: str, term: Term | None) -> list[tuple[str, str | None]]:
    """The texts by which rows are told apart that ORDER BY leaves equal: expression, and its value for this term."""
    literal = term is not None and term["type"] == "literal"
    language = (term or {}).get("xml:lang", "") if literal else None
    datatype = _LANG if language else (term or {}).get("datatype", _STRING) if literal else None
    value: str | None = None if term is None else term["value"]
    return [(f"STR({name})", value), (f"LANG({name})", language), (f"STR(DATATYPE({name}))", datatype)]


def _beyond(expression: str, value: str | None) -> str:
    if value is None:
        return f"COALESCE({expression} = {expression}, false)"
    return f"COALESCE({expression} > {_quoted(value)}, false)"


def _equal(expression: str, value: str | None) -> str:
    if value is None:
        return f"!COALESCE({expression} = {expression}, false)"
    return f"COALESCE({expression} = {_quoted(value)}, false)"
