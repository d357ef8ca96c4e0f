"""Lines sorted and made unique in little memory: in parts that fit, merged from disk."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import IO

PART = 32 << 20
"""Bytes of lines that are sorted at a time; with what Python adds, three times that are in memory."""


def unique(lines: Iterable[bytes], folder: Path, *, part: int = PART) -> Iterator[bytes]:
    """The lines in the order of their bytes, each once. They have no line feed within.

    What does not fit in memory goes to files in `folder` that have no name, and vanish with the process.
    """
    with ExitStack() as files:
        parts: list[IO[bytes]] = []
        gathered: list[bytes] = []
        size = 0
        for line in lines:
            gathered.append(line)
            size += len(line)
            if size >= part:
                file: IO[bytes] = files.enter_context(tempfile.TemporaryFile(dir=folder))
                file.writelines(line + b"\n" for line in sorted(set(gathered)))
                parts.append(file)
                gathered, size = [], 0
        last = sorted(set(gathered))
        if not parts:
            yield from last
            return
        for spool in parts:
            spool.seek(0)
        merged = heapq.merge(*map(_lines, parts), last)
        for line, _ in groupby(merged):
            yield line


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    for line in file:
        yield line[:-1]
