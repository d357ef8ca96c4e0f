"""What the bookkeeping has of records, datasets and agents while a draft is being made: the read side of a draft."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from catalog.archive import description
from catalog.model import Description, Kind, Text
from catalog.pending import Pending


@dataclass(frozen=True, slots=True)
class Known:
    """What the bookkeeping holds of a record before this run touches it.

    `content` and `issued` are those of its own dataset: None where it has none, as when it is merged into another's.
    """

    slug: str | None
    hash: str
    fingerprint: str
    outcome: str
    content: str | None
    issued: str | None


class Entered(Pending):
    """The rows of a pending release and of those before it, asked one by one."""

    def known(self, source: str, record: str) -> Known | None:
        """What is known of a record of this source, None when it is new."""
        row = self.db.execute(
            "SELECT r.slug, r.hash, r.fingerprint, r.outcome, d.content, d.issued FROM records r"
            " LEFT JOIN slugs s ON s.source = r.source AND s.record = r.id"
            " LEFT JOIN descriptions d ON d.kind = 'dataset' AND d.slug = s.slug AND d.until IS NULL"
            " WHERE r.source = ? AND r.id = ? AND r.until IS NULL",
            (source, record),
        ).fetchone()
        return None if row is None else Known(*row)

    def known_by_slug(self, slug: str) -> Known | None:
        """What is published under a slug, whatever the record was called; None when nothing is."""
        row = self.db.execute(
            "SELECT content, issued FROM descriptions WHERE kind = 'dataset' AND slug = ? AND until IS NULL", (slug,)
        ).fetchone()
        return None if row is None else Known(slug, "", "", "", row["content"], row["issued"])

    def standing(self, iri: str) -> Description:
        """The live description of an IRI that has one."""
        row = self.db.execute("SELECT * FROM descriptions WHERE iri = ? AND until IS NULL", (iri,)).fetchone()
        return description(row)

    def reason(self, source: str, record: str) -> Text:
        """Why a record was not published as it came, as entered by an earlier run."""
        row = self.db.execute(
            "SELECT reason_fr, reason_en FROM records WHERE source = ? AND id = ? AND until IS NULL",
            (source, record),
        ).fetchone()
        return Text(row["reason_fr"] or "", row["reason_en"] or "")

    def live(self, source: str, records: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Record id and slug of every dataset that this source has published, as it stood before this draft.

        With `records` those of them that this source still calls so.
        """
        of = "s.source = :source" if records is None else "s.source = :source AND s.record = r.value"
        among = "" if records is None else "json_each(:records) r CROSS JOIN "
        sql = (
            f"SELECT s.record, s.slug FROM {among}slugs s JOIN descriptions d ON d.iri = s.iri"  # noqa: S608
            f" WHERE {of} AND d.since < :n AND (d.until IS NULL OR d.until >= :n)"
        )
        values = {"source": source, "n": self.number, "records": json.dumps(sorted(records or ()))}
        yield from (tuple(row) for row in self.db.execute(sql, values))

    def iri_of(self, slug: str) -> str:
        """The IRI of the dataset that has a slug."""
        (iri,) = self.db.execute("SELECT iri FROM slugs WHERE slug = ?", (slug,)).fetchone()
        return str(iri)

    def published(self, source: str) -> int:
        """How many datasets the release before this draft has from a source."""
        sql = (
            "SELECT COUNT(*) FROM descriptions WHERE kind = 'dataset' AND source = :source"
            " AND since < :n AND (until IS NULL OR until >= :n)"
        )
        (count,) = self.db.execute(sql, {"source": source, "n": self.number}).fetchone()
        return int(count)

    def harvested(self, source: str) -> bool:
        """Whether anything of a source was entered before this draft, published or not."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM records WHERE source = :source AND since < :n)"
            " OR EXISTS (SELECT 1 FROM slugs WHERE source = :source AND since < :n)"
        )
        return bool(self.db.execute(sql, {"source": source, "n": self.number}).fetchone()[0])

    def owns(self, source: str, record: str) -> bool:
        """Whether a record has a dataset in this catalogue, published or not."""
        row = self.db.execute("SELECT 1 FROM slugs WHERE source = ? AND record = ?", (source, record)).fetchone()
        return row is not None

    def renamed(self, source: str) -> list[str]:
        """The slugs of this source's datasets that this draft found under another name."""
        sql = "SELECT r.slug FROM renames r JOIN slugs s ON s.slug = r.slug WHERE r.since = ? AND s.source = ?"
        return [row["slug"] for row in self.db.execute(sql, (self.number, source))]

    def shared(self, kind: Kind) -> list[Description]:
        """The live descriptions of agents, concepts or services, by IRI."""
        rows = self.db.execute("SELECT * FROM descriptions WHERE kind = ? AND until IS NULL ORDER BY iri", (kind,))
        return [description(r) for r in rows.fetchall()]

    def _first_issued(self, iri: str) -> str | None:
        row = self.db.execute("SELECT MIN(issued) FROM descriptions WHERE iri = ?", (iri,)).fetchone()
        return str(row[0]) if row[0] else None
