"""Rendered pages on disk, compressed as they are sent: each is made once, by whoever asks first.

Releases do not change, so that a page is good for as long as there is room; those used least recently go first. What is
kept as it is (for a reader that takes no compression) is kept in Zstandard, a fifteenth of its size. Nothing of them
stays in memory, so that a service whose readers ask for new pages takes no more with each.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.cache import Cache, Kept
from api.delivery import compress
from catalog.packing import Packer, unpack

AT_ONCE = 2
"""Pages that are rendered at a time: more would take memory and be no quicker."""


class Shelf:
    """The rendered pages of one folder, at most so many bytes together; none with 0."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.cache = Cache(folder, limit, near=False)
        self._opened = False
        self._lock = threading.Lock()
        self._places = threading.Semaphore(AT_ONCE)
        self._making: dict[str, threading.Lock] = {}

    def about(self, key: str) -> tuple[str, int] | None:
        """SHA-256 and size of a page that is kept, without reading it."""
        with self._lock:
            self._open()
            kept = self.cache.kept(key)
        return (kept.sha256, kept.bytes) if kept else None

    def take(
        self, key: str, make: Callable[[], bytes], good: Callable[[], bool] = lambda: True
    ) -> tuple[str, int, Callable[[str], bytes]]:
        """SHA-256, size and, by content coding, the bytes of a page, which `make` renders where it is not kept.

        It is not kept where it is no longer `good` once it is: a takedown, which empties the folder, came between.
        """
        known = self.about(key)
        fresh: bytes | None = None
        if known is None:
            fresh = self.identity(key, make, good)
            known = self.about(key) or (hashlib.sha256(fresh).hexdigest(), len(fresh))
        digest, size = known

        def coded(coding: str) -> bytes:
            if not coding:
                return fresh if fresh is not None else self.identity(key, make, good)
            found = self._read(f"{key}{coding}")
            if found is None:
                whole = fresh if fresh is not None else self.identity(key, make, good)
                with self._one_at_a_time(f"{key}{coding}"):
                    found = self._read(f"{key}{coding}")
                    if found is None:
                        found = compress(whole, coding)
                        self._put(f"{key}{coding}", found, digest, size, good)
            return found

        return digest, size, coded

    def identity(self, key: str, make: Callable[[], bytes], good: Callable[[], bool] = lambda: True) -> bytes:
        """A page as it is."""
        packed = self._read(key)
        if packed is not None:
            return unpack(packed)
        with self._one_at_a_time(key):
            packed = self._read(key)
            if packed is not None:
                return unpack(packed)
            with self._places:
                whole = make()
            self._put(key, Packer().pack(whole), hashlib.sha256(whole).hexdigest(), len(whole), good)
            return whole

    def _open(self) -> None:
        if not self._opened:
            self._opened = True
            self.cache.open()

    def _read(self, key: str) -> bytes | None:
        with self._lock:
            self._open()
            found = self.cache.find(key)
        if found is None:
            return None
        kept, file = found
        with file:
            body = file.read()
        return body if len(body) == kept.size else None

    def _put(self, key: str, body: bytes, digest: str, size: int, good: Callable[[], bool]) -> None:
        kept = Kept("page", "", "", 0, size, digest, len(body), "", seconds=1.0)
        with self._lock:
            self._open()
            self.cache.put(key, kept, body)
            if not good():
                self.cache.drop(key)

    @contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[None]:
        """Others that want the same wait, and find it made."""
        with self._lock:
            mine = self._making.setdefault(key, threading.Lock())
        try:
            with mine:
                yield
        finally:
            with self._lock:
                self._making.pop(key, None)
