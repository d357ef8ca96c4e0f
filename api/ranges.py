"""Files sent whole or in part: range requests (RFC 9110, section 14), one range at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.conditional import http_date, not_modified
from api.errors import RangeRefused

_PIECE = 256 << 10
_RANGES = re.compile(r"\s*bytes\s*=\s*(?P<set>.+)", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,18})-(\d{1,18})?|-(\d{1,18})", re.ASCII)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First byte and length of what a `Range` header asks of so many bytes; None for a header that is not to be obeyed.

    Raises `RangeRefused` for a range beyond the end, and for several at a time (RFC 9110, section 15.5.17).
    """
    given = _RANGES.fullmatch(header)
    parts = [part.strip() for part in given["set"].split(",")] if given else []
    found = [_RANGE.fullmatch(part) for part in parts if part]
    if not found or not all(found):
        return None
    if len(found) > 1:
        raise RangeRefused(size, several=True)
    first, last, suffix = found[0].groups() if found[0] else ("", "", "")
    if suffix:
        length = min(int(suffix), size)
        start = size - length
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        length = min(int(last) + 1 if last else size, size) - start
    if length <= 0:
        raise RangeRefused(size)
    return start, length


def send_file(
    request: Request, path: Path, tag: str, modified: datetime, content_type: str, more: Mapping[str, str]
) -> Response:
    """The answer to a GET or HEAD request for a file that does not change, of this strong tag; 304 where that is due.

    The file is open before this returns: it may be removed while it is sent. Raises `RangeRefused`.
    """
    headers = {"ETag": tag, "Last-Modified": http_date(modified), "Cache-Control": "no-cache", **more}
    if not_modified(request.headers, tag, modified):
        return Response(status_code=304, headers=headers)
    file = path.open("rb")
    size = file.seek(0, 2)
    asked = request.headers.get("range") if request.method == "GET" else None
    headers |= {"Accept-Ranges": "bytes", "Content-Type": content_type, "Content-Length": str(size)}
    try:
        part = byte_range(asked, size) if asked and _still_the_same(request, headers) else None
    except RangeRefused:
        file.close()
        raise
    if request.method == "HEAD":
        file.close()
        return Response(headers=headers)
    if part is None:
        return StreamingResponse(_pieces(file, 0, size), headers=headers)
    start, length = part
    headers |= {"Content-Range": f"bytes {start}-{start + length - 1}/{size}", "Content-Length": str(length)}
    return StreamingResponse(_pieces(file, start, length), 206, headers=headers)


def _still_the_same(request: Request, headers: dict[str, str]) -> bool:
    """Whether the part that is asked for is of what the client has: RFC 9110, section 13.1.5."""
    known = request.headers.get("if-range")
    return known is None or known.strip() in {headers["ETag"], headers["Last-Modified"]}


async def _pieces(file: IO[bytes], start: int, length: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(start)
        while length:
            piece = await asyncio.to_thread(file.read, min(_PIECE, length))
            if not piece:
                raise OSError("a file is shorter than it was")
            length -= len(piece)
            yield piece
