"""The HTTP service: every door, on one store, from one settings object."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import headers, routes
from api.answers import Answers
from api.budgets import Budgets
from api.checks import Checks
from api.delivery import Compressed
from api.dumps import Dumps
from api.errors import Missing, UnsupportedType
from api.gauges import Queue
from api.graphs import GraphsDoor
from api.metrics import Metrics
from api.problems import http_problem, problem_of, respond
from api.published import Published
from api.queries import named_queries
from api.rendering import Renderer
from api.scheduling import Scheduling
from api.sparql import SparqlDoor
from api.standing import Standing
from api.updates import UpdateDoor
from api.visitors import Visitors, identity_only
from api.watch import Watch
from api.workers import Pool
from api.writing import Writing
from catalog.settings import Settings
from vocab.errors import GaronneError
from vocab.text import Text

log = logging.getLogger("garonne.api")

SMALL = ("/static/", "/health/", "/robots.txt")
"""What costs next to nothing, however many ask: answered whatever a client has asked for before."""
UNPLACED = ("/metrics", "/sparql/receipts/")
"""What waits for no place among what is rendered: an operator sees how a service does that has much to do."""


class Service:
    """The whole service as one ASGI application; `pool` is its query workers."""

    def __init__(self, settings: Settings, *, confined: bool, bare: bool = False) -> None:
        self.settings = settings
        self.bare = bare
        self.prefix = urlsplit(settings.catalog.base).path.rstrip("/")
        self.published = Published(settings)
        self.compressed = Compressed()
        self.pool = Pool(settings, confined=confined)
        self.checks = Checks(settings, confined=confined)
        self.renderer = Renderer(settings)
        self.writing = Writing(settings, confined=confined, bare=bare)
        self.scheduling = Scheduling(settings)
        queries = {} if bare else named_queries(settings.catalog.base)
        self.pool.damaged = self.published.refuse
        self.standing = Standing(self.published, self.pool, queries)
        self.dumps = Dumps(settings, self.published, self.compressed)
        self.answers = Answers(settings, self.pool, self.published.current)
        self.answers.rewritten = self.published.let_go
        self.published.keepers.append(self.compressed.forget)
        self.sparql = SparqlDoor(settings, self.published, self.answers, self.renderer, self.standing, bare=bare)
        self.updates = UpdateDoor(settings, self.writing, self.renderer)
        self.graphs = GraphsDoor(settings, self.published, self.pool, self.writing, self.renderer, self.compressed)
        budgets = Budgets(settings, self.renderer)
        visitors = Visitors(settings, self.renderer, budgets.name)
        queues: dict[str, Queue] = {"pages": visitors.lane, "checks": self.checks.lane, "writes": self.writing}
        self.metrics = Metrics(settings, self.published, self.pool, self.answers, queues)
        self.others = self._others()
        self._guard(budgets, visitors)
        self.watched = Watch(self._answer, self.metrics, access=settings.log.access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.watched(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.others(scope, receive, send)
        scope = self._below_base(scope)
        graphs = _of_graphs(scope["path"])
        more = headers.of(scope, graphs=graphs)

        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                named = {name for name, _ in own}
                message["headers"] = [*own, *[h for h in more if h[0] not in named]]
            await send(message)

        try:
            identity_only(scope)
            door = self._door(scope, graphs=graphs)
        except UnsupportedType as e:
            door = respond(problem_of(e, scope["path"]), self.renderer, Headers(scope=scope), {})
        return await door(scope, receive, finished)

    def _guard(self, budgets: Budgets, visitors: Visitors) -> None:
        """Put before each door what a client may ask of it, by what it costs."""
        self.querying, self.reading = budgets.around(self.sparql), budgets.around(self.graphs)
        self.writes, self.unplaced = (visitors.around(d, placed=False) for d in (self.updates, self.others))
        self.rendered = visitors.around(self.others)

    def _door(self, scope: Scope, *, graphs: bool) -> ASGIApp:
        path: str = scope["path"]
        if path == "/sparql" or (self.bare and path == "/sparql/"):
            return self.querying
        if path == "/sparql/update":
            return self.writes
        if graphs:
            return self.reading
        if path.startswith(SMALL):
            return self.others
        unplaced = path.startswith(UNPLACED) or (path == "/validate" and scope["method"] == "POST")
        return self.unplaced if unplaced else self.rendered

    def _below_base(self, scope: Scope) -> Scope:
        """The request as if the base had no path: a proxy may pass the base's path on, or take it off."""
        path: str = scope["path"]
        if self.prefix and (path == self.prefix or path.startswith(self.prefix + "/")):
            return {**scope, "path": path[len(self.prefix) :] or "/"}
        return scope

    def _others(self) -> FastAPI:
        return FastAPI(
            title="Garonne",
            routes=routes.of(self),
            lifespan=self._lifespan,
            docs_url=None,  # its page would load scripts from another site
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
            exception_handlers={GaronneError: self._failed, HTTPException: self._failed, Exception: self._failed},
        )

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        if self.bare:
            await self.writing.prepare()
        release = await run_in_threadpool(self.published.current)
        await self.pool.open(release.store if release else None)
        await self.answers.open()
        if not self.bare and self.settings.query.standing:
            self.standing.open()
        if not self.bare:
            self.dumps.open()
        self.scheduling.open()
        try:
            yield
        finally:
            await self.scheduling.close()
            await self.dumps.close()
            await self.standing.close()
            await self.checks.close()
            await self.writing.close()
            await self.answers.close()
            await self.pool.close()

    async def receipt(self, request: Request) -> Response:
        """The receipt of an answer. Raises `Missing` for one that is not kept."""
        found = await self.answers.receipts.get(request.path_params["name"])
        if found is None:
            raise Missing(
                Text("Ce reçu n’est pas ou plus conservé.", "This receipt is not kept, or no longer."),
                Text("Les derniers reçus seulement sont conservés.", "Only the last receipts are kept."),
            )
        return JSONResponse(found, headers={"Cache-Control": "max-age=3600"})

    async def _failed(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            problem = http_problem(error.status_code, request.url.path, request.method, error.headers)
        else:
            problem = problem_of(error, request.url.path)
        return respond(problem, self.renderer, request.headers, request.query_params)


def _of_graphs(path: str) -> bool:
    return path in {"/graphs", "/graph"} or path.startswith(("/graphs/", "/graph/"))


def create_app(settings: Settings, *, confined: bool = True, bare: bool = False) -> Service:
    """The service on the store that the settings name. Two may live in one process.

    A `bare` one serves a plain store without a catalogue: queries, updates and graphs, no pages and no feed.

    With `confined`, query workers have no network (`catalog.sandbox`); without, SERVICE is refused by its text alone.
    """
    return Service(settings, confined=confined, bare=bare)
