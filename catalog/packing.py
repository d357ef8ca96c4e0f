"""How payloads and descriptions are compressed in the bookkeeping: Zstandard, which costs a third of zlib's time."""

from __future__ import annotations

import zlib

import zstandard

_MAGIC = b"\x28\xb5\x2f\xfd"
"""What every Zstandard frame begins with: RFC 8878, section 3.1.1. Bookkeeping of before has zlib streams."""


class Packer:
    """Compresses. One a writer: it must not be used from two threads at once."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=1).compress


def unpack(packed: bytes) -> bytes:
    """What was compressed."""
    return zstandard.ZstdDecompressor().decompress(packed) if packed[:4] == _MAGIC else zlib.decompress(packed)
