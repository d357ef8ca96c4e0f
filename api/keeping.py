"""An answer on its way to be kept: in memory while it is small, else in a file, packed unless it is already."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Protocol

import zstandard

log = logging.getLogger("garonne.cache")

IN_MEMORY = 1 << 20
"""Bytes of an answer that are gathered before there is a file."""
HEAD = 1024
"""Bytes at the beginning of the file that are left free for what the answer is."""


class Packer(Protocol):
    """What makes bytes fewer, piece by piece."""

    def compress(self, data: bytes) -> bytes:
        """The packed bytes that are known by now."""

    def flush(self) -> bytes:
        """The rest of them."""


class Keeping:
    """One answer as it passes. `size` counts its bytes as they are sent, `stored` those of the file behind its head.

    `path` is the file, once there is one. Nothing is raised: an answer that outgrows `limit` in the file, or a disk
    that takes no more, ends it, and `ended` says so.
    """

    def __init__(self, folder: Path, limit: int, *, pack: bool) -> None:
        self.folder = folder
        self.path = folder
        self.limit = limit
        self.ended = False
        self.size = self.stored = 0
        self.packed = False
        self._pack = pack
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._packer: Packer | None = None

    def add(self, data: bytes) -> None:
        """The next piece."""
        if self.ended:
            return
        self.size += len(data)
        if self._file is None and self.size <= IN_MEMORY:
            self._memory += data
            return
        try:
            if self._file is None:
                self._open()
            self._write(data)
        except OSError as e:
            log.warning("an answer cannot be kept: %s", e)
            self.end()
            return
        if self.stored > self.limit:
            self.end()

    def _open(self) -> None:
        self.path = self.folder / f"{token_hex(8)}.part"
        self.folder.mkdir(parents=True, exist_ok=True)  # it may not have been possible at the start
        self._file = self.path.open("wb")
        self._file.write(b" " * HEAD)
        if self._pack:
            self.packed = True
            self._packer = zstandard.ZstdCompressor(level=1).compressobj()
        self._write(bytes(self._memory))
        self._memory.clear()

    def _write(self, data: bytes) -> None:
        if self._file is not None:
            packed = data if self._packer is None else self._packer.compress(data)
            self.stored += len(packed)
            self._file.write(packed)

    @property
    def body(self) -> bytes | None:
        """All of an answer that is in memory; None for one in a file."""
        return bytes(self._memory) if self._file is None and not self.ended else None

    def finish(self, head: bytes) -> bool:
        """Write what the answer is, and close the file; whether it is there whole. `stored` has to be known before."""
        if self._file is None or self.ended or len(head) >= HEAD:
            self.end()
            return False
        try:
            self._file.seek(0)
            self._file.write(head.ljust(HEAD - 1) + b"\n")
            self._file.close()
            self._file = None
        except OSError as e:
            log.warning("an answer cannot be kept: %s", e)
            self.end()
            return False
        return True

    def flush(self) -> None:
        """The answer is whole: let go of what the packer has."""
        if self._packer is not None and not self.ended:
            packer, self._packer = self._packer, None
            try:
                self._write(packer.flush())
            except OSError as e:
                log.warning("an answer cannot be kept: %s", e)
                self.end()

    def end(self) -> None:
        """Forget it."""
        self.ended = True
        self._memory.clear()
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
