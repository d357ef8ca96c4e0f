"""What one client may ask of the doors other than queries: seconds of work, requests, and so many at once.

Rendering is done by a few at a time, and those who have used least come first: a client that reads page after page as
fast as it can is never refused, and fifty of them make another wait for a page or two, not for their end. Work is the
time that a request takes here, without the wait for its turn and for its client. What a client has left is in every
answer (the `RateLimit` fields of the IETF's draft); one that has nothing left is answered 429, on `/oai` 503, as its
protocol has it (OAI-PMH 2.0, section 3.1.2.2), with `Retry-After`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar

from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.budgets import KNOWN, WINDOW, Bucket, in_time, left, policy
from api.connection import Disconnected
from api.errors import OverBudget, TooBusy, UnsupportedType
from api.lanes import Lane
from api.problems import problem_of, respond
from api.rendering import Renderer
from catalog.settings import Settings
from vocab.text import Text

PLACES = 4
"""Requests that are worked on at a time: more would only take turns at the interpreter…"""
QUEUE = 512
"""…and those that may wait for it, as long as `PATIENCE` seconds."""
PATIENCE = 30.0
HELD = 64 << 20
"""Bytes of answers that one client may have asked for and not yet taken…"""
HELD_BY_ALL = 512 << 20
"""…and all of them together: then whoever still has some to take is refused more."""
PIECE = 1 << 18
WORK, REQUESTS = "work", "requests"
STALL = 60.0
"""Seconds in which a client has to take `PIECE` bytes."""


class Visitor:
    """One client, by the name that it is known by. A limit of 0 is none."""

    def __init__(self, name: str, work: float, requests: float) -> None:
        self.name = name
        self.buckets = {key: Bucket(rate) for key, rate in ((WORK, work), (REQUESTS, requests)) if rate > 0}
        self._policy = policy(self.buckets)
        self.open = 0
        self.held = 0
        self._lately = 0.0
        self._at = time.monotonic()

    def used(self) -> float:
        """Seconds of work of late: what is a minute old counts for a third."""
        now = time.monotonic()
        self._lately *= math.exp((self._at - now) / WINDOW)
        self._at = now
        return self._lately

    def worked(self, seconds: float) -> None:
        """Count work that was done for it."""
        self._lately = self.used() + seconds
        if WORK in self.buckets:
            self.buckets[WORK].take(seconds)

    def admit(self, at_once: int, held_by_all: int) -> None:
        """Count one more request. Raises `OverBudget` when there is nothing left for it."""
        wait = max((bucket.wait(0.01 if key == WORK else 1) for key, bucket in self.buckets.items()), default=0)
        if not wait and (self.held > HELD or (self.held and held_by_all > HELD_BY_ALL) or 0 < at_once <= self.open):
            wait = 1
        if wait:
            raise OverBudget(
                Text(
                    "Vous avez demandé plus que votre part à la fois\u00a0; elle se reconstitue peu à peu.",
                    "You have asked for more than your share at once; it comes back with time.",
                ),
                Text(f"Réessayez dans {wait}\u00a0s.", f"Try again in {wait} s."),
                retry_after=wait,
            )
        if REQUESTS in self.buckets:
            self.buckets[REQUESTS].take(1)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What it may use and what is left, for a response."""
        return [(b"ratelimit-policy", self._policy), (b"ratelimit", left(self.buckets))] if self.buckets else []


current: ContextVar[Visitor | None] = ContextVar("visitor", default=None)
"""The client whose request is being answered."""


class Visitors:
    """The clients of the service, and what stands before its doors. `names` tells who asks."""

    def __init__(self, settings: Settings, renderer: Renderer, names: Callable[[Scope], str]) -> None:
        self.limits = settings.serve
        self.renderer = renderer
        self.names = names
        self.lane = Lane(PLACES, QUEUE)
        self.held = 0
        self._known: OrderedDict[str, Visitor] = OrderedDict()

    def around(self, door: ASGIApp, *, placed: bool = True) -> ASGIApp:
        """The door, for clients within their limits; `placed`: it renders here, a few requests at a time."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            visit = Visit(self, self.visitor(self.names(scope)), placed, receive, send)
            await visit.answer(door, scope)

        return guarded

    def visitor(self, name: str) -> Visitor:
        """The client of this name, new when it is not known; the one that was away longest is forgotten."""
        found = self._known.pop(name, None) or Visitor(name, self.limits.work, self.limits.requests)
        self._known[name] = found
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return found


class Visit:
    """One request: its place among those that are worked on, and the time it takes."""

    def __init__(self, visitors: Visitors, visitor: Visitor, placed: bool, receive: Receive, send: Send) -> None:
        self.visitors = visitors
        self.visitor = visitor
        self._placed = placed
        self._receive = in_time(receive) if placed else receive
        self._send = send
        self._inside = False
        self._whole = False
        self._idle = 0.0

    async def answer(self, door: ASGIApp, scope: Scope) -> None:
        """Answer the request through the door, or say why not."""
        token = current.set(self.visitor)
        began = time.monotonic()
        try:
            if scope["method"] != "OPTIONS":
                self.visitor.admit(self.visitors.limits.at_once, self.visitors.held)
            self.visitor.open += 1
            try:
                if scope["method"] in {"GET", "HEAD"}:
                    await self._enter()
                await door(scope, self.receive, self.send)
            finally:
                self._leave()
                self.visitor.open -= 1
                self.visitor.worked(time.monotonic() - began - self._idle)
        except Disconnected:
            return
        except (OverBudget, TooBusy) as e:
            await self._refused(e, scope)
        finally:
            current.reset(token)

    async def _refused(self, error: OverBudget | TooBusy, scope: Scope) -> None:
        problem = problem_of(_for_harvesters(error) if scope["path"] == "/oai" else error, scope["path"])
        answer = respond(problem, self.visitors.renderer, Headers(scope=scope), QueryParams(scope["query_string"]))
        await answer(scope, self._receive, self.send)

    async def receive(self) -> Message:
        """As in ASGI; when the body has come, the request waits for its place."""
        if self._whole:  # what is waited for beside the work is not its client's body
            return await self._receive()
        began = time.monotonic()
        message = await self._receive()
        self._idle += time.monotonic() - began
        self._whole = not message.get("more_body", False)
        if self._whole and message["type"] == "http.request":
            await self._enter()
        return message

    async def _enter(self) -> None:
        if not self._placed or self._inside:
            return
        began = time.monotonic()
        await self.visitors.lane.enter(self.visitor.name, PATIENCE, self.visitor.used())
        self._placed, self._inside = False, True
        self._idle += time.monotonic() - began

    def _leave(self) -> None:
        if self._inside:
            self._inside = False
            self.visitors.lane.leave()

    async def send(self, message: Message) -> None:
        """As in ASGI: the work is done when the answer begins, and its client takes it at its own pace."""
        began = time.monotonic()
        if message["type"] == "http.response.start":
            self._leave()
            message["headers"] = [*message.get("headers", ()), *self.visitor.headers()]
            await self._send(message)
        else:
            await self._body(message)
        self._idle += time.monotonic() - began

    async def _body(self, message: Message) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        if len(body) <= PIECE:
            return await self._taken(body, more)
        untaken = len(body)
        self._hold(untaken)
        try:
            for at in range(0, len(body), PIECE):
                piece = body[at : at + PIECE]
                await self._taken(piece, more or at + PIECE < len(body))
                self._hold(-len(piece))
                untaken -= len(piece)
        finally:
            self._hold(-untaken)

    async def _taken(self, body: bytes, more: bool) -> None:
        try:
            async with asyncio.timeout(STALL):
                await self._send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            raise Disconnected from None  # the server closes the connection: the body was not ended

    def _hold(self, size: int) -> None:
        self.visitor.held += size
        self.visitors.held += size


def _for_harvesters(error: OverBudget | TooBusy) -> TooBusy:
    """The same as harvesters of OAI-PMH understand it: 503 with `Retry-After`."""
    return TooBusy(error.text, error.advice, retry_after=error.retry_after)


def identity_only(scope: Scope) -> None:
    """Raises `UnsupportedType` for a body in a content coding: it could unpack to a gigabyte (RFC 9110, 15.5.16)."""
    given = ", ".join([value.decode("latin-1") for name, value in scope["headers"] if name == b"content-encoding"])
    if given.strip().lower() not in {"", "identity"}:
        raise UnsupportedType(f"content-encoding: {given[:50]}", ("identity",))
