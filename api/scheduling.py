"""The scheduler beside the service: a process of its own, started anew should it end.

It harvests; the service only reads what it publishes. They share the file system and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress

from catalog.settings import Settings

log = logging.getLogger("garonne.scheduling")
AGAIN = 30.0
"""Seconds until a scheduler that ended is started anew: another one may have been attending to the same catalogue."""
GRACE = 45.0
"""Seconds that it has to end; a harvest under way is stopped by it."""


class Scheduling:
    """Starts the scheduler of these settings and keeps it running; does nothing where no source has a schedule."""

    def __init__(self, settings: Settings) -> None:
        wanted = settings.schedule.enabled and any(s.schedule for s in settings.sources)
        self.config = settings.file if wanted else None
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def open(self) -> None:
        """Start it."""
        if self.config is not None:
            self._task = asyncio.create_task(self._attend())

    async def close(self) -> None:
        """Stop it, and a harvest under way with it."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), GRACE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()

    async def _attend(self) -> None:
        while True:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "catalog.commands", "--config", str(self.config)),
                *("harvest", "schedule", "--with-parent"),
                stdin=asyncio.subprocess.PIPE,  # it ends when this closes, also when we are killed
                stdout=asyncio.subprocess.DEVNULL,
            )
            code = await self._process.wait()
            log.warning("the scheduler ended with %s; it is started again in %.0f s", code, AGAIN)
            await asyncio.sleep(AGAIN)
