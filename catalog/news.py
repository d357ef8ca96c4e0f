"""What releases did to datasets, with what the datasets were called: for people who follow the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.activities import Change
from catalog.archive import View

_TITLED = """
SELECT e.seq, e.release, e.published, e.kind, e.iri, e.slug, COALESCE(t.title, e.slug) AS title
FROM events e LEFT JOIN titles t ON t.seq = e.seq
WHERE e.release <= :n AND e.seq BETWEEN :first AND :last ORDER BY e.seq DESC
"""


@dataclass(frozen=True, slots=True)
class News:
    """One change of one dataset, numbered as in `catalog.activities`. `published` is the time of its release (UTC)."""

    number: int
    release: int
    published: str
    change: Change
    iri: str
    slug: str
    title: str


def news(view: View, first: int, last: int) -> list[News]:
    """The changes of datasets with these numbers, both included, up to a release, the latest first.

    `title` is that of the time; the slug where it is not known (any more: what is taken down is called nothing).
    """
    return [_news(row) for row in view.archive.rows(_TITLED, n=view.release, first=first, last=last)]


def _news(row: Any) -> News:
    change = Change(row["kind"])
    return News(row["seq"], row["release"], row["published"], change, row["iri"], row["slug"], row["title"])
