"""HTTP connections whose requests have to come within a time and a size: the server itself would wait for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN = 20.0
"""Seconds from the connection, or from the first byte of a next request, to the end of its headers."""


HEAD = 64 * 1024
"""Bytes of the address and the headers of a request together; more is answered 400."""


class Connection(HttpToolsProtocol):
    """One connection. It is closed when the headers of a request do not come in time, or without end."""

    _due: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
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
