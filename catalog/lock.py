"""One writer at a time: a lock that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from catalog import aside, schema, sealed
from catalog.errors import StoreLocked

FILE = "lock"
BUSY = "another process is writing"
"""How the error begins that says so."""
SIGNING = 0.5
"""Seconds between taking the lock and signing it, at most: on a busy machine somebody may look in between."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Holds the write lock of this store folder; the system releases it even after kill -9.

    Raises `StoreLocked`, naming the process, its command and since when, if another process holds it; `StoreSealed`
    where the folder is an exported copy, `StoreDamaged` where a restore has left it without its catalogue.
    """
    sealed.refuse(folder)
    aside.refuse(folder)
    with alone(folder, FILE, BUSY):
        yield


@contextmanager
def alone(folder: Path, name: str, busy: str) -> Iterator[None]:
    """Holds a lock that is called so, whatever the folder holds; `busy` begins the sentence of `StoreLocked`."""
    descriptor = _taken(folder, name, busy)
    try:
        _sign(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _taken(folder: Path, name: str, busy: str) -> int:
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as e:
            raise schema.explained(e, folder) from e
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _named(descriptor, folder / name):
                return descriptor
        except BlockingIOError as e:
            who = _holder(descriptor)
            os.close(descriptor)
            raise StoreLocked(
                f"{busy}: {who}.",
                what=str(folder),
                hint="Wait until it has ended, or stop it; reading and serving go on meanwhile.",
            ) from e
        os.close(descriptor)  # a restore has exchanged the folder meanwhile


def _named(descriptor: int, path: Path) -> bool:
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def holder(folder: Path, name: str = FILE) -> str:
    """Who holds the write lock at this moment, or the one called so; empty where nobody does. Changes nothing."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY)
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
    """Who has signed; whoever has just taken the lock is given a moment to do so."""
    deadline = time.monotonic() + SIGNING
    while True:
        try:
            who = json.loads(os.pread(descriptor, 4096, 0))
            return f"process {who['pid']} (`{who['command']}`), since {who['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            if time.monotonic() > deadline:
                return "a process that left no name"
            time.sleep(0.02)
