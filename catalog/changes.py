"""When each dataset last changed, as readers of its document see it: written with each release, kept for ever.

A dataset's document holds the dataset and what it names: agents, concepts, services. It changes with any of them.
Events (`catalog.draft`) speak of the dataset's own description alone; the rows here speak of the document. They are
never pruned, so that what was withdrawn is known as withdrawn however long ago, and how long ago.

The time of a change is the moment at which its release became visible, not that at which its run began: whoever read
the catalogue before that moment, and asks for what changed since, is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalog.archive import View, description
from catalog.facets import Facet
from catalog.identifiers import package_id

if TYPE_CHECKING:
    from catalog.draft import Draft

Clock = Callable[[], datetime]

_NEIGHBOURS = "kind IN ('agent', 'concept', 'service')"
_LAST = """
NOT EXISTS (SELECT 1 FROM changes l WHERE l.slug = c.slug AND l.release > c.release AND l.release <= :n)
"""
_LIVE = "f.since <= :n AND (f.until IS NULL OR f.until > :n)"
_FACETS = "SELECT 1 FROM facets f WHERE f.dataset = c.iri"
_THEN = f"CASE WHEN c.gone THEN f.until = c.release ELSE {_LIVE} END"
_UNKNOWN = f"c.gone AND NOT EXISTS ({_FACETS} AND f.until = c.release)"
_CHANGED = f"""
SELECT c.release AS release, c.slug AS slug, c.iri, c.gone, r.published
FROM changes c JOIN releases r ON r.number = c.release
WHERE c.release BETWEEN :low AND :high AND (c.release, c.slug) > (:release, :slug) AND {_LAST}
"""  # noqa: S608  constant text
_LEFT = f"""
SELECT l.until, c.slug, c.iri, 1, r.published
FROM (SELECT f.dataset, MAX(f.until) AS until FROM facets f
      WHERE f.facet = :facet AND {{value}} AND f.until <= :n GROUP BY f.dataset) l
JOIN slugs s ON s.iri = l.dataset JOIN changes c ON c.slug = s.slug AND c.release <= :n
JOIN releases r ON r.number = l.until
WHERE l.until BETWEEN :low AND :high AND (l.until, c.slug) > (:release, :slug) AND {_LAST}
"""  # noqa: S608  constant text


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


# ── written with a release ───────────────────────────────────────────────────────────────────────────────────────────


def enter(draft: Draft) -> None:
    """Enters what a settled draft changes, after its events were recorded."""
    draft.write("DELETE FROM changes WHERE release = ?", draft.number)
    draft.write(
        "INSERT INTO changes SELECT release, slug, iri, kind = 'withdrawn' FROM events WHERE release = ?", draft.number
    )
    new = (
        "SELECT slug, iri FROM changes c WHERE release = ? AND NOT EXISTS (SELECT 1 FROM packages WHERE slug = c.slug)"
    )
    for slug, iri in draft.db.execute(new, (draft.number,)).fetchall():
        draft.write("INSERT INTO packages VALUES (?, ?, ?)", package_id(iri), slug, draft.number)
    for iri in _renewed(draft):
        draft.write(
            "INSERT OR IGNORE INTO changes SELECT ?1, d.slug, d.iri, 0 FROM mentions m JOIN descriptions d"
            " ON d.iri = m.dataset AND d.kind = 'dataset' AND d.until IS NULL"
            " WHERE m.iri = ?2 AND (m.until IS NULL OR m.until = ?1)",
            *(draft.number, iri),
        )


def _renewed(draft: Draft) -> set[str]:
    """What datasets name that is described anew, or no longer, and what names such a thing in turn."""
    changed = "SELECT DISTINCT iri FROM descriptions WHERE (since = ? OR until = ?) AND "
    found = {str(iri) for (iri,) in draft.db.execute(changed + _NEIGHBOURS, (draft.number, draft.number))}
    older = "SELECT 1 FROM descriptions WHERE kind = 'dataset' AND until IS NULL AND since < ? LIMIT 1"
    if not found or draft.db.execute(older, (draft.number,)).fetchone() is None:
        return set()  # every dataset has changed itself
    rows = draft.db.execute(f"SELECT * FROM descriptions WHERE until IS NULL AND {_NEIGHBOURS}")  # noqa: S608
    standing = [description(r) for r in rows]
    fresh = found
    while fresh:
        names = [f" <{iri}> .".encode() for iri in fresh]
        fresh = {d.iri for d in standing if d.iri not in found and any(name in d.canonical for name in names)}
        found |= fresh
    return found


def enter_release(draft: Draft, clock: Clock) -> None:
    """Enters the time of a release that is about to become visible: never before that of the one before it."""
    draft.write(
        "INSERT OR REPLACE INTO releases SELECT ?1, MAX(?2, COALESCE(MAX(published), ?2)) FROM releases"
        " WHERE number < ?1",
        *(draft.number, _second(clock())),
    )


def confirm_release(draft: Draft, clock: Clock) -> None:
    """Sets the time of a release that has become visible, if making it so has taken longer than its second."""
    draft.write("UPDATE releases SET published = MAX(published, ?) WHERE number = ?", _second(clock()), draft.number)
    draft.commit()


def _second(moment: datetime) -> str:
    """The whole second that a moment ends with: what was answered up to then bears no later date."""
    return (moment + timedelta(microseconds=999_999)).replace(microsecond=0).isoformat()


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a dataset's document; `gone` says that it was withdrawn. `moment` is in UTC, whole seconds.

    Among those of a period with a facet, `gone` may also say that the dataset no longer has the value, and the change
    is then that which took it away.
    """

    release: int
    slug: str
    iri: str
    gone: bool
    moment: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The datasets whose last change came with one of the releases from `low` to `high`, both included.

    With a `facet`, those that have a value of it, that of `value` where it is given. A withdrawn one counts by what it
    had when it was withdrawn, and always where that is not known any more (it was taken down): nobody must miss it. One
    that has lost the value counts as gone, in the release that took it away: who follows that value has to drop it.
    """

    low: int
    high: int
    facet: str = ""
    value: str = ""

    @property
    def rows(self) -> str:
        """The question for its changes, those behind :release and :slug."""
        if not self.facet:
            return _CHANGED
        value = "f.value = :value" if self.value else "TRUE"
        having = f"(EXISTS ({_FACETS} AND f.facet = :facet AND {value} AND {_THEN}) OR {_UNKNOWN})"
        return f"{_CHANGED} AND {having} UNION ALL {_LEFT.format(value=value)} AND NOT {having}"

    @property
    def values(self) -> dict[str, Any]:
        """The values in `rows`, but for the release `n` and where the page begins."""
        return {"low": self.low, "high": self.high, "facet": self.facet, "value": self.value}


class Changes:
    """The last changes of datasets as one release knows them, ordered by release and slug."""

    def __init__(self, view: View) -> None:
        self.view = view

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        return self.view.archive.rows(sql, n=self.view.release, **values)

    def of(self, slug: str) -> Change | None:
        """The last change of the dataset with this slug, None when there never was one."""
        return self.several([slug]).get(slug)

    def several(self, slugs: Iterable[str]) -> dict[str, Change]:
        """The last changes of the datasets with these slugs, by slug."""
        sql = (
            f"SELECT c.*, r.published FROM changes c JOIN releases r ON r.number = c.release"  # noqa: S608
            f" WHERE c.slug IN (SELECT value FROM json_each(:slugs)) AND c.release <= :n AND {_LAST}"
        )
        return {r["slug"]: _change(r) for r in self._rows(sql, slugs=json.dumps(list(slugs)))}

    def between(self, start: datetime | None, end: datetime | None, facet: str = "", value: str = "") -> Period:
        """What changed from `start` to `end`, both included (UTC, whole seconds)."""
        low, high = 1, self.view.release
        if start is not None:
            sql = "SELECT MIN(number) FROM releases WHERE published >= :start AND number <= :n"
            low = self._rows(sql, start=start.isoformat())[0][0] or self.view.release + 1
        if end is not None:
            sql = "SELECT MAX(number) FROM releases WHERE published <= :end AND number <= :n"
            high = self._rows(sql, end=end.isoformat())[0][0] or 0
        return Period(low, high, facet, value)

    def count(self, period: Period) -> int:
        """How many datasets the period has."""
        sql = f"SELECT COUNT(*) FROM ({period.rows})"  # noqa: S608  constant text
        return int(self._rows(sql, release=0, slug="", **period.values)[0][0])

    def page(self, period: Period, *, after: tuple[int, str] = (0, ""), limit: int) -> list[Change]:
        """The changes of the period that come after this release and slug."""
        sql = f"{period.rows} ORDER BY release, slug LIMIT :limit"
        return [_change(r) for r in self._rows(sql, release=after[0], slug=after[1], limit=limit, **period.values)]

    def facets(self, changes: Iterable[Change]) -> dict[str, list[tuple[Facet, str]]]:
        """The facet values of these datasets by slug; of one that is gone, those that it lost with that."""
        changes = list(changes)
        live = self.view.facets([c.iri for c in changes if not c.gone])
        found = {c.slug: live.get(c.iri, []) for c in changes if not c.gone}
        sql = (
            "SELECT c.key AS slug, l.facet, l.value FROM json_each(:gone) c"
            " JOIN facets l ON l.dataset = c.value ->> 0 AND l.until = c.value ->> 1"
            " WHERE NOT EXISTS (SELECT 1 FROM facets f WHERE f.dataset = l.dataset AND f.facet = l.facet"
            " AND f.value = l.value AND f.since = l.until) ORDER BY c.key, l.facet, l.value"
        )
        gone = {c.slug: (c.iri, c.release) for c in changes if c.gone}
        for row in self._rows(sql, gone=json.dumps(gone)) if gone else ():
            found.setdefault(row["slug"], []).append((Facet(row["facet"]), str(row["value"])))
        return found

    def earliest(self) -> datetime:
        """The time of the first release: nothing changed before it."""
        return datetime.fromisoformat(self._rows("SELECT MIN(published) FROM releases WHERE number <= :n")[0][0])


def _change(row: Any) -> Change:
    moment = datetime.fromisoformat(row["published"])
    return Change(row["release"], row["slug"], row["iri"], bool(row["gone"]), moment)
