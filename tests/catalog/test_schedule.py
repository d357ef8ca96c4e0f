"""The scheduler's notes: kept whole or not at all, and told who lives, also on a disk that takes nothing."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog import schedule
from catalog.errors import StoreLocked
from catalog.schedule import Turn
from tests.disks import full, own_disk, read_only


def test_notes_are_read_as_they_were_written(tmp_path: Path) -> None:
    turns = {"a": Turn("a", "@daily", ending="failed", reason_fr="éteint", failures=2), "b": Turn("b")}
    schedule.write(tmp_path, turns)
    assert schedule.read(tmp_path) == turns
    assert [p.name for p in tmp_path.iterdir()] == [schedule.FILE]


def test_notes_that_cannot_be_read_are_no_notes(tmp_path: Path) -> None:
    (tmp_path / schedule.FILE).write_text("{")
    assert schedule.read(tmp_path) == {}
    assert not schedule.legible(tmp_path)


def test_nobody_ever_looked(tmp_path: Path) -> None:
    assert schedule.looked(tmp_path) is None
    schedule.look(tmp_path)
    assert schedule.looked(tmp_path) is None, "only who attends makes the mark"


def test_who_attends_has_looked_and_looks_again(tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    with schedule.attending(tmp_path / "var"):
        first = schedule.looked(tmp_path / "var")
        assert first is not None
        assert before <= first <= datetime.now(UTC) + timedelta(seconds=1)
        os.utime(tmp_path / "var" / schedule.LOCK, (0, 0))
        schedule.look(tmp_path / "var")
        assert schedule.looked(tmp_path / "var") >= first  # type: ignore[operator]
    assert schedule.looked(tmp_path / "var") is not None, "when the last one looked is known afterwards"


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_full_disk_takes_the_mark_and_not_the_notes(tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as disk, schedule.attending(disk):
        schedule.write(disk, {"a": Turn("a", due="2026-01-02T03:04:05+00:00")})
        os.utime(disk / schedule.LOCK, (0, 0))
        with full(disk):
            with pytest.raises(OSError, match="No space"):
                schedule.write(disk, {"a": Turn("a")})
            schedule.look(disk)
            assert schedule.read(disk)["a"].due, "what was noted before is whole"
        looked = schedule.looked(disk)
        assert looked is not None
        assert datetime.now(UTC) - looked < timedelta(minutes=1)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_read_only_disk_can_be_attended_to(tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as disk:
        with schedule.attending(disk):
            pass
        with read_only(disk), schedule.attending(disk):
            schedule.look(disk)
            with pytest.raises(StoreLocked), schedule.attending(disk):
                pass
