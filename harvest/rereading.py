"""What a run need not read of a source again: nothing where it is as it was, else what it says has changed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from catalog.errors import ResponseInvalid, SourceRefused
from catalog.model import Outcome, Record, Text
from catalog.packing import unpack
from catalog.settings import SourceSettings
from catalog.validators import Answers
from catalog.web import Client
from harvest.incremental import MARGIN, Incremental, NotIncremental, Same
from harvest.readings import Reading, Readings
from harvest.source import Rejected, Source
from harvest.summary import SourceSummary

if TYPE_CHECKING:
    from harvest.source_run import Work

NOT_MODIFIED = Text(
    "rien n’a changé depuis la dernière lecture, dit le serveur\u00a0: rien n’a été relu.",
    "nothing has changed since it was last read, says the server: nothing was read again.",
)
_ASIDE = (Outcome.SET_ASIDE, Outcome.FAILED, Outcome.WITHDRAWN)
"""Outcomes of records that are not published; of unchanged ones they are all told as set aside."""


class Payloads(Mapping[str, bytes]):
    """The records of one source as they came last, by what the source calls them; each is read when it is asked for."""

    def __init__(self, db: sqlite3.Connection, source: str) -> None:
        self._db = db
        self._source = source
        sql = "SELECT id FROM records WHERE source = ? AND until IS NULL"
        self._names = {row["id"] for row in db.execute(sql, (source,))}

    def __getitem__(self, name: str) -> bytes:
        sql = "SELECT payload FROM records WHERE source = ? AND id = ? AND until IS NULL"
        row = self._db.execute(sql, (self._source, name)).fetchone()
        if row is None:
            raise KeyError(name)
        return unpack(row["payload"])

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Rereading:
    """The reading of one source in one run. `rules` are what mapping and validation depend on.

    `fetching` are the seconds that the source took to give its records, or to say that they are the same; `fetched` is
    when the last of them had come.
    """

    def __init__(self, run: Work, settings: SourceSettings, source: Source, found: SourceSummary, rules: str) -> None:
        self.run = run
        self.settings = settings
        self.source = source
        self.found = found
        self.readings = Readings(run.draft, settings, rules, run.overlaps.ranks)
        client = getattr(source, "client", None)
        self.client = client if isinstance(client, Client) else None
        self.last = self._last()
        self.whole = run.at
        self.fetching = 0.0
        self.fetched = time.time()

    def _last(self) -> Reading | None:
        """The last reading, as far as this one may rely on it."""
        if self.run.options.full or self.run.options.limit is not None:
            return None
        last = self.readings.last()
        return last if last and last.recent(self.run.at, self.run.settings.harvest.whole_every) else None

    def stands(self) -> bool:
        """Whether every record is as it was, by what the server says; the summary is then complete.

        Raises `SourceError` as a reading would.
        """
        began = time.perf_counter()
        stands = self.last is not None and self.client is not None and self.last.stands(self.client)
        self._fetched(began)
        if self.last is None or not stands:
            return False
        sql = "SELECT outcome, COUNT(*) FROM records WHERE source = ? AND until IS NULL GROUP BY outcome"
        counts: dict[str, int] = dict(tuple(row) for row in self.run.draft.db.execute(sql, (self.settings.id,)))
        found, account = self.found, self.last.account
        found.seen, found.guard, found.set_aside = account["seen"], account["guard"], account["set_aside"]
        merged = counts.pop(Outcome.MERGED, 0)
        published = sum(n for outcome, n in counts.items() if outcome not in _ASIDE)
        found.count(Outcome.UNCHANGED, published)
        found.count(Outcome.MERGED, merged)
        found.count(Outcome.SET_ASIDE, found.seen - published - merged)
        found.notes.append(NOT_MODIFIED)
        self.run.progress.say(NOT_MODIFIED)
        self.run.progress.tick(seen=found.seen, total=found.seen)
        return True

    def records(self) -> Iterator[Record | Rejected | Same]:
        """The source's records: all of them, or those that changed and the names of the others."""
        began = time.perf_counter()
        for record in self._changes() or self.source.records():
            self.fetching += time.perf_counter() - began
            yield record
            began = time.perf_counter()
        self._fetched(began)

    def _fetched(self, began: float) -> None:
        self.fetching += time.perf_counter() - began
        self.fetched = time.time()

    def _changes(self) -> Iterator[Record | Rejected | Same] | None:
        """What has changed since the last reading, and the names of the rest; None where all is to be read."""
        last = self.last
        if last is None or not isinstance(self.source, Incremental) or not self.source.incremental:
            return None
        changes = self.source.changes(last.begun - MARGIN, Payloads(self.run.draft.db, self.settings.id))
        try:
            first = next(changes, None)
        except (NotIncremental, SourceRefused, ResponseInvalid):
            return None
        self.whole = last.whole
        since = (last.begun - MARGIN).isoformat("T", "minutes")
        self.found.notes.append(
            Text(f"seul ce qui a changé depuis {since} a été lu.", f"only what changed since {since} was read.")
        )
        return iter(()) if first is None else chain((first,), changes)

    def keep(self) -> None:
        """Enters what the next reading may rely on: nothing, where this one was not whole."""
        if self.run.options.limit is not None or not self.source.complete:
            self.readings.forget()
            return
        partial = self.whole != self.run.at
        before = self.last.account["guard"] if partial and self.last else {}
        if before and self.found.guard:  # repetitions are met by reading everything: they are those that there were
            if repeated := before.get("changes", {}).get("repeated"):
                self.found.guard["changes"]["repeated"] = repeated
            now = self.found.guard["duplicates"]
            self.found.guard["duplicates"] = max(now, before.get("duplicates", 0))
        answers = Answers() if partial or self.client is None else self.client.answers
        aside = [{**one, "outcome": Outcome.SET_ASIDE.value} for one in self.found.set_aside]
        account = {"seen": self.found.seen, "set_aside": aside, "guard": self.found.guard}
        self.readings.keep(self.whole, answers.validators(), account)
