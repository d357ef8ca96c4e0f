"""Where the pages of a catalogue begin and end: worked out once, when a release is made, and kept with it.

A page has at most `PAGE` datasets and, unless a single one is larger, at most `LARGEST` bytes of descriptions; so no
reader ever asks the bookkeeping to count its way to a page. The whole catalogue has pages, and so has each publisher.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from catalog.archive import AT, View
from catalog.draft import Draft
from catalog.migration import LARGE
from catalog.packing import Packer, unpack

PAGE = 100
"""Datasets on a page."""
LARGEST = PAGE * LARGE
"""Bytes of canonical N-Triples on a page. What is written of them, in any format and with all that a page adds, stays
below the 10 MB that aggregators take: N-Triples are the longest, but for RDF/XML of texts full of HTML."""
WHOLE = ""
"""The name under which the pages of the whole catalogue are kept; a publisher's are kept under its IRI."""

_LIVE = """
SELECT d.iri, d.size, f.value FROM descriptions d
LEFT JOIN facets f ON f.dataset = d.iri AND f.facet = 'publisher' AND f.until IS NULL
WHERE d.kind = 'dataset' AND d.until IS NULL ORDER BY d.identifier, d.iri
"""

_AS_BEFORE = f"""
SELECT EXISTS (SELECT 1 FROM pages WHERE until IS NULL)
    AND NOT EXISTS (SELECT 1 FROM pages WHERE since = :n OR until = :n)
    AND NOT EXISTS (SELECT 1 FROM facets WHERE +facet = 'publisher' AND (since = :n OR until = :n))
    AND NOT EXISTS (
        SELECT 1 FROM descriptions d WHERE +d.kind = 'dataset' AND d.since = :n AND NOT EXISTS (
            SELECT 1 FROM descriptions o WHERE o.iri = d.iri AND o.until = :n AND o.identifier = d.identifier))
    AND NOT EXISTS (
        SELECT 1 FROM descriptions o WHERE +o.kind = 'dataset' AND o.until = :n AND NOT EXISTS (
            SELECT 1 FROM descriptions d WHERE d.iri = o.iri AND d.since = :n AND d.until IS NULL))
    AND NOT EXISTS (
        SELECT 1 FROM descriptions INDEXED BY descriptions_large
        WHERE kind = 'dataset' AND size > {LARGE} AND (until IS NULL OR until = :n))
"""  # noqa: S608  constant text
"""The plus signs keep SQLite from reading all datasets by their kind where few have changed."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many pages a catalogue has, and how many datasets they have together."""

    pages: int
    datasets: int


@dataclass(slots=True)
class _Cutter:
    """Gathers datasets until a page is full."""

    iris: list[str] = field(default_factory=list)
    size: int = 0
    number: int = 0

    def add(self, iri: str, size: int) -> list[str]:
        """The page that was full before this dataset came; empty while there is room."""
        full: list[str] = []
        if self.iris and (len(self.iris) == PAGE or self.size + size > LARGEST):
            full = self.rest()
        self.iris.append(iri)
        self.size += size
        return full

    def rest(self) -> list[str]:
        """The page as far as it goes; the next begins behind it."""
        full, self.iris, self.size = self.iris, [], 0
        self.number += bool(full)
        return full


def cut(datasets: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """The pages of these datasets, given with the size of their descriptions, in their order."""
    cutter = _Cutter()
    for iri, size in datasets:
        if full := cutter.add(iri, size):
            yield full
    if last := cutter.rest():
        yield last


def store(draft: Draft) -> None:
    """Enters the pages of a settled draft: those that differ from the release before."""
    if _as_before(draft):
        return
    standing = {
        (row["catalogue"], row["number"]): row["iris"]
        for row in draft.db.execute("SELECT catalogue, number, iris FROM pages WHERE until IS NULL")
    }
    pack = Packer().pack
    for catalogue, number, iris in _pages(draft):
        packed = pack(json.dumps(iris).encode())
        before = standing.pop((catalogue, number), None)
        if before == packed:
            continue
        if before is not None:
            draft.close_rows("pages", "catalogue = ? AND number = ?", catalogue, number)
        row = (catalogue, number, len(iris), packed, draft.number)
        draft.write("INSERT INTO pages VALUES (?, ?, ?, ?, '', ?, NULL)", *row)
    for catalogue, number in standing:
        draft.close_rows("pages", "catalogue = ? AND number = ?", catalogue, number)


def _as_before(draft: Draft) -> bool:
    """Whether no page can differ: no dataset came, went, or goes by another name or publisher, and all are so small
    that a page is full by their number alone.
    """
    return bool(draft.db.execute(_AS_BEFORE, {"n": draft.number}).fetchone()[0])


def restate(draft: Draft, release: int) -> None:
    """Works out the pages of the current release anew, in place; the draft, of the next one, must be empty."""
    draft.write("DELETE FROM pages WHERE since = ? AND until IS NULL", release)
    draft.write("UPDATE pages SET until = ? WHERE until IS NULL", release)
    pack = Packer().pack
    for catalogue, number, iris in _pages(draft):
        row = (catalogue, number, len(iris), pack(json.dumps(iris).encode()), release)
        draft.write("INSERT INTO pages VALUES (?, ?, ?, ?, '', ?, NULL)", *row)
    draft.commit(durable=True)


def flaw(view: View) -> str:
    """What is wrong with the pages of the whole catalogue: every dataset must be on one, in order. Empty: nothing.

    Of a release that is older than this table nothing is wrong.
    """
    found = extent(view)
    if found is None:
        return ""
    listed = [iri for number in range(1, found.pages + 1) for iri in page(view, WHOLE, number)]
    sql = f"SELECT iri FROM descriptions WHERE kind = 'dataset' AND {AT} ORDER BY identifier, iri"  # noqa: S608
    wanted = [str(iri) for (iri,) in view.archive.rows(sql, n=view.release)]
    if listed == wanted:
        return ""
    lost, more = set(wanted) - set(listed), len(listed) - len(set(listed) & set(wanted))
    return f"{len(lost)} datasets are on none, {more} entries are of none or twice" if lost or more else "the order"


def _pages(draft: Draft) -> Iterator[tuple[str, int, list[str]]]:
    """Each page of each catalogue: whose it is, its number from 1, its datasets."""
    cutters: dict[str, _Cutter] = {WHOLE: _Cutter()}
    last = None
    for iri, size, publisher in draft.db.execute(_LIVE):
        names = [WHOLE] if iri != last else []  # a dataset comes once for each of its publishers
        last = iri
        for name in (*names, *([publisher] if publisher else [])):
            cutter = cutters.setdefault(name, _Cutter())
            if full := cutter.add(iri, size):
                yield name, cutter.number, full
    for name, cutter in cutters.items():
        if full := cutter.rest():
            yield name, cutter.number, full


def extent(view: View, catalogue: str = WHOLE) -> Extent | None:
    """The pages that a release has of a catalogue; None where it has none: it is empty, or older than this table."""
    sql = f"SELECT COUNT(*), SUM(datasets) FROM pages WHERE catalogue = :catalogue AND {AT}"  # noqa: S608  constant text
    pages, datasets = view.archive.rows(sql, n=view.release, catalogue=catalogue)[0]
    return Extent(pages, datasets) if pages else None


def page(view: View, catalogue: str, number: int) -> list[str]:
    """The IRIs of the datasets on a page; none beyond the end."""
    sql = f"SELECT iris FROM pages WHERE catalogue = :catalogue AND number = :number AND {AT}"  # noqa: S608
    rows = view.archive.rows(sql, n=view.release, catalogue=catalogue, number=number)
    return list(json.loads(unpack(rows[0]["iris"]))) if rows else []
