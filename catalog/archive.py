"""The exact descriptions of every kept release, read side: what all doors but SPARQL are made from.

`Archive` opens the bookkeeping read-only, one short-lived connection a call, so it may be used from any thread and
never holds a read transaction beyond one answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from catalog import findings, schema
from catalog.facets import Facet, Selection
from catalog.findings import Cause, Found
from catalog.model import Description, Kind
from catalog.overlaps import Overlap, overlaps
from catalog.packing import unpack
from catalog.unwritable import WrittenMeanwhile, stamp

Fate = Literal["live", "gone"] | tuple[Literal["alias"], str] | None
AGAIN = 3
"""How often a question is put again that met a writer on a disk where readers can hold no lock."""
AT = "since <= :n AND (until IS NULL OR until > :n)"


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list of datasets."""

    iri: str
    slug: str
    identifier: str
    title: str
    modified: datetime
    size: int
    """Bytes of its exact description."""


class Archive:
    """The bookkeeping of one store folder, for readers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def at(self, release: int) -> View:
        """The catalogue as it is in this release."""
        return View(self, release)

    def stamp(self) -> tuple[tuple[int, ...], ...]:
        """What changes whenever something is written to the bookkeeping: the same stamp, the same answers."""
        return stamp(self.folder / schema.FILE)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """All rows of one question; raises `StoreDamaged`, `StoreLocked` or `StoreFull`."""
        return self.reading(lambda db: db.execute(sql, values).fetchall())

    def reading(self, question: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
        """The answer to a question put to the bookkeeping; raises as `rows`."""
        for _ in range(AGAIN):
            with suppress(WrittenMeanwhile):
                return self._read(question)
        return self._read(question)

    def _read(self, question: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
        try:
            with closing(schema.connect(self.folder)) as db:
                db.row_factory = sqlite3.Row
                return question(db)
        except sqlite3.Error as e:
            raise schema.explained(e, self.folder) from e

    def runs(self, limit: int = 20) -> list[dict[str, Any]]:
        """The latest runs, newest first: n, started, ended, status, release, summary."""
        if not (self.folder / schema.FILE).exists():
            return []
        found = self.rows("SELECT * FROM runs ORDER BY n DESC LIMIT :limit", limit=limit)
        return [_run(r) for r in found]

    def run(self, n: int) -> dict[str, Any] | None:
        """The run of this number, as in `runs`; None when there was none."""
        found = self.rows("SELECT * FROM runs WHERE n = :n", n=n)
        return _run(found[0]) if found else None


class View:
    """What one release says. Datasets are ordered by `dct:identifier`, everything else by IRI."""

    def __init__(self, archive: Archive, release: int) -> None:
        self.archive = archive
        self.release = release

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        return self.archive.rows(sql, n=self.release, **values)

    def count(self, kind: Kind = Kind.DATASET) -> int:
        """How many descriptions of this kind there are."""
        sql = f"SELECT COUNT(*) FROM descriptions WHERE kind = :kind AND {AT}"  # noqa: S608  constant text
        return int(self._rows(sql, kind=kind)[0][0])

    def page(self, kind: Kind = Kind.DATASET, *, offset: int = 0, limit: int = 100) -> list[Description]:
        """The descriptions from `offset` on, in the stable order."""
        sql = f"SELECT * FROM descriptions WHERE kind = :kind AND {AT} ORDER BY identifier, iri LIMIT :limit OFFSET :offset"  # noqa: S608, E501  constant text
        return [description(r) for r in self._rows(sql, kind=kind, limit=limit, offset=offset)]

    def all(self, kind: Kind = Kind.DATASET, *, batch: int = 500) -> Iterator[Description]:
        """Every description of this kind, in the stable order, read a batch at a time."""
        last = ("", "")
        while True:
            sql = (
                f"SELECT * FROM descriptions WHERE kind = :kind AND {AT}"  # noqa: S608  constant text
                " AND (identifier, iri) > (:a, :b) ORDER BY identifier, iri LIMIT :limit"
            )
            found = self._rows(sql, kind=kind, a=last[0], b=last[1], limit=batch)
            yield from (description(r) for r in found)
            if len(found) < batch:
                return
            last = (found[-1]["identifier"], found[-1]["iri"])

    # ── by what datasets are asked for ───────────────────────────────────────────────────────────────────────────────

    def number(self, selection: Selection) -> int:
        """How many datasets a selection has."""
        where, values = selection.where(AT)
        sql = f"SELECT COUNT(*) FROM descriptions WHERE kind = 'dataset' AND {AT}{where}"  # noqa: S608
        return int(self._rows(sql, **values)[0][0])

    def selected(
        self, selection: Selection, *, after: tuple[str, str] = ("", ""), offset: int = 0, limit: int = 100
    ) -> list[Summary]:
        """The datasets of a selection in the stable order: those behind the identifier and IRI of `after`."""
        where, values = selection.where(AT)
        sql = (
            "SELECT iri, slug, identifier, title, modified, size FROM descriptions"  # noqa: S608
            f" WHERE kind = 'dataset' AND {AT}{where} AND (identifier, iri) > (:a, :b)"
            " ORDER BY identifier, iri LIMIT :limit OFFSET :offset"
        )
        return [summary(r) for r in self._rows(sql, a=after[0], b=after[1], limit=limit, offset=offset, **values)]

    def sizes(self, selection: Selection) -> list[tuple[str, int]]:
        """The IRIs of a selection's datasets in the stable order, each with the bytes of its exact description."""
        where, values = selection.where(AT)
        sql = f"SELECT iri, size FROM descriptions WHERE kind = 'dataset' AND {AT}{where} ORDER BY identifier, iri"  # noqa: S608
        return [(str(iri), int(size)) for iri, size in self._rows(sql, **values)]

    def values(self, facet: Facet) -> dict[str, int]:
        """The values that a facet has, each with the number of datasets that have it."""
        sql = f"SELECT value, COUNT(*) FROM facets WHERE facet = :facet AND {AT} GROUP BY value ORDER BY value"  # noqa: S608
        return {str(value): int(n) for value, n in self._rows(sql, facet=facet.value)}

    def ever(self, facet: Facet) -> list[str]:
        """The values that a facet has, or had in an earlier release."""
        sql = "SELECT DISTINCT value FROM facets WHERE facet = :facet AND since <= :n"
        return [str(value) for (value,) in self._rows(sql, facet=facet.value)]

    def facets(self, iris: Sequence[str]) -> dict[str, list[tuple[Facet, str]]]:
        """The facet values of these datasets, sorted; those that have none are left out."""
        found: dict[str, list[tuple[Facet, str]]] = {}
        sql = (
            "SELECT dataset, facet, value FROM facets"  # noqa: S608
            f" WHERE dataset IN (SELECT value FROM json_each(:iris)) AND {AT} ORDER BY dataset, facet, value"
        )
        for row in self._rows(sql, iris=json.dumps(list(iris))):
            found.setdefault(row["dataset"], []).append((Facet(row["facet"]), str(row["value"])))
        return found

    # ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def get(self, iri: str) -> Description | None:
        """The description of this IRI, None when this release has none."""
        found = self._rows(f"SELECT * FROM descriptions WHERE iri = :iri AND {AT}", iri=iri)  # noqa: S608
        return description(found[0]) if found else None

    def by_slug(self, kind: Kind, slug: str) -> Description | None:
        """The description with this slug, None when this release has none."""
        sql = f"SELECT * FROM descriptions WHERE kind = :kind AND slug = :slug AND {AT}"  # noqa: S608
        found = self._rows(sql, kind=kind, slug=slug)
        return description(found[0]) if found else None

    def many(self, iris: list[str]) -> list[Description]:
        """The descriptions of those of these IRIs that have one, ordered by IRI."""
        found: list[Description] = []
        for start in range(0, len(iris), 500):
            part = iris[start : start + 500]
            sql = f"SELECT * FROM descriptions WHERE iri IN (SELECT value FROM json_each(:iris)) AND {AT}"  # noqa: S608
            found += [description(r) for r in self._rows(sql, iris=json.dumps(part))]
        return sorted(found, key=lambda d: d.iri)

    def fate(self, kind: Kind, slug: str) -> Fate:
        """Whether a slug is live in this release, was withdrawn, is an alias of another, or never was."""
        if self.by_slug(kind, slug) is not None:
            return "live"
        alias = self._rows("SELECT slug FROM aliases WHERE alias = :slug AND since <= :n", slug=slug)
        if alias and kind is Kind.DATASET:
            return ("alias", str(alias[0][0]))
        sql = "SELECT 1 FROM descriptions WHERE kind = :kind AND slug = :slug AND since <= :n LIMIT 1"
        if self._rows(sql, kind=kind, slug=slug):
            return "gone"
        withdrawn = self._rows(
            "SELECT 1 FROM slugs s JOIN events e ON e.iri = s.iri WHERE s.slug = :slug AND e.release <= :n LIMIT 1",
            slug=slug,
        )
        return "gone" if withdrawn and kind is Kind.DATASET else None

    def named_by(self, dataset: str) -> list[Description]:
        """The agents, concepts and services that the dataset with this IRI names."""
        found = self._rows(f"SELECT DISTINCT iri FROM mentions WHERE dataset = :dataset AND {AT}", dataset=dataset)  # noqa: S608
        return self.many([r["iri"] for r in found])

    def merged(self, slug: str) -> list[Overlap]:
        """The records of other sources that are not published because this dataset is (`catalog.overlaps`)."""
        return self.archive.reading(lambda db: overlaps(db, self.release, slug))

    def dates(self, iri: str) -> tuple[datetime, datetime] | None:
        """When the description of this IRI was first published, and last changed (UTC)."""
        found = self._rows(f"SELECT issued, modified FROM descriptions WHERE iri = :iri AND {AT}", iri=iri)  # noqa: S608
        if not found:
            return None
        return datetime.fromisoformat(found[0]["issued"]), datetime.fromisoformat(found[0]["modified"])

    def origin(self, iri: str) -> tuple[str, str]:
        """The source of the dataset with this IRI and its record there; empty for what no source gave."""
        found = self._rows("SELECT source, record FROM slugs WHERE iri = :iri", iri=iri)
        return (str(found[0]["source"]), str(found[0]["record"])) if found else ("", "")

    def summaries(
        self, *, search: str = "", publisher: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[int, list[Summary]]:
        """How many datasets match, and one page of them by title.

        `search` matches titles without regard to case; `publisher` is the IRI of an agent that the datasets name.
        """
        where = f"kind = 'dataset' AND {AT}"
        if search:
            where += " AND title LIKE :like ESCAPE '\\'"
        if publisher:
            where += f" AND iri IN (SELECT dataset FROM mentions WHERE iri = :publisher AND {AT})"  # noqa: S608
        escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values = {"like": f"%{escaped}%", "publisher": publisher}
        total = int(self._rows(f"SELECT COUNT(*) FROM descriptions WHERE {where}", **values)[0][0])  # noqa: S608
        sql = f"SELECT * FROM descriptions WHERE {where} ORDER BY title COLLATE NOCASE, iri LIMIT :limit OFFSET :offset"  # noqa: S608
        found = self._rows(sql, limit=limit, offset=offset, **values)
        return total, [summary(r) for r in found]

    def slugs(self, kind: Kind, *, offset: int = 0, limit: int) -> list[str]:
        """The slugs of this kind from `offset` on, in the stable order."""
        sql = (
            f"SELECT slug FROM descriptions WHERE kind = :kind AND {AT}"  # noqa: S608  constant text
            " ORDER BY identifier, iri LIMIT :limit OFFSET :offset"
        )
        return [str(r["slug"]) for r in self._rows(sql, kind=kind, limit=limit, offset=offset)]

    def below(self, kind: Kind, slug: str) -> list[Summary]:
        """What has a slug below this one, by title: the concepts of a scheme."""
        sql = (
            f"SELECT * FROM descriptions WHERE kind = :kind AND slug > :slug || '/' AND slug < :slug || '0' AND {AT}"  # noqa: S608
            " ORDER BY title COLLATE NOCASE, iri"
        )
        return [summary(r) for r in self._rows(sql, kind=kind, slug=slug)]

    def findings(self, iri: str) -> list[Found] | None:
        """What validation found on this dataset, worst first; None when it was not validated."""
        rows = self._rows(f"SELECT body FROM findings WHERE iri = :iri AND {AT}", iri=iri)  # noqa: S608
        if not rows:
            return None
        return findings.unpack(rows[0]["body"], iri, self.causes(findings.causes_in(rows[0]["body"])))

    def causes(self, ids: Iterable[str]) -> dict[str, Cause]:
        """The causes of these identifiers."""
        sql = "SELECT * FROM causes WHERE id IN (SELECT value FROM json_each(:ids))"
        return {r["id"]: findings.cause(r) for r in self._rows(sql, ids=json.dumps(sorted(ids)))}

    def finding_counts(self) -> tuple[int, int]:
        """How many violations and warnings the release has, systematic ones left out."""
        sql = f"SELECT COALESCE(SUM(violations), 0), COALESCE(SUM(warnings), 0) FROM findings WHERE {AT}"  # noqa: S608
        row = self._rows(sql)[0]
        return int(row[0]), int(row[1])


def summary(row: Any) -> Summary:
    """The line of a list that a row of the bookkeeping makes."""
    moment = datetime.fromisoformat(row["modified"])
    return Summary(row["iri"], row["slug"], row["identifier"], row["title"], moment, row["size"])


def _run(row: Any) -> dict[str, Any]:
    return {**dict(row), "summary": json.loads(row["summary"]) if row["summary"] else None}


def description(row: Any) -> Description:
    """The description that a row of the bookkeeping holds."""
    return Description(row["iri"], Kind(row["kind"]), row["slug"], unpack(row["body"]))
