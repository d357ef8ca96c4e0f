"""What is taken down: one dataset, with all that only it names."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from catalog.errors import NotFound
from catalog.identifiers import Minter


@dataclass(frozen=True)
class Subject:
    """A dataset by its names. `since` is the first release that may have it.

    `shared` are the IRIs of agents, concepts and services that no other dataset names. `names` are what stays of it as
    a tombstone: slug, IRI, identifier, and what its record is called.
    """

    slug: str
    iri: str
    identifier: str
    source: str
    record: str
    since: int
    shared: tuple[str, ...]
    names: frozenset[str] = frozenset()

    @property
    def things(self) -> tuple[str, ...]:
        """The IRIs of all that is purged."""
        return (self.iri, *self.shared)

    def graphs(self, base: str) -> tuple[str, str]:
        """The named graphs that are about it alone: its description, its quality."""
        return Minter(base).record(self.slug), Minter(base).quality(self.slug)


def find(db: sqlite3.Connection, name: str) -> Subject:
    """The dataset of this slug, alias, IRI or identifier, published now or ever. Raises `NotFound`."""
    sql = (
        "SELECT slug, iri, identifier, source, record, uid, since FROM slugs WHERE ? IN (slug, iri, identifier)"
        " OR slug = (SELECT slug FROM aliases WHERE alias = ?)"
    )
    row = db.execute(sql, (name, name)).fetchone()
    if row is None:
        raise NotFound(
            f"no dataset has the name `{name}`.", hint="Give its slug, its IRI or its identifier, as its page has them."
        )
    alone = (
        "SELECT DISTINCT iri FROM mentions m WHERE dataset = ?"
        " AND NOT EXISTS (SELECT 1 FROM mentions o WHERE o.iri = m.iri AND o.dataset <> m.dataset)"
    )
    slug, iri, identifier, source, record, uid, since = row
    aliases = (alias for (alias,) in db.execute("SELECT alias FROM aliases WHERE slug = ?", (slug,)))
    names = frozenset({slug, iri, identifier, record, uid or slug, *aliases})
    shared = tuple(one for (one,) in db.execute(alone, (iri,)))
    return Subject(slug, iri, identifier, source, record, since, shared, names)
