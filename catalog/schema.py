"""The bookkeeping's tables (SQLite, WAL), and how the file is opened.

Rows of the versioned tables hold from release `since` until release `until` (exclusive; NULL while they hold). A draft
of release n writes rows with `since = n` and closes rows with `until = n`; nobody sees them before the `current`
pointer names n, and abandoning the draft deletes the former and reopens the latter.

A file of an earlier version is brought up to date in place when it is opened (`catalog.migration`).
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog import aside, migration, sealed
from catalog.errors import StoreDamaged, StoreFull, StoreLocked
from catalog.unwritable import GATE, IMMUTABLE, ORDINARY, Stamp, Way, WrittenMeanwhile, meant, stamp, ways

FILE = "bookkeeping.sqlite"
VERSION = 14
VERSIONED = (
    "records",
    "unmapped",
    "claims",
    "descriptions",
    "facets",
    "pages",
    "mentions",
    "findings",
    "readings",
    "absences",
)
"""Tables whose rows carry `since`, `until` and `source`."""

_TABLES = f"""
{migration.DESCRIPTIONS}{migration.FACETS}{migration.PAGES}{migration.ACTIVITIES}{migration.CHANGES}
{migration.TAKEDOWNS}{migration.PACKAGES}{migration.TITLES}{migration.READINGS}{migration.ABSENCES}CREATE TABLE slugs (
    slug TEXT PRIMARY KEY, source TEXT NOT NULL, record TEXT NOT NULL, uid TEXT,
    iri TEXT NOT NULL UNIQUE, identifier TEXT NOT NULL UNIQUE, since INTEGER NOT NULL
);
CREATE UNIQUE INDEX slugs_record ON slugs (source, record);
CREATE INDEX slugs_uid ON slugs (source, uid);
CREATE TABLE renames (
    slug TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, since INTEGER NOT NULL, source TEXT
);
CREATE TABLE claims (
    source TEXT NOT NULL, id TEXT NOT NULL, claim TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX claims_live ON claims (claim) WHERE until IS NULL;
CREATE INDEX claims_record ON claims (source, id);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, slug TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE records (
    source TEXT NOT NULL, id TEXT NOT NULL, slug TEXT, hash TEXT NOT NULL, fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL, reason_fr TEXT, reason_en TEXT, payload BLOB NOT NULL,
    mapped INTEGER NOT NULL, unmapped INTEGER NOT NULL, ignored INTEGER NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX records_live ON records (source, id) WHERE until IS NULL;
CREATE INDEX records_since ON records (since);
CREATE INDEX records_until ON records (until) WHERE until IS NOT NULL;
CREATE INDEX records_merged ON records (since) WHERE outcome = 'merged';
CREATE TABLE unmapped (
    source TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, rule TEXT NOT NULL,
    reason_fr TEXT NOT NULL, reason_en TEXT NOT NULL, city_table TEXT, since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX unmapped_live ON unmapped (source, id) WHERE until IS NULL;
CREATE INDEX unmapped_until ON unmapped (until) WHERE until IS NOT NULL;
CREATE TABLE mentions (
    dataset TEXT NOT NULL, iri TEXT NOT NULL, hash TEXT NOT NULL, source TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX mentions_dataset ON mentions (dataset) WHERE until IS NULL;
CREATE INDEX mentions_until ON mentions (until) WHERE until IS NOT NULL;
{migration.MENTIONS}{migration.LARGEST}CREATE TABLE candidates (
    hash TEXT PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL, slug TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE causes (
    id TEXT PRIMARY KEY, severity TEXT NOT NULL, profile TEXT NOT NULL, shape TEXT NOT NULL, path TEXT NOT NULL,
    component TEXT NOT NULL, noise TEXT NOT NULL, fields TEXT NOT NULL, rule_fr TEXT NOT NULL, rule_en TEXT NOT NULL,
    found_fr TEXT NOT NULL, found_en TEXT NOT NULL, repair_fr TEXT NOT NULL, repair_en TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE findings (
    iri TEXT NOT NULL, source TEXT NOT NULL, publisher TEXT NOT NULL, violations INTEGER NOT NULL,
    warnings INTEGER NOT NULL, tally TEXT NOT NULL, body BLOB NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX findings_live ON findings (iri) WHERE until IS NULL;
CREATE INDEX findings_since ON findings (since, until, violations, warnings, publisher, iri, tally);
CREATE INDEX findings_iri ON findings (iri, since);
CREATE INDEX findings_until ON findings (until) WHERE until IS NOT NULL;
CREATE TABLE runs (
    n INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL, release INTEGER, summary TEXT
);
{migration.TAKES}"""


def connect(folder: Path, *, write: bool = False) -> Connection:
    """The bookkeeping of this store folder; made when `write` and absent.

    It can be read on a disk that is full or read-only too (`catalog.unwritable`): closing such a connection raises
    `WrittenMeanwhile` where what was read is not to be used. Raises `StoreDamaged` when the file is not what it should
    be, `StoreFull`, `StoreLocked`, `StoreSealed` for writing to an exported copy.
    """
    path = (folder / FILE).absolute()
    if write:
        sealed.refuse(folder)
        aside.refuse(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise explained(e, path) from e
        return _opened(path, Way("mode=rwc"), write=True)
    if sealed.sealed(folder):
        return _opened(path, IMMUTABLE)
    try:
        return _opened(path, ORDINARY)
    except (StoreDamaged, StoreFull) as e:
        if meant(e.__cause__):
            for way in ways(path):
                with suppress(StoreDamaged, StoreFull):
                    return _opened(path, way)
        raise


class Connection(sqlite3.Connection):
    """A connection whose statements fail with a `StoreError` where disk, file or lock are the cause."""

    path = Path()
    way = ORDINARY
    _stamp: Stamp = ()
    _entered = False

    @property
    def address(self) -> str:
        """The URI by which it was opened, and by which the same can be read again for as long as it is open."""
        return f"{self.path.as_uri()}?{self.way.parameters}"

    def _enter(self, path: Path, way: Way) -> None:
        self.path, self.way, self._entered = path, way, True
        self._stamp = () if way.locks else stamp(path)

    def close(self) -> None:
        """Also raises `WrittenMeanwhile`, where nothing kept writers off what was read."""
        if not self._entered:
            return super().close()
        self._entered = False
        if self.way.locks:
            super().close()
            return GATE.leave(str(self.path))
        GATE.release(str(self.path), super().close)
        if self._stamp != stamp(self.path):
            raise WrittenMeanwhile(
                "the bookkeeping was written while it was read.", what=str(self.path), hint="Ask again."
            )
        return None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As in the library."""
        try:
            return super().execute(sql, parameters)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except sqlite3.Error as e:
            raise explained(e, self.path) from e


def _opened(path: Path, way: Way, *, write: bool = False) -> Connection:
    address = f"{path.as_uri()}?{way.parameters}"
    if way.locks:
        GATE.enter(str(path))
    db: Connection | None = None
    try:
        # Without locks, it may be another thread that closes it (`Gate`).
        db = sqlite3.connect(
            address, uri=True, timeout=10, isolation_level=None, factory=Connection, check_same_thread=way.locks
        )
        db._enter(path, way)  # noqa: SLF001  it is of this module
        _prepare(db, path, write=write)
    except BaseException as e:
        if db is None and way.locks:
            GATE.leave(str(path))
        elif db is not None:
            with suppress(WrittenMeanwhile):
                db.close()
        if isinstance(e, sqlite3.Error):
            raise explained(e, path) from e
        raise
    return db


def _prepare(db: Connection, path: Path, *, write: bool) -> None:
    if not write:
        if db.way.heap:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA query_only = 1")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in {0, VERSION}:
            if sealed.sealed(path.parent):
                raise StoreDamaged(
                    f"the copy has version {version}, this program knows version {VERSION}.",
                    what=str(path),
                    hint="Serve it with the program that exported it, or export it anew.",
                )
            connect(path.parent, write=True).close()
        return
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -32000")  # 32 MB: the indexes of a large catalogue stay at hand
    db.execute("PRAGMA wal_autocheckpoint = 8000")  # pages; each checkpoint waits for the disk
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {VERSION};COMMIT;")
    elif version != VERSION:
        migration.upgrade(db, version, VERSION, str(path))


def explained(error: Exception, path: Path) -> StoreDamaged | StoreFull | StoreLocked:
    """What an error of SQLite or of the file system means to the operator."""
    text = str(error)
    number = getattr(error, "errno", None)
    no_space = "is full" in text or "No space" in text or number in {errno.ENOSPC, errno.EDQUOT}
    if no_space or ("disk I/O error" in text and _crowded(path)):
        return StoreFull("no space is left on the disk.", what=str(path), hint="Free some space and run again.")
    unwritable = "unable to open" in text and path.exists() and not os.access(path.parent, os.W_OK)
    if unwritable or "readonly" in text or "read-only" in text.lower() or "Permission denied" in text:
        return StoreFull("the folder cannot be written.", what=str(path), hint="Check its owner and its mount.")
    if "locked" in text or "busy" in text:
        return StoreLocked("the bookkeeping is locked by another program.", what=str(path))
    return StoreDamaged(
        f"{'the bookkeeping' if isinstance(error, sqlite3.Error) else 'this'} cannot be read or written ({text}).",
        what=str(path),
        hint="`garonne doctor` says more; the published releases are not touched.",
    )


def _crowded(path: Path) -> bool:
    """Whether next to nothing is free: then SQLite's shared memory cannot grow, and it only says "disk I/O error"."""
    try:
        return shutil.disk_usage(path.parent).free < 1 << 20
    except OSError:
        return False
