"""HTTP connections whose requests have to come within a time and a size: the server itself would wait for ever."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN = 20.0
"""Seconds from the connection, or from the first byte of a next request, to the end of its headers."""


HEAD = 64 * 1024
"""Bytes of the address and the headers of a request together; more is answered 400."""


AT_ONCE = 16 * 1024
"""Bytes up to which what is written is held until this turn of the loop ends."""


class Corked:
    """A transport that sends the head of an answer and its first piece in one go: half the system calls, one packet."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        """Everything else is as the transport has it."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data: with all that is written in this turn of the loop, unless that is much."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            data = b"".join(self._held)
            self._held.clear()
            self._size = 0
            self._transport.write(data)

    def is_closing(self) -> bool:
        """As in `asyncio.Transport`; asked for each answer."""
        return self._transport.is_closing()

    def close(self) -> None:
        """As in `asyncio.Transport`: what was written is sent before."""
        self.flush()
        self._transport.close()


class Connection(HttpToolsProtocol):
    """One connection. It is closed when the headers of a request do not come in time, or without end."""

    _due: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", Corked(transport, self.loop)))
        self._expect()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._head = 0
        if self._due is None:
            self._expect()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._more(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._more(len(name) + len(value))
        super().on_header(name, value)

    def _more(self, size: int) -> None:
        """Count; the parser ends the request when this raises."""
        self._head += size
        if self._head > HEAD:
            raise ValueError("the address and the headers are too long")

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._expected()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._expected()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._due = asyncio.get_running_loop().call_later(HEADERS_WITHIN, self.transport.close)

    def _expected(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
