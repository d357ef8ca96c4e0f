"""Lines in order and each once, however little of them fits in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.sorting import unique

LINES = st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b" ")), max_size=60)


@given(LINES, st.integers(1, 100))
def test_sorted_and_unique(lines: list[bytes], part: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert list(unique(lines, Path(folder), part=part)) == sorted(set(lines))
        assert not list(Path(folder).iterdir())


def test_a_folder_that_cannot_be_written_is_an_error_not_a_loss(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(unique([b"b", b"a"], tmp_path / "none", part=1))
