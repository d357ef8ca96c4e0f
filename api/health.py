"""`/health/live` and `/health/ready`: whether the process runs, and whether it can answer.

However many ask whether it is ready, it looks once a second at most: they are told what that look found.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.errors import TooBusy
from api.process import Job
from api.published import Published
from api.workers import Pool
from catalog.errors import StoreDamaged
from vocab.errors import GaronneError

_HEADERS = {"Cache-Control": "no-store"}
PATIENCE = 5.0
"""Seconds that the workers have for a trivial question."""
KEPT = 1.0
"""Seconds for which what a look has found is told."""


class Health:
    """The state of one service."""

    def __init__(self, published: Published, pool: Pool, *, bare: bool = False) -> None:
        self.published = published
        self.pool = pool
        self.bare = bare
        self._looking: asyncio.Task[tuple[dict[str, Any], int]] | None = None
        self._looked = 0.0
        self._release: tuple[int, ...] | None = None

    async def live(self, _: Request) -> JSONResponse:
        """200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def ready(self, _: Request) -> JSONResponse:
        """200 when there is a release, the bookkeeping can be read and a worker answers, or all are busy; else 503.

        `degraded`, with the reason, where an older release is served because the current one is damaged. What it says
        was so within the last second, and of the release of the moment.
        """
        found, status = await asyncio.shield(self._look_at_most_once())
        return JSONResponse(found, status, headers=_HEADERS)

    def _look_at_most_once(self) -> asyncio.Task[tuple[dict[str, Any], int]]:
        """The look that is under way, or of within the last second; a new one where another release is current."""
        release = self.published.releases.stamp()
        late = self._looking is not None and self._looking.done() and time.monotonic() > self._looked + KEPT
        if self._looking is None or late or release != self._release:
            self._release = release
            self._looking = asyncio.create_task(self._found())
        return self._looking

    async def _found(self) -> tuple[dict[str, Any], int]:
        try:
            try:
                found = await self._look()
            except StoreDamaged:  # another release is chosen then
                found = await self._look()
        except GaronneError as e:
            return {"status": "unavailable", "reason": str(e)}, 503
        finally:
            self._looked = time.monotonic()
        return found, 200

    async def _look(self) -> dict[str, object]:
        release = await run_in_threadpool(self.published.required)
        workers = await self._ask(release.store)
        if not self.bare:
            await run_in_threadpool(self.published.moment, release.number)  # the bookkeeping can be read
        found: dict[str, object] = {"status": "ok", "release": release.number, "workers": workers}
        if (trouble := await run_in_threadpool(self.published.trouble)) is not None:
            found |= {"status": "degraded", "reason": trouble.en}
        return found

    async def _ask(self, store: Path) -> str:
        try:
            async with self.pool.evaluate(Job("ASK {}", "json", None, PATIENCE), store) as answer:
                await answer.piece()
        except TooBusy:
            return "busy"
        return "ok"
