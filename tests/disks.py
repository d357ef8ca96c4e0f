"""A disk of a test's own, which can be filled, and made read-only."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest


def mounted(*arguments: str) -> None:
    """Mounts as the system's command does; skips the test where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


@contextmanager
def own_disk(folder: Path) -> Iterator[Path]:
    """An empty disk of 64 MB at this folder."""
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=64m", "none", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """The disk takes nothing; waited for where something is still being written."""
    deadline = time.monotonic() + 20
    remount = ["mount", "-o", "remount,ro", str(disk)]
    while subprocess.run(remount, capture_output=True, check=False).returncode:
        assert time.monotonic() < deadline, "a file is open for writing"
        time.sleep(0.02)
    try:
        yield
    finally:
        mounted("-o", "remount,rw", str(disk))


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """The disk has no byte left, also where something is freed meanwhile."""
    filler, filled, over = disk / "filler", Event(), Event()

    def fill() -> None:
        with filler.open("wb", buffering=0) as out:
            while not over.is_set():
                with suppress(OSError):
                    while out.write(b"x" * 65536):
                        pass
                filled.set()
                over.wait(0.02)

    filling = Thread(target=fill)
    filling.start()
    try:
        filled.wait()
        yield
    finally:
        over.set()
        filling.join()
        filler.unlink()
