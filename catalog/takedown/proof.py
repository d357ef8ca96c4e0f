"""Whether anything of a dataset is left: everything is opened anew and looked through.

Stores are asked, for its graphs, for what is said about its nodes and for what only it says. Every row of the
bookkeeping is unpacked and searched, and so is every other file below the store's folder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from catalog import schema
from catalog.backups import HELD
from catalog.releases import FOLDER, Release, Releases
from catalog.store import open_read_only
from catalog.takedown import marks as noted
from catalog.takedown.marks import Marks
from catalog.takedown.search import Search, files
from catalog.takedown.subject import Subject

TABLES = (("descriptions", "iri"), ("findings", "iri"), ("mentions", "dataset"), ("facets", "dataset"))
NAMES = ("takedowns", "banned")
"""Tables that keep the names by which a record may not come back, and why."""


def left(folder: Path, base: str, subject: Subject, marks: Marks) -> Iterator[str]:
    """What is still there of it, in words; nothing when the purge is complete."""
    releases = Releases(folder).list()
    for release in releases:
        yield from _in_store(release, base, subject, marks)
    search = Search({one.shown: [one] for one in marks.needles})
    with closing(schema.connect(folder)) as db:
        yield from _about(db, subject)
        yield from _in_rows(db, search)
    log = folder / f"{schema.FILE}-wal"
    if log.exists() and log.stat().st_size:
        yield f"{log.name}: another program reads the bookkeeping, so that its log of before could not be cleared"
    yield from _in_files(folder, releases, subject, search)


def _in_store(release: Release, base: str, subject: Subject, marks: Marks) -> Iterator[str]:
    held, where = open_read_only(release.store), f"release {release.number}"
    if release.number >= subject.since and subject.slug not in release.manifest.without:
        yield f"{where}: its store was not rewritten"
    for graph in subject.graphs(base):
        if next(iter(held.quads_for_pattern(None, None, None, NamedNode(graph))), None) is not None:
            yield f"{where}: graph {graph}"
    for node in sorted(marks.nodes):
        if next(iter(held.quads_for_pattern(NamedNode(node), None, None, None)), None) is not None:
            yield f"{where}: statements about {node}"
    for term in marks.objects:
        if next(iter(held.quads_for_pattern(None, None, term, None)), None) is not None:
            yield f"{where}: {_shown(term.value) if isinstance(term, Literal) else term}"


def _about(db: sqlite3.Connection, subject: Subject) -> Iterator[str]:
    for table, column in TABLES:
        for iri in subject.things if table == "descriptions" else (subject.iri,):
            (count,) = db.execute(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?", (iri,)).fetchone()  # noqa: S608
            if count:
                yield f"table {table}: {count} rows about {iri}"
    (count,) = db.execute("SELECT COUNT(*) FROM records WHERE slug = ?", (subject.slug,)).fetchone()
    if count:
        yield f"table records: {count} rows"


def _in_rows(db: sqlite3.Connection, search: Search) -> Iterator[str]:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    for (table,) in db.execute(tables).fetchall():
        if table not in NAMES:
            for text, where in search.rows(db, f"SELECT * FROM {table}"):  # noqa: S608  names of our own tables
                yield f"table {table}, {where}: {_shown(text)}"


def _in_files(folder: Path, releases: list[Release], subject: Subject, search: Search) -> Iterator[str]:
    """What stands in other files; and stores that are there and are no release's."""
    books = (folder / f"{schema.FILE}{more}" for more in ("", "-wal", "-shm"))
    passed = {*books, noted.path(folder, subject.slug), *(release.store for release in releases)}
    for store in sorted({p.parent for p in folder.rglob("CURRENT")} - passed):
        passed.add(store)
        if not _later(folder, store, releases):
            yield f"{store.relative_to(folder)}: a store of before; {_whose(folder, store)}"
    for file in files(folder, passed):
        for text in sorted(search.in_file(file)):
            yield f"{file.relative_to(folder)}: {_shown(text)}"


def _later(folder: Path, store: Path, releases: list[Release]) -> bool:
    """Whether a backup holds this store that is made of the releases as they are now."""
    if folder / HELD not in store.parents:
        return False
    place = store.relative_to(folder / HELD / FOLDER) if folder / HELD / FOLDER in store.parents else None
    return place is not None and any(folder / FOLDER / place == release.store for release in releases)


def _whose(folder: Path, store: Path) -> str:
    if folder / HELD in store.parents:
        return "a backup that is being made holds it: wait for its end, remove that backup, and run this again"
    return "the next run removes it: run this again"


def _shown(text: str) -> str:
    return f"«\u00a0{text[:60]}\u00a0»"
