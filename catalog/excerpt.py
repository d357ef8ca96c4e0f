"""The bookkeeping as it was when a release was current, in a file of its own: what an exported copy is read from.

The tables are taken as they are found, by their columns: rows that came with a later release are left out, rows that a
later one ended hold again. What only a harvest reads is left out, and so are the sources' raw records.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from catalog import schema

EMPTY = ("candidates", "claims", "renames", "takedowns", "banned", "readings", "absences")
"""Tables that only a harvest reads."""
_OBJECTS = "SELECT name, sql FROM source.sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"


def excerpt(folder: Path, target: Path, release: int, until: datetime | None) -> None:
    """Writes what the bookkeeping of a store folder says of a release, and of those before it, to a new file.

    `until` is when the next release was published, None for the current one: runs that began later are left out. It is
    read in one transaction, so that a harvest may go on meanwhile. Raises as `schema.connect` does.
    """
    try:
        with (
            closing(schema.connect(folder)) as known,  # which brings an older one up to date
            closing(sqlite3.connect(target, isolation_level=None, uri=True, timeout=10)) as db,
        ):
            db.execute("PRAGMA journal_mode = OFF")  # the file is thrown away unless it becomes whole
            db.execute("PRAGMA synchronous = OFF")
            if known.way.heap:
                db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("ATTACH ? AS source", (known.address,))
            db.execute("BEGIN")
            _copy(db, release, until)
            db.execute("COMMIT")
    except sqlite3.Error as e:
        raise schema.explained(e, target) from e


def _copy(db: sqlite3.Connection, release: int, until: datetime | None) -> None:
    (version,) = db.execute("PRAGMA source.user_version").fetchone()
    values = {"n": release, "until": until.isoformat() if until else "9999"}
    for name, sql in db.execute(_OBJECTS, ("table",)).fetchall():
        db.execute(sql)
        if name not in EMPTY:
            columns = [row[1] for row in db.execute(f"PRAGMA source.table_info({name})")]
            chosen = ", ".join(_COLUMNS.get(column, column) for column in columns)
            db.execute(f"INSERT INTO main.{name} SELECT {chosen} FROM source.{name}{_where(name, columns)}", values)  # noqa: S608  names of our own tables
    for kind in ("index", "view"):
        for _, sql in db.execute(_OBJECTS, (kind,)).fetchall():
            db.execute(sql)
    db.execute(f"PRAGMA main.user_version = {version:d}")


_COLUMNS = {"until": "CASE WHEN until > :n THEN NULL ELSE until END", "payload": "x''"}

_RUNS = " WHERE ended IS NOT NULL AND started < :until"


def _where(table: str, columns: list[str]) -> str:
    if table == "runs":
        return _RUNS
    if table == "takes":
        return f" WHERE run IN (SELECT n FROM source.runs{_RUNS})"  # noqa: S608  constant text
    if table == "releases":
        return " WHERE number <= :n"
    if "since" in columns:
        return " WHERE since <= :n"
    return " WHERE release <= :n" if "release" in columns else ""
