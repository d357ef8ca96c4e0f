"""Rewrites what is kept without one dataset: a release's store, the bookkeeping, the answers of before."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from catalog import schema
from catalog.archive import AT, description
from catalog.copies import ANSWERS
from catalog.identifiers import Minter
from catalog.model import Description
from catalog.packing import Packer, unpack
from catalog.releases import MANIFEST, Manifest, Release, replace_store, rewrite
from catalog.replica import PENDING
from catalog.store import is_merged, open_read_only
from catalog.takedown.marks import Marks
from catalog.takedown.search import LONG
from catalog.takedown.subject import Subject
from catalog.tally import Tally

CACHES = ("answers", "feeds")
"""Folders beside the releases whose contents can be made anew at any time."""
PROVENANCE = "provenance"
TRIES = 3


def store(release: Release, subject: Subject, marks: Marks, base: str) -> bool:
    """Replaces a release's store by one that never held the dataset; False where that was done before.

    What local graphs say of it goes too.

    The engine keeps texts that no statement has any more, in a release and in all that come from it: deleting
    statements would not do. The new store is whole before the manifest names it; the old one goes after.
    """
    old = open_read_only(release.store)
    if subject.slug in release.manifest.without and not _holds(old, subject, marks, base):  # a repair may bring it back
        _leftovers(release)
        return False

    def build(pending: Path) -> int:
        new = Store(str(pending))
        new.bulk_extend(_kept(old, subject, marks, base))
        new.optimize()
        new.flush()
        return len(new)

    _leftovers(replace_store(release, build, without=sorted({*release.manifest.without, subject.slug})))
    return True


def _leftovers(release: Release) -> None:
    """Removes what a release has beside its store and manifest: answers of before, and an earlier store."""
    for path in release.path.iterdir():
        if path.name not in {release.manifest.store, MANIFEST, PENDING}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _holds(held: Store, subject: Subject, marks: Marks, base: str) -> bool:
    """Whether a store has anything of the dataset."""
    asked: list[tuple[NamedNode | None, NamedNode | Literal | None, NamedNode | None]] = []
    asked += [(None, None, NamedNode(graph)) for graph in subject.graphs(base)]
    asked += [(NamedNode(node), None, None) for node in marks.nodes]
    asked += [(None, term, None) for term in marks.objects]
    return any(next(iter(held.quads_for_pattern(s, None, o, g)), None) is not None for s, o, g in asked)


def _kept(held: Store, subject: Subject, marks: Marks, base: str) -> Iterator[Quad]:
    gone = {NamedNode(graph) for graph in subject.graphs(base)}
    about = {NamedNode(node) for node in marks.nodes}
    local = {
        name for name in held.named_graphs() if isinstance(name, NamedNode) and Minter(base).local_name(name.value)
    }
    for name in local:
        said = [quad.triple for quad in held.quads_for_pattern(None, None, None, name)]
        yield from (Quad(t.subject, t.predicate, t.object, name) for t in marks.without(said))
    provenance = NamedNode(f"{base}graph/{PROVENANCE}")
    default = DefaultGraph()
    alone = {
        (q.subject, q.predicate, q.object)
        for graph in gone
        for q in held.quads_for_pattern(None, None, None, graph)
        if not _stated_elsewhere(held, q, gone)
    }
    for quad in held:
        if quad.graph_name in gone or quad.graph_name in local or quad.subject in about:
            continue
        if quad.graph_name == provenance and quad.object in about:
            continue
        if quad.graph_name == default and (quad.subject, quad.predicate, quad.object) in alone:
            continue
        yield quad


def _stated_elsewhere(held: Store, quad: Quad, gone: set[NamedNode]) -> bool:
    for found in held.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
        graph = found.graph_name
        if isinstance(graph, NamedNode) and graph not in gone and is_merged(graph.value):
            return True
    return False


def bookkeeping(folder: Path, subject: Subject, marks: Marks) -> dict[str, int]:
    """Deletes every version of the dataset, its payloads, its findings; returns how many rows, by table.

    Local graphs are rewritten in every version.
    The file is rewritten afterwards, so that nothing is left in pages that are free.
    """
    db = schema.connect(folder, write=True)
    try:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        records = [*db.execute("SELECT source, id FROM records WHERE slug = ?", (subject.slug,))]
        records = list({*map(tuple, records), (subject.source, subject.record)})
        counts = {
            table: db.execute(f"DELETE FROM {table} WHERE {column} = ?", (subject.iri,)).rowcount  # noqa: S608
            for table, column in (("mentions", "dataset"), ("facets", "dataset"), ("findings", "iri"))
        }
        counts["descriptions"] = sum(
            db.execute("DELETE FROM descriptions WHERE iri = ?", (iri,)).rowcount
            for iri in (subject.iri, *subject.shared)
        )
        counts["titles"] = sum(
            db.execute("DELETE FROM titles WHERE seq IN (SELECT seq FROM activities WHERE iri = ?)", (iri,)).rowcount
            for iri in (subject.iri, *subject.shared)
        )
        for table in ("records", "unmapped", "claims", "absences"):
            sql = f"DELETE FROM {table} WHERE source = ? AND id = ?"  # noqa: S608  constant names
            counts[table] = sum(db.execute(sql, record).rowcount for record in records)
        sources = {source for source, _ in records}  # what readings came to names records that were set aside
        readings = "DELETE FROM readings WHERE source = ?"
        counts["readings"] = sum(db.execute(readings, (source,)).rowcount for source in sources)
        orphans = "DELETE FROM candidates WHERE hash NOT IN (SELECT hash FROM mentions)"
        counts["candidates"] = db.execute(orphans).rowcount
        counts["pages"] = _pages(db, subject.iri)
        counts["local graphs"] = sum(_local(db, marks))
        names = {subject.slug, subject.iri, subject.identifier, subject.record}
        counts["runs"] = _runs(db, names, {term.value for term in marks.objects})
        db.execute("COMMIT")
        if any(counts.values()):
            db.execute("VACUUM")
        for _ in range(TRIES):  # each waits for those who read
            if not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                break
    finally:
        db.close()
    return {table: count for table, count in counts.items() if count}


def _local(db: sqlite3.Connection, marks: Marks) -> Iterator[int]:
    """Rewrites each version of a local graph that speaks of the dataset; those that say nothing else go."""
    db.row_factory = sqlite3.Row
    pack = Packer().pack
    for rowid, *_ in db.execute("SELECT rowid FROM descriptions WHERE kind = 'local'").fetchall():
        graph = description(db.execute("SELECT * FROM descriptions WHERE rowid = ?", (rowid,)).fetchone())
        kept = marks.without(graph.triples)
        if len(kept) == len(graph.triples):
            continue
        made = Description.of(graph.iri, graph.kind, graph.slug, kept)
        values = (pack(made.canonical), made.hash, made.hash, len(made.canonical), rowid)
        if kept:
            db.execute("UPDATE descriptions SET body = ?, hash = ?, content = ?, size = ? WHERE rowid = ?", values)
        else:
            db.execute("DELETE FROM descriptions WHERE rowid = ?", (rowid,))
        yield 1
    db.row_factory = None


def _pages(db: sqlite3.Connection, iri: str) -> int:
    """Takes the dataset off the feed pages of older releases; the others stay where they are."""
    pack, found = Packer().pack, 0
    for rowid, body in db.execute("SELECT rowid, iris FROM pages").fetchall():
        iris = json.loads(unpack(body))
        if iri in iris:
            iris.remove(iri)
            values = (pack(json.dumps(iris).encode()), len(iris), rowid)
            db.execute("UPDATE pages SET iris = ?, datasets = ? WHERE rowid = ?", values)
            found += 1
    last = (
        "DELETE FROM pages WHERE datasets = 0 AND NOT EXISTS"
        " (SELECT 1 FROM pages p WHERE p.catalogue = pages.catalogue AND p.number > pages.number"
        " AND p.since < COALESCE(pages.until, 1e9) AND COALESCE(p.until, 1e9) > pages.since)"
    )
    db.execute(last)
    return found


def _runs(db: sqlite3.Connection, names: set[str], texts: set[str]) -> int:
    """Takes out of the summaries of runs whatever names the dataset, or has one of its texts."""
    found = 0
    words = texts | names
    parts = {word for word in names if len(word) > 3} | {word for word in texts if len(word) >= LONG}
    for n, text in db.execute("SELECT n, summary FROM runs WHERE summary IS NOT NULL").fetchall():
        told = json.loads(text)
        cleaned = _without(told, words, parts)
        if cleaned != told:
            db.execute("UPDATE runs SET summary = ? WHERE n = ?", (json.dumps(cleaned, ensure_ascii=False), n))
            found += 1
    return found


def _without(value: Any, words: set[str], parts: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, words, parts) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, words, parts) for item in value if not _names(item, words, parts)]
    return value


def _names(item: Any, words: set[str], parts: set[str]) -> bool:
    """Whether an entry of a list is about the dataset; entries that hold lists themselves are looked into instead."""
    if isinstance(item, str):
        return item in words or any(part in item for part in parts)
    return isinstance(item, dict) and any(_names(v, words, parts) for v in item.values() if isinstance(v, str))


def manifests(folder: Path, releases: list[Release]) -> None:
    """Brings counts and fingerprints of rewritten releases up to date: they say what the releases now say."""
    db = schema.connect(folder)
    try:
        for release in releases:
            tally = Tally.of(db, AT, n=release.number)
            now: Manifest = replace(
                release.manifest,
                counts=dict(tally.counts),
                datasets=tally.counts["dataset"],
                fingerprint=tally.fingerprint,
                total=tally.encoded,
            )
            if now != release.manifest:
                rewrite(release, now)
    finally:
        db.close()


def caches(folder: Path) -> int:
    """Removes answers and pages that were kept for another time, of every release; returns how many files."""
    found = 0
    for name in CACHES:
        for path in (folder / name).glob("**/*"):
            if path.is_file():
                path.unlink(missing_ok=True)
                found += 1
    for answers in (folder / "releases").glob(f"*/{ANSWERS}"):
        found += sum(1 for _ in answers.iterdir())
        shutil.rmtree(answers)
    return found
