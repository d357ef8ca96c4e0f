"""Work in a child of its own: what comes back, and what is told when nothing does."""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

import pytest

from catalog.child import Limits, run
from catalog.errors import GaronneError, QueryFailed, QueryInvalid, QueryMemory, QueryTimeout, UsageError

LIMITS = Limits(5, 300)


def test_what_it_writes_comes_back_and_nothing_else() -> None:
    seen: list[int] = []

    def work(out: BinaryIO) -> None:
        seen.append(os.getpid())
        for n in range(100_000):
            out.write(b"%d\n" % n)
            out.flush()

    out = io.BytesIO()
    run(work, LIMITS, out)
    assert out.getvalue().splitlines() == [b"%d" % n for n in range(100_000)]
    assert seen == []


def failing(error: BaseException) -> Callable[[BinaryIO], None]:
    def work(_: BinaryIO) -> None:
        raise error

    return work


@pytest.mark.parametrize(
    "error",
    [
        UsageError("é « no ».", what="here", hint="do that."),
        QueryInvalid("no.", line=3, column=7, hint="MemoryError is in it"),
        QueryFailed("no."),
    ],
)
def test_an_error_of_the_tree_is_raised_again_whole(error: GaronneError) -> None:
    with pytest.raises(type(error)) as raised:
        run(failing(error), LIMITS, io.BytesIO())
    assert vars(raised.value) == vars(error)
    assert str(raised.value) == str(error)


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(0), KeyboardInterrupt()])
def test_any_other_end_is_told(error: BaseException) -> None:
    with pytest.raises(QueryFailed, match=type(error).__name__):
        run(failing(error), LIMITS, io.BytesIO())


@pytest.mark.parametrize(("number", "words"), [(signal.SIGSEGV, "crashed.*SIGSEGV"), (signal.SIGKILL, "from outside")])
def test_a_signal_is_told(number: signal.Signals, words: str) -> None:
    def work(_: BinaryIO) -> None:
        faulthandler.disable()  # pytest's, which would tell the crash on the terminal
        os.kill(os.getpid(), number)

    with pytest.raises(QueryFailed, match=words):
        run(work, LIMITS, io.BytesIO())


def test_time() -> None:
    out = io.BytesIO()

    def work(pipe: BinaryIO) -> None:
        pipe.write(b"x" * 100_000)
        time.sleep(60)

    with pytest.raises(QueryTimeout, match=r"0\.3 s"):
        run(work, Limits(0.3, 300), out)
    assert len(out.getvalue()) > 0


def test_memory_that_is_used_and_memory_that_is_asked_for() -> None:
    def grow(_: BinaryIO) -> None:
        held = []
        for _step in range(1000):
            held.append(b"x" * (4 << 20))
            time.sleep(0.002)

    with pytest.raises(QueryMemory, match="300 MiB"):
        run(grow, LIMITS, io.BytesIO())

    def ask(_: BinaryIO) -> None:
        bytes(8 << 30)

    with pytest.raises(QueryMemory, match="300 MiB"):
        run(ask, LIMITS, io.BytesIO())


def test_no_network() -> None:
    with pytest.raises(QueryFailed, match="PermissionError"):
        run(lambda _: socket.socket().close(), LIMITS, io.BytesIO())


def test_nothing_is_left_open() -> None:
    before = sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else []  # noqa: PTH208  names are enough
    run(lambda out: out.flush(), LIMITS, io.BytesIO())
    with pytest.raises(QueryFailed):
        run(failing(QueryFailed("no.")), LIMITS, io.BytesIO())
    assert before == (sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else [])  # noqa: PTH208  as above
    with suppress(ChildProcessError):  # there are no children at all, or only living ones of other tests
        assert os.waitpid(-1, os.WNOHANG) == (0, 0), "no child is left to bury"
