"""What the engine says of a query it refuses, told in our words: where, what stands there, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.model import Text
from catalog.scanner import prefixes_missing, scan

_POSITION = re.compile(r"error at (\d+):(\d+)")
_FUNCTION = re.compile(r"function <?([^>]+)>? is not supported", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is wrong with a query, and what to do; `line` and `column` are 1-based, count characters, 0 if unknown."""

    text: Text
    advice: Text
    line: int = 0
    column: int = 0


def explained(message: str, query: str) -> Explanation:
    """Why this query does not parse, from the engine's `message`."""
    advice = _advice(message, query)
    found = _POSITION.search(message)
    if found is None:
        return Explanation(Text("La requête n’est pas du SPARQL valide.", "The query is not valid SPARQL."), advice)
    line, column = int(found[1]), int(found[2])
    near = _near(query, line, column)
    where = f"ligne {line}, colonne {column}", f"line {line}, column {column}"
    seen = (
        (f", devant « {near} »", f", before `{near}`") if near else (", à la fin du texte", ", at the end of the text")
    )
    text = Text(
        f"La requête n’est pas du SPARQL valide : {where[0]}{seen[0]}.",
        f"The query is not valid SPARQL: {where[1]}{seen[1]}.",
    )
    return Explanation(text, advice, line, column)


def function_missing(message: str) -> Explanation | None:
    """The explanation when the engine's `message` says that it does not know a function; else None."""
    found = _FUNCTION.search(message)
    if found is None:
        return None
    return Explanation(
        Text(f"La fonction <{found[1]}> n’existe pas ici.", f"There is no function <{found[1]}> here."),
        Text("Utilisez les fonctions de SPARQL 1.1.", "Use the functions of SPARQL 1.1."),
    )


def _near(query: str, line: int, column: int) -> str:
    lines = query.split("\n")
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    if not rest and line < len(lines):
        rest = next((text.strip() for text in lines[line:] if text.strip()), "")
    return rest if len(rest) <= 30 else f"{rest[:29]}…"


def _advice(message: str, query: str) -> Text:
    missing = prefixes_missing(query)
    if missing:
        listed = ", ".join(f"{p}:" for p in missing)
        return Text(f"Préfixe non déclaré : {listed} (PREFIX).", f"Prefix not declared: {listed} (PREFIX).")
    if "contains a variable that is unbound" in message:
        return Text(
            "Une variable du SELECT n’est ni groupée (GROUP BY) ni agrégée.",
            "A variable of the SELECT is neither grouped (GROUP BY) nor aggregated.",
        )
    if "IRI parsing failed" in message:
        return Text(
            "Une IRI entre < et > contient un caractère interdit.",
            "An IRI between < and > holds a character that it cannot.",
        )
    if not scan(query).form:
        return Text(
            "Il n’y a là ni SELECT, ni ASK, ni CONSTRUCT, ni DESCRIBE.",
            "There is no SELECT, ASK, CONSTRUCT or DESCRIBE in it.",
        )
    opened = _unclosed(query)
    if opened:
        return Text(
            f"Une accolade ou parenthèse « {opened} » n’est pas fermée.", f"A bracket `{opened}` is not closed."
        )
    return Text(
        "Vérifiez la ponctuation et les mots-clés juste avant cet endroit.",
        "Check the punctuation and the keywords just before that place.",
    )


def _unclosed(query: str) -> str:
    plain = re.sub(r"<[^<>\s]*>|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*", " ", query)
    for opening, closing in (("{", "}"), ("(", ")")):
        if plain.count(opening) > plain.count(closing):
            return opening
    return ""
