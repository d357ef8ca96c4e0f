"""How often in a row, and since when, the incomplete listings of a source have lacked a dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.draft import Draft


@dataclass(frozen=True, slots=True)
class Grace:
    """What a record is given that incomplete listings lack: so many in a row, and so long; without `runs`, for ever."""

    runs: int
    days: float


class Absences:
    """The account of one source in one draft. It goes with the draft, and with the source when that is held."""

    def __init__(self, draft: Draft, source: str) -> None:
        self.draft = draft
        self.source = source

    def enter(self, missing: Iterable[str], at: datetime, grace: Grace) -> set[str]:
        """Counts one more listing without these records; returns those whose grace is over.

        A record that is not among them was seen, and begins anew when it is missed again.
        """
        rows = self.draft.db.execute(
            "SELECT id, times, first FROM absences WHERE source = ? AND until IS NULL", (self.source,)
        )
        before = {row["id"]: (row["times"], datetime.fromisoformat(row["first"])) for row in rows.fetchall()}
        over = set()
        for record in missing:
            times, first = before.pop(record, (0, at))
            self._end(record)
            self.draft.write(
                "INSERT INTO absences VALUES (?, ?, ?, ?, ?, NULL)",
                *(self.source, record, times + 1, first.isoformat(), self.draft.number),
            )
            if 0 < grace.runs <= times + 1 and at - first >= timedelta(days=grace.days):
                over.add(record)
        for record in before:
            self._end(record)
        return over

    def clear(self) -> None:
        """A complete listing has come: nothing is left to count."""
        self.draft.close_rows("absences", "source = ?", self.source)

    def _end(self, record: str) -> None:
        self.draft.close_rows("absences", "source = ? AND id = ?", self.source, record)
