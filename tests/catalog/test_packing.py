"""What is packed comes back, also when it was packed before Zstandard was used."""

from __future__ import annotations

import zlib

import pytest

from catalog.packing import Packer, unpack

TEXTS = [b"", b"a", "éà\u2028".encode() * 5, bytes(range(256)) * 4000]


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_round_trip(text: bytes) -> None:
    packer = Packer()
    assert unpack(packer.pack(text)) == text
    assert packer.pack(text) == packer.pack(text), "the same bytes for the same text"
    assert unpack(zlib.compress(text, 1)) == text
