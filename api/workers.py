"""The pool of query workers: hands a query to a free process, and ends the process when the query misbehaves.

A query is stopped at its time limit, at its memory limit and when its client leaves; each time the worker is killed
and replaced, because the engine cannot be interrupted. The others do not notice.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from api.errors import EngineFailed, NotAcceptable, OutOfMemory, TimedOut, TooBusy
from api.frames import DATA, END, FAILURE, HEAD, HEADER, JOB, frame
from api.syntax import refused
from catalog.errors import StoreDamaged
from catalog.model import Text
from catalog.settings import Settings
from vocab.errors import GaronneError

log = logging.getLogger("garonne.workers")

POLL = 0.1
"""Seconds between two looks at the workers' memory."""
_READ_AHEAD = 128 * 1024
_MIB = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")


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
        try:
            fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * _PAGE

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


class Answer:
    """A result as it comes: `form` (select, ask, graph), `format` (a suffix), then the pieces.

    Raises the error that stopped the query, at any piece.
    """

    def __init__(self, pool: Pool, worker: Worker, job: Job) -> None:
        self.pool = pool
        self.worker = worker
        self.job = job
        self.form = ""
        self.format = ""
        self.complete = False
        self._budget = job.timeout

    async def begin(self) -> None:
        """Wait for the head. What fails before it is a clean refusal."""
        self.worker.send(self.job)
        kind, payload = await self._frame()
        if kind != HEAD:
            raise EngineFailed(*_ENGINE_FAILED)
        head = json.loads(payload)
        self.form, self.format = head["form"], head["format"]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The serialised result, piece by piece, to its end."""
        while True:
            kind, payload = await self._frame()
            if kind == END:
                self.complete = True
                return
            if kind == DATA:
                yield payload

    async def _frame(self) -> tuple[bytes, bytes]:
        """The next frame, within what is left of the time; only waiting for the worker counts."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(max(self._budget, 0.0)):
                kind, payload = await self.worker.receive()
        except TimeoutError:
            self.worker.kill("time")
            raise timed_out(self.job.timeout) from None
        except (asyncio.IncompleteReadError, OSError):
            raise await self._obituary() from None
        finally:
            self._budget -= clock() - begun
        if kind == FAILURE:
            raise self._failure(json.loads(payload))
        return kind, payload

    def _failure(self, failure: dict[str, Any]) -> GaronneError:
        kind, message = failure["kind"], failure["message"]
        if kind == "format":
            self.complete = True
            return NotAcceptable(self.job.accept, self.job.offered)
        if kind == "store":
            return StoreDamaged(f"the snapshot cannot be opened ({message}).", what=str(self.worker.store))
        if kind == "memory":
            return out_of_memory(self.pool.memory)
        self.complete = True
        return refused(kind, message, self.job.query)

    async def _obituary(self) -> GaronneError:
        """Why the process ended without an answer."""
        code = await asyncio.to_thread(self.worker.process.wait)
        words = self.worker.last_words()
        if self.worker.verdict == "memory" or "memory allocation of" in words or "MemoryError" in words:
            return out_of_memory(self.pool.memory)
        log.warning("query worker %d ended with code %d: %s", self.worker.process.pid, code, words[-300:])
        return EngineFailed(*_ENGINE_FAILED)


_ENGINE_FAILED = (
    Text(
        "Le moteur de requêtes s’est arrêté sur cette requête ; les autres n’en sont pas affectées.",
        "The query engine crashed on this query; no other is affected.",
    ),
    Text(
        "Causes connues : un ORDER BY sur des valeurs de types différents, une imbrication très profonde. "
        "Triez sur STR(?x), ou simplifiez la requête.",
        "Known causes: an ORDER BY over values of different types, a very deep nesting. "
        "Sort by STR(?x), or simplify the query.",
    ),
)


def timed_out(seconds: float) -> TimedOut:
    """The error of a query that ran too long."""
    return TimedOut(
        Text(
            f"La requête a été arrêtée après {seconds:g} s, la durée permise.",
            f"The query was stopped after {seconds:g} s, its time limit.",
        ),
        Text(
            "Restreignez-la (un éditeur, un type, LIMIT) ou téléchargez le catalogue entier.",
            "Narrow it (one publisher, one type, LIMIT), or download the whole catalogue.",
        ),
    )


def out_of_memory(mebibytes: int) -> OutOfMemory:
    """The error of a query that took too much memory."""
    return OutOfMemory(
        Text(
            f"La requête a été arrêtée : elle demandait plus de {mebibytes} Mio de mémoire.",
            f"The query was stopped: it needed more than {mebibytes} MiB of memory.",
        ),
        Text(
            "Évitez de trier, grouper ou croiser de très grands ensembles en une seule requête.",
            "Avoid sorting, grouping or crossing very large sets in one query.",
        ),
    )


class Pool:
    """At most `settings.serve.workers` queries at a time, `settings.serve.queue` more waiting; the rest is refused."""

    def __init__(self, settings: Settings, *, confined: bool = True) -> None:
        self.base = settings.catalog.base
        self.size = max(1, settings.serve.workers)
        self.queue = settings.serve.queue
        self.timeout = settings.query.timeout
        self.memory = settings.query.memory
        self.confined = confined
        self.space = max(2048, 2 * self.memory + 512) * _MIB
        self._slots = asyncio.Semaphore(self.size)
        self._waiting = 0
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None

    async def open(self, store: Path | None) -> None:
        """Start watching, and the workers when there is a snapshot to open."""
        self._watch = asyncio.create_task(self._watch_memory())
        if store is not None:
            self._idle = [await self._start(store) for _ in range(self.size)]

    async def close(self) -> None:
        """End every worker and wait until they have gone."""
        if self._watch is not None:
            self._watch.cancel()
        workers = [*self._idle, *self._busy]
        self._idle, self._busy = [], set()
        await asyncio.gather(*(w.bury() for w in workers), *self._tasks, return_exceptions=True)

    def pids(self) -> list[int]:
        """The processes that live at this moment."""
        return [w.process.pid for w in (*self._idle, *self._busy)]

    @asynccontextmanager
    async def evaluate(self, job: Job, store: Path) -> AsyncIterator[Answer]:
        """The answer to a job from the snapshot at `store`; the head has been read.

        Leaving before the answer is complete kills the worker. Raises `TooBusy`, or what stopped the query.
        """
        await self._enter(job.timeout)
        try:
            worker = await self._take(store)
            answer = Answer(self, worker, job)
            self._busy.add(worker)
            try:
                await answer.begin()
                yield answer
            finally:
                self._busy.discard(worker)
                await self._give_back(worker, reusable=answer.complete)
        finally:
            self._slots.release()

    async def _enter(self, patience: float) -> None:
        if self._slots.locked() and self._waiting >= self.queue:
            raise self._too_busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._slots.acquire()
        except TimeoutError:
            raise self._too_busy() from None
        finally:
            self._waiting -= 1

    def _too_busy(self) -> TooBusy:
        return TooBusy(
            Text(
                "Trop de requêtes attendent déjà ; celle-ci n’a pas été commencée.",
                "Too many queries are waiting already; this one was not begun.",
            ),
            Text("Réessayez dans quelques secondes.", "Try again in a few seconds."),
        )

    async def _take(self, store: Path) -> Worker:
        """A worker on this snapshot; idle ones on another are let go."""
        for worker in [w for w in self._idle if w.store != store]:
            self._idle.remove(worker)
            self._discard(worker)
        while self._idle:
            worker = self._idle.pop()
            if worker.process.poll() is None:
                return worker
            self._discard(worker)
        return await self._start(store)

    async def _give_back(self, worker: Worker, *, reusable: bool) -> None:
        """Keep the worker for the next query; replace one that was stopped, or whose memory has grown."""
        if reusable and not worker.verdict and worker.memory() < self.memory * _MIB // 2:
            self._idle.append(worker)
            return
        self._discard(worker)
        self._idle.append(await self._start(worker.store))

    async def _start(self, store: Path) -> Worker:
        return await Worker.start(store, self.base, self.space, confined=self.confined)

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        task = asyncio.create_task(worker.bury())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            for worker in list(self._busy):
                if worker.memory() > self.memory * _MIB:
                    worker.kill("memory")
