"""Answers that are ready to be sent: what a request with the same words is answered until the pointer is swapped.

A question that was asked before is answered without reading it again. The key is the request itself, every part of it
that the answer depends on, whichever release it names: after a takedown the pointer is swapped to the same number, and
nothing of before is sent. Nothing is kept but small answers out of `api.cache`, which were asked twice at least.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import Scope

from api.exchange import RawHeaders

MEMORY = 32 << 20
"""Bytes of all of them together, of requests and answers."""
LONGEST = 64 << 10
"""Bytes of a request and its answer that are kept."""

Swap = tuple[int, ...]
"""The swap of the pointer since which answers are good (`api.published.Published.swap`), and the release shown."""
Asked = tuple[Swap, bytes, bytes, bytes, bytes, bytes]
"""The swap, the address's query, the body and its type, the types and the codings that are accepted."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One answer: its headers, its body, and the name of its question (`api.cache.question_of`)."""

    headers: RawHeaders
    body: bytes
    question: str


def asked(scope: Scope, body: bytes, swap: Swap) -> Asked | None:
    """What a request asks after this swap, None for a conditional one and for one whose answer has no body."""
    if scope["method"] == "HEAD":
        return None
    kind = accept = encoding = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += value + b","
        elif name == b"accept-encoding":
            encoding += value + b","
        elif name == b"content-type":
            kind = value
        elif name == b"if-none-match":
            return None
    return swap, scope["query_string"], body, kind, accept, encoding


class ReadyAnswers:
    """Those of one service; the ones used least recently go first."""

    def __init__(self) -> None:
        self._found: OrderedDict[Asked, Ready] = OrderedDict()
        self._size = 0

    def find(self, key: Asked | None) -> Ready | None:
        """The answer, if it is there. Those of an earlier swap are dropped."""
        if key is not None:
            self._only(key[0])
        found = None if key is None else self._found.get(key)
        if key is not None and found is not None:
            self._found.move_to_end(key)
        return found

    def put(self, key: Asked, ready: Ready) -> None:
        """Keep an answer, unless it is too large; those of an earlier swap are dropped."""
        size = _size(key, ready)
        if size > LONGEST:
            return
        self._only(key[0])
        self._drop(key)
        self._found[key] = ready
        self._size += size
        while self._size > MEMORY:
            self._drop(next(iter(self._found)))

    def _only(self, swap: Swap) -> None:
        if self._found and next(iter(self._found))[0] != swap:
            self._found.clear()
            self._size = 0

    def _drop(self, key: Asked) -> None:
        found = self._found.pop(key, None)
        if found is not None:
            self._size -= _size(key, found)


def _size(key: Asked, ready: Ready) -> int:
    _, query, body, kind, accept, encoding = key
    return len(query) + len(body) + len(kind) + len(accept) + len(encoding) + len(ready.body) + 2000
