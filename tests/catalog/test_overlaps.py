"""What the bookkeeping is asked about overlaps must not grow with the catalogue."""

from __future__ import annotations

from pathlib import Path

from catalog import overlaps, schema


def test_merged_records_are_found_without_reading_the_others(tmp_path: Path) -> None:
    db = schema.connect(tmp_path, write=True)
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {overlaps._MERGED}", {"n": 1, "slug": ""})]
    assert plan[:2] == [
        "SEARCH r USING INDEX records_merged (since<?)",
        "SEARCH d USING INDEX descriptions_slug (kind=? AND slug=?)",
    ]
    db.close()
