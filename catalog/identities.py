"""Who a record is in this catalogue: slugs, IRIs and identifiers, allocated once, kept for ever, never used twice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from catalog.errors import RecordInvalid
from catalog.identifiers import slugify
from catalog.model import Identity, Record

if TYPE_CHECKING:
    from catalog.draft import Draft


class Identities:
    """The names in one draft's bookkeeping. Those that the draft allocates are taken back when it is abandoned."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.db = draft.db

    def of(self, record: Record, template: Callable[[str], str], seen: set[str]) -> Identity:
        """The identity of a record: see `Draft.identity`."""
        row = self.db.execute(
            "SELECT * FROM slugs WHERE source = ? AND record = ?", (record.source, record.id)
        ).fetchone()
        if row is None and record.uid:
            row = self._renamed(record, seen)
        if row is None:
            return self._allocate(record, template)
        return Identity(row["slug"], row["iri"], self.draft.minter.record(row["slug"]), row["identifier"])

    def _renamed(self, record: Record, seen: set[str]) -> Any:
        row = self.db.execute(
            "SELECT * FROM slugs WHERE source = ? AND uid = ?", (record.source, record.uid)
        ).fetchone()
        if row is None or row["record"] in seen:
            return None
        self.rename(record, row)
        return row

    def rename(self, record: Record, row: Any) -> None:
        """A row of `slugs` is this record's from now on, whose name becomes an alias."""
        write, number = self.draft.write, self.draft.number
        write("INSERT INTO renames VALUES (?, ?, ?, ?, NULL)", row["slug"], row["record"], record.id, number)
        write("UPDATE slugs SET record = ? WHERE slug = ?", record.id, row["slug"])
        self.draft.forget(record.source, row["record"])
        alias = slugify(record.name or record.id)
        if not self.db.execute("SELECT 1 FROM slugs WHERE slug = ?", (alias,)).fetchone():
            write("INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", alias, row["slug"], number)

    def _allocate(self, record: Record, template: Callable[[str], str]) -> Identity:
        slug = self._free_slug(slugify(record.name or record.id), record.source)
        iri = self._free_iri(record.iri) or self.draft.minter.dataset(slug)
        identifier = template(slug)
        clash = self._bearing(identifier)
        if clash is not None and identifier == record.identifier:  # a bare `deliberations`, say: the IRI stands for it
            identifier = iri
            clash = self._bearing(identifier)
        if clash is not None:
            raise RecordInvalid(
                f"its identifier `{identifier}` is already that of `{clash['record']}` from source "
                f"`{clash['source']}`; two datasets with one identifier make aggregators lose one of them.",
                french=f"son identifiant «\u00a0{identifier}\u00a0» est déjà celui de «\u00a0{clash['record']}\u00a0», "
                f"de la source «\u00a0{clash['source']}\u00a0»\u00a0; de deux jeux de données au même identifiant, "
                "les portails en perdent un.",
                what=record.id,
                hint="Give the sources different [source.identity] templates, or remove one of the records.",
            )
        self.draft.write(
            "INSERT INTO slugs VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(slug, record.source, record.id, record.uid, iri, identifier, self.draft.number),
        )
        return Identity(slug, iri, self.draft.minter.record(slug), identifier, new=True)

    def _bearing(self, identifier: str) -> Any:
        return self.db.execute("SELECT source, record FROM slugs WHERE identifier = ?", (identifier,)).fetchone()

    def _free_iri(self, iri: str) -> str:
        """The source's own IRI; empty where it gave none, or where another dataset bears it already."""
        taken = iri and self.db.execute("SELECT 1 FROM slugs WHERE iri = ?", (iri,)).fetchone()
        return "" if taken else iri

    def _free_slug(self, wanted: str, source: str) -> str:
        taken = "SELECT EXISTS (SELECT 1 FROM slugs WHERE slug = ?) OR EXISTS (SELECT 1 FROM aliases WHERE alias = ?)"
        candidates = chain((wanted, f"{wanted}-{source}"), (f"{wanted}-{source}-{n}" for n in count(2)))
        return next(s for s in candidates if not self.db.execute(taken, (s, s)).fetchone()[0])
