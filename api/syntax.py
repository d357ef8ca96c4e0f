"""What the engine says of a query it refuses, told in our words: where, what stands there, and what to do."""

from __future__ import annotations

import re

from api.errors import BadRequest, EngineFailed, QueryRefused
from api.scanner import prefixes_missing
from catalog.model import Text
from vocab.errors import GaronneError

_POSITION = re.compile(r"error at (\d+):(\d+)")
_FUNCTION = re.compile(r"function <?([^>]+)>? is not supported", re.IGNORECASE)


def refused(kind: str, message: str, query: str) -> GaronneError:
    """The error for a failure that a worker reported: `kind` as in `api.frames`, `message` as the engine wrote it."""
    if kind == "syntax":
        return syntax_error(message, query)
    if kind == "graph":
        return BadRequest(
            Text(
                "Un nom de graphe n’est pas une IRI absolue.",
                "A graph name is not an absolute IRI.",
            ),
            Text("Vérifiez default-graph-uri et named-graph-uri.", "Check default-graph-uri and named-graph-uri."),
        )
    if kind == "service":
        return service_refused()
    function = _FUNCTION.search(message)
    if function:
        return QueryRefused(
            Text(
                f"La fonction <{function[1]}> n’existe pas ici.",
                f"There is no function <{function[1]}> here.",
            ),
            Text("Utilisez les fonctions de SPARQL 1.1.", "Use the functions of SPARQL 1.1."),
        )
    return EngineFailed(
        Text("Le moteur n’a pas pu évaluer cette requête.", "The engine could not evaluate this query."),
        Text(f"Il dit : {message[:200]}", f"It says: {message[:200]}"),
    )


def service_refused() -> QueryRefused:
    """The error for SERVICE, which would make this server fetch addresses chosen by its users."""
    return QueryRefused(
        Text("SERVICE n’est pas évalué ici.", "SERVICE is not evaluated here."),
        Text(
            "Interrogez l’autre point d’accès depuis votre propre outil, puis joignez les résultats.",
            "Query the other endpoint from your own tool and join the results there.",
        ),
    )


def update_refused() -> QueryRefused:
    """The error for SPARQL Update."""
    return QueryRefused(
        Text(
            "Ce point d’accès répond aux requêtes (SELECT, ASK, CONSTRUCT, DESCRIBE) et ne modifie rien.",
            "This endpoint answers queries (SELECT, ASK, CONSTRUCT, DESCRIBE) and changes nothing.",
        ),
        Text("Le catalogue est publié par moissonnage.", "The catalogue is published by harvesting."),
    )


def syntax_error(message: str, query: str) -> QueryRefused:
    """The error for a query that does not parse: line and column are 1-based and count characters."""
    found = _POSITION.search(message)
    if found is None:
        return QueryRefused(
            Text("La requête n’est pas du SPARQL valide.", "The query is not valid SPARQL."), _advice(message, query)
        )
    line, column = int(found[1]), int(found[2])
    near = _near(query, line, column)
    where = f"ligne {line}, colonne {column}", f"line {line}, column {column}"
    seen = (
        (f", devant « {near} »", f", before `{near}`") if near else (", à la fin du texte", ", at the end of the text")
    )
    return QueryRefused(
        Text(
            f"La requête n’est pas du SPARQL valide : {where[0]}{seen[0]}.",
            f"The query is not valid SPARQL: {where[1]}{seen[1]}.",
        ),
        _advice(message, query),
        line=line,
        column=column,
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
