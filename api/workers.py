"""The pool of query workers: hands a query to a free process, and ends the process when the query misbehaves.

A query is stopped at its time limit, at its memory limit and when its client leaves; each time the worker is killed,
because the engine cannot be interrupted, and another takes its place. The others do not notice.

Every query begins in the short lane. One that has not ended after 200 ms makes room there: its process lets all others
go first, for good from the moment that there are others, and goes on in the long lane, or waits, paused, until there is
a place. A process that had to let nobody go first is kept with all that it has read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from api import budgets
from api.evaluation import Answer
from api.lanes import Lane, too_busy
from api.process import Job, Terms, Worker, Zygote
from catalog import sandbox
from catalog.elsewhere import elsewhere
from catalog.errors import StoreDamaged
from catalog.settings import Settings

POLL = 0.05
"""Seconds between two looks at the workers' memory."""
LEVEL = 10
"""Looks after which the number of workers is put right…"""
TRIM = 200
"""…and after which memory that large requests have left is given back to the system."""
SHORT = 0.2
"""Seconds of work that a query has in the short lane; a quarter when many wait, or somebody who has used less…"""
STARVED = 1.0
"""…and seconds after which it has to leave even if the machine gave it no time to work."""
PATIENCE = 10.0
"""Seconds that a query waits for a worker at least; its own time limit when that is longer."""
SPARE = 2
"""Workers that are held ready beside `[serve] workers` while queries have to be stopped or wait."""
QUICK = 0.002
"""Seconds of work in which a query cannot have asked for much memory…"""
NOW_AND_THEN = 16
"""…so that it is looked at after so many of them."""
CLOSING = 3.0
"""Seconds that the workers have to end when the service does."""
RESTING = 16
"""Long results whose clients are slow that are kept; one more is broken off."""
_MIB = 1 << 20


class Pool:
    """At most `settings.serve.workers` short queries at a time, `settings.serve.queue` more waiting, and long ones."""

    def __init__(self, settings: Settings, *, confined: bool = True) -> None:
        self.size = max(1, settings.serve.workers)
        self.timeout = settings.query.timeout
        self.memory = settings.query.memory
        space = sandbox.address_space(self.memory)
        asked_at = partial(elsewhere, settings)
        self.terms = Terms(settings.catalog.base, space, confined, settings.query.rewriting, asked_at)
        self.short = Lane(self.size, settings.serve.queue)
        self.long = Lane(settings.serve.long or max(1, (os.cpu_count() or 1) - 1), settings.serve.long_queue)
        self.resting = Lane(RESTING, 0)
        self.counts = dict.fromkeys(("answered", "time", "memory", "crash", "busy", "left"), 0)
        """How queries have ended since the start, for whoever watches the service."""
        self.ended: Callable[[str, float], None] = lambda _outcome, _seconds: None
        """Called with each query's end, and the time that its worker was waited for."""
        self.damaged: Callable[[Path], None] = lambda _store: None
        """Called with a snapshot that a worker could not open."""
        self._zygote = Zygote()
        self._idle: list[Worker] = []
        self._coming = 0
        self._store: Path | None = None
        self._busy: set[Worker] = set()
        self._leading: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self, store: Path | None) -> None:
        """Start watching, and the workers when there is a snapshot to open."""
        self._store = store
        self.level()
        await asyncio.gather(*self._tasks)
        self._watch = asyncio.create_task(self._watch_memory())

    async def close(self) -> None:
        """End every worker and wait until they have gone."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        workers = [*self._idle, *self._busy]
        self._idle, self._busy = [], set()
        burying = asyncio.gather(*(w.bury() for w in workers), *self._tasks, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(burying, CLOSING)
        self._zygote.close()  # and with it whatever is left

    def pids(self) -> list[int]:
        """The processes that live at this moment."""
        return [w.pid for w in (*self._idle, *self._busy)]

    def states(self) -> dict[str, int]:
        """How many processes wait for a query, evaluate one, and are being started."""
        return {"idle": len(self._idle), "busy": len(self._busy), "starting": self._coming}

    @asynccontextmanager
    async def evaluate(self, job: Job, store: Path, link: str = "") -> AsyncIterator[Answer]:
        """The answer to a job from the snapshot at `store`; the head has been read. `link` is named in that of a table.

        Leaving before the answer is complete kills the worker. Raises `TooBusy`, or what stopped the query.
        """
        client = budgets.current.get()
        turn = _Turn(self, client.name if client else "", client.used() if client else 0.0)
        await self.short.enter(turn.client, max(job.timeout, PATIENCE), turn.used)
        try:
            worker = await self._take(store)
            self._busy.add(worker)
            self._make_way()
            self.level()
            answer = Answer(worker, job, self.memory, lambda: self._finish(answer, turn, client), link)
            turn.begin(answer)
            try:
                await answer.begin()
                yield answer
            except StoreDamaged:
                self.damaged(store)
                raise
            finally:
                self._finish(answer, turn, client)
        finally:
            turn.leave()

    def _finish(self, answer: Answer, turn: _Turn, client: budgets.Client | None) -> None:
        """Free the place and the worker of a query that has ended; the client may still be taking its last piece."""
        worker = answer.worker
        if worker not in self._busy:
            return
        self._busy.discard(worker)
        self._leading.discard(worker)
        turn.end()
        worked = answer.worked()
        self._give_back(worker, worked, reusable=answer.complete)
        turn.leave()
        self.counts[answer.outcome] += 1
        self.ended(answer.outcome, answer.spent)
        if client is not None:
            client.spent(worked, well=answer.complete and bool(answer.receipt))

    def last(self, worker: Worker) -> None:
        """A query takes long: its process lets all others go first, as soon as there are others."""
        self._leading.add(worker)
        if len(self._busy) > 1 or self.short.waiting:
            self._make_way()

    def _make_way(self) -> None:
        for worker in self._leading:
            worker.demote()
        self._leading.clear()

    async def _take(self, store: Path) -> Worker:
        """A worker on this snapshot; idle ones on another are let go."""
        self._only(store)
        while self._idle:
            worker = self._idle.pop()
            if worker.alive():
                return worker
            self._discard(worker)
        return await self._start(store)

    def follow(self, store: Path) -> None:
        """Have workers ready on this snapshot; those that rest with another, which may be removed, are let go."""
        if self._store is None:  # nobody has asked yet
            return
        self._only(store)
        self.level()

    def _only(self, store: Path) -> None:
        for worker in [w for w in self._idle if w.store != store]:
            self._idle.remove(worker)
            self._discard(worker)
        self._store = store

    def _give_back(self, worker: Worker, worked: float, *, reusable: bool) -> None:
        """Keep the worker for the next query, unless it was stopped or demoted or its memory has grown."""
        reusable = reusable and not worker.verdict and not worker.demoted and worker.store == self._store
        worker.answered += 1
        small = worked < QUICK and worker.answered % NOW_AND_THEN
        if reusable and (small or worker.memory() < self.memory * _MIB // 2):
            self._idle.append(worker)
        else:
            self._discard(worker)
        self.level()

    def level(self, *, spare: bool = True) -> None:
        """Have as many workers ready as will be wanted: one for each short query at a time, more while it is busy.

        Those that are too many are let go only when they are not to `spare`: among short queries it changes all the
        time whether somebody waits.
        """
        coming = len([w for w in self._busy if not w.demoted and w not in self._leading]) + self._coming
        pressed = bool(self.short.waiting or self.long.taken)
        missing = self.size + (SPARE if pressed else 0) - len(self._idle) - coming
        if self._closed or self._store is None:
            return
        for _ in range(missing):
            self._coming += 1
            self._later(self._refill(self._store))
        for _ in range(0 if pressed or spare else -missing):
            if self._idle:
                self._discard(self._idle.pop(0))

    async def _refill(self, store: Path) -> None:
        try:
            worker = await self._start(store)
        finally:
            self._coming -= 1
        self._keep(worker)

    def _keep(self, worker: Worker) -> None:
        """A new worker waits behind those that are ready: it has its snapshot to open first."""
        if self._closed or worker.store != self._store:
            self._discard(worker)
        else:
            self._idle.insert(0, worker)

    async def _start(self, store: Path) -> Worker:
        """A new worker. When nobody wants it any more by the time that it is there, it waits for the next query."""
        starting = asyncio.ensure_future(Worker.start(self._zygote, store, self.terms))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._unwanted)
            raise

    def _unwanted(self, starting: asyncio.Future[Worker]) -> None:
        if starting.cancelled() or starting.exception() is not None:
            return
        self._keep(starting.result())

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        self._later(worker.bury())

    def _later(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]  # a coroutine of either
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_memory(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(POLL)
            turns += 1
            if turns % TRIM == 0:
                sandbox.trim()
            if turns % LEVEL == 0:
                self.level(spare=False)
            for worker in list(self._busy):
                if worker.memory() > self.memory * _MIB:
                    worker.kill("memory")


class _Turn:
    """The place that one query has: in the short lane first, then in the long one, then among those at rest."""

    def __init__(self, pool: Pool, client: str, used: float) -> None:
        self.pool = pool
        self.client = client
        self.used = used
        self.lane: Lane | None = pool.short
        self._look: asyncio.TimerHandle | None = None
        self._moving: asyncio.Task[None] | None = None

    def begin(self, answer: Answer) -> None:
        """Count the query's time from now; most have ended before somebody looks at it."""
        self._look = asyncio.get_running_loop().call_later(SHORT / 4, self._move, answer)

    def end(self) -> None:
        """Look at the query no more."""
        if self._look is not None:
            self._look.cancel()
        if self._moving is not None:
            self._moving.cancel()

    def _move(self, answer: Answer) -> None:
        self._moving = asyncio.ensure_future(self._moved(answer))

    async def _moved(self, answer: Answer) -> None:
        """After its time in the short lane, bring the query to the long one; it is stopped where there is no room."""
        await self._short(answer)
        self.leave()
        self.pool.last(answer.worker)
        self.pool.level()
        long = self.pool.long
        if not long.try_enter(self.used):
            answer.pause()
            try:
                await long.enter(self.client, max(answer.job.timeout, PATIENCE), self.used)
            except Exception as e:
                answer.give_up(e)
                return
            answer.resume()
        self.lane = long
        await answer.slow_client()
        self.leave()  # the places are for those that compute, not for those that wait for their clients
        if self.pool.resting.try_enter():
            self.lane = self.pool.resting
        else:
            answer.give_up(too_busy())

    async def _short(self, answer: Answer) -> None:
        """Wait until the query has had its time; it is processor time, so that a busy machine demotes nobody."""
        clock = asyncio.get_running_loop().time
        starved = clock() + STARVED - SHORT / 4
        while True:
            worked = answer.worked()
            crowded = self.pool.short.waiting > self.pool.short.places
            if worked >= (SHORT / 4 if crowded else SHORT) or self.pool.short.urged(self.client, self.used + worked):
                return
            if clock() >= starved:
                return
            await asyncio.sleep(SHORT / 4)

    def leave(self) -> None:
        """Give back the place, if there is one."""
        if self.lane is not None:
            lane, self.lane = self.lane, None
            lane.leave()
