"""The values that no rule could map, gathered by field and value: what one line in a `[mapping]` table would clear."""

from __future__ import annotations

import sqlite3
from typing import Any


def worklist(db: sqlite3.Connection, *, limit: int = -1, source: str = "") -> list[dict[str, Any]]:
    """Field, value, how many records, why, and the `[mapping]` table that would map it; the most frequent first.

    Reads the live rows of the bookkeeping; `limit` below zero gives all.
    """
    rows = db.execute(
        "SELECT field, value, city_table, MIN(reason_fr), MIN(reason_en), COUNT(*) AS n, MIN(id) FROM unmapped"
        " WHERE until IS NULL AND (?1 = '' OR source = ?1)"
        " GROUP BY field, value, city_table ORDER BY city_table IS NULL, n DESC, field, value LIMIT ?2",
        (source, limit),
    )
    names = ("field", "value", "table", "fr", "en", "records", "example")
    return [dict(zip(names, row, strict=True)) for row in rows]


def values(db: sqlite3.Connection) -> dict[str, int]:
    """How many values of the live records were mapped, unmapped and ignored; the three make up all of them."""
    row = db.execute(
        "SELECT COALESCE(SUM(mapped), 0), COALESCE(SUM(unmapped), 0), COALESCE(SUM(ignored), 0) FROM records"
        " WHERE until IS NULL"
    ).fetchone()
    return dict(zip(("mapped", "unmapped", "ignored"), row, strict=True))
