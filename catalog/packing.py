"""How payloads and descriptions are compressed in the bookkeeping: Zstandard, which costs a third of zlib's time."""

from __future__ import annotations

import threading
import zlib

import zstandard

_MAGIC = b"\x28\xb5\x2f\xfd"
"""What every Zstandard frame begins with: RFC 8878, section 3.1.1. Bookkeeping of before has zlib streams."""


class Packer:
    """Compresses. One a writer: it must not be used from two threads at once."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=1).compress


class _Unpacking(threading.local):
    """A decompressor for each thread, which costs more to make than to use."""

    def __init__(self) -> None:
        self.unpack = zstandard.ZstdDecompressor().decompress


_UNPACKING = _Unpacking()


def unpack(packed: bytes) -> bytes:
    """What was compressed."""
    return _UNPACKING.unpack(packed) if packed[:4] == _MAGIC else zlib.decompress(packed)
