"""Which records may not come back: the names of what was taken down."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from catalog.model import Record
from vocab.text import Text


@dataclass(frozen=True, slots=True)
class Ban:
    """One dataset that was taken down: when, and the operator's reason. `done` says whether the purge is complete."""

    slug: str
    at: str
    reason: str
    done: bool


class Bans:
    """The bans of one bookkeeping, read when they are first asked for."""

    def __init__(self, db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT slug, at, reason, done FROM takedowns")
        self._bans = {slug: Ban(slug, at, reason, bool(done)) for slug, at, reason, done in rows}
        self._names = {(kind, value): slug for kind, value, slug in db.execute("SELECT kind, value, slug FROM banned")}

    def of(self, record: Record) -> Ban | None:
        """The ban that one of a record's names falls under; None when it may be published."""
        if not self._names:
            return None
        slug = next((self._names[name] for name in names(record) if name in self._names), None)
        return self._bans[slug] if slug else None

    def all(self) -> list[Ban]:
        """Every ban, oldest first."""
        return sorted(self._bans.values(), key=lambda ban: (ban.at, ban.slug))


def names(record: Record) -> list[tuple[str, str]]:
    """What a record may be recognised by, as kinds and values."""
    own = [("record", f"{record.source} {record.id}")]
    own += [("uid", f"{record.source} {record.uid}")] if record.uid else []
    own += [("iri", record.iri)] if record.iri else []
    return [*own, *(("claim", claim) for claim in record.claims)]


def refusal(ban: Ban) -> Text:
    """Why a record that comes again is set aside."""
    return Text(
        f"retiré définitivement le {ban.at[:10]}\u00a0: {ban.reason}",
        f"taken down on {ban.at[:10]}: {ban.reason}",
    )
