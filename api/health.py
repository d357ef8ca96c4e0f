"""`/health/live` and `/health/ready`: whether the process runs, and whether it can answer."""

from __future__ import annotations

from pathlib import Path

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


class Health:
    """The state of one service."""

    def __init__(self, published: Published, pool: Pool, *, bare: bool = False) -> None:
        self.published = published
        self.pool = pool
        self.bare = bare

    async def live(self, _: Request) -> JSONResponse:
        """200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def ready(self, _: Request) -> JSONResponse:
        """200 when there is a release, the bookkeeping can be read and a worker answers, or all are busy; else 503.

        `degraded`, with the reason, where an older release is served because the current one is damaged.
        """
        try:
            try:
                found = await self._look()
            except StoreDamaged:  # another release is chosen then
                found = await self._look()
        except GaronneError as e:
            return JSONResponse({"status": "unavailable", "reason": str(e)}, 503, headers=_HEADERS)
        return JSONResponse(found, headers=_HEADERS)

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
