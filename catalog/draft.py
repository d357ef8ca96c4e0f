"""The next release while it is being made: the write side of the bookkeeping.

Everything a draft writes is invisible until `catalog.releases` names its number; `abandon` takes all of it back, and
`revert` what one source contributed. A draft that a kill interrupted is abandoned by the next one.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, RdfFormat, parse

from catalog import changes, findings, takes
from catalog.archive import description
from catalog.entered import Entered, Known
from catalog.errors import NotFound, SettingsInvalid, StoreDamaged
from catalog.facets import facets_in
from catalog.findings import Found
from catalog.identifiers import Minter
from catalog.identities import Identities
from catalog.model import Description, Identity, Ledger, Mapped, Outcome, Record, Text
from catalog.packing import Packer
from catalog.releases import Releases
from catalog.tally import LIVE, Tally
from shapes.finding import Severity
from vocab.namespaces import DCT, FOAF, SKOS, XSD

_TOUCHED = "SELECT iri FROM mentions WHERE since = :n UNION SELECT iri FROM mentions WHERE until = :n"
_CHOICES = f"""
SELECT m.iri, m.hash, COUNT(*) AS n FROM ({_TOUCHED}) t CROSS JOIN mentions m ON m.iri = t.iri AND m.until IS NULL
GROUP BY m.iri, m.hash ORDER BY n DESC, m.hash
"""  # noqa: S608  constant text
_STANDING = f"""
SELECT d.iri, d.content, d.issued FROM ({_TOUCHED}) t CROSS JOIN descriptions d ON d.iri = t.iri AND d.until IS NULL
WHERE d.kind NOT IN ('dataset', 'local')
"""  # noqa: S608  constant text


class Draft(Entered):
    """One pending release. `at` is its time (UTC, whole seconds)."""

    def __init__(self, folder: Path, number: int, at: datetime, base: str) -> None:
        super().__init__(folder, number)
        self.at = at.isoformat()
        self.minter = Minter(base)
        self._pack = Packer().pack
        self._candidates: set[str] = set()
        self._causes: set[str] = set()
        self._same_base(base)
        self.abandon()
        self._before = self._tally_before()

    def _same_base(self, base: str) -> None:
        """Refuses a base other than that of the names allocated so far: every IRI would change."""
        row = self.db.execute(
            "SELECT iri, kind, slug FROM descriptions WHERE kind = 'catalog' OR iri LIKE '%/dataset/' || slug"
            " ORDER BY kind LIMIT 1"
        ).fetchone()
        if row is not None and row["iri"] not in {self.minter.catalog, self.minter.dataset(row["slug"])}:
            self.db.close()
            raise SettingsInvalid(
                f"[catalog] base is `{base}`, and this store has things called `{row['iri']}`.",
                hint="Restore the base, or name another folder in [store] path to begin anew.",
            )

    # ── identities ───────────────────────────────────────────────────────────────────────────────────────────────

    def identity(self, record: Record, template: Callable[[str], str], seen: set[str]) -> Identity:
        """The identity of a record: the one it has, the one it had under another name, or a new one.

        `template` gives the `dct:identifier` for a slug. A record whose `uid` is known under a name that is not in
        `seen` was renamed: it keeps everything, and its new name becomes an alias. Raises `RecordInvalid` when
        another dataset already bears the identifier.
        """
        return Identities(self).of(record, template, seen)

    def rename(self, record: Record, slug: str) -> None:
        """The dataset of a slug is what this record describes: it keeps everything, and the new name is an alias."""
        row = self.db.execute("SELECT * FROM slugs WHERE slug = ?", (slug,)).fetchone()
        Identities(self).rename(record, row)

    # ── records and descriptions ─────────────────────────────────────────────────────────────────────────────────

    def put_record(
        self,
        record: Record,
        *,
        slug: str | None,
        fingerprint: str,
        outcome: Outcome,
        reason: Text | None = None,
        ledger: Ledger | None = None,
        new: bool = False,
    ) -> None:
        """Enters what became of a record; `reason` says why when it is not published as it came.

        `new` promises that nothing was entered of it before.
        """
        counts = ledger.counts() if ledger else (0, 0, 0)
        for table in () if new else ("records", "unmapped"):
            self._close(table, "source = ? AND id = ?", record.source, record.id)
        self.write(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            *(record.source, record.id, slug, record.hash, fingerprint, outcome),
            *(reason.fr if reason else None, reason.en if reason else None),
            *(self._pack(record.payload), *counts, self.number),
        )
        for e in ledger.unmapped() if ledger else ():
            why = e.reason or Text("", "")
            self.write(
                "INSERT INTO unmapped VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                *(record.source, record.id, e.field, e.value[:500], e.rule, why.fr, why.en, e.table, self.number),
            )

    def restamp(self, record: Record, fingerprint: str) -> None:
        """Enters that nothing of a record changed but what its outcome depends on, now named by `fingerprint`."""
        sql = "SELECT * FROM records WHERE source = ? AND id = ? AND until IS NULL"
        row = dict(self.db.execute(sql, (record.source, record.id)).fetchone())
        row |= {"fingerprint": fingerprint, "since": self.number}
        self._close("records", "source = ? AND id = ?", record.source, record.id)
        self.write(f"INSERT INTO records VALUES ({', '.join('?' * len(row))})", *row.values())  # noqa: S608

    def put_dataset(self, mapped: Mapped, source: str, identity: Identity, known: Known | None) -> Description:
        """Enters a dataset whose content is new or changed; returns its final description.

        The catalogue record in it gains `dct:issued` (first publication) and `dct:modified` (this release).
        """
        dataset = mapped.dataset
        issued = (
            (known.issued if known else None) or (None if identity.new else self._first_issued(dataset.iri)) or self.at
        )
        record = self.minter.record(dataset.slug)
        lines = dataset.canonical.split(b"\n")[:-1]
        for predicate, time in ((DCT.issued, issued), (DCT.modified, self.at)):
            insort(lines, f'<{record}> {predicate} "{time}"^^{XSD.dateTime} .'.encode())
        final = Description(dataset.iri, dataset.kind, dataset.slug, b"\n".join([*lines, b""]))
        if not identity.new:
            self._close("descriptions", "iri = ?", final.iri)
        self._put(final, source, identity.identifier, content=dataset.hash, issued=issued)
        self._put_facets(final, source, new=identity.new)
        self.mention(dataset.iri, mapped.others, source, new=identity.new)
        return final

    def _put(self, final: Description, source: str, identifier: str, *, content: str, issued: str) -> None:
        self.write(
            "INSERT INTO descriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            *(final.iri, final.kind, final.slug, source, identifier, title_of(final), content, final.hash),
            *(self._pack(final.canonical), issued, self.at, len(final.canonical), self.number),
        )

    def _put_facets(self, final: Description, source: str, *, new: bool) -> None:
        wanted = facets_in(final.iri, final.canonical)
        if not new:
            standing = self.db.execute(
                "SELECT facet, value, source FROM facets WHERE dataset = ? AND until IS NULL", (final.iri,)
            )
            if sorted(map(tuple, standing)) == [(*one, source) for one in wanted]:
                return
            self._close("facets", "dataset = ?", final.iri)
        rows = [(final.iri, *one, source, self.number) for one in wanted]
        if rows:
            self._begin()
            self.db.executemany("INSERT INTO facets VALUES (?, ?, ?, ?, ?, NULL)", rows)

    def mention(self, dataset: str, others: Iterable[Description], source: str, *, new: bool = False) -> None:
        """Enters which agents, concepts and services a dataset names, and how it describes them.

        `new` promises that nothing was entered of the dataset before.
        """
        others = list(others)
        if not new:
            entered = self.db.execute("SELECT hash FROM mentions WHERE dataset = ? AND until IS NULL", (dataset,))
            standing = {r["hash"] for r in entered}
            if standing and standing == {o.hash for o in others}:
                return
            self._close("mentions", "dataset = ?", dataset)
        for other in others:
            if other.hash not in self._candidates:
                self._candidates.add(other.hash)
                body = self._pack(other.canonical)
                self.write(
                    "INSERT OR IGNORE INTO candidates VALUES (?, ?, ?, ?, ?)",
                    *(other.hash, other.iri, other.kind, other.slug, body),
                )
        rows = [(dataset, other.iri, other.hash, source, self.number) for other in others]
        if rows:
            self._begin()
            self.db.executemany("INSERT INTO mentions VALUES (?, ?, ?, ?, ?, NULL)", rows)

    def put_local(self, graph: Description) -> None:
        """Enters what a local graph states now."""
        self._close("descriptions", "iri = ?", graph.iri)
        self._put(graph, "", graph.iri, content=graph.hash, issued=self._first_issued(graph.iri) or self.at)

    def drop_local(self, iri: str) -> None:
        """Ends a local graph."""
        self._close("descriptions", "iri = ?", iri)

    def withdraw(self, slug: str) -> None:
        """Takes a dataset out of the catalogue; its slug stays its own for ever."""
        iri = self.iri_of(slug)
        self._close("descriptions", "iri = ?", iri)
        for table in ("facets", "mentions"):
            self._close(table, "dataset = ?", iri)
        self._close("findings", "iri = ?", iri)

    def forget(self, source: str, record: str) -> None:
        """Closes the entry of a record that its source no longer lists."""
        for table in ("records", "unmapped", "claims", "absences"):
            self._close(table, "source = ? AND id = ?", source, record)

    def close_rows(self, table: str, where: str, *values: Any) -> None:
        """Ends the rows of a versioned table that hold now."""
        self._close(table, where, *values)

    def put_findings(self, iri: str, source: str, found: Sequence[Found], *, publisher: str = "") -> bool:
        """Enters what validation found on a dataset, replacing what it found before; nothing found is a result too.

        `publisher` is the IRI of the agent that the dataset names as its publisher. Says whether anything is new.
        """
        weights = [f.cause.severity for f in found if not f.cause.noise]
        counts = weights.count(Severity.VIOLATION), weights.count(Severity.WARNING)
        row = (publisher, *counts, findings.tally(found), findings.pack(found, iri))
        sql = "SELECT publisher, violations, warnings, tally, body FROM findings WHERE iri = ? AND until IS NULL"
        if (standing := self.db.execute(sql, (iri,)).fetchone()) is not None:
            if tuple(standing) == row:
                return False
            self._close("findings", "iri = ?", iri)
        for cause in {f.cause.id: f.cause for f in found}.values():
            if cause.id not in self._causes:
                self._causes.add(cause.id)
                marks = ", ".join("?" * len(findings.COLUMNS))
                self.write(f"INSERT OR IGNORE INTO causes VALUES ({marks})", *cause.row)  # noqa: S608  question marks
        self.write("INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", iri, source, *row, self.number)
        return True

    # ── before publication ───────────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Gives every agent, concept and service named by a live dataset one description.

        Where datasets describe one thing differently, what most of them say wins; a tie goes to the lesser hash.
        Whatever no mention of has changed was decided by an earlier draft.
        """
        values = {"n": self.number}
        chosen: dict[str, str] = {}
        for row in self.db.execute(_CHOICES, values):
            chosen.setdefault(row["iri"], row["hash"])
        standing = {row["iri"]: (row["content"], row["issued"]) for row in self.db.execute(_STANDING, values)}
        for iri, hash_ in chosen.items():
            content, issued = standing.get(iri, ("", self.at))
            if content != hash_:
                row = self.db.execute("SELECT * FROM candidates WHERE hash = ?", (hash_,)).fetchone()
                self._close("descriptions", "iri = ?", iri)
                self._put(description(row), "", iri, content=hash_, issued=issued)
        for iri in standing.keys() - chosen.keys():
            self._close("descriptions", "iri = ?", iri)
        self.commit()

    def changed(self) -> bool:
        """Whether anything that a reader can see differs from the current release."""
        return any(
            self.db.execute(
                f"SELECT 1 FROM {table} WHERE since = ? OR until = ? LIMIT 1",  # noqa: S608  constant names
                (self.number, self.number),
            ).fetchone()
            for table in ("descriptions", "findings")
        )

    def record_events(self) -> dict[str, int]:
        """Writes what this release creates, updates and withdraws; returns the counts of datasets.

        Everything but local graphs is told of (`catalog.activities`); the view `events` has the datasets alone. What is
        named stands before what names it, and is withdrawn after it. Also enters which documents of datasets change
        (`catalog.changes`): more may than have an event.
        """
        self.write("DELETE FROM activities WHERE release = ?", self.number)
        self.write(
            "INSERT INTO activities (release, published, kind, thing, iri, slug, source)"
            " SELECT ?1, ?2, CASE WHEN MIN(since) = ?1 THEN 'created' WHEN MAX(since) = ?1 THEN 'updated'"
            " ELSE 'withdrawn' END AS change, kind, iri, slug, source FROM descriptions"
            " WHERE kind <> 'local' AND (since = ?1 OR until = ?1) GROUP BY iri"
            " ORDER BY change = 'withdrawn', (kind = 'dataset') = (change <> 'withdrawn'), kind, iri",
            *(self.number, self.at),
        )
        self.write("DELETE FROM titles WHERE release = ?", self.number)
        self.write(
            "INSERT INTO titles SELECT a.seq, a.release, d.title FROM activities a JOIN descriptions d ON d.iri = a.iri"
            " AND iif(a.kind = 'withdrawn', d.until = ?1, d.since = ?1) WHERE a.release = ?1",
            self.number,
        )
        changes.enter(self)
        rows = self.db.execute("SELECT kind, COUNT(*) FROM events WHERE release = ? GROUP BY kind", (self.number,))
        return {str(k): int(n) for k, n in rows}

    def tally(self) -> Tally:
        """What the release will say in sum: from that of the release before it, where that was noted."""
        if self._before is None:
            return Tally.of(self.db, LIVE)
        began, ended = (Tally.of(self.db, f"{column} = :n", n=self.number) for column in ("since", "until"))
        return self._before.changed(began, ended)

    def _tally_before(self) -> Tally | None:
        releases = Releases(self.folder)
        try:
            manifest = releases.get(self.number - 1).manifest if releases.pointer() == self.number - 1 else None
        except (NotFound, StoreDamaged):
            return None
        return Tally.noted(manifest.counts, manifest.total) if manifest else None

    # ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def start_run(self) -> int:
        """Opens the record of a run; one that was left open was interrupted."""
        self.write("UPDATE runs SET status = 'interrupted', ended = ? WHERE status = 'running'", self.at)
        cursor = self.write("INSERT INTO runs (started, status) VALUES (?, 'running')", self.at)
        self.commit()
        return int(cursor.lastrowid or 0)

    def end_run(self, n: int, status: str, release: int | None, ended: datetime, summary: dict[str, Any]) -> None:
        """Closes the record of a run with its summary."""
        self.write(
            "UPDATE runs SET ended = ?, status = ?, release = ?, summary = ? WHERE n = ?",
            *(ended.isoformat(), status, release, json.dumps(summary, ensure_ascii=False), n),
        )
        takes.enter(self.db, n, status, summary)
        self.commit()


def title_of(final: Description) -> str:
    """The first title, or name, or label of what a description describes; its slug when it has none."""
    for predicate in (DCT.title, FOAF.name, SKOS.prefLabel):
        start = f"<{final.iri}> {predicate} ".encode()
        at = final.canonical.find(start)
        if at >= 0 and (at == 0 or final.canonical[at - 1 : at] == b"\n"):
            line = final.canonical[at : final.canonical.index(b"\n", at) + 1]
            literal = line[len(start) :]
            if literal.startswith(b'"') and b"\\" not in literal:
                return literal[1 : literal.rindex(b'"')].decode()
            statement = next(iter(parse(line, format=RdfFormat.N_TRIPLES)))
            if isinstance(statement.object, Literal):
                return str(statement.object.value)
    return final.slug
