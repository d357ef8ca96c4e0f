"""`/sparql/update`: the SPARQL 1.1 Protocol's update operation, and who may use it."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import protocol
from api.budgets import in_time
from api.errors import MethodNotAllowed
from api.exchange import Exchange
from api.rendering import Renderer
from api.writing import Writing, Written
from catalog.dataset import Dataset
from catalog.settings import Settings

METHODS = ("POST", "OPTIONS")


class UpdateDoor:
    """The ASGI application. One instance serves all requests."""

    def __init__(self, settings: Settings, writing: Writing, renderer: Renderer) -> None:
        self.settings = settings
        self.writing = writing
        self.renderer = renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Update(self, scope, in_time(receive), send).run(self.renderer)


class Update(Exchange):
    """One update."""

    def __init__(self, door: UpdateDoor, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.door = door

    async def answer(self) -> None:
        """As in `Exchange`. 204, with the release that the change was published as."""
        if self.method == "OPTIONS":
            return await self.plain(Response(status_code=204, headers={"Allow": ", ".join(METHODS)}))
        if self.method != "POST":
            raise MethodNotAllowed(self.method, METHODS)
        self.door.writing.allow(self.headers, "update")
        body = await self.body(self.door.settings.write.max_bytes)
        kind = self.headers.get("content-type")
        asked = await asyncio.to_thread(protocol.read_update, self.scope["query_string"], kind, body)
        written = await self.door.writing.update(asked.update, Dataset(asked.using, asked.using_named))
        return await self.plain(Response(status_code=204, headers=written_headers(written)))


def written_headers(written: Written) -> dict[str, str]:
    """The headers of every answer to a write."""
    return {"Garonne-Release": str(written.release), "Cache-Control": "no-store"}
