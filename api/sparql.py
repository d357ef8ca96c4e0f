"""`/sparql`: the SPARQL 1.1 Protocol's queries over a release, as a plain ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import cursors, protocol, ready
from api.answers import Answers, answer_headers, bare_tags, tag_of_copy
from api.conditional import entity_tag, not_modified
from api.connection import while_connected
from api.described import TABLES
from api.description import service_description
from api.errors import BadRequest, MethodNotAllowed, NotAcceptable, OutOfMemory, QueryRefused, TimedOut
from api.exchange import Exchange, named_tags, raw, release_headers
from api.large import LARGE, Place, lane
from api.negotiation import content_coding, media_type, prefers_html
from api.process import Job
from api.published import Published
from api.rendering import Renderer
from api.sparql_page import SparqlPage
from api.standing import Standing
from api.syntax import service_refused, update_refused
from catalog import advice
from catalog.formats import FORMATS, write
from catalog.releases import Release
from catalog.scanner import Scan, plain, scan
from catalog.settings import Settings
from catalog.statistics import Statistics
from vocab.errors import GaronneError
from vocab.text import Text

BODIES = {
    "Accept-Post": f"{protocol.QUERY_TYPE}, {protocol.FORM_TYPE}",
    "Accept-Query": f"{protocol.QUERY_TYPE}, {protocol.FORM_TYPE}",
}
"""The bodies that POST and QUERY may have (RFC 10008, section 3; Linked Data Platform, 7.1)."""
LONGEST = 8000
"""Characters of an address that clients are sure to take."""
METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")


LONG = 4_000
"""Characters from which a query is looked at in a thread of its own…"""
SHORT = 1_000
"""…and to which it is advised upon without one."""
Advice = Callable[[str, str, Any], list[Text]]


NOTHING_SEEN = Scan("", service=False, volatile=False)


class SparqlDoor:
    """The ASGI application. One instance serves all requests."""

    def __init__(
        self,
        settings: Settings,
        published: Published,
        answers: Answers,
        renderer: Renderer,
        standing: Standing,
        *,
        bare: bool = False,
    ) -> None:
        self.settings = settings
        self.published = published
        self.answers = answers
        self.renderer = renderer
        self.standing = standing
        self.page = SparqlPage(settings, answers, standing, renderer)
        self.bare = bare
        self.ready = ready.ReadyAnswers()
        self.long = lane()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Query(self, scope, receive, send).run(self.renderer)


class Query(Exchange):
    """One query and its answer."""

    def __init__(self, door: SparqlDoor, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.door = door

    async def answer(self) -> None:
        """As in `Exchange`."""
        if self.method == "OPTIONS":
            return await self.plain(Response(status_code=204, headers={"Allow": ", ".join(METHODS)} | BODIES))
        if self.method not in METHODS:
            raise MethodNotAllowed(self.method, METHODS)
        with Place(self.door.long) as place:
            limit = self.door.settings.query.max_bytes
            body = await self.body(limit, place) if self.method in {"POST", "QUERY"} else b""
            swap = self.door.published.swap()  # before the release: what is found after it is no older
            current = self.door.published.current() if len(body) <= LARGE else None
            asked = ready.asked(self.scope, body, (*swap, current.number)) if current and swap else None
            found = self.door.ready.find(asked)
            if found is not None:
                self.door.answers.found_ready(found.question)
                return await self.whole(found.headers, found.body)
            return await self._answer(await self._request(body), asked, current)

    async def _request(self, body: bytes) -> protocol.Request:
        """What is asked; a long form is taken apart in a thread of its own."""
        given = (self.method, self.scope["query_string"], self.headers.get("content-type"), body)
        return await asyncio.to_thread(protocol.read, *given) if len(body) > LARGE else protocol.read(*given)

    async def _answer(self, request: protocol.Request, asked: ready.Asked | None, current: Release | None) -> None:
        if request.query is None:
            return await self.plain(await asyncio.to_thread(self._introduction))
        if prefers_html(self.headers.get("accept")) and not request.format:
            return await while_connected(self._for_people(request), self.receive)
        seen = _checked(await _scanned(request.query))
        if request.cursor is not None:
            return await while_connected(self._paged(request), self.receive)
        table, graph = protocol.choices(request.format, self.headers.get("accept"))
        known = None if request.release else current
        release = known if known is not None else self.door.published.named(request.release)
        tag = "" if seen.volatile else self._tag(request, release)
        if tag and not_modified(bare_tags(named_tags(self.headers)), tag):
            headers = release_headers(release, tag_of_copy(self.headers, tag)) | {"Vary": "Accept, Accept-Encoding"}
            return await self.plain(Response(status_code=304, headers=headers))
        limit = min(request.timeout or self.door.answers.timeout, self.door.answers.timeout)
        job = Job(
            request.query,
            table.suffix,
            graph.suffix,
            limit,
            request.default_graphs,
            request.named_graphs,
            self.headers.get("accept", ""),
            protocol.OFFERED,
            content_coding(self.headers.get("accept-encoding")),
            seen.volatile,
            unseen=len(request.query) > LARGE,
        )
        work = self._evaluate(job, release, (table, graph), tag, asked)
        return await while_connected(work, self.receive)

    def _language(self) -> str:
        return self.door.renderer.language(self.headers, QueryParams(self.scope["query_string"]))

    async def _for_people(self, request: protocol.Request) -> None:
        """The page with the beginning of the result, or with what went wrong."""
        lang = self._language()
        try:
            release = self.door.published.named(request.release)
        except GaronneError as e:
            return await self.plain(self.door.page.failed(e, request, self.door.published.current(), lang))
        try:
            volatile = _checked(await _scanned(request.query or "")).volatile
        except GaronneError as e:
            return await self.plain(self.door.page.failed(e, request, release, lang))
        limit = min(request.timeout or self.door.answers.timeout, self.door.answers.timeout)
        graphs = (request.default_graphs, request.named_graphs)
        unseen = len(request.query or "") > LARGE
        job = Job(request.query or "", "tsv", "ttl", limit, *graphs, volatile=volatile, unseen=unseen)
        return await self.plain(await self.door.page.result(request, job, release, lang))

    def _introduction(self) -> Response:
        """Without a query: a form for people, the service description for programs."""
        accept = self.headers.get("accept")
        vary = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"} | BODIES
        types = {f.media_type: f for f in FORMATS.values()}
        chosen = media_type(accept, list(types))
        if prefers_html(accept) or chosen is None:
            return self.door.page.empty(self._language(), self.door.published.current())
        release = self.door.published.current()
        statistics = self.door.standing.statistics(release) if release is not None else None
        described = service_description(self.door.settings, release, statistics, bare=self.door.bare)
        body = write(described, types[chosen])
        return Response(body, headers=vary | {"Content-Type": types[chosen].content_type})

    def _tag(self, request: protocol.Request, release: Release) -> str:
        graphs = (request.default_graphs, request.named_graphs)
        asked = (request.query, graphs, request.format, self.headers.get("accept", ""))
        return entity_tag(release.manifest.fingerprint, release.number, *asked, weak=True)

    async def _paged(self, request: protocol.Request) -> None:
        """One page of a SELECT, and the link to the next."""
        table, _ = protocol.choices(request.format, self.headers.get("accept"))
        if table.suffix is None:
            raise NotAcceptable(self.headers.get("accept", ""), protocol.OFFERED)
        paged = await asyncio.to_thread(cursors.Paged, request.query or "")
        before = cursors.Cursor.decoded(request.cursor) if request.cursor else None
        if before is not None and before.query != paged.digest:
            raise BadRequest(
                Text("Ce curseur est d’une autre requête.", "This cursor is of another query."),
                Text("Donnez-lui la requête telle qu’elle était.", "Give it the query as it was."),
            )
        release = self.door.published.named(str(before.release) if before else request.release)
        limit = min(request.timeout or self.door.answers.timeout, self.door.answers.timeout)
        job = Job(paged.text(before), "json", None, limit, request.default_graphs, request.named_graphs)
        body = await self._gathered(job, replace(job, query=request.query or ""), release)
        rows, following = await asyncio.to_thread(paged.page, body, release.number, before)
        content = await asyncio.to_thread(cursors.written, rows, TABLES[table.suffix][0])
        headers = release_headers(release, "") | {"Content-Type": table.content_type}
        known = self.door.standing.statistics(release)
        headers |= await self._noticed(replace(job, query=request.query or ""), known)
        if following is not None:
            headers |= self._next(request, following.encoded())
        return await self.plain(Response(content, headers=headers))

    async def _gathered(self, job: Job, own: Job, release: Release) -> bytes:
        """The whole answer to a page's job; an error has the place in the text of the client's `own`."""
        body, last = b"", False
        try:
            async with self.door.answers.evaluate(job, release) as answer:
                while not last:
                    piece, last = await answer.piece()
                    body += piece
        except QueryRefused:
            async with self.door.answers.evaluate(own, release):
                raise
        return body

    def _next(self, request: protocol.Request, cursor: str) -> dict[str, str]:
        """Where the next page is; a query that is too long for an address goes with the cursor in another way."""
        given = [("query", request.query or ""), ("cursor", cursor)]
        given += [("default-graph-uri", graph) for graph in request.default_graphs]
        given += [("named-graph-uri", graph) for graph in request.named_graphs]
        given += [("format", request.format)] if request.format else []
        address = f"{self.door.settings.catalog.base}sparql?{urlencode(given)}"
        link = {"Link": f'<{address}>; rel="next"'} if len(address) <= LONGEST else {}
        return {"Garonne-Cursor": cursor} | link

    async def _evaluate(
        self,
        job: Job,
        release: Release,
        formats: tuple[protocol.Choice, protocol.Choice],
        tag: str,
        asked: ready.Asked | None,
    ) -> None:
        statistics = self.door.standing.statistics(release)
        try:
            async with self.door.answers.evaluate(job, release) as answer:
                chosen = formats[1] if answer.form == "graph" else formats[0]
                headers = release_headers(release, tag) | {"Content-Type": chosen.content_type}
                headers |= answer_headers(answer, job.query, tag, self.door.settings.catalog.base)
                headers |= await self._noticed(job, statistics)
                if answer.body is None or self.method == "HEAD":
                    return await self.stream(answer, headers, stall=self.door.answers.timeout)
                shown = raw(headers, len(answer.body))
                told = statistics is not None or not self.door.standing.expected
                if asked is not None and told and answer.question:
                    self.door.ready.put(asked, ready.Ready(shown, answer.body, answer.question))
                await self.whole(shown, answer.body)
        except (TimedOut, OutOfMemory) as e:
            e.slow = tuple(await self._advised(advice.slow, job.query, statistics))
            if e.slow:
                e.advice = e.slow[0]
            raise

    async def _noticed(self, job: Job, statistics: Statistics | None) -> dict[str, str]:
        """What to know of the answer, as a header; in English, and in ASCII."""
        if statistics is None:
            return {}
        ask = partial(advice.notices, graphs=bool(job.default_graphs or job.named_graphs))
        told = " ".join(text.en for text in await self._advised(ask, job.query, statistics))
        return {"Garonne-Notice": told.encode("ascii", "replace").decode()} if told else {}

    async def _advised(self, ask: Advice, query: str, statistics: Statistics | None) -> list[Text]:
        """What there is to say of a query; one that takes long to read does not keep others waiting."""
        given = (query, self.door.settings.catalog.base, statistics)
        return ask(*given) if len(query) < SHORT else await asyncio.to_thread(ask, *given)


async def _scanned(query: str) -> Scan:
    """What is seen in a query; at one that is longer than the front reads, its worker looks."""
    if len(query) > LARGE:
        return Scan("", service=False, volatile=True)
    if len(query) < LONG and plain(query):
        return NOTHING_SEEN
    return scan(query) if len(query) < LONG else await asyncio.to_thread(scan, query)


def _checked(seen: Scan) -> Scan:
    if seen.update:
        raise update_refused()
    if seen.service:
        raise service_refused()
    return seen
