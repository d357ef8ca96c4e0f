"""How the bookkeeping is read where nothing can be written beside it: on a disk that is full, or has become read-only.

A reader of a database in WAL mode needs two files beside it, the log (`-wal`) and the memory that readers and writers
share (`-shm`), and the last writer takes both away when it ends (SQLite, "Write-Ahead Logging", read-only databases).
Where they cannot be made or do not fit, there are other ways, tried in this order:

1. The shared memory is there, though it cannot grow: it is used for its locks alone (`readonly_shm`), and the log is
   read through. A writer that comes meanwhile keeps off what is being read, as ever.
2. There is no log, or nothing in it: then the database itself says everything (`immutable`).
3. There is something in the log, and no shared memory: the log is read through without it (`unix-none`). Only where the
   log cannot be written either, because such a connection may try to write it back.

2 and 3 hold no lock. Whoever read so is told when it ends if anything was written meanwhile: `WrittenMeanwhile`, and
what was read is not to be used.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import StoreLocked

_MEANT = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL}

Stamp = tuple[tuple[int, ...], ...]


class WrittenMeanwhile(StoreLocked):
    """The bookkeeping was written while it was read without a lock: what was read is not to be used."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a database is opened for reading: the parameters of its address (SQLite, "URI Filenames")."""

    parameters: str
    locks: bool = True
    """Whether a writer is kept off what is read."""
    heap: bool = False
    """Whether the index of the log is made in this connection's own memory; `locking_mode` must be EXCLUSIVE then."""


ORDINARY = Way("mode=ro")
LOCKS_ONLY = Way("mode=ro&readonly_shm=1")
IMMUTABLE = Way("mode=ro&immutable=1", locks=False)
LOG_ALONE = Way("mode=ro&vfs=unix-none", locks=False, heap=True)


def meant(error: BaseException | None) -> bool:
    """Whether an error of opening may come from a disk that cannot be written, so that the other ways are tried."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _MEANT


def ways(path: Path) -> Iterator[Way]:
    """The ways that are left, best first, once the ordinary one has failed."""
    if not path.exists():
        return
    if beside(path, "-shm").exists():
        yield LOCKS_ONLY
    log = beside(path, "-wal")
    if not log.exists() or log.stat().st_size == 0:
        yield IMMUTABLE
    elif not os.access(log, os.W_OK):
        yield LOG_ALONE


def beside(path: Path, suffix: str) -> Path:
    """The file of SQLite's beside a database."""
    return path.with_name(path.name + suffix)


def stamp(path: Path) -> Stamp:
    """What changes whenever something is written to a database in WAL mode: to the file, or to its log."""
    return tuple(_stamp(file) for file in (path, beside(path, "-wal")))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found.st_size else ()  # readers make an empty one


class Gate:
    """Keeps connections without locks from taking away the locks of others in this process.

    The system drops all locks that a process has on a file when the process closes any descriptor of it (POSIX, fcntl).
    A connection without locks is therefore closed when none with locks is open on its file; until then it is kept.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._locking: Counter[str] = Counter()
        self._kept: dict[str, list[Callable[[], None]]] = {}

    def enter(self, file: str) -> None:
        """A connection with locks is about to be opened."""
        with self._mutex:
            self._locking[file] += 1

    def leave(self, file: str) -> None:
        """One was closed."""
        with self._mutex:
            self._locking[file] -= 1
            if self._locking[file] <= 0:
                del self._locking[file]
                for close in self._kept.pop(file, ()):
                    close()

    def release(self, file: str, close: Callable[[], None]) -> None:
        """Closes a connection without locks as soon as it may be."""
        with self._mutex:
            if self._locking[file] > 0:
                self._kept.setdefault(file, []).append(close)
            else:
                close()


GATE = Gate()
"""One for the process, as its locks are."""
