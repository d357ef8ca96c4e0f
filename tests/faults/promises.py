"""What a catalogue says at one moment, read from its files alone, and what of it breaks a promise."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog import mending, schema
from catalog.archive import AT, Archive
from catalog.identifiers import Minter
from catalog.model import Kind
from catalog.packing import unpack
from catalog.releases import Releases
from catalog.settings import Settings
from catalog.store import Workspace, clone, open_read_only
from catalog.tally import Tally

URL = re.compile(rb"^<[^>]*> <http://www.w3.org/ns/dcat#(?:downloadURL|accessURL)> <([^>]*)>", re.M)
STANDING = {
    "bookkeeping.sqlite",
    "bookkeeping.sqlite-wal",
    "bookkeeping.sqlite-shm",
    "current",
    "releases",
    "lock",
    "backup.json",
    "backup.lock",
}
"""What a store's folder has."""
OF_SERVICE = {
    "answers",
    "feeds",
    "edition.json",
    "receipts.sqlite",
    "receipts.sqlite-journal",
    "dumps.lock",
    "current.tmp",
}
"""What services keep there, and a name that the next publication takes."""
OF_RELEASE = {"manifest.json", "answers", "dumps", "dumps.tmp"}
"""What a release's folder has beside its store. Half a dump goes with the next one, or with its release."""


@dataclass
class Facts:
    """`said` digests all that each kept release says; `names` and `titles` are of the current one, by uid."""

    number: int
    said: dict[int, str]
    names: dict[str, list[str]]
    urls: dict[str, list[str]]
    titles: dict[str, str]
    quads: int
    wrong: list[str] = field(default_factory=list)


def look(settings: Settings, scratch: Path) -> dict[str, Any]:
    """The facts, as JSON values. `wrong` are the promises that are broken."""
    folder = settings.store.path
    releases = Releases(folder)
    number = releases.pointer()
    wrong: list[str] = []
    said: dict[int, str] = {}
    names: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    urls: dict[str, list[str]] = {}
    if not number:
        return vars(Facts(0, said, names, urls, titles, 0, wrong))
    with closing(schema.connect(folder)) as db:
        for release in releases.list():
            n = release.number
            if flaw := mending.flaw(release, deep=True):
                wrong.append(f"release {n}: {flaw}")
                continue
            if (tally := Tally.of(db, AT, n=n)) != Tally.noted(release.manifest.counts, release.manifest.total) or (
                tally.fingerprint != release.manifest.fingerprint
            ):
                wrong.append(f"release {n}: it does not say what its manifest says")
            if (quads := len(open_read_only(release.store))) != release.manifest.quads:
                wrong.append(f"release {n}: {quads} quads instead of {release.manifest.quads}")
            said[n] = _said(db, n)
        sql = f"SELECT s.uid, s.slug, s.iri, s.identifier, d.title, d.body FROM slugs s JOIN descriptions d ON d.iri = s.iri WHERE d.{AT.replace('until', 'd.until')}"  # noqa: E501, S608  constant text
        for uid, slug, iri, identifier, title, body in db.execute(sql, {"n": number}):
            names[uid], titles[uid] = [slug, iri, identifier], title
            urls[uid] = sorted(url.decode() for url in URL.findall(unpack(body)))
    moments = [release.manifest.published for release in releases.list()]
    if moments != sorted(set(moments)):
        wrong.append("a release is not later than the one before it")
    current = releases.get(number)
    if not wrong:
        wrong += _in_step(settings, current.store, number, scratch)
    return vars(Facts(number, said, names, urls, titles, current.manifest.quads, wrong))


def _said(db: Any, n: int) -> str:
    """A digest of descriptions, pages and events of a release."""
    digest = hashlib.sha256()
    for sql in (
        f"SELECT iri, hash, identifier, issued, modified FROM descriptions WHERE {AT} ORDER BY iri",  # noqa: S608
        f"SELECT catalogue, number, iris FROM pages WHERE {AT} ORDER BY catalogue, number",  # noqa: S608
        "SELECT kind, iri FROM activities WHERE release = :n ORDER BY seq",
    ):
        for row in db.execute(sql, {"n": n}):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _in_step(settings: Settings, store: Path, number: int, scratch: Path) -> Iterator[str]:
    """Where default graph and named graphs of the current release differ, and where both differ from the books."""
    copy = scratch / f"copy-{os.getpid()}"
    clone(store, copy)
    with closing(Workspace(copy)) as workspace:
        yield from workspace.out_of_step()
        graphs = {g for g in workspace.graphs() if "/record/" in g and workspace.has_graph(g)}
    shutil.rmtree(copy)
    view, minter = Archive(settings.store.path).at(number), Minter(settings.catalog.base)
    described = {minter.record(slug) for slug in view.slugs(Kind.DATASET, limit=100_000)}
    if graphs != described:
        yield f"graphs and descriptions differ: {sorted(graphs ^ described)[:3]}"


def leftovers(settings: Settings) -> list[str]:
    """What is there that no finished work leaves."""
    folder = settings.store.path
    releases = Releases(folder)
    number = releases.pointer()
    found = [p.name for p in folder.iterdir() if p.name not in STANDING | OF_SERVICE]
    kept = {r.path.name: OF_RELEASE | {r.store.name} for r in releases.list()}
    for path in (folder / "releases").iterdir():
        found += [f"{path.name}/{p.name}" for p in path.iterdir() if p.name not in kept.get(path.name, set())]
        found += [] if path.name in kept else [path.name]
    with closing(schema.connect(folder)) as db:
        for table in schema.VERSIONED:
            sql = f"SELECT COUNT(*) FROM {table} WHERE since > :n OR until > :n"  # noqa: S608  constant names
            if count := db.execute(sql, {"n": number}).fetchone()[0]:
                found.append(f"{count} rows of an unfinished run in {table}")
        if count := db.execute("SELECT COUNT(*) FROM runs WHERE status = 'running'").fetchone()[0]:
            found.append(f"{count} runs that are told to be running")
    return found


def facts(told: dict[str, Any]) -> Facts:
    """The facts that went through JSON."""
    return Facts(**{**told, "said": {int(n): digest for n, digest in told["said"].items()}})


def broken(now: Facts, before: Facts) -> Iterator[str]:
    """What of the facts of before does not hold any more though it must: releases and names never change."""
    yield from now.wrong
    if now.number < before.number:
        yield f"the pointer went back from {before.number} to {now.number}"
    for n in now.said.keys() & before.said.keys():
        if now.said[n] != before.said[n]:
            yield f"release {n} does not say any more what it said"
    for uid, name in before.names.items():
        if now.names.get(uid, name) != name:
            yield f"{uid} is called {now.names[uid]}, not {name}"


def digest(value: bytes) -> str:
    """To compare long answers by."""
    return hashlib.sha256(value).hexdigest()
