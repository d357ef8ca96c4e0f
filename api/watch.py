"""Around every request: its identifier, its time, its line in the log, its span in a trace."""

from __future__ import annotations

import logging
import os
import time
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from catalog import logs, traces

log = logging.getLogger("garonne.access")

DOORS = {
    "sparql": "sparql",
    "graphs": "graphs",
    "graph": "graphs",
    "catalog": "feed",
    "dataset": "page",
    "datasets": "page",
    "static": "static",
    "health": "health",
    "metrics": "health",
    "status": "page",
    "quality": "quality",
    "validate": "validate",
    "oai": "oai",
    "ldes": "ldes",
    "api": "ckan",
    "dump": "dump",
    "query": "query",
    "void": "void",
    "preview": "preview",
    "sitemap": "search engine",
    "robots": "search engine",
}
"""Doors by the first part of the path, up to a dot; all others are pages and things of the catalogue."""


class Watch:
    """Wraps the service; `access` writes a line for each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, access: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.access = access
        self._process = f"{os.getpid():x}{int(time.time()) & 0xFFFF:x}"
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; the answer bears its identifier as `X-Request-Id`, and so does all that is logged."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        name = f"{self._process}-{next(self._numbers):x}"
        header = (b"x-request-id", name.encode())
        status, size, began = 0, 0, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            else:
                size += len(message.get("body", b""))
            await send(message)

        token = logs.current.set(name)
        door = door_of(scope["path"])
        try:
            if traces.active():
                with traces.span(f"{scope['method']} {door}", **{"url.path": scope["path"]}) as told:
                    await self.app(scope, receive, watched)
                    told |= {"http.response.status_code": status, "garonne.request": name}
            else:
                await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            self.metrics.request(door, status, seconds)
            if self.access:
                self._log(scope, status, size, seconds)
            logs.current.reset(token)

    def _log(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        path, client = scope["path"], (scope.get("client") or ("-", 0))[0]
        told = {"method": scope["method"], "path": path, "status": status, "bytes": size, "client": client}
        text = "%s %s %s, %d bytes, %.1f ms, to %s"
        values = (scope["method"], path, status, size, 1000 * seconds, client)
        log.info(text, *values, extra={**told, "ms": round(1000 * seconds, 1)})


def door_of(path: str) -> str:
    """What a path leads to, as metrics name it: a handful of names, whatever is asked for."""
    first = path[1:].partition("/")[0].partition(".")[0]
    return DOORS.get(first, "page" if first in {"", "publisher"} else "thing")
