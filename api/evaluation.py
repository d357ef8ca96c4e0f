"""The answer to one query as it comes from a worker, and what to tell the client when it does not come."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any

import orjson

from api.errors import QUERY, EngineAway, EngineFailed, NotAcceptable, out_of_memory, timed_out
from api.frames import FAILURE, HEAD, LAST, RECEIPT, WHOLE, parted
from api.process import Job, Worker
from api.syntax import refused
from catalog.errors import StoreDamaged
from catalog.model import Text
from vocab.errors import GaronneError

log = logging.getLogger("garonne.workers")


SHORT = 1_000
"""Characters of a query up to which it is explained without a thread of its own."""
SLICE = 0.2
"""Seconds after which the state of a query is looked at while nothing comes from its worker."""
PATIENCE = 2.0
"""Seconds after which a client that takes nothing more gives up its query's place among those that compute."""
PACE = 8 * 1024
"""Bytes a second that a client must take on the whole, beside the time limit of a query; slower ones are dropped."""


class Answer:
    """A result as it comes: `form` (select, ask, graph), `format` (a suffix), then the pieces, in this `encoding`.

    Raises the error that stopped the query, at any piece. `receipt` has the rows, bytes and digest of the whole when
    the last piece is there; `done` is called then. `spent` are the seconds that the worker was waited for, `outcome`
    says how it ended: answered, time, memory, crash, busy, or left when the client did.
    """

    def __init__(self, worker: Worker, job: Job, memory: int, done: Callable[[], None], link: str = "") -> None:
        self.done = done
        self.memory = memory
        self.worker = worker
        self.job = job
        self.link = link
        self.form = ""
        self.format = ""
        self.encoding = ""
        self.receipt: dict[str, Any] = {}
        self.complete = False
        self.outcome = "left"
        self.spent = 0.0
        self._before = worker.worked_before()
        self._clock = asyncio.get_running_loop().time
        self._waited = 0.0
        self._sent = 0
        self._handed: float | None = None
        self._going = asyncio.Event()
        self._going.set()
        self._refusal: Exception | None = None
        self._whole: bytes | None = None

    def worked(self) -> float:
        """Seconds of processor time that the query has had: a busy machine makes no client poorer."""
        return self.worker.worked() - self._before

    async def begin(self) -> None:
        """Wait for the head. What fails before it is a clean refusal."""
        self.worker.send(self.job, self.link)
        kind, payload = await self._frame()
        if kind == WHOLE:
            payload, self._whole = parted(payload)
        elif kind != HEAD:
            raise EngineFailed(*_ENGINE_FAILED)
        head = orjson.loads(payload)
        self.form, self.format, self.encoding = head.pop("form"), head.pop("format"), head.pop("encoding")
        self.receipt = head

    async def piece(self) -> tuple[bytes, bool]:
        """The next piece of the serialised result, and whether it is the last."""
        self._taken()
        if self._whole is None:
            kind, payload = await self._frame()
            if kind == RECEIPT:
                self.receipt = orjson.loads(payload)
                kind, payload = await self._frame()
            self.complete = kind == LAST
        else:
            payload, self.complete = self._whole, True
        self._sent += len(payload)
        self._handed = self._clock()
        if self.complete:
            self.outcome = "answered"
            self.done()
        return payload, self.complete

    def _taken(self) -> None:
        """The client has taken the last piece. Raises `TimedOut` when it is too slow on the whole."""
        if self._handed is not None:
            self._waited += self._clock() - self._handed
            self._handed = None
        if self._waited > self.job.timeout + self._sent / PACE:
            raise timed_out(QUERY, self.job.timeout, _NARROWER)

    async def slow_client(self) -> None:
        """Wait until the client has kept its last piece for longer than is usual."""
        while True:
            await asyncio.sleep(PATIENCE / 4)
            if self._handed is not None and self._clock() - self._handed > PATIENCE:
                return

    def pause(self) -> None:
        """Stop the worker and its clock."""
        self._going.clear()
        self.worker.pause()

    def resume(self) -> None:
        """Let both go on."""
        self.worker.resume()
        self._going.set()

    def give_up(self, why: Exception) -> None:
        """End the query with this error: nobody has a place for it."""
        self._refusal = why
        self.worker.kill("busy")
        self._going.set()

    async def _frame(self) -> tuple[bytes, bytes]:
        """The next frame, within what is left of the time; only waiting for a worker that works counts."""
        inbox = self.worker.inbox
        while (found := inbox.take()) is None:
            if inbox.ended:
                raise await self._obituary()
            if not self._going.is_set():
                await self._going.wait()
            left = self.job.timeout - self.spent
            if left <= 0:
                self.worker.kill("time")
                raise self._late()
            begun = self._clock()
            await inbox.arrival(min(left, SLICE))
            if self._going.is_set():
                self.spent += self._clock() - begun
        if found[0] == FAILURE:
            raise await self._failure(orjson.loads(found[1]))
        return found

    async def _failure(self, failure: dict[str, Any]) -> GaronneError:
        kind, message = failure["kind"], failure["message"]
        if kind == "format":
            self.complete = True
            self.outcome = "answered"
            return NotAcceptable(self.job.accept, self.job.offered)
        if kind == "store":
            return StoreDamaged(f"the snapshot cannot be opened ({message}).", what=str(self.worker.store))
        if kind == "away":
            log.warning("the engine of the catalogue does not answer: %s", message)
            return EngineAway(*_AWAY)
        if kind == "late":
            return self._late()
        if kind == "cut":
            return EngineFailed(*cut(message))
        if kind == "memory":
            return self._large()
        self.complete = True
        self.outcome = "answered"
        if len(self.job.query) < SHORT:
            return refused(kind, message, self.job.query)
        return await asyncio.to_thread(refused, kind, message, self.job.query)

    async def _obituary(self) -> Exception:
        """Why the process ended without an answer."""
        if self._refusal is not None:
            self.outcome = "busy"
            return self._refusal
        code = await self.worker.end()
        words = self.worker.last_words()
        if self.worker.verdict == "memory" or "memory allocation of" in words or "MemoryError" in words:
            return self._large()
        self.outcome = "crash"
        log.warning(
            "query worker %d ended with code %d on query %s: %s", self.worker.pid, code, self._named, words[-300:]
        )
        return EngineFailed(*_ENGINE_FAILED)

    def _late(self) -> GaronneError:
        self.outcome = "time"
        log.warning("query %s was stopped after %g s", self._named, self.job.timeout)
        return timed_out(QUERY, self.job.timeout, _NARROWER)

    def _large(self) -> GaronneError:
        self.outcome = "memory"
        log.warning("query %s was stopped: it wanted more than %d MiB", self._named, self.memory)
        return out_of_memory(QUERY, self.memory, _SMALLER)

    @property
    def _named(self) -> str:
        """The query's digest, as its receipt has it: its text may be personal."""
        return f"sha256:{hashlib.sha256(self.job.query.encode()).hexdigest()}"


_ENGINE_FAILED = (
    Text(
        "Le moteur de requêtes s’est arrêté sur cette requête\u00a0; les autres n’en sont pas affectées.",
        "The query engine crashed on this query; no other is affected.",
    ),
    Text(
        "Causes connues\u00a0: un ORDER BY sur des valeurs de types différents, une imbrication très profonde. "
        "Triez sur STR(?x), ou simplifiez la requête.",
        "Known causes: an ORDER BY over values of different types, a very deep nesting. "
        "Sort by STR(?x), or simplify the query.",
    ),
)

_AWAY = (
    Text("Le moteur de ce catalogue ne répond pas.", "The engine of this catalogue does not answer."),
    Text("Réessayez dans quelques minutes.", "Try again in a few minutes."),
)


def cut(rows: str) -> tuple[Text, Text]:
    """What to tell of an answer that the catalogue's engine would have cut."""
    return (
        Text(
            f"Le moteur de ce catalogue donne au plus {rows} lignes, et cette requête en a davantage.",
            f"The engine of this catalogue gives at most {rows} rows, and this query has more.",
        ),
        Text("Ajoutez LIMIT, ou téléchargez le catalogue entier.", "Add a LIMIT, or download the whole catalogue."),
    )


_NARROWER = Text(
    "Restreignez-la (un éditeur, un type, LIMIT) ou téléchargez le catalogue entier.",
    "Narrow it (one publisher, one type, LIMIT), or download the whole catalogue.",
)
_SMALLER = Text(
    "Évitez de trier, grouper ou croiser de très grands ensembles en une seule requête.",
    "Avoid sorting, grouping or crossing very large sets in one query.",
)
