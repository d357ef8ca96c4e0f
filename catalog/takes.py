"""How the runs took each source: the last time, the last time that went well, and all times that are kept.

A dry run is none, and one that was interrupted neither: it says nothing of the source.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import schema, sealed
from catalog.archive import Archive
from catalog.calendar import longest_wait
from catalog.settings import Settings, SourceSettings

_BATCH = 50
"""Runs that are read at a time, where their number is not known beforehand."""
_ROW = "SELECT t.source, t.status, r.* FROM takes t JOIN runs r ON r.n = t.run"


@dataclass(frozen=True, slots=True)
class Take:
    """One source in one run; moments in ISO 8601, `found` as the run's summary has it."""

    source: str
    run: int
    status: str
    started: str
    ended: str
    found: dict[str, Any]


def of(archive: Archive, source: str) -> Iterator[Take]:
    """The takes of a source, the latest first, read as they are asked for."""
    before = 1 << 62
    while True:
        where = " WHERE t.source = :source AND t.run < :before ORDER BY t.run DESC LIMIT :most"
        found = _read(archive, _ROW + where, source=source, before=before, most=_BATCH)
        yield from found
        if len(found) < _BATCH:
            return
        before = found[-1].run


def latest(archive: Archive, sources: Sequence[SourceSettings]) -> dict[str, Take]:
    """The last take of each of these sources, by name; of all that there ever were where none is given (a copy)."""
    where = " WHERE t.run = (SELECT MAX(run) FROM takes l WHERE l.source = t.source) ORDER BY t.source"
    names = {source.id for source in sources}
    return {take.source: take for take in _read(archive, _ROW + where) if not names or take.source in names}


def beginnings(archive: Archive) -> dict[str, str]:
    """When each source was first taken; those that never were are left out."""
    return _moments(archive, "SELECT source, MIN(run) AS n FROM takes GROUP BY source")


def successes(archive: Archive) -> dict[str, str]:
    """When the last run began that harvested each source; those that none did are left out."""
    good = "SELECT source, MAX(run) AS n FROM takes WHERE status = 'harvested' GROUP BY source"
    return _moments(archive, good)


def patience(settings: Settings, source: SourceSettings) -> float:
    """Seconds without a good take after which a source is stale; 0 where none ever is, as in an exported copy.

    It is what `[notify] stale` says, but never less than one and a half times what its schedule may leave between two.
    """
    if sealed.sealed(settings.store.path):
        return 0.0
    if not settings.notify.stale or not source.schedule:
        return settings.notify.stale * 3600
    wait = longest_wait(source.schedule, source.timezone or settings.harvest.timezone)
    return max(settings.notify.stale * 3600, 1.5 * wait.total_seconds())


def enter(db: sqlite3.Connection, run: int, status: str, summary: dict[str, Any]) -> None:
    """Notes what a run that has ended did with its sources.

    Where the run failed, what it had harvested came to nothing.
    """
    if summary.get("dry_run") or status == "interrupted":
        return
    for source in summary.get("sources", ()):
        how = "failed" if status == "failed" and source["status"] == "harvested" else source["status"]
        db.execute("INSERT OR REPLACE INTO takes VALUES (?, ?, ?)", (source["id"], run, how))


def _moments(archive: Archive, which: str) -> dict[str, str]:
    if not (archive.folder / schema.FILE).exists():
        return {}
    rows = archive.rows(f"SELECT t.source, r.started FROM ({which}) t JOIN runs r ON r.n = t.n")  # noqa: S608  constant
    return {str(source): str(started) for source, started in rows}


def _read(archive: Archive, sql: str, **values: Any) -> list[Take]:
    if not (archive.folder / schema.FILE).exists():
        return []
    summaries: dict[int, dict[str, dict[str, Any]]] = {}
    takes = []
    for row in archive.rows(sql, **values):
        if row["n"] not in summaries:
            told = json.loads(row["summary"]) if row["summary"] else {}
            summaries[row["n"]] = {source["id"]: source for source in told.get("sources", ())}
        found = summaries[row["n"]].get(row["source"], {}) | {"id": row["source"], "status": row[1]}
        takes.append(Take(row["source"], row["n"], row[1], row["started"], row["ended"] or "", found))
    return takes
