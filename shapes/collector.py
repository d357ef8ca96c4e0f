"""Python's collector of reference cycles, put off while a large validation runs.

Findings are made by the hundred thousand and none of them is part of a cycle: a collector that walks through all of
them again and again takes a third of the time and finds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

LARGE = 50_000
"""Statements from which on it is worth it: some five hundred datasets."""

_lock = Lock()
_pauses = 0
_was_enabled = False


@contextmanager
def postponed(statements: int) -> Iterator[None]:
    """Puts the collector off where the data have `LARGE` statements or more.

    It concerns the whole process, other threads too: their cycles wait until the last validation that put it off ends.
    Any number of threads may do so at once; afterwards the collector is as the first of them met it.
    """
    if statements < LARGE:
        yield
        return
    _pause()
    try:
        yield
    finally:
        _resume()


def _pause() -> None:
    global _pauses, _was_enabled
    with _lock:
        if _pauses == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _pauses += 1


def _resume() -> None:
    global _pauses
    with _lock:
        _pauses -= 1
        if _pauses == 0 and _was_enabled:
            gc.enable()
