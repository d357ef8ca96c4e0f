"""Whether anything of a dataset is left: everything is opened anew and looked through."""

from __future__ import annotations

import mmap
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from catalog import schema
from catalog.releases import Releases
from catalog.store import open_read_only
from catalog.takedown.subject import Subject, nodes

TABLES = (("descriptions", "iri"), ("findings", "iri"), ("mentions", "dataset"), ("facets", "dataset"))


def left(folder: Path, base: str, subject: Subject, texts: set[Literal]) -> Iterator[str]:
    """What is still there of it, in words; nothing when the purge is complete.

    Stores are asked for its graphs and statements, tables for its rows, and every file below the folder is searched
    for its own texts, those that nothing else in the catalogue says.
    """
    own = set(texts)
    for release in Releases(folder).list():
        held = open_read_only(release.store)
        for graph in subject.graphs(base):
            if next(iter(held.quads_for_pattern(None, None, None, NamedNode(graph))), None) is not None:
                yield f"release {release.number}: graph {graph}"
        for node in nodes((subject.iri, *subject.shared)):
            if next(iter(held.quads_for_pattern(node, None, None, None)), None) is not None:
                yield f"release {release.number}: statements about {node.value}"
        own = {t for t in own if next(iter(held.quads_for_pattern(None, None, t, None)), None) is None}
        del held
    with closing(schema.connect(folder)) as db:
        yield from _rows(db, subject)
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        for text in sorted({one.value for one in own}):
            if _holds(file, text.encode()):
                yield f"{file.relative_to(folder)}: the text «\u00a0{text[:60]}\u00a0»"


def _rows(db: sqlite3.Connection, subject: Subject) -> Iterator[str]:
    for table, column in TABLES:
        for iri in (subject.iri, *(subject.shared if table == "descriptions" else ())):
            (count,) = db.execute(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?", (iri,)).fetchone()  # noqa: S608
            if count:
                yield f"table {table}: {count} rows about {iri}"
    (count,) = db.execute("SELECT COUNT(*) FROM records WHERE slug = ?", (subject.slug,)).fetchone()
    if count:
        yield f"table records: {count} rows"


def _holds(file: Path, needle: bytes) -> bool:
    if file.stat().st_size < len(needle):
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(needle) >= 0
