"""How a bookkeeping of an earlier version is brought up to date: one written step a version, all in one transaction.

Whoever needs another table adds it here and to `STEPS`, and raises `catalog.schema.VERSION`. A step finds the file as
the step before left it, so that it uses no table definition that may still change: it carries its own.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from catalog.errors import StoreDamaged
from catalog.facets import facets_in
from catalog.identifiers import package_id
from catalog.packing import unpack

DESCRIPTIONS = """
CREATE TABLE descriptions (
    iri TEXT NOT NULL, kind TEXT NOT NULL, slug TEXT NOT NULL, source TEXT NOT NULL, identifier TEXT NOT NULL,
    title TEXT NOT NULL, content TEXT NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL,
    issued TEXT NOT NULL, modified TEXT NOT NULL, size INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX descriptions_live ON descriptions (iri) WHERE until IS NULL;
CREATE INDEX descriptions_order ON descriptions (kind, identifier, iri, since, until, modified, size);
CREATE INDEX descriptions_slug ON descriptions (kind, slug);
CREATE INDEX descriptions_iri ON descriptions (iri, since);
CREATE INDEX descriptions_since ON descriptions (since);
CREATE INDEX descriptions_until ON descriptions (until) WHERE until IS NOT NULL;
"""
FACETS = """
CREATE TABLE facets (
    dataset TEXT NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX facets_value ON facets (facet, value, dataset, since, until);
CREATE INDEX facets_dataset ON facets (dataset, facet, value, since, until);
CREATE INDEX facets_since ON facets (since);
CREATE INDEX facets_until ON facets (until) WHERE until IS NOT NULL;
"""
PAGES = """
CREATE TABLE pages (
    catalogue TEXT NOT NULL, number INTEGER NOT NULL, datasets INTEGER NOT NULL, iris BLOB NOT NULL,
    source TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX pages_of ON pages (catalogue, number, since);
CREATE INDEX pages_since ON pages (since);
CREATE INDEX pages_until ON pages (until) WHERE until IS NOT NULL;
"""
ACTIVITIES = """
CREATE TABLE activities (
    seq INTEGER PRIMARY KEY, release INTEGER NOT NULL, published TEXT NOT NULL, kind TEXT NOT NULL,
    thing TEXT NOT NULL, iri TEXT NOT NULL, slug TEXT NOT NULL, source TEXT NOT NULL
);
CREATE INDEX activities_release ON activities (release);
CREATE INDEX activities_iri ON activities (iri, release);
CREATE VIEW events AS SELECT seq, release, published, kind, iri, slug, source FROM activities WHERE thing = 'dataset';
"""
CHANGES = """
CREATE TABLE releases (number INTEGER PRIMARY KEY, published TEXT NOT NULL);
CREATE TABLE changes (
    release INTEGER NOT NULL, slug TEXT NOT NULL, iri TEXT NOT NULL, gone INTEGER NOT NULL,
    PRIMARY KEY (slug, release)
) WITHOUT ROWID;
CREATE INDEX changes_release ON changes (release, slug, iri, gone);
"""
PACKAGES = """
CREATE TABLE packages (id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX packages_since ON packages (since);
"""

TAKEDOWNS = """
CREATE TABLE takedowns (
    slug TEXT PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL, done INTEGER NOT NULL
);
CREATE TABLE banned (
    kind TEXT NOT NULL, value TEXT NOT NULL, slug TEXT NOT NULL, PRIMARY KEY (kind, value)
);
"""

TITLES = """
CREATE TABLE titles (seq INTEGER PRIMARY KEY, release INTEGER NOT NULL, title TEXT NOT NULL);
CREATE INDEX titles_release ON titles (release);
CREATE INDEX activities_withdrawn ON activities (slug) WHERE kind = 'withdrawn';
"""

READINGS = """
CREATE TABLE readings (
    source TEXT NOT NULL, fingerprint TEXT NOT NULL, whole TEXT NOT NULL, begun TEXT NOT NULL, answers BLOB NOT NULL,
    account TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX readings_live ON readings (source) WHERE until IS NULL;
"""

ABSENCES = """
CREATE TABLE absences (
    source TEXT NOT NULL, id TEXT NOT NULL, times INTEGER NOT NULL, first TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX absences_live ON absences (source, id) WHERE until IS NULL;
"""

LARGE = 60_000
"""Bytes of a description beyond which it may fill a page before the others do: those have an index of their own."""
LARGEST = f"""
CREATE INDEX descriptions_large ON descriptions (size) WHERE kind = 'dataset' AND size > {LARGE};
"""
MENTIONS = """
CREATE INDEX mentions_live ON mentions (iri, hash) WHERE until IS NULL;
CREATE INDEX mentions_since ON mentions (since);
"""

TAKES = """
CREATE TABLE takes (
    source TEXT NOT NULL, run INTEGER NOT NULL, status TEXT NOT NULL, PRIMARY KEY (source, run)
) WITHOUT ROWID;
CREATE INDEX takes_status ON takes (source, status, run);
"""

_DESCRIPTIONS_4, _FACETS_4, _PAGES_4 = DESCRIPTIONS, FACETS, PAGES
"""The tables as version 4 has them; when one of them changes, the text of before is written out here."""
_ACTIVITIES_5 = ACTIVITIES
"""The same of version 5."""
_CHANGES_6 = CHANGES
"""The same of version 6."""
_TAKEDOWNS_7 = TAKEDOWNS
"""The same of version 7."""
_PACKAGES_8 = PACKAGES
"""The same of version 8."""
_TITLES_9 = TITLES
"""The same of version 9."""
_READINGS_10 = READINGS
"""The same of version 10."""
_MENTIONS_11 = MENTIONS
"""The same of version 11."""
_LARGEST_12 = LARGEST
"""The same of version 12."""
_ABSENCES_13 = ABSENCES
"""The same of version 13."""
_TAKES_14 = TAKES
"""The same of version 14."""


def upgrade(db: sqlite3.Connection, found: int, wanted: int, what: str) -> None:
    """Brings the file from version `found` to `wanted`, whole or not at all.

    Raises `StoreDamaged` for a version that no step begins from: a later program's, or one of before any release.
    """
    if any(version not in STEPS for version in range(found, wanted)) or found > wanted:
        raise StoreDamaged(
            f"the bookkeeping has version {found}, this program knows version {wanted}.",
            what=what,
            hint="Use the program that wrote it, or harvest anew into another folder.",
        )
    db.execute("BEGIN IMMEDIATE")
    try:
        (now,) = db.execute("PRAGMA user_version").fetchone()  # another process may have been quicker
        for version in range(now, wanted):
            STEPS[version](db)
        db.execute(f"PRAGMA user_version = {wanted}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _run(db: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


def _facets_and_pages(db: sqlite3.Connection) -> None:
    """3 → 4: descriptions know how long they are, and what they can be asked by stands in a table of its own."""
    for index in ("live", "order", "slug", "iri", "since", "until"):
        db.execute(f"DROP INDEX descriptions_{index}")
    db.execute("ALTER TABLE descriptions RENAME TO descriptions_3")
    _run(db, _DESCRIPTIONS_4 + _FACETS_4 + _PAGES_4)
    kept = "iri, kind, slug, source, identifier, title, content, hash, body, issued, modified"
    db.create_function("unpacked_size", 1, lambda body: len(unpack(body)), deterministic=True)
    db.execute(
        f"INSERT INTO descriptions SELECT {kept}, unpacked_size(body), since, until"  # noqa: S608  constant names
        " FROM descriptions_3 ORDER BY rowid"
    )
    db.execute("DROP TABLE descriptions_3")
    rows = db.execute("SELECT iri, source, body, since, until FROM descriptions WHERE kind = 'dataset' ORDER BY rowid")
    for iri, source, body, since, until in rows:
        found = [(iri, facet, value, source, since, until) for facet, value in facets_in(iri, unpack(body))]
        db.executemany("INSERT INTO facets VALUES (?, ?, ?, ?, ?, ?)", found)


def _activities(db: sqlite3.Connection) -> None:
    """4 → 5: agents, concepts, services and the catalogue have events as datasets have, and events know their time.

    What was changed and is kept no more cannot be told any more: the first version that is kept counts as created.
    """
    db.execute("ALTER TABLE events RENAME TO events_4")
    db.execute("DROP INDEX events_release")
    _run(db, _ACTIVITIES_5)
    db.create_function("time_of", 1, _times(db), deterministic=True)
    shared = "descriptions d WHERE kind NOT IN ('dataset', 'local')"
    before = "SELECT 1 FROM descriptions b WHERE b.iri = d.iri AND b.until = d.since"
    after = "SELECT 1 FROM descriptions a WHERE a.iri = d.iri AND a.since = d.until"
    db.execute(
        "INSERT INTO activities (release, published, kind, thing, iri, slug, source)"  # noqa: S608  constant names
        " SELECT release, time_of(release), change, thing, iri, slug, source FROM ("
        " SELECT release, kind AS change, 'dataset' AS thing, iri, slug, source FROM events_4"
        f" UNION ALL SELECT since, iif(EXISTS ({before}), 'updated', 'created'), kind, iri, slug, source FROM {shared}"
        f" UNION ALL SELECT until, 'withdrawn', kind, iri, slug, source FROM {shared}"
        f" AND until IS NOT NULL AND NOT EXISTS ({after}))"
        " ORDER BY release, change = 'withdrawn', (thing = 'dataset') = (change <> 'withdrawn'), thing, iri"
    )
    db.execute("DROP TABLE events_4")


def _takedowns(db: sqlite3.Connection) -> None:
    """6 → 7: what was taken down, and may not come back."""
    _run(db, _TAKEDOWNS_7)


def _titles(db: sqlite3.Connection) -> None:
    """8 → 9: what things were called at each change is kept for ever, as far as it is known."""
    _run(db, _TITLES_9)
    db.execute(
        "INSERT INTO titles SELECT a.seq, a.release, d.title FROM activities a JOIN descriptions d"
        " ON d.iri = a.iri AND iif(a.kind = 'withdrawn', d.until = a.release, d.since = a.release)"
    )


def _readings(db: sqlite3.Connection) -> None:
    """9 → 10: how each source was last read whole; nothing is known of before."""
    _run(db, _READINGS_10)


def _mentions(db: sqlite3.Connection) -> None:
    """10 → 11: what a draft has changed of mentions is found without looking at all of them."""
    db.execute("DROP INDEX mentions_live")
    _run(db, _MENTIONS_11)


def _largest(db: sqlite3.Connection) -> None:
    """11 → 12: whether any description is so large that it fills a page is known without looking at all of them."""
    _run(db, _LARGEST_12)


def _absences(db: sqlite3.Connection) -> None:
    """12 → 13: how often incomplete listings lacked a dataset; nothing is known of before."""
    _run(db, _ABSENCES_13)


def _takes(db: sqlite3.Connection) -> None:
    """13 → 14: how each source was last taken is known without reading what all runs did."""
    _run(db, _TAKES_14)
    runs = "SELECT n, status, summary FROM runs WHERE summary IS NOT NULL AND status <> 'interrupted' ORDER BY n"
    for n, status, told in db.execute(runs).fetchall():
        summary = json.loads(told)
        for source in () if summary.get("dry_run") else summary.get("sources", ()):
            how = "failed" if status == "failed" and source["status"] == "harvested" else source["status"]
            db.execute("INSERT OR REPLACE INTO takes VALUES (?, ?, ?)", (source["id"], n, how))


def _times(db: sqlite3.Connection) -> Callable[[int], str]:
    """When releases were published, as far as their runs and descriptions tell; never before an earlier one."""
    rows = db.execute(
        "SELECT release, MAX(at) FROM (SELECT release, started AS at FROM runs WHERE release IS NOT NULL"
        " UNION ALL SELECT since, modified FROM descriptions) GROUP BY release ORDER BY release"
    ).fetchall()
    numbers, times = [n for n, _ in rows], list(accumulate((at for _, at in rows), max))
    return lambda release: times[max(bisect_right(numbers, release) - 1, 0)] if times else ""


def _changes(db: sqlite3.Connection) -> None:
    """5 → 6: when each dataset's document last changed, and when each release became visible, are kept for ever.

    Of a release of before it is known when its run ended; else it counts as published with the one before it.
    """
    _run(db, _CHANGES_6)
    db.execute("INSERT INTO changes SELECT release, slug, iri, kind = 'withdrawn' FROM events")
    latest = "SELECT MAX(n) FROM (SELECT MAX(since) AS n FROM descriptions UNION SELECT MAX(release) FROM events)"
    known = dict(db.execute("SELECT release, MAX(ended) FROM runs WHERE release > 0 AND ended > '' GROUP BY release"))
    stated = dict(db.execute("SELECT since, MAX(modified) FROM descriptions GROUP BY since"))
    last = ""
    for number in range(1, (db.execute(latest).fetchone()[0] or 0) + 1):
        ended = f"{known[number][:19]}+00:00" if number in known else ""
        last = max(last, ended, stated.get(number, "")) or "1970-01-01T00:00:00+00:00"
        db.execute("INSERT INTO releases VALUES (?, ?)", (number, last))


def _packages(db: sqlite3.Connection) -> None:
    """7 → 8: datasets are found by the identifiers that CKAN's clients know them by."""
    _run(db, _PACKAGES_8)
    rows = db.execute("SELECT slug, iri, MIN(release) FROM changes GROUP BY slug").fetchall()
    db.executemany(
        "INSERT INTO packages VALUES (?, ?, ?)", [(package_id(iri), slug, since) for slug, iri, since in rows]
    )


STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    3: _facets_and_pages,
    4: _activities,
    5: _changes,
    6: _takedowns,
    7: _packages,
    8: _titles,
    9: _readings,
    10: _mentions,
    11: _largest,
    12: _absences,
    13: _takes,
}
"""By the version that a step begins from."""
