"""The front's end of the socket to a worker: its frames as they come, with one waiter at most."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from api.frames import HEADER

READ_AHEAD = 128 * 1024
"""Bytes of whole frames that are taken from a worker before its client has taken them."""


class Inbox(asyncio.Protocol):
    """A worker's frames. `ended` when no more will come."""

    def __init__(self) -> None:
        self.ended = False
        self._whole: deque[tuple[bytes, bytes]] = deque()
        self._size = 0
        self._begun = bytearray()
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As in `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """As in `asyncio.Protocol`."""
        source: bytes | bytearray = data
        if self._begun:
            self._begun += data
            source = self._begun
        at, end = 0, len(source)
        while end - at >= HEADER.size:
            kind, size = HEADER.unpack_from(source, at)
            if end - at < HEADER.size + size:
                break
            at += HEADER.size
            self._whole.append((kind, bytes(source[at : at + size])))
            self._size += size
            at += size
        if source is self._begun:
            del self._begun[:at]
        elif at < end:
            self._begun += data[at:]
        if self._size > READ_AHEAD and self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """As in `asyncio.Protocol`."""
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def take(self) -> tuple[bytes, bytes] | None:
        """The next frame, kind and payload, if it is there."""
        if not self._whole:
            return None
        found = self._whole.popleft()
        self._size -= len(found[1])
        if self._paused and self._size <= READ_AHEAD and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return found

    async def arrival(self, patience: float) -> None:
        """Wait until a frame may have come or none will any more, so many seconds at most; for one waiter."""
        if self._whole or self.ended:
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(patience, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def write(self, frames: bytes) -> None:
        """Send whole frames."""
        if self._transport is not None and not self.ended:
            self._transport.write(frames)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
