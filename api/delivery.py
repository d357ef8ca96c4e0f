"""How a door sends what it shows: one way, so that conditions, compression and HEAD are right on every route.

A `Representation` is what an address shows at the moment; `send` answers a request with it: 304 where the client's copy
is still good, compressed as the client likes best, `ETag` of content and encoding, `Vary`, and a `Last-Modified` that
is the moment at which this representation last became another one (RFC 9110, sections 8.8, 12.5.3 and 13). The server
leaves the body of an answer to HEAD out; the headers are those of GET.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import brotli
from starlette.requests import Request
from starlette.responses import Response

from api.conditional import entity_tag, http_date, not_modified
from api.negotiation import content_coding

SMALL = 1024
"""A body of fewer bytes is not compressed."""
_GZIP_LEVEL, _BROTLI_QUALITY = 6, 4
"""What is sent many times may take longer to compress than a result that is sent once (`api.output`)."""
BLOCK = 64 * 1024
"""Bytes that a stream is compressed by, however they come: the same document then gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Representation:
    """What an address shows: `body` gives its bytes in a content coding (empty: as they are), and may be called late.

    `digest` is the SHA-256 of the bytes as they are, `size` their number. `modified` is when they last became others:
    the truth, or None where it is not known. `vary` names the request headers that decided what is shown.
    """

    type: str
    digest: str
    size: int
    body: Callable[[str], bytes]
    modified: datetime | None
    vary: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def send(request: Request, shown: Representation, *, status: int = 200) -> Response:
    """The answer to a GET or HEAD request: this representation, or 304."""
    if (same := unchanged(request, shown)) is not None:
        return same
    coding, headers = _chosen(request, shown)
    headers["Content-Type"] = shown.type
    if coding:
        headers["Content-Encoding"] = coding
    if request.method == "HEAD" and not coding:
        return Response(status_code=status, headers=headers | {"Content-Length": str(shown.size)})
    return Response(shown.body(coding), status, headers=headers)


def unchanged(request: Request, shown: Representation) -> Response | None:
    """The 304 where the client's copy is still good; the body is not called for."""
    _, headers = _chosen(request, shown)
    if request.method in {"GET", "HEAD"} and not_modified(request.headers, headers["ETag"], shown.modified):
        return Response(status_code=304, headers=headers)
    return None


def _chosen(request: Request, shown: Representation) -> tuple[str, dict[str, str]]:
    """The coding that the client is sent, and the headers that 200 and 304 share."""
    coding = content_coding(request.headers.get("accept-encoding")) if shown.size >= SMALL else ""
    vary = [shown.vary] if shown.vary else []
    return coding, {
        "ETag": entity_tag(shown.digest, coding),
        "Cache-Control": "no-cache",
        **({"Last-Modified": http_date(shown.modified)} if shown.modified else {}),
        **({"Vary": ", ".join([*vary, "Accept-Encoding"])} if shown.size >= SMALL or vary else {}),
        **shown.headers,
    }


def compress(body: bytes, coding: str) -> bytes:
    """The body in a content coding, `gzip` or `br`; the same bytes for the same body, whenever and wherever."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    if coding == "gzip":
        squeezing = zlib.compressobj(_GZIP_LEVEL, wbits=31)
        return squeezing.compress(body) + squeezing.flush()
    return body


class Squeezing:
    """A body in a content coding (empty: as it is) while it is made: the same bytes, whatever pieces it comes in."""

    def __init__(self, coding: str) -> None:
        self._pending = bytearray()
        self._inner: Any = None
        if coding == "br":
            self._inner = brotli.Compressor(quality=4)
        elif coding == "gzip":
            self._inner = zlib.compressobj(4, wbits=31)

    def take(self, piece: bytes) -> bytes:
        """What can be sent after this piece."""
        self._pending += piece
        found = []
        while len(self._pending) >= BLOCK:
            found.append(self._squeezed(bytes(self._pending[:BLOCK])))
            del self._pending[:BLOCK]
        return b"".join(found)

    def end(self) -> bytes:
        """The rest."""
        rest = self._squeezed(bytes(self._pending))
        if self._inner is None:
            return rest
        finish = getattr(self._inner, "finish", None) or self._inner.flush
        return rest + bytes(finish())

    def _squeezed(self, block: bytes) -> bytes:
        if self._inner is None:
            return block
        squeeze = getattr(self._inner, "process", None) or self._inner.compress
        return bytes(squeeze(block))


def squeezed(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The pieces of a body in a content coding, as they come."""
    squeezing = Squeezing(coding)
    for piece in pieces:
        if found := squeezing.take(piece):
            yield found
    yield squeezing.end()


class Compressed:
    """Compressed bodies that were sent lately, at most so many bytes of them together: each is made once."""

    def __init__(self, limit: int = 16 << 20) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Drop all of them."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def represent(
        self,
        body: bytes,
        content_type: str,
        modified: datetime | None,
        *,
        vary: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Representation:
        """The representation of a body that is at hand."""
        digest = hashlib.sha256(body).hexdigest()

        def coded(coding: str) -> bytes:
            return self._coded(body, digest, coding)

        return Representation(content_type, digest, len(body), coded, modified, vary, headers or {})

    def _coded(self, body: bytes, digest: str, coding: str) -> bytes:
        if not coding:
            return body
        key = (digest, coding)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = compress(body, coding)
        with self._lock:
            self.size += len(found) - len(self._kept.pop(key, b""))
            self._kept[key] = found
            while self.size > self.limit and len(self._kept) > 1:
                self.size -= len(self._kept.popitem(last=False)[1])
        return found
