"""What every release created, updated and withdrawn, numbered from 1 in the order of publication.

A number is never given twice and never changes what it tells of, so that whatever counts by it (pages of the change
feed) has the same bounds for ever. Within one release, what others name (agents, concepts, services, the catalogue)
is created before the datasets, and withdrawn after them.

What a thing was described as at that time is there while a kept release still says so, and for ever while it is the
latest. Whoever removes a thing from history altogether keeps these rows, or at least their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalog.archive import Archive, description
from catalog.model import Description


class Change(StrEnum):
    """What became of a thing in one release."""

    CREATED = "created"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Activity:
    """One change of one thing. `published` is the time of its release (UTC, ISO 8601).

    `described` is the description as it was then; None of what was withdrawn, and of a version that no kept release
    has and that a later activity supersedes.
    """

    number: int
    published: str
    change: Change
    iri: str
    described: Description | None

    @property
    def whole(self) -> bool:
        """Whether all that it told when it was published can still be told."""
        return self.described is not None or self.change is Change.WITHDRAWN


class Activities:
    """The activities up to one release."""

    def __init__(self, archive: Archive, release: int) -> None:
        self.archive = archive
        self.release = release

    def last(self) -> int:
        """The highest number; 0 before the first."""
        sql = "SELECT seq FROM activities WHERE release <= :n ORDER BY release DESC, seq DESC LIMIT 1"
        found = self.archive.rows(sql, n=self.release)
        return int(found[0]["seq"]) if found else 0

    def between(self, first: int, last: int) -> list[Activity]:
        """The activities of these numbers, both included."""
        sql = (
            "SELECT a.seq, a.published, a.kind AS change, a.iri AS subject, d.* FROM activities a"
            " LEFT JOIN descriptions d ON d.iri = a.iri AND d.since = a.release AND a.kind <> 'withdrawn'"
            " WHERE a.seq BETWEEN :first AND :last AND +a.release <= :n ORDER BY a.seq"
        )
        return [
            Activity(
                row["seq"],
                row["published"],
                Change(row["change"]),
                row["subject"],
                description(row) if row["body"] is not None else None,
            )
            for row in self.archive.rows(sql, first=first, last=last, n=self.release)
        ]

    def times(self, spans: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
        """When the first and the last activity of each of these spans of numbers were published."""
        sql = (
            "SELECT (SELECT published FROM activities WHERE seq >= span.value ->> 0 ORDER BY seq LIMIT 1) AS first,"
            " (SELECT published FROM activities WHERE seq <= span.value ->> 1 AND +release <= :n"
            " ORDER BY seq DESC LIMIT 1) AS last FROM json_each(:spans) span ORDER BY span.key"
        )
        rows = self.archive.rows(sql, spans=json.dumps(spans), n=self.release)
        return [(str(row["first"]), str(row["last"])) for row in rows]
