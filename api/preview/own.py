"""The service's own feed, asked for over the service's own door: the bytes that a harvester is sent."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

from catalog.errors import NotFound


class Own:
    """The feed of an application, which need not be running; `base` is where its addresses begin."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    def address(self, release: int, publisher: str = "") -> str:
        """The first page of a release's feed, or of the feed that one publisher has there."""
        return f"{self.base}catalog{f'/{publisher}' if publisher else ''}.ttl?release={release}"

    def fetch(self, url: str) -> tuple[bytes, str]:
        """One page. To be called from a thread that runs no event loop. Raises `NotFound` with the service's reason."""
        status, content_type, body = asyncio.run(self._ask(url))
        if status != 200:
            problem = json.loads(body)
            raise NotFound(problem["detail"], what=url, hint=problem.get("hint", ""))
        return body, content_type

    async def _ask(self, url: str) -> tuple[int, str, bytes]:
        parts = urlsplit(url)
        path = "/" + url.removeprefix(self.base).partition("?")[0]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": parts.scheme,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(b"host", parts.netloc.encode()), (b"accept", b"*/*")],
            "client": None,
            "server": None,
        }
        told: dict[str, object] = {}
        body = bytearray()
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # a client that stays on the line
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.update(message)
            else:
                body.extend(message.get("body", b""))

        await self.app(scope, receive, send)
        headers = dict(told["headers"])  # type: ignore[call-overload]  # a list of pairs, says ASGI
        return int(str(told["status"])), headers.get(b"content-type", b"").decode(), bytes(body)
