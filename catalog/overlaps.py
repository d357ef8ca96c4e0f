"""The same dataset met through several sources: found by its globally unique names, published from one of them.

The producer's source comes before any aggregator's copy. Records that are not published stay in the bookkeeping, and
their provenance in `graph/provenance`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Triple

from catalog.identifiers import Minter
from catalog.model import Outcome, Record, Text
from vocab.namespaces import DCT, PROV, RDF, RDFS

if TYPE_CHECKING:
    from catalog.draft import Draft

_TWINS = """
SELECT c.source, c.id, MIN(c.claim), s.slug FROM claims c
JOIN records r ON r.source = c.source AND r.id = c.id AND r.until IS NULL
LEFT JOIN slugs s ON s.source = c.source AND s.record = c.id
    AND EXISTS (SELECT 1 FROM descriptions d WHERE d.iri = s.iri AND d.until IS NULL)
WHERE c.claim IN (SELECT value FROM json_each(?)) AND c.source <> ? AND c.until IS NULL GROUP BY c.source, c.id
"""
# Few records are merged, and an index has them alone: they come first (SQLite keeps the order of a CROSS JOIN).
_MERGED = """
SELECT d.slug, d.iri, d.title, d.source, r.source, r.id FROM records r
CROSS JOIN descriptions d ON d.kind = 'dataset' AND d.slug = r.slug
    AND d.since <= :n AND (d.until IS NULL OR d.until > :n)
WHERE r.outcome = 'merged' AND r.since <= :n AND (r.until IS NULL OR r.until > :n) AND :slug IN ('', r.slug)
ORDER BY d.slug, r.source, r.id
"""
_SHARED = """
SELECT claim FROM claims WHERE source = ? AND id = ?
INTERSECT SELECT claim FROM claims WHERE source = ? AND id = ? ORDER BY claim
"""


@dataclass(frozen=True, slots=True)
class Twin:
    """A live record of another source that has a name in common; `slug` is None where it is not published."""

    source: str
    record: str
    claim: str
    slug: str | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """One record that is not published because another of the same dataset is."""

    slug: str
    iri: str
    title: str
    source: str
    record: str
    other_source: str
    other_record: str
    claims: tuple[str, ...]


class Overlaps:
    """What one draft knows of the names of records. `ranks` orders the sources: the lowest is published."""

    def __init__(self, draft: Draft, ranks: Mapping[str, int]) -> None:
        self.draft = draft
        self.db = draft.db
        self.ranks = ranks

    def enter(self, record: Record) -> None:
        """Keeps the globally unique names of a record."""
        where = (record.source, record.id)
        rows = self.db.execute("SELECT claim FROM claims WHERE source = ? AND id = ? AND until IS NULL", where)
        known = {claim for (claim,) in rows}
        for claim in known - set(record.claims):
            self.draft.close_rows("claims", "source = ? AND id = ? AND claim = ?", *where, claim)
        for claim in sorted(set(record.claims) - known):
            self.draft.write("INSERT INTO claims VALUES (?, ?, ?, ?, NULL)", *where, claim, self.draft.number)

    def twins(self, record: Record) -> list[Twin]:
        """The live records of other sources that share a name with this one, the one to be published first."""
        if not record.claims:
            return []
        rows = self.db.execute(_TWINS, (json.dumps(record.claims), record.source))
        return sorted((Twin(*row) for row in rows), key=lambda t: (self.rank(t.source), t.source, t.record))

    def rank(self, source: str) -> int:
        """The place of a source; one that is no longer configured comes last."""
        return self.ranks.get(source, len(self.ranks))

    def better(self, record: Record) -> Twin | None:
        """The published record of a source that comes before this record's, if the dataset has one."""
        mine = self.rank(record.source)
        return next((t for t in self.twins(record) if t.slug and self.rank(t.source) < mine), None)

    def worse(self, record: Record) -> list[Twin]:
        """The published records of sources that come after this record's, of what it says to be its dataset."""
        mine = self.rank(record.source)
        return [t for t in self.twins(record) if t.slug and self.rank(t.source) > mine]

    def take_over(self, record: Record, twin: Twin) -> None:
        """The dataset keeps its names and is from now on this record's; the twin is not published any more.

        Its own names, if it has any in this catalogue, are left alone: the caller asks for this only where it has none.
        """
        self._rename(record, twin.slug, twin.source, twin.record)
        self._merge_row(twin, merged(record.source, record.id))

    def inherit(self, record: Record, slug: str) -> None:
        """The names of a dataset that nobody publishes any more are this record's."""
        row = self.db.execute("SELECT source, record FROM slugs WHERE slug = ?", (slug,)).fetchone()
        self._rename(record, slug, row["source"], row["record"])

    def _rename(self, record: Record, slug: str | None, source: str, before: str) -> None:
        write = self.draft.write
        write("INSERT INTO renames VALUES (?, ?, ?, ?, ?)", slug, before, record.id, self.draft.number, source)
        values = (record.source, record.id, record.uid, slug)
        write("UPDATE slugs SET source = ?, record = ?, uid = ? WHERE slug = ?", *values)

    def _merge_row(self, twin: Twin, reason: Text) -> None:
        row = self.db.execute(
            "SELECT * FROM records WHERE source = ? AND id = ? AND until IS NULL", (twin.source, twin.record)
        ).fetchone()
        values = {**dict(row), "outcome": Outcome.MERGED, "reason_fr": reason.fr, "reason_en": reason.en}
        values |= {"since": self.draft.number, "until": None}
        self.draft.close_rows("records", "source = ? AND id = ?", twin.source, twin.record)
        self.draft.write(f"INSERT INTO records VALUES ({', '.join('?' * len(values))})", *values.values())  # noqa: S608

    def free_slug(self, record: Record) -> str | None:
        """The slug of a dataset with one of this record's names that nobody publishes any more: its names come back."""
        for claim in record.claims:
            row = self.db.execute(
                "SELECT s.slug FROM claims c JOIN slugs s ON s.source = c.source AND s.record = c.id"
                " WHERE c.claim = ? AND c.source <> ? AND NOT EXISTS"
                " (SELECT 1 FROM descriptions d WHERE d.iri = s.iri AND d.until IS NULL)",
                (claim, record.source),
            ).fetchone()
            if row is not None:
                return str(row["slug"])
        return None


def merged(source: str, record: str) -> Text:
    """Why a record is not published: another source has the same dataset."""
    return Text(
        f"Le même jeu de données est publié depuis la source «\u00a0{source}\u00a0» («\u00a0{record}\u00a0»), "
        "qui passe avant celle-ci.",
        f"The same dataset is published from source `{source}` (`{record}`), which comes before this one.",
    )


def overlaps(db: sqlite3.Connection, release: int, slug: str = "") -> list[Overlap]:
    """The records of a release that are not published because another source has the same dataset.

    With a `slug`, those of this dataset alone.
    """
    rows = db.execute(_MERGED, {"n": release, "slug": slug}).fetchall()
    found = []
    for slug, iri, title, source, other, other_id in rows:
        named = db.execute("SELECT record FROM slugs WHERE slug = ?", (slug,)).fetchone()
        record = str(named[0]) if named else ""
        shared = db.execute(_SHARED, (other, other_id, source, record)).fetchall()
        claims = tuple(str(claim) for (claim,) in shared)
        found.append(Overlap(slug, iri, title, source, record, other, other_id, claims))
    return found


def provenance(base: str, found: Iterable[Overlap]) -> list[Triple]:
    """Both provenances of each dataset that several sources have, for `graph/provenance`."""
    triples: dict[Triple, None] = {}
    for one in found:
        record = NamedNode(Minter(base).record(one.slug))
        for source, name in ((one.source, one.record), (one.other_source, one.other_record)):
            node = NamedNode(f"{record.value}/from/{source}")
            triples |= dict.fromkeys(
                (
                    Triple(record, PROV.wasDerivedFrom, node),
                    Triple(node, RDF.type, PROV.Entity),
                    Triple(node, DCT.identifier, Literal(name)),
                    Triple(node, RDFS.label, Literal(f"{source}: {name}", language="en")),
                )
            )
        chosen = NamedNode(f"{record.value}/from/{one.source}")
        triples[Triple(record, PROV.hadPrimarySource, chosen)] = None
    return list(triples)


def plain(one: Overlap) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "dataset": one.iri,
        "slug": one.slug,
        "title": one.title,
        "published_from": {"source": one.source, "record": one.record},
        "also_in": {"source": one.other_source, "record": one.other_record},
        "same": list(one.claims),
    }
