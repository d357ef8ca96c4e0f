"""`/void`, `/.well-known/void`, `/query`: what the service says of itself and of its named queries."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.asked import Answers, Asked
from api.description import described_queries, service_description
from api.errors import Missing, NotAcceptable, NotPublished
from api.negotiation import media_type, prefers_html
from api.queries import NamedQuery, triples
from api.standing import Standing
from catalog.formats import FORMATS, Format, write
from vocab.text import Text

TABLES: dict[str, tuple[QueryResultsFormat, str]] = {
    "json": (QueryResultsFormat.JSON, "application/sparql-results+json"),
    "xml": (QueryResultsFormat.XML, "application/sparql-results+xml"),
    "csv": (QueryResultsFormat.CSV, "text/csv; charset=utf-8"),
    "tsv": (QueryResultsFormat.TSV, "text/tab-separated-values; charset=utf-8"),
}
RETRY = 10
"""Seconds after which an answer that is not there yet may be there."""


class Described:
    """The doors of self-description."""

    def __init__(self, answers: Answers, standing: Standing) -> None:
        self.published = answers.published
        self.standing = standing
        self.renderer = answers.renderer
        self.answers = answers
        self.base = self.published.settings.catalog.base

    async def void(self, request: Request) -> Response:
        """The service description with its VoID statistics."""
        asked = self.answers.asked(request)
        statistics = self.standing.statistics(asked.release)
        found = service_description(self.published.settings, asked.release, statistics)
        return self._rdf(asked, found)

    async def queries(self, request: Request) -> Response:
        """All named queries as data; for a browser, the page that lists them."""
        if prefers_html(request.headers.get("accept")):
            self.answers.asked(request)
            return RedirectResponse(self.renderer.here("sparql", lang=request.query_params.get("lang", "")), 303)
        return self._rdf(self.answers.asked(request), self._described(self.answers.asked(request)))

    async def query(self, request: Request) -> Response:
        """One named query: as data, as text (`.rq`), or its answer on this release (`.json`, `.csv`, `.ttl`…)."""
        name, _, suffix = request.path_params["name"].partition(".")
        query = self.standing.queries.get(name)
        if query is None:
            raise _unknown(name, self.standing.queries)
        asked = self.answers.asked(request)
        if suffix == "rq":
            plain = asked.as_(suffix, "")
            return self.answers.send(plain, f"{query.text}\n".encode(), "application/sparql-query; charset=utf-8")
        if suffix:
            return await asyncio.to_thread(self._answer, asked, query, suffix)
        if prefers_html(request.headers.get("accept")):
            here = self.renderer.here("sparql", query=query.text, lang=request.query_params.get("lang", ""))
            return RedirectResponse(here, 303)
        own = f"{self.base}query/{name}"
        return self._rdf(asked, [t for t in self._described(asked) if _named(t).partition("#")[0] == own])

    def _described(self, asked: Asked) -> list[Triple]:
        return described_queries(self.base, triples(self.base), asked.release, self.standing.runs(asked.release))

    def _rdf(self, asked: Asked, found: Iterable[Triple]) -> Response:
        accept = asked.request.headers.get("accept")
        types = {f.media_type: f for f in FORMATS.values()}
        chosen = types.get(media_type(accept, list(types)) or "text/turtle")
        if chosen is None:
            raise NotAcceptable(accept or "", list(types))
        asked = asked.as_(chosen.suffix, "Accept")
        return self.answers.send(asked, write(found, chosen), chosen.content_type, dated=False)

    def _answer(self, asked: Asked, query: NamedQuery, suffix: str) -> Response:
        """The stored answer in this format."""
        graph: Format | None = FORMATS.get(suffix)
        offered = sorted(FORMATS) if query.form == "construct" else sorted(TABLES)
        if suffix not in offered:
            raise Missing(
                Text(
                    f"Cette requête n’a pas de réponse en {suffix[:20]}.", f"This query has no answer as {suffix[:20]}."
                ),
                Text(f"Au choix\u00a0: {', '.join(offered)}.", f"Offered: {', '.join(offered)}."),
            )
        if (unchanged := self.answers.unchanged(asked)) is not None:
            return unchanged
        stored = self.standing.answer(asked.release, query.name)
        if stored is None:
            raise self._not_there(asked, query)
        if query.form == "construct" and graph is not None:
            found = [quad.triple for quad in parse(stored, format=RdfFormat.N_TRIPLES)]
            return self.answers.body(asked, write(found, graph), graph.content_type)
        results = parse_query_results(stored, format=QueryResultsFormat.JSON)
        out = io.BytesIO()
        assert isinstance(results, QuerySolutions | QueryBoolean)  # noqa: S101  JSON holds nothing else
        results.serialize(out, TABLES[suffix][0])
        return self.answers.body(asked, out.getvalue(), TABLES[suffix][1])

    def _not_there(self, asked: Asked, query: NamedQuery) -> NotPublished:
        run = self.standing.runs(asked.release).get(query.name)
        if run is not None and run.error:
            return NotPublished(
                Text(
                    f"La requête {query.name} n’a pas abouti sur l’édition {asked.release.number}.",
                    f"The query {query.name} gave no answer on release {asked.release.number}.",
                ),
                Text(f"Elle s’est arrêtée ainsi\u00a0: {run.error}", f"It ended so: {run.error}"),
            )
        return NotPublished(
            Text(
                f"La réponse de {query.name} n’est pas encore prête pour l’édition {asked.release.number}.",
                f"The answer to {query.name} is not ready yet for release {asked.release.number}.",
            ),
            Text("Réessayez dans quelques secondes.", "Try again in a few seconds."),
        )


def _named(triple: Triple) -> str:
    return triple.subject.value if isinstance(triple.subject, NamedNode) else ""


def _unknown(name: str, known: Iterable[str]) -> Missing:
    listed = ", ".join(known)
    return Missing(
        Text(f"Il n’y a pas de requête «\u00a0{name[:50]}\u00a0».", f"There is no query `{name[:50]}`."),
        Text(f"Requêtes\u00a0: {listed}.", f"Queries: {listed}."),
    )
