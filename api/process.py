"""One query worker as the front sees it: a process, the socket to it, and what it was told to do."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from api.frames import HEADER, JOB, frame
from catalog import sandbox

_READ_AHEAD = 128 * 1024
"""Bytes that are taken from a worker before its client has taken them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One query and what its client accepts: `results` and `graph` are suffixes, None for no format of that kind.

    `offered` are the media types to name when none fits; `timeout` is in seconds.
    """

    query: str
    results: str | None
    graph: str | None
    timeout: float
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = ""
    offered: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        """The job as its frame."""
        fields = ("query", "results", "graph", "default_graphs", "named_graphs")
        return frame(JOB, json.dumps({name: getattr(self, name) for name in fields}).encode())


class Worker:
    """One process and the socket to it. `verdict` says why we killed it, if we did."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        store: Path,
        stderr: IO[bytes],
    ) -> None:
        self.process = process
        self.reader, self.writer = streams
        self.store = store
        self.stderr = stderr
        self.verdict = ""

    @classmethod
    async def start(cls, store: Path, base: str, space: int, *, confined: bool) -> Worker:
        """Start a process on this snapshot; it takes jobs at once and opens the snapshot meanwhile."""
        ours, theirs = socket.socketpair()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the worker
        command = [sys.executable, "-P", "-m", "api.worker"]
        command += [str(theirs.fileno()), str(store), base, str(space), "1" if confined else "0"]
        with theirs:
            process = subprocess.Popen(
                command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr
            )
        ours.setblocking(False)
        streams = await asyncio.open_unix_connection(sock=ours, limit=_READ_AHEAD)
        return cls(process, streams, store, stderr)

    def send(self, job: Job) -> None:
        """Hand over a job; only when the last one is answered."""
        with suppress(OSError):  # a dead worker shows when its answer is read
            self.writer.write(job.encoded())

    async def receive(self) -> tuple[bytes, bytes]:
        """The next frame. Raises `asyncio.IncompleteReadError` or `OSError` when the process has ended."""
        kind, size = HEADER.unpack(await self.reader.readexactly(HEADER.size))
        return kind, await self.reader.readexactly(size) if size else b""

    def memory(self) -> int:
        """Bytes of resident memory of its own, without shared files; 0 when it has ended."""
        return sandbox.resident(self.process.pid)

    def kill(self, verdict: str = "") -> None:
        """End it now; the first verdict counts."""
        self.verdict = self.verdict or verdict
        self.process.kill()

    def last_words(self) -> str:
        """What it wrote to its standard error, at most the last 2,000 characters."""
        with suppress(OSError):
            self.stderr.seek(max(0, self.stderr.seek(0, os.SEEK_END) - 2000))
            return self.stderr.read().decode(errors="replace").strip()
        return ""

    async def bury(self) -> None:
        """Kill it if it lives, wait until it has gone, and let go of what it held."""
        self.process.kill()
        self.writer.close()
        await asyncio.to_thread(self.process.wait)
        self.stderr.close()
