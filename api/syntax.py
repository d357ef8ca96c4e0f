"""The errors for a query that is refused before or by its evaluation, in both languages."""

from __future__ import annotations

from api.errors import BadRequest, EngineFailed, QueryRefused
from catalog.model import Text
from catalog.syntax import explained, function_missing
from vocab.errors import GaronneError


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
    if kind == "update":
        return update_refused()
    return function_refused(message) or EngineFailed(
        Text("Le moteur n’a pas pu évaluer cette requête.", "The engine could not evaluate this query."),
        Text(f"Il dit\u00a0: {message[:200]}", f"It says: {message[:200]}"),
    )


def function_refused(message: str) -> QueryRefused | None:
    """The error for a function that the engine's `message` says it does not know; else None."""
    function = function_missing(message)
    return QueryRefused(function.text, function.advice) if function else None


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
    found = explained(message, query)
    refusal = QueryRefused(found.text, found.advice, line=found.line, column=found.column)
    refusal.token, refusal.expected, refusal.prefixes = found.token, found.expected, dict(found.prefixes)
    return refusal
