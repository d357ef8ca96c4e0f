"""The datasets of a release as CKAN's clients look for them: by conditions, in an order, so many from a place on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from catalog.archive import AT, View

_LIVE = (
    "c.release <= :n AND NOT c.gone AND NOT EXISTS"
    " (SELECT 1 FROM changes l WHERE l.slug = c.slug AND l.release > c.release AND l.release <= :n)"
)
_FROM = f"FROM packages p JOIN changes c ON c.slug = p.slug WHERE {_LIVE}"
TITLE = f"(SELECT title FROM descriptions d WHERE d.iri = c.iri AND {AT})"  # noqa: S608  constant text
FIRST = "(SELECT MIN(release) FROM changes f WHERE f.slug = c.slug)"
KEYS = {"id": "p.id", "name": "p.slug", "modified": "c.release", "created": FIRST, "title": TITLE}
"""What packages can be ordered by."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL on a package `p` and its last change `c`, and the values in it. Empty, it is always true."""

    sql: str = ""
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Package:
    """One dataset: its identifier as CKAN's clients know it, when its document last changed, when it first appeared."""

    id: str
    slug: str
    iri: str
    modified: datetime
    created: datetime


class Packages:
    """The packages of one release."""

    def __init__(self, view: View) -> None:
        self.view = view

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        return self.view.archive.rows(sql, n=self.view.release, **values)

    def count(self, condition: Condition) -> int:
        """How many meet the condition."""
        return int(self._rows(f"SELECT COUNT(*) {_FROM}{_and(condition)}", **condition.values)[0][0])

    def find(
        self, condition: Condition, order: tuple[tuple[str, bool], ...] = (), *, offset: int = 0, limit: int = 10
    ) -> list[Package]:
        """Those that meet the condition. `order` names keys of `KEYS`, and whether they descend; `id` comes last."""
        terms = [f"{KEYS[key]} {'DESC' if down else 'ASC'}" for key, down in order]
        sql = (
            "SELECT id, slug, iri, (SELECT published FROM releases WHERE number = release) AS modified,"  # noqa: S608
            " (SELECT published FROM releases WHERE number = "
            "(SELECT MIN(release) FROM changes f WHERE f.slug = found.slug)) AS created"
            f" FROM (SELECT p.id, p.slug, c.iri, c.release {_FROM}{_and(condition)}"
            f" ORDER BY {', '.join([*terms, 'p.id'])} LIMIT :limit OFFSET :offset) found"
        )
        return [_package(r) for r in self._rows(sql, limit=limit, offset=offset, **condition.values)]

    def named(self, given: str) -> Package | None:
        """The package with this identifier or name; None when this release has none."""
        values = {"given": given}
        by_id = self.find(Condition("p.id = :given", values), limit=1)
        found = by_id or self.find(Condition("p.slug = :given", values), limit=1)
        return found[0] if found else None

    def names(self, *, offset: int = 0, limit: int = -1) -> list[str]:
        """The names of all, sorted; -1 is all of them."""
        sql = f"SELECT p.slug {_FROM} ORDER BY p.slug LIMIT :limit OFFSET :offset"
        return [str(r[0]) for r in self._rows(sql, limit=limit, offset=offset)]


def _and(condition: Condition) -> str:
    return f" AND ({condition.sql})" if condition.sql else ""


def _package(row: Any) -> Package:
    created, modified = (datetime.fromisoformat(row[name]) for name in ("created", "modified"))
    return Package(row["id"], row["slug"], row["iri"], modified, created)
