"""What one client may ask of the query service: seconds of query time, failures, requests, and so many at once.

The first three are token buckets, refilled as time passes. Of the time only what workers spend on a client's queries
counts, so that hundreds of small requests, as a federated query makes them, cost next to nothing; requests and those
that are open at once have limits that such a query does not reach. Every answer says what is left (the `RateLimit` and
`RateLimit-Policy` fields of the IETF's draft on rate limit headers); one that has nothing left is answered 429.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache

from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import OverBudget
from api.problems import problem_of, respond
from api.rendering import Renderer
from api.writing import credential
from catalog.model import Text
from catalog.settings import Settings
from catalog.tokens import Token, Tokens
from vocab.errors import GaronneError

KNOWN_FROM = 3
"""Queries after which it is known what a client usually asks for…"""
LITTLE = 0.1
"""…seconds of processor time that are little for one…"""
MUCH = 1.0
"""…and those that one counts for at least that was stopped, crashed, or was not even read."""
KNOWN = 20_000
"""Clients that are remembered; one that is forgotten begins anew."""
BODY_WITHIN = 60.0
"""Seconds in which the body of a request has to come."""
WINDOW = 60.0
"""Seconds in which an empty bucket fills half, the allowance of a minute."""


class Bucket:
    """Tokens: `rate` come back in a minute, twice as many at most are there."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.size = 2 * rate
        self.left = self.size
        self.at = time.monotonic()

    def refill(self) -> float:
        """What is there now."""
        now = time.monotonic()
        if self.left < self.size:
            self.left = min(self.size, self.left + (now - self.at) * self.rate / WINDOW)
        self.at = now
        return self.left

    def take(self, tokens: float) -> None:
        """Take some; it may fall below nothing, by what one query took too much."""
        self.refill()
        self.left -= tokens

    def wait(self, wanted: float) -> int:
        """Seconds until so much is there again; 0 when it is."""
        return max(0, math.ceil((wanted - self.refill()) * WINDOW / self.rate))


class Client:
    """One client of the service, by the name that it is known by. `requests` of 0 are without a limit."""

    def __init__(self, name: str, seconds: float, errors: float, requests: float = 0) -> None:
        self.name = name
        self.time = Bucket(seconds)
        self.errors = Bucket(errors)
        self.requests = Bucket(requests) if requests else None
        self.open = 0
        self._buckets = {"time": self.time, "errors": self.errors}
        if self.requests is not None:
            self._buckets["requests"] = self.requests
        self._policy = policy(self._buckets)
        self._queries = 0
        self._usual = 0.0

    def used(self) -> float:
        """Seconds of processor time that it has used of late; below 0 for one that is known to ask for little."""
        if self._queries >= KNOWN_FROM and self._usual < LITTLE:
            return -1.0
        return self.time.size - self.time.refill()

    def spent(self, seconds: float, *, well: bool = True) -> None:
        """A query of its has ended after so much processor time; one that did not end well says nothing for it."""
        self.time.take(seconds)
        self._queries += well
        self._usual += ((seconds if well else max(seconds, MUCH)) - self._usual) / 5

    def admit(self, at_once: int) -> None:
        """Count one more request. Raises `OverBudget` when its time, failures or requests are used up.

        So it does when `at_once` requests of its are open; 0 is no limit.
        """
        wait = max(self.time.wait(0.01), self.errors.wait(1), self.requests.wait(1) if self.requests else 0)
        if wait:
            raise _over(
                Text(
                    "Vous avez épuisé votre part de temps de calcul, d’échecs ou de demandes\u00a0; elle se reconstitue"
                    " peu à peu.",
                    "You have used up your share of query time, failures or requests; it comes back with time.",
                ),
                wait,
            )
        if 0 < at_once <= self.open:
            raise _over(
                Text(
                    f"{self.open} de vos demandes sont déjà en cours\u00a0; attendez que l’une d’elles se termine.",
                    f"{self.open} of your requests are under way; wait until one of them has ended.",
                ),
                1,
            )
        if self.requests is not None:
            self.requests.take(1)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What it may use and what is left, for a response."""
        return [(b"ratelimit-policy", self._policy), (b"ratelimit", left(self._buckets))]


def _over(text: Text, wait: int) -> OverBudget:
    advice = Text(f"Réessayez dans {wait}\u00a0s.", f"Try again in {wait} s.")
    return OverBudget(text, advice, retry_after=wait)


def policy(buckets: Mapping[str, Bucket]) -> bytes:
    """What a client may use, as the `RateLimit-Policy` field says it."""
    return ", ".join(f'"{name}";q={b.size:.0f};w={2 * WINDOW:.0f}' for name, b in buckets.items()).encode()


def left(buckets: Mapping[str, Bucket]) -> bytes:
    """What it has left, as the `RateLimit` field says it."""
    return ", ".join([_left(name, bucket) for name, bucket in buckets.items()]).encode()


def _left(name: str, bucket: Bucket) -> str:
    there = bucket.refill()
    full = math.ceil((bucket.size - there) * WINDOW / bucket.rate)
    return f'"{name}";r={int(there) if there > 0 else 0};t={full}'


current: ContextVar[Client | None] = ContextVar("client", default=None)
"""The client whose request is being answered; None for the service's own questions."""


class Budgets:
    """The clients of the service, and what stands before a door to hold them to their budgets."""

    def __init__(self, settings: Settings, renderer: Renderer) -> None:
        self.seconds = settings.query.budget
        self.failures = settings.query.errors
        self.requests = settings.query.requests
        self.at_once = settings.query.at_once
        self.proxies = tuple(ipaddress.ip_network(p, strict=False) for p in settings.serve.trusted_proxies)
        self.tokens = Tokens(settings.store.path, settings.write.tokens)
        self.renderer = renderer
        self._clients: OrderedDict[str, Client] = OrderedDict()

    def around(self, door: ASGIApp) -> ASGIApp:
        """The door, for clients that are within their budgets."""

        async def budgeted(scope: Scope, receive: Receive, send: Send) -> None:
            await self._answer(door, scope, receive, send)

        return budgeted

    async def _answer(self, door: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        client = self.client(self.name(scope))

        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in {500, 504, 507}:
                    client.errors.take(1)
                message["headers"] = [*message.get("headers", ()), *client.headers()]
            await send(message)

        token = current.set(client)
        try:
            if scope["method"] != "OPTIONS":
                client.admit(self.at_once)
            client.open += 1
            try:
                await door(scope, in_time(receive), finished)
            finally:
                client.open -= 1
        except OverBudget as e:
            answer = respond(
                problem_of(e, scope["path"]), self.renderer, Headers(scope=scope), QueryParams(scope["query_string"])
            )
            await answer(scope, receive, _with(client, send))
        finally:
            current.reset(token)

    def client(self, name: str) -> Client:
        """The client of this name, new when it is not known."""
        found = self._clients.pop(name, None) or Client(name, self.seconds, self.failures, self.requests)
        self._clients[name] = found
        while len(self._clients) > KNOWN:
            self._clients.popitem(last=False)
        return found

    def name(self, scope: Scope) -> str:
        """What a client is known by: its token if that is one of ours, else the address that the request came from.

        The address is the nearest that is no trusted proxy, a /64 for IPv6.
        """
        token = self._token(scope)
        if token is not None:
            return f"token {token.digest}"
        peer = scope["client"][0] if scope.get("client") else ""
        if not self.proxies:
            return _network(peer)
        forwarded = Headers(scope=scope).getlist("x-forwarded-for")
        hops = [hop.strip() for line in forwarded for hop in line.split(",") if hop.strip()]
        while hops and _within(peer, self.proxies):
            peer = hops.pop()
        return _network(peer)

    def _token(self, scope: Scope) -> Token | None:
        if b"authorization" not in [name for name, _ in scope["headers"]]:
            return None
        with suppress(GaronneError):  # whose file is damaged: then nobody has one
            return self.tokens.find(credential(Headers(scope=scope)))
        return None


def in_time(receive: Receive) -> Receive:
    """The same, within `BODY_WITHIN` seconds for the whole body; a client that is slower counts as gone."""
    deadline = time.monotonic() + BODY_WITHIN
    whole = False

    async def received() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return received


def _with(client: Client, send: Send) -> Send:
    async def finished(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *client.headers()]
        await send(message)

    return finished


def _within(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        return any(ipaddress.ip_address(address) in network for network in networks)
    except ValueError:
        return False


@lru_cache(KNOWN)
def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
