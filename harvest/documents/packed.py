"""Compressed documents, unpacked into a file up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import ResponseInvalid

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 18


def is_packed(head: bytes) -> bool:
    """Whether a document that begins so is compressed with gzip."""
    return head.startswith(_GZIP)


def unpacked(file: Path, limit: int, *, what: str) -> Iterator[bytes]:
    """The content of a gzip file, chunk by chunk. `ResponseInvalid` when it is damaged or grows beyond the limit.

    What a chunk may become is bounded too, so that a bomb is noticed before it is in memory.
    """
    total = 0
    machine = zlib.decompressobj(wbits=31)
    with file.open("rb") as f:
        waiting = b""
        while True:
            waiting = waiting or f.read(_CHUNK)
            if not waiting:
                break
            try:
                made = machine.decompress(waiting, _CHUNK)
            except zlib.error as e:
                raise ResponseInvalid(f"it is compressed, and damaged ({e}).", what=what) from e
            waiting = machine.unconsumed_tail
            total += len(made)
            if total > limit:
                raise ResponseInvalid(
                    f"it is compressed, and becomes larger than the {limit:,} bytes allowed.",
                    what=what,
                    hint="Raise [harvest] max_bytes if it is right.",
                )
            yield made
            if machine.eof:  # several members may follow one another
                waiting = machine.unused_data or waiting
                machine = zlib.decompressobj(wbits=31)
                if waiting and not waiting.startswith(_GZIP):
                    break
    if not machine.eof and machine.unconsumed_tail == b"" and total == 0:
        raise ResponseInvalid("it is compressed, and nothing is in it.", what=what)
