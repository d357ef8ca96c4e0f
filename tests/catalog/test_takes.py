"""How runs took each source, as the bookkeeping notes it, over more runs than anybody looks through."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog import schema, sealed, takes
from catalog.archive import Archive
from catalog.calendar import longest_wait
from catalog.draft import Draft
from catalog.settings import Settings, SourceSettings, build

BASE = "https://data.example.org/"
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def ran(folder: Path, *runs: tuple[str, Mapping[str, str]], dry: bool = False) -> None:
    """Runs that end as said, with their sources as said, one an hour."""
    for status, sources in runs:
        began = DAY + timedelta(hours=len(Archive(folder).runs(1_000_000)))
        with closing(Draft(folder, 1, began, BASE)) as draft:
            told = [{"id": name, "status": how, "outcomes": {}} for name, how in sources.items()]
            summary = {"dry_run": dry, "sources": told}
            draft.end_run(draft.start_run(), status, None, began + timedelta(minutes=5), summary)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ran(tmp_path, ("published", {"a": "harvested", "b": "harvested"}), ("unchanged", {"a": "harvested", "b": "held"}))
    ran(tmp_path, *[("unchanged", {"a": "harvested"})] * 60)
    return tmp_path


def test_nothing_was_taken_where_there_is_no_bookkeeping(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert takes.latest(archive, ()) == takes.successes(archive) == takes.beginnings(archive) == {}
    assert list(takes.of(archive, "a")) == []


def test_the_last_take_of_each_source_is_told(folder: Path) -> None:
    archive = Archive(folder)
    found = takes.latest(archive, ())
    assert {name: (take.run, take.status) for name, take in found.items()} == {"a": (62, "harvested"), "b": (2, "held")}
    assert found["b"].started == (DAY + timedelta(hours=1)).isoformat()
    assert takes.successes(archive)["b"] == DAY.isoformat()
    assert takes.beginnings(archive) == dict.fromkeys("ab", DAY.isoformat())
    assert list(takes.latest(archive, (SourceSettings(id="b"), SourceSettings(id="new")))) == ["b"]


def test_all_takes_of_a_source_the_latest_first(folder: Path) -> None:
    assert [take.run for take in takes.of(Archive(folder), "a")] == list(range(62, 0, -1))
    assert [take.status for take in takes.of(Archive(folder), "b")] == ["held", "harvested"]


def test_what_says_nothing_of_a_source_is_no_take(folder: Path) -> None:
    ran(folder, ("interrupted", {"b": "harvested"}))
    ran(folder, ("dry run", {"b": "harvested"}), dry=True)
    assert takes.latest(Archive(folder), ())["b"].run == 2


def test_what_a_failed_run_harvested_came_to_nothing(folder: Path) -> None:
    ran(folder, ("failed", {"b": "harvested"}))
    assert takes.latest(Archive(folder), ())["b"].status == "failed"
    assert takes.latest(Archive(folder), ())["b"].found["status"] == "failed"
    assert takes.successes(Archive(folder))["b"] == DAY.isoformat()


def test_an_older_bookkeeping_is_told_what_its_runs_did(folder: Path) -> None:
    ran(folder, ("failed", {"b": "harvested"}), ("interrupted", {"a": "harvested"}))
    ran(folder, ("dry run", {"c": "harvested"}), dry=True)
    before = takes.latest(Archive(folder), ()), takes.successes(Archive(folder))
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        db.executescript("DROP TABLE takes; PRAGMA user_version = 13;")
    assert (takes.latest(Archive(folder), ()), takes.successes(Archive(folder))) == before


def settings(tmp_path: Path, stale: float) -> Settings:
    made = build({"catalog": {"base": BASE}}, folder=tmp_path, env={})
    return replace(made, notify=replace(made.notify, stale=stale))


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [("", 48), ("@daily", 48), ("0 3 * * 1-5", 1.5 * 72), ("0 3 * * 1", 1.5 * 168), ("*/5 8-18 * * *", 48)],
)
def test_a_source_is_stale_by_its_schedule(tmp_path: Path, schedule: str, hours: float) -> None:
    source = SourceSettings(id="a", schedule=schedule, timezone="UTC")
    assert takes.patience(settings(tmp_path, 48), source) == hours * 3600
    assert takes.patience(settings(tmp_path, 0), source) == 0


def test_in_a_copy_nothing_grows_stale(tmp_path: Path) -> None:
    given = settings(tmp_path, 48)
    given.store.path.mkdir()
    assert takes.patience(given, SourceSettings(id="a")) == 48 * 3600
    (given.store.path / sealed.FILE).write_text("{}")
    assert takes.patience(given, SourceSettings(id="a")) == 0


def test_the_longest_wait_of_a_schedule_is_found() -> None:
    assert longest_wait("0 3 * * 1", "UTC") == timedelta(days=7)
    assert longest_wait("0 3 1 * *", "UTC") == timedelta(days=31)
    assert longest_wait("0 3 29 2 *", "UTC") == timedelta(days=1461)
    assert longest_wait("*/10 * * * *", "UTC") == timedelta(days=1), "less is never asked for"
