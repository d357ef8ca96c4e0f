"""What the engine says of a query it refuses, told in our words: where, what stands there, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.expected import NOTHING, broken, told, unclosed
from catalog.scanner import Token, prefixes_missing, scan, tokens
from vocab.namespaces import AUTHORITY, DCT, GEO, PREFIXES, SD, SH, VCARD, VOID
from vocab.text import Text

_POSITION = re.compile(r"error at (\d+):(\d+)")
_FUNCTION = re.compile(r"function <?([^>]+)>? is not supported", re.IGNORECASE)

LENGTH = 100_000
"""Characters of a query that are read token by token to explain it; of a longer one the engine's place is told."""

USUAL: dict[str, str] = {
    **PREFIXES,
    "dcterms": DCT.base,
    "dc": "http://purl.org/dc/elements/1.1/",
    "schema": "http://schema.org/",
    "sh": SH.base,
    "void": VOID.base,
    "sd": SD.base,
    "time": "http://www.w3.org/2006/time#",
    "geosparql": GEO.base,
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "v": VCARD.base,
    "eu": AUTHORITY.base,
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
}
"""What a prefix that is not declared usually stands for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is wrong with a query, and what to do; `line` and `column` are 1-based, count characters, 0 if unknown.

    `token` stands there (empty at the end of the text), `expected` says what should; `prefixes` are those to declare.
    """

    text: Text
    advice: Text
    line: int = 0
    column: int = 0
    token: str = ""
    expected: Text = NOTHING
    prefixes: Mapping[str, str] = field(default_factory=dict)


def explained(message: str, query: str) -> Explanation:
    """Why this query does not parse, from the engine's `message`."""
    long = len(query) > LENGTH
    missing = [] if long else prefixes_missing(query)
    found = _POSITION.search(message)
    if found is None:
        text = Text("La requête n’est pas du SPARQL valide.", "The query is not valid SPARQL.")
        return Explanation(text, _advice(message, query, missing, NOTHING))
    at, expected = _offset(query, int(found[1]), int(found[2])), told(message)
    if missing and (undeclared := _first_with(query, missing)) is not None:
        at, expected = undeclared.start, NOTHING
    elif not long and (breaking := broken(query, at)) is not None:
        at, expected = breaking.at, breaking.expected
    if not long and not query[at:].strip() and unclosed(query)[0]:
        expected = NOTHING
    line, column = query.count("\n", 0, at) + 1, at - (query.rfind("\n", 0, at) + 1) + 1
    near = _near(query, at)
    where = f"ligne {line}, colonne {column}", f"line {line}, column {column}"
    seen = (
        (f", devant « {near} »", f", before `{near}`") if near else (", à la fin du texte", ", at the end of the text")
    )
    text = Text(
        f"La requête n’est pas du SPARQL valide\u00a0: {where[0]}{seen[0]}.",
        f"The query is not valid SPARQL: {where[1]}{seen[1]}.",
    )
    usual = {prefix: USUAL[prefix] for prefix in missing if prefix in USUAL}
    token = next((t.text for t in tokens(query[at : at + 1000])), "")[:100]
    return Explanation(text, _advice(message, query, missing, expected), line, column, token, expected, usual)


def _offset(query: str, line: int, column: int) -> int:
    """The place of a line and column, in characters from the beginning."""
    start = 0
    for _ in range(line - 1):
        start = query.find("\n", start) + 1
    return min(start + column - 1, len(query))


def _first_with(query: str, prefixes: Sequence[str]) -> Token | None:
    declaring = False
    for token in tokens(query):
        if token.kind == "name" and not declaring and token.text.partition(":")[0] in prefixes:
            return token
        declaring = token.word == "PREFIX"
    return None


def function_missing(message: str) -> Explanation | None:
    """The explanation when the engine's `message` says that it does not know a function; else None."""
    found = _FUNCTION.search(message)
    if found is None:
        return None
    return Explanation(
        Text(f"La fonction <{found[1]}> n’existe pas ici.", f"There is no function <{found[1]}> here."),
        Text("Utilisez les fonctions de SPARQL 1.1.", "Use the functions of SPARQL 1.1."),
    )


def _near(query: str, at: int) -> str:
    rest = next((line.strip() for line in query[at : at + 1000].split("\n") if line.strip()), "")
    return rest if len(rest) <= 30 else f"{rest[:29]}…"


def _advice(message: str, query: str, missing: Sequence[str], expected: Text) -> Text:
    if missing:
        listed = ", ".join(f"{p}:" for p in missing)
        declared = " ".join(f"PREFIX {p}: <{USUAL[p]}>" for p in missing if p in USUAL)
        more = (
            Text(f" Ajoutez au début\u00a0: {declared}", f" Add at the beginning: {declared}") if declared else NOTHING
        )
        return Text(
            f"Préfixe non déclaré\u00a0: {listed} (PREFIX).{more.fr}",
            f"Prefix not declared: {listed} (PREFIX).{more.en}",
        )
    for words, advice in _SAID.items():
        if words in message:
            return advice
    if not scan(query[:LENGTH]).form:
        return Text(
            "Il n’y a là ni SELECT, ni ASK, ni CONSTRUCT, ni DESCRIBE.",
            "There is no SELECT, ASK, CONSTRUCT or DESCRIBE in it.",
        )
    opened = unclosed(query)[0] if len(query) <= LENGTH and not expected.en else ""
    if opened:
        return Text(
            f"Une accolade ou parenthèse «\u00a0{opened}\u00a0» n’est pas fermée.",
            f"A bracket `{opened}` is not closed.",
        )
    if expected.en:
        return Text(f"Il faudrait là {expected.fr}.", f"There should be {expected.en}.")
    return Text(
        "Vérifiez la ponctuation et les mots-clés juste avant cet endroit.",
        "Check the punctuation and the keywords just before that place.",
    )


_SAID = {
    "contains a variable that is unbound": Text(
        "Une variable du SELECT n’est ni groupée (GROUP BY) ni agrégée.",
        "A variable of the SELECT is neither grouped (GROUP BY) nor aggregated.",
    ),
    "IRI parsing failed": Text(
        "Une IRI entre < et > contient un caractère interdit.",
        "An IRI between < and > holds a character that it cannot.",
    ),
}
