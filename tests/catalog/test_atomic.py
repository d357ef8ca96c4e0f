"""A small file is what it was, or what it is to be, and nothing is left beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from catalog import atomic
from tests.disks import full, own_disk


def test_it_is_replaced(tmp_path: Path) -> None:
    for text in ("one", "deux é"):
        atomic.replace(tmp_path / "notes.json", text)
        assert (tmp_path / "notes.json").read_text(encoding="utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == ["notes.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_full_disk_keeps_the_one_of_before(tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as disk:
        atomic.replace(disk / "notes.json", "one")
        with full(disk):
            with pytest.raises(OSError, match="No space"):
                atomic.replace(disk / "notes.json", "two")
            assert (disk / "notes.json").read_text() == "one"
            assert sorted(p.name for p in disk.iterdir()) == ["filler", "notes.json"]
