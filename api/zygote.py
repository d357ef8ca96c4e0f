"""The process that query workers are forked from: everything imported, no store open, nothing else to do.

Started by the pool as `python -m api.zygote FD`. To start an interpreter for each worker takes a tenth of a second of
processor time; a fork takes some milliseconds, so a stopped query is replaced at once however many are stopped. Orders
come as one JSON message each on a SEQPACKET socket, with the worker's two descriptors:

    {"fork": [arguments of a worker]} + (socket, standard error)   →   {"pid": …}
    {"bury": pid}                                                                 →   {"code": …}

A worker that has ended stays a zombie until it is buried, so that its number is not given to another process.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from typing import NoReturn

from api import worker
from catalog import sandbox

_PR_SET_NAME = 15
NAME = b"garonne-query"
"""What a worker is called in the process table."""


def main(arguments: list[str]) -> NoReturn:
    """Take orders until the pool hangs up."""
    sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool is interrupted too, and ends us
    control = socket.socket(fileno=int(arguments[0]))
    gc.collect()
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not message:
            os._exit(0)
        order = json.loads(message)
        if "fork" in order:
            pid = os.fork()
            if pid == 0:
                control.close()
                _work(order["fork"], *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            control.send(json.dumps({"pid": pid}).encode())
        else:
            control.send(json.dumps({"code": _buried(order["bury"])}).encode())


def _buried(pid: int) -> int:
    """The exit code of a worker, which is made to end: nobody may have to wait for one that lives on."""
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except (ProcessLookupError, ChildProcessError):
        return -signal.SIGKILL


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
