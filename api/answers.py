"""Answers to queries, however they come: kept ones, ones that somebody else is waiting for, or new ones.

The same question on the same release is evaluated once at a time: whoever asks it meanwhile waits for that answer. Its
first asker sees it as it comes. What is popular is asked again on a new release, by nobody in particular, when workers
are idle: the question of every night takes milliseconds the morning after.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import IO, Any

from api.cache import NORMALISED, Cache, Kept, key_of, question_of
from api.errors import TooBusy
from api.evaluation import Answer
from api.keeping import Keeping
from api.process import Job
from api.receipts import Receipts, new_id, receipt
from api.workers import Pool
from catalog.releases import Release
from catalog.settings import Settings
from vocab.errors import GaronneError

log = logging.getLogger("garonne.answers")

POPULAR = 50
"""Questions that are asked again on a new release: those asked most, twice at least."""
REMEMBERED = 1000
"""Questions whose number of askers is kept."""
PATIENCE = 1.0
"""Seconds that others wait for an answer that has begun; then they ask for themselves."""
_PIECE = 256 * 1024


class Stored:
    """A kept answer to a question, read as `api.evaluation.Answer` is. `body` is all of it where it is in memory."""

    def __init__(self, question: str, kept: Kept, file: IO[bytes]) -> None:
        self.question = question
        self.body = file.getvalue() if isinstance(file, io.BytesIO) else None
        self.form, self.format, self.encoding = kept.form, kept.format, kept.encoding
        self.tag = f"{kept.sha256[:16]}"
        self.name = kept.receipt
        self._left = kept.size
        self._file = file

    async def piece(self) -> tuple[bytes, bool]:
        """The next piece, and whether it is the last."""
        data = self._file.read(_PIECE)
        self._left -= len(data)
        return data, self._left <= 0 or not data

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class Live:
    """An answer that comes from a worker, gathered on its way as long as it may be kept. `body` is all of a short one.

    `question` is empty for one that is not kept.
    """

    def __init__(
        self, question: str, answer: Answer, name: str, keeping: Keeping | None, whole: Callable[[Live], None]
    ) -> None:
        self.question = question
        self.body: bytes | None = None
        self.answer = answer
        self.name = name
        self.whole = whole
        self.tag = ""
        self.form, self.format, self.encoding = answer.form, answer.format, answer.encoding
        self.keeping = keeping
        self.first: tuple[bytes, bool] | None = None

    async def begin(self) -> None:
        """Wait for the first piece: an answer that is whole by then has a strong tag."""
        self.first = await self._next()
        if self.first[1]:
            self.tag = self.answer.receipt["sha256"][:16]
            self.body = self.first[0]

    async def piece(self) -> tuple[bytes, bool]:
        """The next piece, and whether it is the last."""
        if self.first is not None:
            found, self.first = self.first, None
            return found
        return await self._next()

    async def _next(self) -> tuple[bytes, bool]:
        data, last = await self.answer.piece()
        if self.keeping is not None:
            self.keeping.add(data)
        if last:
            self.whole(self)
        return data, last


@dataclass(slots=True)
class _Question:
    """One question that is being answered: `settled` is set to how that ended, or to what went wrong.

    kept: the answer is there now; left: its asker went before it was whole; alone: it is not one to keep.

    `begun` is set when there is a first piece: the rest comes as fast as its asker takes it.
    """

    settled: asyncio.Future[str | GaronneError] = field(default_factory=asyncio.Future)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def outcome(self) -> str:
        """How it ended; alone too when it takes too long to be sure. Raises what stopped the query."""
        begun: asyncio.Future[Any] = asyncio.ensure_future(self.begun.wait())
        settled: asyncio.Future[Any] = self.settled
        try:
            await asyncio.wait({begun, settled}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({settled}, timeout=PATIENCE)
        finally:
            begun.cancel()
        found = self.settled.result() if self.settled.done() else "alone"
        if isinstance(found, GaronneError):
            raise found
        return found

    def settle(self, outcome: str | GaronneError) -> None:
        """Say how it ended; the first word counts."""
        if not self.settled.done():
            self.settled.set_result(outcome)


class Answers:
    """The answers of one service. `current` gives the current release."""

    def __init__(self, settings: Settings, pool: Pool, current: Callable[[], Release | None]) -> None:
        self.base = settings.catalog.base
        self.pool = pool
        self.current = current
        self.cache = Cache(settings.store.path / "answers", settings.query.cache << 20)
        self.receipts = Receipts(settings.store.path)
        self.rewritten: Callable[[], None] = lambda: None
        """Called when releases that were published say something else: after a takedown."""
        self._asking: dict[tuple[str, float], _Question] = {}
        self._asked: Counter[str] = Counter()
        self._jobs: dict[str, Job] = {}
        self._again: asyncio.Task[None] | None = None

    @property
    def timeout(self) -> float:
        """The operator's limit, in seconds."""
        return self.pool.timeout

    async def open(self) -> None:
        """Find what is kept, and watch for new releases."""
        await asyncio.to_thread(self.cache.open)
        self.receipts.open()
        self._again = asyncio.create_task(self._ask_again())

    async def close(self) -> None:
        """Stop, and write down the receipts."""
        if self._again is not None:
            self._again.cancel()
            with suppress(asyncio.CancelledError):
                await self._again
        await self.receipts.close()

    @asynccontextmanager
    async def evaluate(self, job: Job, release: Release) -> AsyncIterator[Stored | Live]:
        """The answer to a job on a release. Raises what `Pool.evaluate` raises."""
        if job.volatile or not self.cache.limit:
            async with self._new(job, release, "", "") as live:
                yield live
            return
        question = question_of(job)
        self._count(question, job)
        key = key_of(question, release.store)
        while (found := self.cache.find(key)) is None:
            asking = self._asking.get((key, job.timeout))
            if asking is None:
                break
            self.cache.counts["joined"] += 1
            if await asking.outcome() == "alone":
                break
        if found is not None:
            self.cache.counts["hits"] += 1
            stored = Stored(question, *found)
            try:
                yield stored
            finally:
                stored.close()
            return
        self.cache.counts["misses"] += 1
        async with self._new(job, release, question, key) as live:
            yield live

    @asynccontextmanager
    async def _new(self, job: Job, release: Release, question: str, key: str) -> AsyncIterator[Live]:
        name = new_id()
        link = receipt_at(self.base, name) if limit_of(job.query) else ""
        at = (key, job.timeout)
        asking = _Question()
        if key and at not in self._asking:
            self._asking[at] = asking

        def whole(live: Live) -> None:
            if live.keeping is not None:
                self.cache.keep(key, _kept(live), live.keeping)
                if not release.store.exists():  # a takedown removes it, then what was kept: this may have come later
                    self.cache.drop(key)
            asking.settle("kept" if self.cache.has(key) else "alone")

        try:
            async with self.pool.evaluate(job, release.store, link) as answer:
                keeping = self.cache.keeping(answer.encoding) if key else None
                live = Live(question, answer, name, keeping, whole)
                try:
                    await live.begin()
                    asking.begun.set()
                    yield live
                finally:
                    if keeping is not None:
                        keeping.end()
                    self.receipts.enter(receipt(name, release.number, job.query, answer))
        except GaronneError as e:
            asking.settle("alone" if isinstance(e, TooBusy) else e)
            raise
        finally:
            if self._asking.get(at) is asking:
                del self._asking[at]
            asking.settle("left")

    def found_ready(self, question: str) -> None:
        """Count a question that was answered without asking here."""
        self.cache.counts["hits"] += 1
        if question in self._jobs:
            self._asked[question] += 1

    def _count(self, question: str, job: Job) -> None:
        if len(job.query) > NORMALISED:
            return
        self._asked[question] += 1
        self._jobs[question] = job
        if len(self._asked) > 2 * REMEMBERED:
            self._asked = Counter(dict(self._asked.most_common(REMEMBERED)))
            self._jobs = {name: self._jobs[name] for name in self._asked}

    async def _ask_again(self) -> None:
        """Watch for a new release, and ask it what is popular."""
        seen = await asyncio.to_thread(self.current)
        while True:
            await asyncio.sleep(0.5)
            try:
                release = await asyncio.to_thread(self.current)
                if release is None or (seen is not None and release.store == seen.store):
                    continue
                if seen is not None and _rewritten(seen, release):
                    await asyncio.to_thread(self.rewritten)
                seen = release
                self.pool.follow(release.store)
                await asyncio.to_thread(self.cache.let_go)
                for question, times in self._asked.most_common(POPULAR):
                    if times > 1:
                        await self._one_more(question, release)
            except (GaronneError, OSError) as e:
                log.info("popular questions were not asked again: %s", e)

    async def _one_more(self, question: str, release: Release) -> None:
        job = replace(self._jobs[question], timeout=self.timeout)
        while self.pool.short.taken or self.pool.short.waiting:
            await asyncio.sleep(0.05)
        with suppress(GaronneError):
            async with self.evaluate(job, release) as answer:
                self._asked[question] -= 1  # nobody asked
                while not (await answer.piece())[1]:
                    pass


def _rewritten(seen: Release, now: Release) -> bool:
    """Whether a takedown, or a repair, has come between what was current and what is."""
    return now.number == seen.number or now.manifest.without != seen.manifest.without


def _kept(live: Live) -> Kept:
    """What an answer that has passed is."""
    answer, about, size = live.answer, live.answer.receipt, live.keeping.size if live.keeping is not None else 0
    digest = about["sha256"]
    rows, plain = about["rows"], about["bytes"]
    form = (answer.form, answer.format, answer.encoding)
    return Kept(*form, rows, plain, digest, size, live.name, answer.spent)


_LIMIT = re.compile(r"\}[^{}]*\bLIMIT\s+(\d+)[^{}]*\Z", re.IGNORECASE)


@lru_cache(64)
def limit_of(query: str) -> str:
    """The number of rows that a query itself asks for at most; empty for none."""
    found = _LIMIT.search(query, max(0, query.rfind("}")))
    return found[1] if found else ""


def receipt_at(base: str, name: str) -> str:
    """The address of a receipt."""
    return f"{base}sparql/receipts/{name}"


def answer_headers(answer: Stored | Live, query: str, tag: str, base: str) -> dict[str, str]:
    """The headers that depend on the answer: its encoding, its receipt, and a strong tag when all of it is known.

    `tag` is the weak tag of the question, which the strong one begins with: a client that has either has the answer.
    """
    limit = limit_of(query)
    capped = f'; title="at most {limit} rows, as asked"' if limit else ""
    headers = {
        "Vary": "Accept, Accept-Encoding",
        "Link": f'<{receipt_at(base, answer.name)}>; rel="describedby"; type="application/json"{capped}',
        "Garonne-Receipt": answer.name,
    }
    if answer.encoding:
        headers["Content-Encoding"] = answer.encoding
    if answer.tag and tag:
        question = tag.removeprefix('W/"').removesuffix('"')
        headers["ETag"] = f'"{question}.{answer.tag}{answer.encoding and "-" + answer.encoding}"'
    return headers


def tag_of_copy(headers: dict[str, str], tag: str) -> str:
    """Of the tags in `If-None-Match` the one that begins with this question's: the 304 bears it as its 200 did."""
    question = tag.removeprefix('W/"').removesuffix('"')
    given = (candidate.strip() for candidate in headers.get("if-none-match", "").split(","))
    return next((candidate for candidate in given if question in candidate), tag)


def bare_tags(headers: dict[str, str]) -> dict[str, str]:
    """The `If-None-Match` of a request with every strong tag cut down to the question that it began with."""
    given = headers.get("if-none-match")
    return headers if given is None else {"if-none-match": re.sub(r"\.[0-9a-f]{16}(?:-\w+)?\"", '"', given)}
