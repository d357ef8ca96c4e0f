"""The process that query workers are forked from: everything imported, no store open, nothing else to do.

Started by the pool as `python -m api.zygote FD`. To start an interpreter for each worker takes a tenth of a second of
processor time; a fork takes some milliseconds, so a stopped query is replaced at once however many are stopped. Orders
come as one JSON message each on a SEQPACKET socket, with the worker's two descriptors. Forks are answered at once and
in their order; a burial when the worker has gone, which may take a while on a busy machine and holds up nobody:

    {"fork": [arguments of a worker]} + (socket, standard error)   →   {"pid": …}
    {"bury": pid}                                                                 →   {"buried": pid, "code": …}

A worker that has ended stays a zombie until it is buried, so that its number is not given to another process.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, NoReturn

from api import worker
from catalog import sandbox

_PR_SET_NAME = 15
_LOOK = 0.01
"""Seconds between two looks at whether a worker that is to be buried has gone."""
NAME = b"garonne-query"
"""What a worker is called in the process table."""


def main(arguments: list[str]) -> NoReturn:
    """Take orders until the pool hangs up."""
    sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool is interrupted too, and ends us
    control = socket.socket(fileno=int(arguments[0]))
    gc.collect()
    gc.freeze()
    dying: set[int] = set()
    while True:
        ready, _, _ = select.select([control], [], [], _LOOK if dying else None)
        if ready:
            message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
            if not message:
                os._exit(0)
            _ordered(json.loads(message), descriptors, control, dying)
        for pid in list(dying):
            code = _ended(pid)
            if code is not None:
                dying.discard(pid)
                control.send(json.dumps({"buried": pid, "code": code}).encode())


def _ordered(order: dict[str, Any], descriptors: list[int], control: socket.socket, dying: set[int]) -> None:
    if "bury" in order:
        with suppress(ProcessLookupError):
            os.kill(order["bury"], signal.SIGKILL)  # nobody may have to wait for one that lives on
        dying.add(order["bury"])
        return
    pid = os.fork()
    if pid == 0:
        control.close()
        _work(order["fork"], *descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    control.send(json.dumps({"pid": pid}).encode())


def _ended(pid: int) -> int | None:
    """The exit code of a worker; None while it has not gone."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return -signal.SIGKILL
    return os.waitstatus_to_exitcode(status) if found else None


def _work(arguments: list[str], channel: int, stderr: int) -> NoReturn:
    """The whole life of a worker; whatever happens, it does not return into the zygote's loop."""
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_NAME, NAME)
        os.dup2(stderr, 1)
        os.dup2(stderr, 2)
        os.close(stderr)
        worker.main([str(channel), *arguments])
    except SystemExit as e:
        os._exit(int(e.code or 0))
    except BaseException as e:
        os.write(2, f"{type(e).__name__}: {e}\n".encode())
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
