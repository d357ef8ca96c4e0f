"""A bookkeeping beside which nothing can be written is read as it was committed last, or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catalog import schema, unwritable
from catalog.archive import Archive
from catalog.errors import StoreDamaged, StoreFull
from catalog.excerpt import excerpt
from catalog.unwritable import IMMUTABLE, LOCKS_ONLY, LOG_ALONE, ORDINARY, WrittenMeanwhile, beside
from tests.catalog.making import release
from tests.disks import full, own_disk, read_only

KEPT = "SELECT started FROM runs ORDER BY n"


def enter(folder: Path, *runs: int) -> None:
    with closing(schema.connect(folder, write=True)) as db:
        for n in runs:
            db.execute("INSERT INTO runs (n, started, status) VALUES (?, ?, 'failed')", (n, f"night {n}"))


def killed_after(folder: Path, n: int) -> None:
    """A writer that is killed leaves what it committed in the log, and the log where it is."""
    if (pid := os.fork()) == 0:
        db = schema.connect(folder, write=True)
        db.execute("INSERT INTO runs (n, started, status) VALUES (?, ?, 'failed')", (n, f"night {n}"))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)


def read(folder: Path) -> list[str]:
    return [row[0] for row in Archive(folder).rows(KEPT)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with own_disk(tmp_path / "disk") as folder:
        yield folder


def way(folder: Path) -> unwritable.Way:
    with closing(schema.connect(folder)) as db:
        return db.way


def test_a_closed_bookkeeping_on_a_read_only_disk(disk: Path) -> None:
    enter(disk / "var", 1)
    assert not beside(disk / "var" / schema.FILE, "-shm").exists()
    with read_only(disk):
        assert way(disk / "var") == IMMUTABLE
        assert read(disk / "var") == ["night 1"]
    enter(disk / "var", 2)
    assert way(disk / "var") == ORDINARY
    assert read(disk / "var") == ["night 1", "night 2"]


@pytest.mark.parametrize("shared", ["kept", "lost"])
def test_what_only_the_log_has_is_read_too(disk: Path, shared: str) -> None:
    enter(disk / "var", 1)
    killed_after(disk / "var", 2)
    if shared == "lost":
        beside(disk / "var" / schema.FILE, "-shm").unlink()
    with read_only(disk):
        assert way(disk / "var") == (ORDINARY if shared == "kept" else LOG_ALONE)
        assert read(disk / "var") == ["night 1", "night 2"]
        with pytest.raises(StoreFull):
            enter(disk / "var", 3)
        assert read(disk / "var") == ["night 1", "night 2"]
    assert read(disk / "var") == ["night 1", "night 2"]


@pytest.mark.parametrize("left", ["nothing", "log", "log without shared memory"])
def test_a_full_disk(disk: Path, left: str) -> None:
    enter(disk / "var", 1)
    if left != "nothing":
        killed_after(disk / "var", 2)
    shared = beside(disk / "var" / schema.FILE, "-shm")
    if left == "log without shared memory":
        shared.unlink()
    elif left == "log":
        shared.write_bytes(b"")  # as the first reader after a killed writer begins
    wanted = ["night 1"] + ["night 2"] * (left != "nothing")
    with full(disk):
        assert way(disk / "var") == LOCKS_ONLY
        assert read(disk / "var") == wanted
        with closing(schema.connect(disk / "var")), pytest.raises(StoreFull):
            enter(disk / "var", 3)
        assert read(disk / "var") == wanted
    enter(disk / "var", 3)
    assert read(disk / "var") == [*wanted, "night 3"]


def test_a_reader_without_locks_says_when_it_met_a_writer(disk: Path) -> None:
    enter(disk / "var", 1)
    with read_only(disk):
        db = schema.connect(disk / "var")
    assert db.way == IMMUTABLE
    enter(disk / "var", 2)
    with pytest.raises(WrittenMeanwhile):
        db.close()


def test_a_question_that_met_a_writer_is_put_again(disk: Path) -> None:
    enter(disk / "var", 1)
    met: list[str] = []

    def question(db: sqlite3.Connection) -> list[str]:
        if not met:
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            enter(disk / "var", 2)
            met.append("a writer")
        return [row[0] for row in db.execute(KEPT)]

    with read_only(disk):
        assert Archive(disk / "var").reading(question) == ["night 1", "night 2"]


def test_closing_a_reader_without_locks_takes_nobodys_locks(disk: Path) -> None:
    """A process loses its locks on a file with the first descriptor of it that it closes."""
    folder = disk / "var"
    enter(folder, 1)
    with read_only(disk):
        frozen = schema.connect(folder)
    with closing(schema.connect(folder)) as ordinary:
        assert (frozen.way, ordinary.way) == (IMMUTABLE, ORDINARY)
        frozen.close()
        assert locked(folder), "the reader's lock is still held"
        assert frozen.execute("SELECT 1").fetchone() is not None, "it is closed later"
    with pytest.raises(sqlite3.ProgrammingError):
        frozen.execute("SELECT 1")
    assert not locked(folder)


def locked(folder: Path) -> bool:
    """Whether a process other than this one finds a lock on the file."""
    text = "import fcntl, sys; f = open(sys.argv[1], 'rb+'); fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)"
    done = subprocess.run(["python3", "-c", text, str(folder / schema.FILE)], capture_output=True, check=False)
    return done.returncode != 0


def test_an_excerpt_can_be_made_from_such_a_disk(disk: Path, tmp_path: Path) -> None:
    release(disk / "var", {"a": "Un"})
    made = []
    for name, trouble in (("ro", read_only), ("full", full)):
        with trouble(disk):
            excerpt(disk / "var", tmp_path / name, 1, None)
        with closing(sqlite3.connect(tmp_path / name)) as db:
            made.append(db.execute("SELECT title FROM descriptions WHERE kind = 'dataset'").fetchall())
    killed_after(disk / "var", 9)
    beside(disk / "var" / schema.FILE, "-shm").unlink()
    with read_only(disk):
        excerpt(disk / "var", tmp_path / "log", 1, None)
    with closing(sqlite3.connect(tmp_path / "log")) as db:
        made.append(db.execute("SELECT title FROM descriptions WHERE kind = 'dataset'").fetchall())
    assert made == [[("Un",)]] * 3


def test_damage_is_still_damage(tmp_path: Path) -> None:
    (tmp_path / schema.FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(StoreDamaged):
        read(tmp_path)
    with pytest.raises(StoreDamaged):
        read(tmp_path / "nothing")
