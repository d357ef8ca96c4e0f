"""Work in a child process that is killed at one of its steps, at some moment, or not at all.

A step is an audit event of the interpreter that changes a disk, or a wait for one: a rename, a folder made or removed,
a file opened for writing, an `fsync`. What the engine and SQLite do in between is met by the kills at some moment.

The process that forks must never have opened a store: the engine's threads would be missing in its children.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "shutil.rmtree", "sqlite3.connect"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts the steps of this process, and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0
        sys.addaudithook(self._hook)
        waits = os.fsync

        def fsync(descriptor: int) -> None:
            self.step()
            waits(descriptor)

        os.fsync = fsync  # in the child only

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & _WRITING):
            self.step()

    def step(self) -> None:
        """One more."""
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Child:
    """A child that works. `said` is what the work returned, or why it failed, once it has ended."""

    pid: int
    pipe: int
    began: float
    status: int | None = None
    said: str = ""

    def running(self) -> bool:
        """Whether it is still at work."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._end(status)
        return self.status is None

    def kill(self) -> None:
        """Ends it, if it has not ended by itself."""
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> None:
        """Until it has ended."""
        if self.status is None:
            self._end(os.waitpid(self.pid, 0)[1])

    def _end(self, status: int) -> None:
        self.status = status
        with os.fdopen(self.pipe) as pipe:
            self.said = pipe.read()

    @property
    def killed(self) -> bool:
        """Whether a signal ended it."""
        return self.status is not None and os.WIFSIGNALED(self.status)

    def result(self) -> Any:
        """What the work returned. Raises `AssertionError` where it failed."""
        self.wait()
        assert self.status == 0, self.said or f"the child ended with {self.status}"
        return json.loads(self.said)


def start(work: Callable[[], Any], *, at: int = 0) -> Child:
    """Does the work in a child, to be killed at its step `at`; what it returns is written as JSON (4 kB at most)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            if at:
                Steps(at)
            said = json.dumps(work()).encode()
            code = 0
        except BaseException:
            said = traceback.format_exc().encode()[-3000:]
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
        os._exit(code)
    os.close(writing)
    return Child(pid, reading, time.monotonic())


def done(work: Callable[[], Any]) -> Any:
    """What the work returns when it is done in a child, for which the reader waits. Raises where it failed."""
    child = start(work)
    with os.fdopen(os.dup(child.pipe)) as pipe:  # what is longer than a pipe holds is read while it is written
        said = pipe.read()
    child.wait()
    assert child.status == 0, said
    return json.loads(said)


def steps(work: Callable[[], Any]) -> int:
    """How many steps the work takes; it is done."""

    def counted() -> int:
        counter = Steps(0)
        work()
        return counter.count

    return int(done(counted))
