"""The pool of query workers: hands a query to a free process, and ends the process when the query misbehaves.

A query is stopped at its time limit, at its memory limit and when its client leaves; each time the worker is killed
and replaced, because the engine cannot be interrupted. The others do not notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from api.errors import TooBusy
from api.evaluation import Answer
from api.process import Job, Worker
from catalog import sandbox
from catalog.model import Text
from catalog.settings import Settings

POLL = 0.1
"""Seconds between two looks at the workers' memory."""
_MIB = 1 << 20


class Pool:
    """At most `settings.serve.workers` queries at a time, `settings.serve.queue` more waiting; the rest is refused."""

    def __init__(self, settings: Settings, *, confined: bool = True) -> None:
        self.base = settings.catalog.base
        self.size = max(1, settings.serve.workers)
        self.queue = settings.serve.queue
        self.timeout = settings.query.timeout
        self.memory = settings.query.memory
        self.confined = confined
        self.space = sandbox.address_space(self.memory)
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
            answer = Answer(worker, job, self.memory)
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
