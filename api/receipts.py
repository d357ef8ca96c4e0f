"""Receipts of answers: what was asked of which release, what came of it, and when. Kept, so that they can be cited.

A receipt holds the query's digest and never its text. The last `KEPT` are kept, in a file beside the store.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from api.evaluation import Answer

log = logging.getLogger("garonne.receipts")

KEPT = 100_000
"""Receipts that are kept; older ones are dropped."""
EVERY = 1.0
"""Seconds between two writes to the disk."""
_SCHEMA = "CREATE TABLE IF NOT EXISTS receipts (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)"

_ENTER = """
INSERT OR IGNORE INTO receipts (id, body) SELECT json_extract(value, '$.id'), value FROM json_each(?)
"""
"""All in one statement: the interpreter is not fought over for each of them."""


def new_id() -> str:
    """The name of a receipt, before its answer is there."""
    return secrets.token_hex(12)


def receipt(name: str, release: int, query: str, answer: Answer) -> dict[str, Any]:
    """The receipt of an answer that has ended. `rows`, `bytes` and `sha256` are there when it ended whole."""
    return {
        "id": name,
        "release": release,
        "query_sha256": sha256(query.encode()).hexdigest(),
        "ended": answer.outcome,
        "complete": answer.outcome == "answered",
        "form": answer.form,
        "format": answer.format,
        **answer.receipt,
        "seconds": round(answer.spent, 4),
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


class Receipts:
    """All receipts of one store. Entered at once, written to disk a little later."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "receipts.sqlite"
        self._new: dict[str, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to write them down."""
        self._task = asyncio.create_task(self._writing())

    async def close(self) -> None:
        """Write down what is left."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    def enter(self, entry: dict[str, Any]) -> None:
        """Keep a receipt."""
        self._new[entry["id"]] = entry

    async def get(self, name: str) -> dict[str, Any] | None:
        """The receipt of this name."""
        return self._new.get(name) or await asyncio.to_thread(self._read, name)

    async def _writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._write()

    async def _write(self) -> None:
        entries = list(self._new.values())
        if not entries:
            return
        try:
            await asyncio.to_thread(self._insert, entries)
        except (sqlite3.Error, OSError) as e:  # a full disk must not end the service
            log.warning("receipts cannot be written: %s", e)
        for entry in entries:
            self._new.pop(entry["id"], None)

    def _insert(self, entries: list[dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=10)) as db, db:
            db.execute(_SCHEMA)
            db.execute(_ENTER, (orjson.dumps(entries).decode(),))
            db.execute("DELETE FROM receipts WHERE n <= (SELECT max(n) FROM receipts) - ?", (KEPT,))

    def _read(self, name: str) -> dict[str, Any] | None:
        if not self.path.exists():
            return None
        with closing(sqlite3.connect(self.path, timeout=10)) as db:
            db.execute(_SCHEMA)
            row = db.execute("SELECT body FROM receipts WHERE id = ?", (name,)).fetchone()
        found: dict[str, Any] | None = json.loads(row[0]) if row else None
        return found
