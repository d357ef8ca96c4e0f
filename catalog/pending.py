"""The bookkeeping's rows of a release that is not published yet: written in batches, ended, and taken back whole.

Rows hold from one release until another (`catalog.schema`). What is written here bears the number of a release that
nobody sees before `catalog.releases` names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog import schema
from catalog.releases import Releases


class Pending:
    """The rows of release `number`, as far as they are written."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.db = schema.connect(folder, write=True)
        self.db.row_factory = sqlite3.Row

    def close(self) -> None:
        """Lets go of the file; what was not committed is taken back."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        self.db.close()

    def abandon(self) -> None:
        """Takes back everything that this draft, or an unfinished one before it, has written."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        if Releases(self.folder).pointer() >= self.number:
            return  # it is published: an interruption after the swap must not take its bookkeeping away
        self._undo("", ())
        of = [(table, "release") for table in ("activities", "titles", "changes")]
        of += [("releases", "number"), ("packages", "since")]
        self._transact([(f"DELETE FROM {table} WHERE {column} >= ?", (self.number,)) for table, column in of])  # noqa: S608

    def revert(self, source: str) -> None:
        """Takes back what this draft has of one source: the source is held at its last good records."""
        self.commit()
        self._undo(" AND source = ?", (source,))

    def _undo(self, also: str, values: tuple[str, ...]) -> None:
        steps: list[tuple[str, tuple[Any, ...]]] = []
        for table in schema.VERSIONED:
            steps.append((f"DELETE FROM {table} WHERE since >= ?{also}", (self.number, *values)))  # noqa: S608
            steps.append((f"UPDATE {table} SET until = NULL WHERE until >= ?{also}", (self.number, *values)))  # noqa: S608
        slugs = f"SELECT slug FROM slugs WHERE 1{also}"  # noqa: S608  constant text
        renames = self.db.execute(
            f"SELECT slug, before, source FROM renames WHERE since >= ? AND slug IN ({slugs}) ORDER BY rowid DESC",  # noqa: S608
            (self.number, *values),
        ).fetchall()
        steps.append((f"DELETE FROM renames WHERE since >= ? AND slug IN ({slugs})", (self.number, *values)))  # noqa: S608
        steps.append((f"DELETE FROM aliases WHERE since >= ? AND slug IN ({slugs})", (self.number, *values)))  # noqa: S608
        # New slugs go before names come back: one of them may bear the name that a renamed record had.
        steps.append((f"DELETE FROM slugs WHERE since >= ?{also}", (self.number, *values)))  # noqa: S608
        steps += [
            (
                "UPDATE slugs SET record = ?, source = COALESCE(?, source) WHERE slug = ?",
                (r["before"], r["source"], r["slug"]),
            )
            for r in renames
        ]
        for r in renames:
            if r["source"] is not None:
                steps += self._given_back(r["slug"], r["source"], r["before"])
        self._transact(steps)

    def _given_back(self, slug: str, source: str, record: str) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """A dataset that this draft took over from another source is that source's again, as it was."""
        iri = "(SELECT iri FROM slugs WHERE slug = ?)"
        for table, where, values in (
            ("descriptions", f"iri = {iri}", (slug,)),
            ("facets", f"dataset = {iri}", (slug,)),
            ("mentions", f"dataset = {iri}", (slug,)),
            ("findings", f"iri = {iri}", (slug,)),
            ("records", "source = ? AND id = ?", (source, record)),
            ("unmapped", "source = ? AND id = ?", (source, record)),
        ):
            yield f"DELETE FROM {table} WHERE since >= ? AND {where}", (self.number, *values)  # noqa: S608
            yield f"UPDATE {table} SET until = NULL WHERE until >= ? AND {where}", (self.number, *values)  # noqa: S608

    def _transact(self, steps: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        for sql, values in steps:
            self.db.execute(sql, values)
        self.db.execute("COMMIT")

    def commit(self, *, durable: bool = False) -> None:
        """Ends the batch; `durable` waits until the disk has it and all before it."""
        if durable:
            if self.db.in_transaction:
                self.db.execute("COMMIT")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute(f"PRAGMA user_version = {schema.VERSION}")  # writes, whatever the tables hold: thus syncs
            self.db.execute("COMMIT")
            self.db.execute("PRAGMA synchronous = NORMAL")
        elif self.db.in_transaction:
            self.db.execute("COMMIT")

    def _begin(self) -> None:
        if not self.db.in_transaction:
            self.db.execute("BEGIN IMMEDIATE")

    def write(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """One change, in the batch that `commit` ends."""
        self._begin()
        return self.db.execute(sql, values)

    def _close(self, table: str, where: str, *values: str) -> None:
        """Ends the live rows: deletes those this draft wrote itself, closes those that are published."""
        live = f"SELECT rowid, since FROM {table} WHERE until IS NULL AND {where}"  # noqa: S608  constant names
        for row in self.db.execute(live, values).fetchall():
            if row["since"] == self.number:
                self.write(f"DELETE FROM {table} WHERE rowid = ?", row["rowid"])  # noqa: S608  constant names
            else:
                self.write(f"UPDATE {table} SET until = ? WHERE rowid = ?", self.number, row["rowid"])  # noqa: S608

    def absorb(self) -> None:
        """Keeps what was learnt of the records (hashes, ledgers) although nothing is published."""
        self.commit()
        steps: list[tuple[str, tuple[Any, ...]]] = []
        for table in schema.VERSIONED:
            steps.append((f"DELETE FROM {table} WHERE until = ?", (self.number,)))  # noqa: S608  constant names
            steps.append((f"UPDATE {table} SET since = ? WHERE since = ?", (self.number - 1, self.number)))  # noqa: S608
        for table in ("slugs", "renames", "aliases"):
            steps.append((f"UPDATE {table} SET since = ? WHERE since = ?", (self.number - 1, self.number)))  # noqa: S608
        self._transact(steps)
