"""One writer at a time: a lock that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from catalog import schema, sealed
from catalog.errors import StoreLocked

FILE = "lock"
BUSY = "another process is writing"
"""How the error begins that says so."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Holds the write lock of this store folder; the system releases it even after kill -9.

    Raises `StoreLocked`, naming the process, its command and since when, if another process holds it; `StoreSealed`
    where the folder is an exported copy.
    """
    sealed.refuse(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as e:
        raise schema.explained(e, folder) from e
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise StoreLocked(
                f"{BUSY}: {_holder(descriptor)}.",
                what=str(folder),
                hint="Wait until it has ended, or stop it; reading and serving go on meanwhile.",
            ) from e
        _sign(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def holder(folder: Path) -> str:
    """Who holds the write lock at this moment, in words; empty where nobody does. Changes nothing."""
    try:
        descriptor = os.open(folder / FILE, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    except OSError as e:
        raise schema.explained(e, folder) from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    finally:
        os.close(descriptor)
    return ""


def _sign(descriptor: int, folder: Path) -> None:
    who = {
        "pid": os.getpid(),
        "command": " ".join(sys.argv)[:200],
        "since": datetime.now(UTC).isoformat("T", "seconds"),
    }
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(who).encode(), 0)
    except OSError as e:
        raise schema.explained(e, folder) from e


def _holder(descriptor: int) -> str:
    try:
        who = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {who['pid']} (`{who['command']}`), since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that left no name"
