"""One shape for every error: a problem document (RFC 9457) for programs, a page for people, from the same object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from api.errors import (
    NOTHING,
    BadRequest,
    Bilingual,
    MethodNotAllowed,
    OutOfMemory,
    QueryRefused,
    RangeRefused,
    TimedOut,
    Unauthorized,
    Withdrawn,
)
from api.negotiation import prefers_html
from api.rendering import Renderer
from catalog.errors import Busy, QueryInvalid
from catalog.model import Text
from vocab.errors import GaronneError

MEDIA_TYPE = "application/problem+json"

_TITLES: dict[int, str] = {
    400: "Demande incorrecte",
    401: "Jeton nécessaire",
    403: "Écriture interdite",
    404: "Introuvable",
    405: "Méthode refusée",
    406: "Format non proposé",
    408: "Demande trop lente",
    410: "Retiré",
    413: "Demande trop volumineuse",
    415: "Type de contenu refusé",
    416: "Partie introuvable",
    422: "Contenu illisible",
    429: "Trop de demandes",
    500: "Erreur interne",
    502: "Source en erreur",
    503: "Service momentanément indisponible",
    504: "Requête trop longue",
    507: "Requête trop gourmande en mémoire",
}


@dataclass(frozen=True)
class Problem:
    """One error as every client sees it. `more` holds extension members: line, column, offered…"""

    status: int
    title: Text
    detail: Text
    advice: Text = NOTHING
    instance: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, lang: str) -> bytes:
        """The problem document, in one language."""
        members = {
            "type": "about:blank",
            "title": self.title.of(lang),
            "status": self.status,
            "detail": self.detail.of(lang),
            "hint": self.advice.of(lang),
            "instance": self.instance,
            **self.more,
        }
        told = {name: _in(lang, value) for name, value in members.items()}
        return json.dumps({k: v for k, v in told.items() if v not in ("", None, [], {})}, ensure_ascii=False).encode()


def _in(lang: str, value: Any) -> Any:
    """A member in one language."""
    if isinstance(value, list):
        return [_in(lang, one) for one in value]
    return value.of(lang) if isinstance(value, Text) else value


def problem_of(error: Exception, instance: str = "") -> Problem:
    """What an exception means to a client. What is not ours says nothing of the inside."""
    if not isinstance(error, GaronneError):
        return Problem(
            500,
            Text(_TITLES[500], "Internal error"),
            Text(
                "Une erreur inattendue s’est produite\u00a0; elle est consignée.",
                "Something unexpected happened; it was logged.",
            ),
            instance=instance,
        )
    title = Text(_TITLES.get(error.status, _TITLES[500]), error.title)
    detail, advice = Text(str(error.message), str(error.message)), Text(error.hint, error.hint)
    if isinstance(error, Bilingual):
        detail, advice = error.text, error.advice
    return Problem(error.status, title, detail, advice, instance, _members(error), _headers(error))


def _members(error: GaronneError) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if isinstance(error, QueryInvalid) and error.line:
        members |= {"line": error.line, "column": error.column}
    if isinstance(error, QueryRefused) and error.line:
        members |= {"token": error.token, "expected": error.expected, "prefixes": dict(error.prefixes)}
    if isinstance(error, TimedOut | OutOfMemory):
        members["slow"] = list(error.slow)
    if isinstance(error, Withdrawn):
        told = {name: getattr(error, name) for name in ("called", "withdrawn", "release", "describing")}
        members |= {name: value for name, value in told.items() if value}
    for name in ("offered", "accepted", "allowed", "nearest"):
        if hasattr(error, name):
            members[name] = list(getattr(error, name))
    return members


def _headers(error: GaronneError) -> dict[str, str]:
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="garonne"'}
    if isinstance(error, RangeRefused):
        return {"Content-Range": f"bytes */{error.size}"}
    wait = getattr(error, "retry_after", None)
    if wait is None and error.status == Busy.status:
        wait = 60
    return {} if wait is None else {"Retry-After": str(int(wait))}


def http_problem(status: int, path: str, method: str, headers: Mapping[str, str] | None) -> Problem:
    """The problem for what the router itself refuses: an unknown address, a method."""
    if status == MethodNotAllowed.status:
        allowed = sorted((headers or {}).get("Allow", "GET, HEAD").replace(" ", "").split(","))
        return problem_of(MethodNotAllowed(method, allowed), path)
    if status == 404:
        detail = Text(f"Il n’y a rien à l’adresse {path}.", f"There is nothing at {path}.")
        advice = Text(
            "L’accueil liste ce que propose ce catalogue.", "The front page lists what this catalogue offers."
        )
        return Problem(404, Text(_TITLES[404], "Not found"), detail, advice, path)
    return problem_of(BadRequest(Text("Cette demande ne peut être lue.", "This request cannot be read.")), path)


def respond(problem: Problem, renderer: Renderer, headers: Mapping[str, str], query: Mapping[str, str]) -> Response:
    """The response for a problem: a page for a browser, otherwise a problem document.

    Programs are answered in English unless they ask for French; people as on every page.
    """
    if prefers_html(headers.get("accept")):
        lang = renderer.language(headers, query)
        body = renderer.page("problem.html", lang, problem=problem)
        media_type = "text/html; charset=utf-8"
    else:
        lang = renderer.language(headers, query, default="en")
        body = problem.document(lang)
        media_type = MEDIA_TYPE
    more = {"Content-Language": lang, "Vary": "Accept, Accept-Language", "Cache-Control": "no-store", **problem.headers}
    return Response(body, problem.status, headers=more, media_type=media_type)
