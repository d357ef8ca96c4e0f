"""What a release's findings add up to: by cause, by publisher, by dataset, by profile."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import findings
from catalog.archive import AT, View
from catalog.findings import Cause, Found
from shapes.finding import Severity

_SUMS = "COUNT(*), COALESCE(SUM(violations = 0), 0), COALESCE(SUM(violations), 0), COALESCE(SUM(warnings), 0)"
EXAMPLES = 3
"""Datasets named for a cause."""
TAIL = 6
"""Characters of an IRI's end: shorter IRIs there are none."""
BATCH = 500
"""Datasets whose findings are read at a time."""


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How often a cause is met: findings, the datasets that have one, and a few of their IRIs."""

    cause: Cause
    findings: int
    datasets: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """What validated datasets have; `clean` of them have no violation. `slug` and `title` tell whose they are."""

    datasets: int
    clean: int
    violations: int
    warnings: int
    iri: str = ""
    slug: str = ""
    title: str = ""

    @property
    def share(self) -> float:
        """The share of datasets without violation, from 0 to 1; 1 where there is no dataset."""
        return self.clean / self.datasets if self.datasets else 1.0


@dataclass(frozen=True, slots=True)
class DatasetCount:
    """One dataset with how many findings it has."""

    iri: str
    slug: str
    title: str
    violations: int
    warnings: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """A release's findings, or those of one publisher's datasets, as sums.

    `causes` are the faults, worst first, then the most frequent first; `noise` the systematic causes set apart.
    """

    totals: Totals
    causes: tuple[CauseCount, ...]
    noise: tuple[CauseCount, ...]

    @property
    def profiles(self) -> list[tuple[str, int, int]]:
        """Each profile with its violations and warnings, by name."""
        sums: dict[str, Counter[Severity]] = defaultdict(Counter)
        for counted in self.causes:
            sums[counted.cause.profile][counted.cause.severity] += counted.findings
        return [(name, n[Severity.VIOLATION], n[Severity.WARNING]) for name, n in sorted(sums.items())]


class Quality:
    """Questions about the findings of one release. Each reads an index of the bookkeeping once, and no finding."""

    def __init__(self, view: View) -> None:
        self.view = view

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        return self.view.archive.rows(sql, n=self.view.release, **values)

    def overview(self, publisher: str = "") -> Overview:
        """The sums, of all datasets or of those of the publisher with this IRI."""
        of = "AND publisher = :publisher" if publisher else ""
        counted = self._counted(of, publisher)
        faults = tuple(c for c in counted if not c.cause.noise)
        return Overview(self._totals(of, publisher), faults, tuple(c for c in counted if c.cause.noise))

    def _counted(self, of: str, publisher: str) -> list[CauseCount]:
        """Every cause with its counts, in SQL: the interpreter lock is free meanwhile."""
        # The third example is the dataset whose IRI has the least ending.
        examples = f"MIN(f.iri), MAX(f.iri), SUBSTR(MIN(SUBSTR(f.iri, -{TAIL}) || f.iri), {TAIL + 1})"
        met = f"findings f, json_each(f.tally) j WHERE {AT} {of}"
        sql = f"SELECT j.key, SUM(j.value), COUNT(*), {examples} FROM {met} GROUP BY j.key"  # noqa: S608  constant text
        rows = self._rows(sql, publisher=publisher)
        known = self.view.causes({row[0] for row in rows})
        one = [CauseCount(known[id_], met, datasets, tuple(sorted({*iris}))) for id_, met, datasets, *iris in rows]
        return sorted(_joined(one), key=_order)

    def _totals(self, of: str, publisher: str) -> Totals:
        return Totals(*self._rows(f"SELECT {_SUMS} FROM findings WHERE {AT} {of}", publisher=publisher)[0])  # noqa: S608

    def publishers(self) -> list[Totals]:
        """The sums of each publisher, most violations first. Datasets without one come under an empty IRI."""
        rows = self._rows(f"SELECT {_SUMS}, publisher FROM findings WHERE {AT} GROUP BY publisher")  # noqa: S608
        called = self._called([row["publisher"] for row in rows])
        found = [Totals(*row, **_named(called, row["publisher"])) for row in rows]
        return sorted(found, key=lambda t: (-t.violations, -t.warnings, t.title.casefold(), t.iri))

    def datasets(
        self, *, causes: Sequence[Cause] = (), publisher: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[int, list[DatasetCount]]:
        """How many datasets have any of these causes, of this publisher, and a page of them, worst first.

        Without causes all validated datasets. Only the counts of `causes` are given where they are named.
        """
        where, values = self._where(causes, publisher)
        (total,) = self._rows(f"SELECT COUNT(*) FROM findings WHERE {where}", **values)[0]  # noqa: S608  constant text
        sql = (
            f"SELECT iri, violations, warnings, tally FROM findings WHERE {where}"  # noqa: S608  constant text
            " ORDER BY violations DESC, warnings DESC, iri LIMIT :limit OFFSET :offset"
        )
        rows = self._rows(sql, limit=limit, offset=offset, **values)
        called = self._called([row["iri"] for row in rows])
        wanted = {c.id for c in causes}
        return int(total), [_dataset(row, called, wanted) for row in rows]

    def each(self, *, causes: Sequence[Cause] = (), publisher: str = "") -> Iterator[tuple[str, str, Found]]:
        """Every finding with the IRI and the title of its dataset, by IRI; of these causes where they are named.

        Read a batch at a time.
        """
        where, values = self._where(causes, publisher)
        wanted = {c.id for c in causes}
        last = ""
        while True:
            sql = (
                f"SELECT iri, body FROM findings INDEXED BY findings_iri WHERE {where}"  # noqa: S608  constant text
                f" AND iri > :last ORDER BY iri LIMIT {BATCH}"
            )
            rows = self._rows(sql, last=last, **values)
            known = self.view.causes({id_ for row in rows for id_ in findings.causes_in(row["body"])})
            called = self._called([row["iri"] for row in rows])
            for row in rows:
                title = _named(called, row["iri"])["title"]
                for found in findings.unpack(row["body"], row["iri"], known):
                    if not wanted or found.cause.id in wanted:
                        yield row["iri"], title, found
            if len(rows) < BATCH:
                return
            last = rows[-1]["iri"]

    def named(self, name: str) -> list[Cause]:
        """The causes of this name that the release has, as they are told; empty where it has none."""
        told = [c for c in map(findings.cause, self._rows("SELECT * FROM causes")) if c.name == name]
        return [c for c in told if self.datasets(causes=[c], limit=0)[0]]

    def _where(self, causes: Sequence[Cause], publisher: str) -> tuple[str, dict[str, str]]:
        where, values = [AT], {"publisher": publisher}
        if publisher:
            where.append("publisher = :publisher")
        if causes:
            values |= {f"cause{n}": f'%"{c.id}"%' for n, c in enumerate(causes)}
            where.append("(" + " OR ".join(f"tally LIKE :cause{n}" for n in range(len(causes))) + ")")
        return " AND ".join(where), values

    def _called(self, iris: Sequence[str]) -> dict[str, Any]:
        sql = f"SELECT iri, slug, title FROM descriptions WHERE iri IN (SELECT value FROM json_each(:iris)) AND {AT}"  # noqa: S608  constant text
        return {row["iri"]: row for row in self._rows(sql, iris=json.dumps(list(iris)))}


def _joined(counted: Iterable[CauseCount]) -> Iterable[CauseCount]:
    """One entry a name: a cause that is told in several ways (a value met, none met) is one cause.

    Datasets that have it in two ways count once for each; a constraint that does both is not known.
    """
    groups: dict[tuple[str, str], list[CauseCount]] = defaultdict(list)
    for one in counted:
        groups[one.cause.name, one.cause.noise].append(one)
    for several in groups.values():
        first = max(several, key=lambda c: (c.findings, c.cause.id))
        sums = sum(c.findings for c in several), sum(c.datasets for c in several)
        iris = sorted({iri for c in several for iri in c.examples})[:EXAMPLES]
        yield CauseCount(first.cause, *sums, tuple(iris))


def _order(counted: CauseCount) -> tuple[int, int, str]:
    return (counted.cause.severity.rank, -counted.findings, counted.cause.name)


def _named(called: dict[str, Any], iri: str) -> dict[str, Any]:
    row = called.get(iri)
    return {"slug": row["slug"], "title": row["title"]} if row else {"slug": "", "title": iri}


def _dataset(row: Any, called: dict[str, Any], wanted: set[str]) -> DatasetCount:
    counts = {i: n for i, n in json.loads(row["tally"]).items() if not wanted or i in wanted}
    named = _named(called, row["iri"])
    return DatasetCount(row["iri"], named["slug"], named["title"], row["violations"], row["warnings"], counts)
