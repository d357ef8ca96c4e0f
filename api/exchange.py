"""One request and its response, as the doors that are plain ASGI applications handle them.

The status is committed with the first piece of a result. What fails after that breaks the connection: the chunked body
is not ended, so that no client can take a part for the whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.connection import Disconnected
from api.errors import BodyTooLarge
from api.large import LARGE, WITHIN, Place
from api.problems import problem_of, respond
from api.rendering import Renderer
from catalog.releases import Release
from vocab.text import Text

log = logging.getLogger("garonne.api")


RawHeaders = list[tuple[bytes, bytes]]


class Pieces(Protocol):
    """A result as it comes."""

    async def piece(self) -> tuple[bytes, bool]:
        """The next piece, and whether it is the last."""


class Exchange:
    """A request with its body, and the ways to answer it. `started` says whether the client has seen a status."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.transmit = send
        self.method: str = scope["method"]
        self.headers = _first(scope)
        self.started = False

    async def answer(self) -> None:
        """Answer the request. Raises what went wrong."""
        raise NotImplementedError

    async def run(self, renderer: Renderer) -> None:
        """Answer the request, or say what went wrong, or break the connection where it is too late for that."""
        try:
            await self.answer()
        except Disconnected:
            return
        except Exception as e:
            if self.started:
                log.warning("a result was cut after its beginning: %s", e)
                return  # the server closes the connection: the body was not ended
            if not hasattr(e, "status"):
                log.exception("unexpected failure at %s", self.scope["path"])
            problem = problem_of(e, self.scope["path"])
            response = respond(problem, renderer, self.headers, QueryParams(self.scope["query_string"]))
            await response(self.scope, self.receive, self.transmit)

    async def body(self, limit: int, place: Place | None = None) -> bytes:
        """The request's body; raises `BodyTooLarge` beyond `limit` bytes. A long one first takes its `place`."""
        declared = self.headers.get("content-length", "")
        if declared.isdigit() and len(declared) < 20 and int(declared) > limit:
            raise _too_large(limit)
        body = bytearray()
        more = True
        deadline: float | None = None
        while more:
            try:
                async with asyncio.timeout_at(deadline):
                    message = await self.receive()
            except TimeoutError:
                raise Disconnected from None
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                raise _too_large(limit)
            if place is not None and not place.taken and len(body) > LARGE:
                await place.enter()
                deadline = asyncio.get_running_loop().time() + WITHIN
        return bytes(body)

    async def plain(self, response: Response) -> None:
        """Send a response that is there whole; of one to HEAD, its headers."""
        await response(self.scope, self.receive, self._send)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.started = True
        await self.transmit(message)

    async def whole(self, headers: RawHeaders, body: bytes) -> None:
        """Send a result that is there whole."""
        self.started = True
        await self.transmit({"type": "http.response.start", "status": 200, "headers": headers})
        await self.transmit({"type": "http.response.body", "body": body})

    async def stream(self, answer: Pieces, headers: dict[str, str], stall: float) -> None:
        """Send a result as it comes. A client that takes nothing for `stall` seconds has left."""
        piece, last = await answer.piece()
        begun = raw(headers, len(piece) if last else None)
        await self._send({"type": "http.response.start", "status": 200, "headers": begun})
        if self.method == "HEAD":
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        while True:
            async with asyncio.timeout(stall):
                await self._send({"type": "http.response.body", "body": piece, "more_body": not last})
            if last:
                return
            piece, last = await answer.piece()


def _first(scope: Scope) -> dict[str, str]:
    """The headers of a request by name; of several with one name, the first, as `starlette.datastructures.Headers`."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def raw(headers: dict[str, str], length: int | None = None) -> RawHeaders:
    """Headers as they are sent, with the length of the body where it is known."""
    found = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return found if length is None else [*found, (b"content-length", b"%d" % length)]


def _too_large(limit: int) -> BodyTooLarge:
    mebibytes = limit / (1 << 20)
    return BodyTooLarge(
        Text(f"La demande dépasse {mebibytes:.3g} Mio.", f"The request exceeds {mebibytes:.3g} MiB."),
        Text("Envoyez-la en plusieurs fois.", "Send it in several parts."),
    )


def release_headers(release: Release, tag: str) -> dict[str, str]:
    """The headers of every answer from a release: which it was, and the validator when there is one."""
    headers = {"Vary": "Accept", "Cache-Control": "no-cache", "Garonne-Release": str(release.number)}
    return headers | {"ETag": tag} if tag else headers


def named_tags(headers: Mapping[str, str]) -> dict[str, str]:
    """The tags of the client's `If-None-Match`; `*` proves nothing about what was never answered."""
    given = headers.get("if-none-match", "")
    return {} if given.strip() in {"", "*"} else {"if-none-match": given}
