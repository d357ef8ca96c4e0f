"""The writer process as the front sees it: who may write, one write at a time, and what its failures mean."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import socket
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from api import write_errors
from api.errors import Unauthorized
from api.frames import DATA, FAILURE, HEADER, JOB, frame
from catalog import sandbox
from catalog.dataset import Dataset
from catalog.graph_store import Document
from catalog.sealed import sealed
from catalog.settings import Settings
from catalog.tokens import Scope, Tokens

log = logging.getLogger("garonne.writing")

_POLL = 0.1
"""Seconds between two looks at the writer's memory."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: whether the graph was there before, whether anything changed, the release now current."""

    existed: bool
    changed: bool
    release: int


class Writing:
    """Hands writes to one writer process, which is started when first needed and replaced when it had to be stopped."""

    def __init__(self, settings: Settings, *, confined: bool, bare: bool) -> None:
        self.settings = settings
        self.confined = confined
        self.bare = bare
        self.tokens = Tokens(settings.store.path, settings.write.tokens)
        self._turn = asyncio.Lock()
        self._asked = 0
        self._process: _Process | None = None

    @property
    def places(self) -> int:
        """Writes that are done at a time."""
        return 1

    @property
    def taken(self) -> int:
        """Whether one is under way."""
        return min(self._asked, 1)

    @property
    def waiting(self) -> int:
        """Writes that wait for it."""
        return max(self._asked - 1, 0)

    def allow(self, headers: Mapping[str, str], scope: Scope) -> None:
        """Raises `Unauthorized` unless the request carries a token of this scope, as Bearer or as password of Basic.

        A plain store that only this machine can reach needs none where there is none, unless a browser asks for a page
        of another site. Raises `Forbidden` then, for an exported copy, which nobody writes to, and for a token of a
        lesser scope.
        """
        if sealed(self.settings.store.path):
            raise write_errors.copied()
        if self.bare and not self.tokens.any() and _loopback(self.settings.serve.host):
            if not _own(headers.get("origin", "")):
                raise write_errors.elsewhere()
            return
        given = credential(headers)
        found = self.tokens.find(given)
        if found is None:
            raise Unauthorized(configured=self.tokens.any(), given=bool(given))
        if not found.may(scope):
            raise write_errors.lesser(found.scope, scope)

    async def update(self, text: str, asked: Dataset) -> Written:
        """Apply an update request and publish. Raises the error for the client."""
        return await self._do({"op": "update", "text": text, "default": asked.default, "named": asked.named})

    async def change(self, op: str, graph: str, documents: Sequence[Document] = ()) -> Written:
        """`put`, `post` or `delete` a graph, or `load` the whole of a plain store, and publish."""
        described = [(d.media_type, len(d.body)) for d in documents]
        return await self._do({"op": op, "graph": graph, "documents": described}, b"".join(d.body for d in documents))

    async def prepare(self) -> None:
        """Give a plain store its first release, and hold its lock from now on."""
        await self._do({"op": "open"})

    async def close(self) -> None:
        """End the writer, after the write that is under way."""
        async with self._turn:
            await self._end()

    async def _do(self, job: dict[str, Any], bodies: bytes = b"") -> Written:
        if self._asked >= self.settings.serve.queue:
            raise write_errors.too_busy()
        self._asked += 1
        try:
            async with self._turn:
                work = asyncio.ensure_future(self._ask(job, bodies))
                return await asyncio.shield(work)  # a write that has begun ends, whether its client stays or not
        finally:
            self._asked -= 1

    async def _ask(self, job: dict[str, Any], bodies: bytes) -> Written:
        if self._process is None or self._process.ended:
            self._process = await _Process.start(self.settings, confined=self.confined, bare=self.bare)
        process = self._process
        try:
            async with asyncio.timeout(self.settings.write.timeout):
                kind, answer = await process.ask(job, bodies, self.settings.query.memory)
        except TimeoutError:
            await self._end()
            raise write_errors.timed_out(self.settings.write.timeout) from None
        except (OSError, asyncio.IncompleteReadError) as e:
            words, heavy = process.last_words(), process.heavy
            await self._end()
            if heavy or "memory allocation of" in words:
                raise write_errors.out_of_memory(self.settings.query.memory) from None
            log.warning("the writer ended: %s", words[-300:])
            raise write_errors.crashed() from e
        if kind == FAILURE:
            raise write_errors.refused(answer["kind"], answer["message"], job)
        return Written(**answer)

    async def _end(self) -> None:
        if self._process is not None:
            await self._process.end()
            self._process = None


class _Process:
    """One writer process and the socket to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], stderr: Any
    ) -> None:
        self.process = process
        self.reader, self.writer = streams
        self.stderr = stderr
        self.heavy = False

    @classmethod
    async def start(cls, settings: Settings, *, confined: bool, bare: bool) -> _Process:
        ours, theirs = socket.socketpair()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        flags = ["1" if flag else "0" for flag in (confined, bare)]
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "api.writer", str(theirs.fileno()), *flags],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
            )
        ours.setblocking(False)
        streams = await asyncio.open_unix_connection(sock=ours)
        streams[1].write(frame(JOB, pickle.dumps(settings)))
        return cls(process, streams, stderr)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    async def ask(self, job: dict[str, Any], bodies: bytes, memory: int) -> tuple[bytes, dict[str, Any]]:
        """Hand over a job and wait for its answer; the process is killed when it takes more MiB of memory."""
        self.writer.write(frame(JOB, json.dumps(job).encode()) + frame(DATA, bodies))
        watch = asyncio.create_task(self._watch(memory))
        try:
            kind, size = HEADER.unpack(await self.reader.readexactly(HEADER.size))
            return kind, json.loads(await self.reader.readexactly(size))
        finally:
            watch.cancel()

    async def _watch(self, memory: int) -> None:
        while True:
            await asyncio.sleep(_POLL)
            if sandbox.resident(self.process.pid) > memory << 20:
                self.heavy = True
                self.process.kill()

    def last_words(self) -> str:
        with suppress(OSError, ValueError):
            self.stderr.seek(0)
            return bytes(self.stderr.read()).decode(errors="replace")[-2000:]
        return ""

    async def end(self) -> None:
        self.process.kill()
        self.writer.close()
        await asyncio.to_thread(self.process.wait)
        self.stderr.close()


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _own(origin: str) -> bool:
    """Whether a request comes from no page of a browser, or from one of this machine (RFC 6454, section 7)."""
    try:
        return not origin or _loopback(urlsplit(origin).hostname or "")
    except ValueError:
        return False


def credential(headers: Mapping[str, str]) -> str:
    """The secret that a request carries; empty where it carries none (RFC 6750, section 2.1; RFC 7617)."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return b64decode(value.strip(), validate=True).decode().partition(":")[2]
    return ""
