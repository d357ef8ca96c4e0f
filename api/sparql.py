"""`/sparql`: the SPARQL 1.1 Protocol over the current release, as a plain ASGI application.

The status is committed with the first piece of the result. What fails after that breaks the connection: the chunked
body is not ended, so that no client can take a part for the whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import protocol
from api.conditional import entity_tag, not_modified
from api.connection import Disconnected, while_connected
from api.description import service_description
from api.errors import BodyTooLarge, MethodNotAllowed
from api.evaluation import Answer
from api.negotiation import media_type, prefers_html
from api.problems import problem_of, respond
from api.process import Job
from api.published import Published
from api.rendering import Renderer
from api.syntax import service_refused, update_refused
from api.workers import Pool
from catalog.formats import FORMATS, write
from catalog.model import Text
from catalog.releases import Release
from catalog.scanner import Scan, scan
from catalog.settings import Settings

log = logging.getLogger("garonne.sparql")

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request's body that are read; batches of VALUES are long."""


class SparqlDoor:
    """The ASGI application. One instance serves all requests."""

    def __init__(self, settings: Settings, published: Published, pool: Pool, renderer: Renderer) -> None:
        self.settings = settings
        self.published = published
        self.pool = pool
        self.renderer = renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(self, scope, receive, send)
        try:
            await exchange.run()
        except Disconnected:
            return
        except Exception as e:
            if exchange.started:
                log.warning("a result was cut after its beginning: %s", e)
                return  # the server closes the connection: the body was not ended
            if not hasattr(e, "status"):
                log.exception("unexpected failure at /sparql")
            problem = problem_of(e, scope["path"])
            await respond(problem, self.renderer, Headers(scope=scope), QueryParams(scope["query_string"]))(
                scope, receive, send
            )


class Exchange:
    """One request and its response."""

    def __init__(self, door: SparqlDoor, scope: Scope, receive: Receive, send: Send) -> None:
        self.door = door
        self.scope = scope
        self.receive = receive
        self.transmit = send
        self.method: str = scope["method"]
        self.headers = Headers(scope=scope)
        self.started = False

    async def run(self) -> None:
        """Answer. Raises what went wrong; `started` says whether the client has seen a status by then."""
        if self.method == "OPTIONS":
            return await self._plain(Response(status_code=204, headers={"Allow": ", ".join(METHODS)}))
        if self.method not in METHODS:
            raise MethodNotAllowed(self.method, METHODS)
        request = protocol.read(
            self.method, self.scope["query_string"], self.headers.get("content-type"), await self._body()
        )
        if request.query is None:
            return await self._plain(await asyncio.to_thread(self._introduction))
        seen = _checked(scan(request.query))
        table, graph = protocol.choices(request.format, self.headers.get("accept"))
        release = self.door.published.named(request.release)
        tag = self._tag(request, release)
        if not seen.volatile and not_modified(self._named_tags(), tag):
            return await self._plain(Response(status_code=304, headers=_head(release, tag)))
        limit = min(request.timeout or self.door.pool.timeout, self.door.pool.timeout)
        job = Job(
            request.query,
            table.suffix,
            graph.suffix,
            limit,
            request.default_graphs,
            request.named_graphs,
            self.headers.get("accept", ""),
            protocol.OFFERED,
        )
        await while_connected(self._evaluate(job, release, (table, graph), "" if seen.volatile else tag), self.receive)
        return None

    async def _body(self) -> bytes:
        if self.method not in {"POST", "QUERY"}:
            return b""
        body = bytearray()
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > BODY_LIMIT:
                mebibytes = BODY_LIMIT >> 20
                raise BodyTooLarge(
                    Text(f"La demande dépasse {mebibytes} Mio.", f"The request exceeds {mebibytes} MiB."),
                    Text("Envoyez-la en plusieurs fois.", "Send it in several parts."),
                )
        return bytes(body)

    def _introduction(self) -> Response:
        """Without a query: a form for people, the service description for programs."""
        accept = self.headers.get("accept")
        vary = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}
        types = {f.media_type: f for f in FORMATS.values()}
        chosen = media_type(accept, list(types))
        if prefers_html(accept) or chosen is None:
            lang = self.door.renderer.language(self.headers, QueryParams(self.scope["query_string"]))
            body = form(self.door.renderer, lang)
            return Response(body, headers=vary | {"Content-Language": lang}, media_type="text/html; charset=utf-8")
        described = service_description(self.door.settings, self.door.published.current())
        body = write(described, types[chosen])
        return Response(body, headers=vary | {"Content-Type": types[chosen].content_type})

    def _tag(self, request: protocol.Request, release: Release) -> str:
        graphs = (request.default_graphs, request.named_graphs)
        asked = (request.query, graphs, request.format, self.headers.get("accept", ""))
        return entity_tag(release.manifest.fingerprint, release.number, *asked, weak=True)

    def _named_tags(self) -> dict[str, str]:
        """The client's tags; `*` proves nothing about a query that was never answered."""
        given = self.headers.get("if-none-match", "")
        return {} if given.strip() in {"", "*"} else {"if-none-match": given}

    async def _plain(self, response: Response) -> None:
        await response(self.scope, self.receive, self._send)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.started = True
        await self.transmit(message)

    async def _evaluate(
        self, job: Job, release: Release, formats: tuple[protocol.Choice, protocol.Choice], tag: str
    ) -> None:
        async with self.door.pool.evaluate(job, release.store) as answer:
            chosen = formats[1] if answer.form == "graph" else formats[0]
            headers = _head(release, tag) | {"Content-Type": chosen.content_type}
            await self._stream(answer, headers, stall=self.door.pool.timeout)

    async def _stream(self, answer: Answer, headers: dict[str, str], stall: float) -> None:
        """Send the result as it comes. A client that takes nothing for `stall` seconds has left."""
        piece, last = await answer.piece()
        if last:
            headers["Content-Length"] = str(len(piece))
        await self._start(headers)
        if self.method == "HEAD":
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        while True:
            async with asyncio.timeout(stall):
                await self._send({"type": "http.response.body", "body": piece, "more_body": not last})
            if last:
                return
            piece, last = await answer.piece()

    async def _start(self, headers: dict[str, str]) -> None:
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})


def _checked(seen: Scan) -> Scan:
    if seen.update:
        raise update_refused()
    if seen.service:
        raise service_refused()
    return seen


def _head(release: Release, tag: str) -> dict[str, str]:
    headers = {"Vary": "Accept", "Cache-Control": "no-cache", "Garonne-Release": str(release.number)}
    return headers | {"ETag": tag} if tag else headers


def form(renderer: Renderer, lang: str) -> bytes:
    """The page with a form and three queries to try; works without JavaScript."""
    settings = renderer.settings
    return renderer.page(
        "sparql.html", lang, examples=EXAMPLES, timeout=settings.query.timeout, memory=settings.query.memory
    )


_PREFIX = "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dct: <http://purl.org/dc/terms/>\n"
EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        "example_titles",
        _PREFIX + "SELECT ?dataset ?title WHERE {\n  ?dataset a dcat:Dataset ; dct:title ?title .\n}\n"
        "ORDER BY ?title\nLIMIT 50",
    ),
    (
        "example_formats",
        _PREFIX + "SELECT ?format (COUNT(DISTINCT ?distribution) AS ?number) WHERE {\n"
        "  ?distribution a dcat:Distribution ; dct:format ?format .\n}\nGROUP BY ?format\nORDER BY DESC(?number)",
    ),
    (
        "example_publishers",
        _PREFIX + "PREFIX foaf: <http://xmlns.com/foaf/0.1/>\n"
        "SELECT ?name (COUNT(DISTINCT ?dataset) AS ?number) WHERE {\n"
        "  ?dataset a dcat:Dataset ; dct:publisher ?publisher .\n  ?publisher foaf:name ?name .\n}\n"
        "GROUP BY ?name\nORDER BY DESC(?number)",
    ),
    (
        "example_quality",
        _PREFIX + "PREFIX foaf: <http://xmlns.com/foaf/0.1/>\nPREFIX sh: <http://www.w3.org/ns/shacl#>\n"
        "SELECT ?name ?rule (COUNT(DISTINCT ?dataset) AS ?datasets) WHERE {\n"
        "  GRAPH ?about { ?report dct:subject ?dataset ; sh:result/sh:sourceShape ?shape . }\n"
        '  GRAPH ?rules { ?shape sh:message ?rule . FILTER(LANG(?rule) = "fr") }\n'
        "  ?dataset dct:publisher/foaf:name ?name .\n}\nGROUP BY ?name ?rule\nORDER BY DESC(?datasets)",
    ),
)
