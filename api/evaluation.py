"""The answer to one query as it comes from a worker, and what to tell the client when it does not come."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from api.errors import EngineFailed, NotAcceptable, OutOfMemory, TimedOut
from api.frames import FAILURE, HEAD, LAST
from api.process import Job, Worker
from api.syntax import refused
from catalog.errors import StoreDamaged
from catalog.model import Text
from vocab.errors import GaronneError

log = logging.getLogger("garonne.workers")


class Answer:
    """A result as it comes: `form` (select, ask, graph), `format` (a suffix), then the pieces.

    Raises the error that stopped the query, at any piece.
    """

    def __init__(self, worker: Worker, job: Job, memory: int) -> None:
        self.memory = memory
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

    async def piece(self) -> tuple[bytes, bool]:
        """The next piece of the serialised result, and whether it is the last."""
        kind, payload = await self._frame()
        self.complete = kind == LAST
        return payload, self.complete

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
            return out_of_memory(self.memory)
        self.complete = True
        return refused(kind, message, self.job.query)

    async def _obituary(self) -> GaronneError:
        """Why the process ended without an answer."""
        code = await asyncio.to_thread(self.worker.process.wait)
        words = self.worker.last_words()
        if self.worker.verdict == "memory" or "memory allocation of" in words or "MemoryError" in words:
            return out_of_memory(self.memory)
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
