"""The client at the other end of a request: work for it ends when it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.types import Receive

AWHILE = 0.05
"""Seconds of work before it is looked for whether its client is still there."""


class Disconnected(Exception):
    """The client went away; nothing is to be answered."""


async def while_connected(work: Awaitable[None], receive: Receive) -> None:
    """Does the work, and drops it when the client leaves: raises `Disconnected` then.

    The request's body must have been read: `receive` is asked for nothing but the client's leaving, and not before the
    work has taken a while, because most is done by then.
    """
    watch = _Watch(receive)
    try:
        await work
    except asyncio.CancelledError:
        if not watch.end():
            raise
        raise Disconnected from None
    finally:
        left = watch.end()
    if left:
        raise Disconnected


class _Watch:
    """Cancels the task that made it when the client leaves."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self._task = asyncio.current_task()
        self._left = False
        self._looking: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(AWHILE, self._look)

    def _look(self) -> None:
        self._looking = asyncio.ensure_future(self._leaving())

    async def _leaving(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        if self._task is not None:
            self._left = True
            self._task.cancel()

    def end(self) -> bool:
        """Look no more; whether it was the client, and nobody else, that had the work cancelled."""
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        task, self._task = self._task, None
        if self._left and task is not None:
            return task.uncancel() == 0
        return False
