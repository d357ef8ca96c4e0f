"""One writer at a time, across processes."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog import lock
from catalog.errors import StoreFull, StoreLocked

CHILD = """
import sys, time
from pathlib import Path
from catalog import lock
with lock.writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_writer_is_refused_and_told_who_holds_it_until_kill_minus_9(tmp_path: Path) -> None:
    with holder(tmp_path) as child:
        with pytest.raises(StoreLocked) as e, lock.writing(tmp_path):
            pass
        assert f"process {child.pid}" in str(e.value)
        assert "since 20" in str(e.value)
        assert "Wait until it has ended" in str(e.value)
        assert e.value.exit_code == 3
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    with lock.writing(tmp_path):
        assert str(os.getpid()) in (tmp_path / lock.FILE).read_text()


def test_twice_in_one_process_too(tmp_path: Path) -> None:
    with lock.writing(tmp_path):
        with pytest.raises(StoreLocked, match=f"process {os.getpid()}"), lock.writing(tmp_path):
            pass
        with pytest.raises(StoreLocked), lock.writing(tmp_path):
            pass
    with lock.writing(tmp_path):
        pass


def test_released_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock.writing(tmp_path):
        raise ZeroDivisionError
    with lock.writing(tmp_path):
        pass


def test_a_holder_that_left_no_name(tmp_path: Path) -> None:
    with lock.writing(tmp_path):
        (tmp_path / lock.FILE).write_text("no json")
        with pytest.raises(StoreLocked, match="left no name"), lock.writing(tmp_path):
            pass


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="file") as e, lock.writing(tmp_path / "file" / "store"):
        pass
    assert getattr(e.value, "exit_code", None) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreFull, match="cannot be written"), lock.writing(tmp_path):
        pass


def test_a_lock_on_a_folder_that_was_exchanged_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore may exchange the folder between the opening of the lock's file and the lock."""
    flock, taken = fcntl.flock, []

    def exchanged(descriptor: int, operation: int) -> None:
        if not taken:
            os.replace(tmp_path / "var", tmp_path / "before")
        flock(descriptor, operation)
        taken.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(fcntl, "flock", exchanged)
    with lock.writing(tmp_path / "var"):
        assert taken[-1] == (tmp_path / "var" / lock.FILE).stat().st_ino
        assert len(taken) == 2
