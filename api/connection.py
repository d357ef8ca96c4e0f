"""The client at the other end of a request: work for it ends when it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.types import Receive


class Disconnected(Exception):
    """The client went away; nothing is to be answered."""


async def while_connected(work: Awaitable[None], receive: Receive) -> None:
    """Does the work, and drops it when the client leaves: raises `Disconnected` then.

    The request's body must have been read: `receive` is asked for nothing but the client's leaving.
    """
    answering = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            answering.cancel()
            await asyncio.wait({answering})
            raise Disconnected
        answering.result()
    finally:
        leaving.cancel()
        answering.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
