"""Rewrites what is kept without one dataset: a release's store, the bookkeeping, the answers of before."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from catalog import schema
from catalog.archive import AT
from catalog.copies import ANSWERS
from catalog.packing import Packer, unpack
from catalog.releases import MANIFEST, Manifest, Release, replace_store, rewrite
from catalog.replica import PENDING
from catalog.store import is_merged, open_read_only
from catalog.takedown.subject import Subject, nodes
from catalog.tally import Tally

CACHES = ("answers", "feeds")
"""Folders beside the releases whose contents can be made anew at any time."""
PROVENANCE = "provenance"


def store(release: Release, subject: Subject, base: str) -> bool:
    """Replaces a release's store by one that never held the dataset; False where that was done before.

    The engine keeps texts that no statement has any more, in a release and in all that come from it: deleting
    statements would not do. The new store is whole before the manifest names it; the old one goes after.
    """
    if subject.slug in release.manifest.without:
        _leftovers(release)
        return False
    old = open_read_only(release.store)

    def build(pending: Path) -> int:
        new = Store(str(pending))
        new.bulk_extend(_kept(old, subject, base))
        new.optimize()
        new.flush()
        return len(new)

    _leftovers(replace_store(release, build, without=[*release.manifest.without, subject.slug]))
    return True


def _leftovers(release: Release) -> None:
    """Removes what a release has beside its store and manifest: answers of before, and an earlier store."""
    for path in release.path.iterdir():
        if path.name not in {release.manifest.store, MANIFEST, PENDING}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _kept(held: Store, subject: Subject, base: str) -> Iterator[Quad]:
    gone = {NamedNode(graph) for graph in subject.graphs(base)}
    about = nodes((subject.iri, *subject.shared))
    provenance = NamedNode(f"{base}graph/{PROVENANCE}")
    default = DefaultGraph()
    alone = {
        (q.subject, q.predicate, q.object)
        for graph in gone
        for q in held.quads_for_pattern(None, None, None, graph)
        if not _stated_elsewhere(held, q, gone)
    }
    for quad in held:
        if quad.graph_name in gone or quad.subject in about:
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


def bookkeeping(folder: Path, subject: Subject) -> dict[str, int]:
    """Deletes every version of the dataset, its payloads, its findings; returns how many rows, by table.

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
        counts["runs"] = _runs(db, {subject.slug, subject.iri, subject.identifier, subject.record})
        db.execute("COMMIT")
        if any(counts.values()):
            db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
    return {table: count for table, count in counts.items() if count}


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


def _runs(db: sqlite3.Connection, words: set[str]) -> int:
    """Takes out of the summaries of runs whatever names the dataset."""
    found = 0
    for n, text in db.execute("SELECT n, summary FROM runs WHERE summary IS NOT NULL").fetchall():
        if any(word in text for word in words):
            cleaned = json.dumps(_without(json.loads(text), words), ensure_ascii=False)
            db.execute("UPDATE runs SET summary = ? WHERE n = ?", (cleaned, n))
            found += 1
    return found


def _without(value: Any, words: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, words) for item in value if not _names(item, words)]
    return value


def _names(item: Any, words: set[str]) -> bool:
    """Whether an entry of a list is about the dataset; entries that hold lists themselves are looked into instead."""
    if isinstance(item, str):
        return any(word == item or (len(word) > 3 and word in item) for word in words)
    return isinstance(item, dict) and any(_names(v, words) for v in item.values() if isinstance(v, str))


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
