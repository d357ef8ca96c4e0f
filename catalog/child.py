"""Work in a process of its own: forked, off the network, limited in time and memory; what it writes comes back.

The query engine cannot be interrupted and some queries end its process, so it never works in the command's own. The
child is killed when its time or memory is used up, when its parent is interrupted, and when its parent ends.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, cast

from catalog import errors, sandbox
from catalog.errors import GaronneError, QueryFailed, QueryMemory, QueryTimeout, SandboxUnavailable

POLL = 0.1
"""Seconds between two looks at the child's memory."""
PIECE = 1 << 16
"""Bytes that are passed on at a time."""
_DONE, _TOLD, _BROKEN = 0, 1, 2  # how a child ends: done; its last word is an error in JSON; a fault of ours
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: `seconds`, 0 for as long as it takes, and resident `memory` in MiB."""

    seconds: float
    memory: int


def run(work: Callable[[BinaryIO], None], limits: Limits, out: BinaryIO) -> None:
    """Do the work in a child and copy what it writes to `out` as it comes.

    Only waiting for the child counts as its time, not a slow `out`. Raises the error of the tree that `work` raised,
    `QueryTimeout`, `QueryMemory`, or `QueryFailed` when the child ended in another way; `out` may hold a part by then.
    Where the child cannot be kept off the network, it says so on standard error and goes on.
    """
    sys.stdout.flush()
    with tempfile.TemporaryFile() as words:
        reader, writer = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _serve(work, limits, writer, words, parent)
        child = Child(pid, reader, limits)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(writer)
            child.copy(out)
            code = child.wait()
        finally:
            child.end()
        if code != _DONE:
            raise child.failure(code, _last(words))


class Child:
    """The child as its parent sees it. `verdict` says why the parent killed it, if it did."""

    def __init__(self, pid: int, reader: int, limits: Limits) -> None:
        self.pid = pid
        self.reader = reader
        self.limits = limits
        self.verdict = ""
        self.left = limits.seconds or float("inf")
        self._inherited = sandbox.resident(os.getpid())
        """What it shares with us from the fork on, and has not asked for itself."""

    def copy(self, out: BinaryIO) -> None:
        """Pass on what the child writes until it has ended, or has used up what it may."""
        while not self.verdict:
            if not self._ready():
                self._judge()
            elif piece := os.read(self.reader, PIECE):
                out.write(piece)
                self._judge()
            else:
                return

    def _ready(self) -> bool:
        begun = time.monotonic()
        ready, _, _ = select.select([self.reader], [], [], min(POLL, max(self.left, 0)))
        self.left -= time.monotonic() - begun
        return bool(ready)

    def _judge(self) -> None:
        if self.left <= 0:
            self.verdict = "time"
        elif sandbox.resident(self.pid) - self._inherited > self.limits.memory * _MIB:
            self.verdict = "memory"
        if self.verdict:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code, below 0 for a signal; it is gone then."""
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """Kill it if it lives, and let go of what it held."""
        os.close(self.reader)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def failure(self, code: int, words: str) -> GaronneError:
        """Why it ended with this code, having written these words to its standard error."""
        if self.verdict == "time":
            return QueryTimeout(
                f"the query was stopped after {self.limits.seconds:g} s, its time limit.",
                hint="Narrow it (one publisher, one type, LIMIT), or give it longer: --timeout SECONDS, 0 for none.",
            )
        if code == _TOLD:
            return _heard(words)
        if self.verdict == "memory" or "memory allocation of" in words or "MemoryError" in words:
            return QueryMemory(
                f"the query was stopped: it needed more than {self.limits.memory} MiB of memory.",
                hint="Avoid sorting, grouping or crossing very large sets in one query; [query] memory is the limit.",
            )
        return _crashed(code, words)


def _crashed(code: int, words: str) -> GaronneError:
    if code == -signal.SIGKILL:
        return QueryFailed(
            "the process of the query was killed from outside.", hint="The machine may be short of memory."
        )
    if code < 0:
        return QueryFailed(
            f"the query engine crashed on this query ({signal.Signals(-code).name}).",
            hint="Known causes: an ORDER BY over values of different types, a very deep nesting. "
            "Sort by STR(?x), or simplify the query.",
        )
    return QueryFailed(f"the process of the query failed: {words.strip().rpartition(chr(10))[2] or 'no word of why'}.")


def _last(words: BinaryIO) -> str:
    """The end of what was written, as text."""
    words.seek(max(0, words.seek(0, os.SEEK_END) - 8 * PIECE))
    return words.read().decode(errors="replace")


def _heard(words: str) -> GaronneError:
    name, fields = json.loads(words.strip().rpartition("\n")[2])
    error: GaronneError = getattr(errors, name, QueryFailed)(fields["message"])
    vars(error).update(fields)
    return error


class _Pipe(io.BufferedWriter):
    """The child's end: the engine flushes after each row, which would be a system call each."""

    def flush(self) -> None:
        """Nothing: what is gathered goes when it fills the buffer, and at the end."""

    def finish(self) -> None:
        super().flush()


def _serve(work: Callable[[BinaryIO], None], limits: Limits, writer: int, words: BinaryIO, parent: int) -> NoReturn:
    """The whole life of the child; whatever happens, it does not return into the parent's program."""
    code = _BROKEN
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and kills us
        sandbox.die_with_parent()
        if os.getppid() == parent:
            _shut_in(limits)
            os.dup2(words.fileno(), sys.stderr.fileno())
            code = _worked(work, writer)
    except BaseException:  # the parent tells it; nothing may pass this point
        with suppress(Exception):
            os.write(words.fileno(), traceback.format_exc().encode())
    finally:
        os._exit(code)


def _shut_in(limits: Limits) -> None:
    try:
        sandbox.confine()
    except SandboxUnavailable as e:
        sys.stderr.write(f"garonne: {e.message} The query runs without that protection; SERVICE is refused as ever.\n")
        sys.stderr.flush()
    sandbox.limit(sandbox.address_space(limits.memory))


def _worked(work: Callable[[BinaryIO], None], writer: int) -> int:
    pipe = _Pipe(io.FileIO(writer, "wb", closefd=False), PIECE)
    try:
        work(cast("BinaryIO", pipe))
        pipe.finish()
    except GaronneError as e:
        sys.stderr.write(f"\n{json.dumps([type(e).__name__, vars(e)])}\n")
        sys.stderr.flush()
        return _TOLD
    return _DONE
