"""How the bookkeeping is opened, and what its errors mean."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog import schema
from catalog.errors import StoreDamaged, StoreError, StoreFull, StoreLocked


def test_made_once(tmp_path: Path) -> None:
    for _ in range(2):
        with closing(schema.connect(tmp_path / "new" / "var", write=True)) as db:
            tables = {r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert set(schema.VERSIONED) < tables
    for name in schema.VERSIONED:
        with closing(schema.connect(tmp_path / "new" / "var")) as db:
            columns = [r[1] for r in db.execute(f"PRAGMA table_info({name})")]
            assert columns[-2:] == ["since", "until"], "restoring relies on it"
            assert "source" in columns


def test_readers_cannot_write(tmp_path: Path) -> None:
    schema.connect(tmp_path, write=True).close()
    with closing(schema.connect(tmp_path)) as db, pytest.raises(StoreFull, match="cannot be written"):
        db.execute("DELETE FROM slugs")


def test_another_version_is_refused(tmp_path: Path) -> None:
    with closing(schema.connect(tmp_path, write=True)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreDamaged, match=r"bookkeeping\.sqlite: the bookkeeping has version 99.* knows version \d+"):
        schema.connect(tmp_path, write=True)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / schema.FILE).write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreDamaged, match="file is not a database"):
        schema.connect(tmp_path, write=True)
    with pytest.raises(StoreDamaged), closing(schema.connect(tmp_path)) as db:
        db.execute("SELECT * FROM slugs")


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        db.execute("CREATE TABLE slugs (x)")
    with pytest.raises(StoreDamaged, match="already exists"):
        schema.connect(tmp_path, write=True)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull, "no space is left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), StoreFull, "no space is left"),
        (OSError("IO error: No space left on device: While appending"), StoreFull, "no space is left"),
        (sqlite3.OperationalError("database or disk is full"), StoreFull, "no space is left"),
        (OSError(errno.EROFS, "Read-only file system"), StoreFull, "cannot be written"),
        (PermissionError(errno.EACCES, "Permission denied"), StoreFull, "cannot be written"),
        (sqlite3.OperationalError("attempt to write a readonly database"), StoreFull, "cannot be written"),
        (sqlite3.OperationalError("database is locked"), StoreLocked, "locked by another program"),
        (sqlite3.DatabaseError("database disk image is malformed"), StoreDamaged, "malformed"),
        (sqlite3.OperationalError("disk I/O error"), StoreDamaged, "disk I/O error"),
        (OSError(errno.ENOENT, "No such file or directory"), StoreDamaged, "this cannot be read or written"),
    ],
)
def test_errors_are_explained(tmp_path: Path, error: Exception, kind: type[StoreError], said: str) -> None:
    found = schema.explained(error, tmp_path / "x")
    assert type(found) is kind
    assert said in str(found)
    assert str(tmp_path) in str(found)
    assert found.exit_code == 3
