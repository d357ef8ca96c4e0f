"""What is asked of every release without anybody asking: its statistics, and the named queries.

As soon as a release is seen, its questions are put to the workers, one at a time, so that they never hold more than one
worker. What they give is kept in the release's folder: it is asked once, and goes when the release goes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.errors import TooBusy
from api.process import Job
from api.published import Published
from api.queries import NamedQuery, groups
from api.workers import Pool
from catalog.releases import Release
from catalog.statistics import KEPT, QUERIES, Rows, Statistics, kept
from vocab.errors import GaronneError

log = logging.getLogger("garonne.standing")

FOLDER = "answers"
LOOK = 1.0
"""Seconds between two looks at whether there is a new release."""
PATIENCE = 5.0
"""Seconds after which a question that found all workers busy is put again."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one query went on one release: `seconds` it took, `rows` it gave; `error` says why it gave none."""

    at: str
    seconds: float
    rows: int = 0
    form: str = ""
    error: str = ""


class Standing:
    """The answers to standing questions, by the store of a release: a takedown gives it another."""

    def __init__(self, published: Published, pool: Pool, queries: Mapping[str, NamedQuery]) -> None:
        self.published = published
        self.pool = pool
        self.queries = queries
        self.groups = groups(published.settings.catalog.base)
        self._statistics: dict[Path, Statistics] = {}
        self._runs: dict[Path, dict[str, Run]] = {}
        self._looked: dict[Path, float] = {}
        self.expected = False
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look for releases: from now on statistics are `expected`."""
        self.expected = True
        self._task = asyncio.create_task(self._attend())

    async def close(self) -> None:
        """Stop; a question under way is dropped."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def statistics(self, release: Release) -> Statistics | None:
        """The statistics of a release; None where they are not known yet."""
        at = release.store
        if at not in self._statistics and self._looked.get(at, 0.0) < time.monotonic() - LOOK:
            self._looked[at] = time.monotonic()
            if (found := kept(at)) is not None:
                self._statistics[at] = found
        return self._statistics.get(at)

    def runs(self, release: Release) -> dict[str, Run]:
        """How the named queries went on a release, by name; those that have not been asked yet are missing."""
        if release.store not in self._runs:
            found: dict[str, Run] = {}
            with suppress(OSError, ValueError, TypeError):
                text = (_folder(release) / "runs.json").read_text(encoding="utf-8")
                found = {name: Run(**fields) for name, fields in json.loads(text).items()}
            self._runs[release.store] = found
        return self._runs[release.store]

    def answer(self, release: Release, name: str) -> bytes | None:
        """The stored answer to a named query: JSON for a table or boolean, N-Triples for a graph; None without one."""
        with suppress(OSError):
            return (_folder(release) / f"{name}.answer").read_bytes()
        return None

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _attend(self) -> None:
        done: Path | None = None
        while True:
            try:
                release = await asyncio.to_thread(self.published.current)
                if release is not None and release.store != done:
                    await self._ask_all(release)
                    done = release.store
                    await asyncio.to_thread(self._forget)
            except TooBusy:
                await asyncio.sleep(PATIENCE)
            except (GaronneError, OSError) as e:
                log.warning("the standing questions could not be put: %s", e)
                await asyncio.sleep(PATIENCE)
            await asyncio.sleep(LOOK)

    def _forget(self) -> None:
        """Let go of what was known of stores that are there no more."""
        for known in (self._statistics, self._runs, self._looked):
            for store in [at for at in list(known) if not at.exists()]:
                known.pop(store, None)

    async def _ask_all(self, release: Release) -> None:
        known = self.statistics(release)
        if known is None or known.named is None:
            await self._count(release)
        runs = self.runs(release)
        for name, query in self.queries.items():
            if name not in runs:
                runs[name] = await self._run(name, query, release)
        told = json.dumps({name: asdict(run) for name, run in runs.items()}, indent=1)
        await asyncio.to_thread(_keep, _folder(release), "runs.json", told.encode())

    async def _count(self, release: Release) -> None:
        """Work out the statistics; a release that is too large for that is described without."""
        answers: dict[str, Rows] = {}
        try:
            for name, text in QUERIES.items():
                answers[name] = rows_of((await self._ask(text, release))[1])
        except TooBusy:
            raise
        except GaronneError as e:
            log.warning("release %d is described without statistics: %s", release.number, e)
            return
        found = Statistics.of(answers)
        self._statistics[release.store] = found
        await asyncio.to_thread(_keep, _folder(release), KEPT.name, found.encoded().encode())

    async def _run(self, name: str, query: NamedQuery, release: Release) -> Run:
        at, begun = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
        try:
            form, body = await self._ask(query.text, release)
        except TooBusy:
            raise
        except GaronneError as e:
            log.warning("the query %s failed on release %d: %s", name, release.number, e)
            return Run(at, round(time.monotonic() - begun, 3), error=str(e.message))
        seconds = round(time.monotonic() - begun, 3)
        await asyncio.to_thread(_keep, _folder(release), f"{name}.answer", body)
        return Run(at, seconds, _size(form, body), form)

    async def _ask(self, query: str, release: Release) -> tuple[str, bytes]:
        job = Job(query, "json", "nt", self.pool.timeout)
        async with self.pool.evaluate(job, release.store) as answer:
            body, last = bytearray(), False
            while not last:
                piece, last = await answer.piece()
                body += piece
            return answer.form, bytes(body)


def _folder(release: Release) -> Path:
    return release.path / FOLDER


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Store a file whole; a service that may not write there asks anew when it is started anew."""
    try:
        folder.mkdir(exist_ok=True)
        pending = folder / f"{name}.tmp"
        pending.write_bytes(content)
        pending.replace(folder / name)
    except OSError as e:
        log.warning("%s cannot be kept: %s", folder / name, e)


def _size(form: str, body: bytes) -> int:
    if form == "graph":
        return body.count(b"\n")
    return len(json.loads(body).get("results", {}).get("bindings", [None]))


def rows_of(body: bytes) -> Rows:
    """The rows of a table in JSON, values only."""
    return [{name: cell["value"] for name, cell in row.items()} for row in json.loads(body)["results"]["bindings"]]
