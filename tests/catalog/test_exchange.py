"""Two folders change places in one step."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from catalog.exchange import exchange


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is of Linux")
def test_two_folders_change_places(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "one", tmp_path / "other")
    assert [p.name for p in (tmp_path / "one").iterdir()] == ["other"]
    assert [p.name for p in (tmp_path / "other").iterdir()] == ["one"]
    with pytest.raises(FileNotFoundError, match="nothing"):
        exchange(tmp_path / "one", tmp_path / "nothing")
    assert (tmp_path / "one").exists()
