"""An older bookkeeping is brought up to date in place, with what the new tables hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog import migration, schema
from catalog.archive import Archive
from catalog.changes import Changes, Period
from catalog.errors import StoreDamaged
from catalog.facets import Facet, Selection
from catalog.packing import unpack
from tests.catalog.making import at, release

DESCRIPTIONS_3 = """
CREATE TABLE descriptions (
    iri TEXT NOT NULL, kind TEXT NOT NULL, slug TEXT NOT NULL, source TEXT NOT NULL, identifier TEXT NOT NULL,
    title TEXT NOT NULL, content TEXT NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL,
    issued TEXT NOT NULL, modified TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER
);
CREATE UNIQUE INDEX descriptions_live ON descriptions (iri) WHERE until IS NULL;
CREATE INDEX descriptions_order ON descriptions (kind, identifier, since);
CREATE INDEX descriptions_slug ON descriptions (kind, slug);
CREATE INDEX descriptions_iri ON descriptions (iri, since);
CREATE INDEX descriptions_since ON descriptions (since);
CREATE INDEX descriptions_until ON descriptions (until) WHERE until IS NOT NULL;
"""


EVENTS_4 = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, release INTEGER NOT NULL, kind TEXT NOT NULL, iri TEXT NOT NULL, slug TEXT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX events_release ON events (release);
"""


def as_version_5(folder: Path) -> None:
    """Makes the bookkeeping what the program of version 5 had written."""
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        db.executescript(
            "DROP TABLE packages; DROP TABLE takedowns; DROP TABLE banned; DROP TABLE changes; DROP TABLE releases;"
            "DROP TABLE titles; DROP TABLE takes; DROP TABLE readings; DROP TABLE absences;"
            "DROP INDEX activities_withdrawn;"
            "DROP INDEX mentions_since; DROP INDEX mentions_live; DROP INDEX descriptions_large;"
            "CREATE INDEX mentions_live ON mentions (iri) WHERE until IS NULL; PRAGMA user_version = 5;"
        )


def as_version_4(folder: Path) -> None:
    """Makes the bookkeeping what the program of version 4 had written."""
    as_version_5(folder)
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        db.executescript("DROP VIEW events; ALTER TABLE activities RENAME TO later;")
        db.executescript(EVENTS_4)
        db.executescript(
            "INSERT INTO events (release, kind, iri, slug, source) SELECT release, kind, iri, slug, source FROM later"
            " WHERE thing = 'dataset' ORDER BY seq; DROP TABLE later; PRAGMA user_version = 4;"
        )


def as_version_3(folder: Path) -> None:
    """Makes the bookkeeping what the program of version 3 had written."""
    as_version_4(folder)
    columns = "iri, kind, slug, source, identifier, title, content, hash, body, issued, modified, since, until"
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        for index in ("live", "order", "slug", "iri", "since", "until"):
            db.execute(f"DROP INDEX descriptions_{index}")
        db.executescript(
            f"ALTER TABLE descriptions RENAME TO later; {DESCRIPTIONS_3}"  # noqa: S608  constant names
            f"INSERT INTO descriptions SELECT {columns} FROM later ORDER BY rowid;"
            "DROP TABLE later; DROP TABLE facets; DROP TABLE pages; PRAGMA user_version = 3;"
        )


def layout(folder: Path) -> set[tuple[str, str]]:
    """Every table and index with its definition."""
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {(name, " ".join(sql.replace('"', "").split())) for name, sql in rows}


def descriptions(folder: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        return db.execute("SELECT * FROM descriptions ORDER BY iri, since").fetchall()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Three releases."""
    release(tmp_path, {"arbres": "Arbres", "bus": "Bus", "écoles": "Écoles"})
    release(tmp_path, {"bus": "Autobus"}, gone=("arbres",))
    release(tmp_path, {"arbres": "Arbres de nouveau"})
    return tmp_path


def test_nothing_is_lost_and_the_facets_are_filled(older: Path) -> None:
    archive = Archive(older)
    whole, tables = descriptions(older), layout(older)
    values = {n: archive.at(n).values(Facet.PUBLISHER) for n in (1, 2, 3)}
    assert values[1] != values[2]
    as_version_3(older)
    assert layout(older) != tables
    schema.connect(older, write=True).close()
    assert layout(older) == tables
    assert descriptions(older) == whole
    assert {n: archive.at(n).values(Facet.PUBLISHER) for n in (1, 2, 3)} == values
    assert [s.title for s in archive.at(2).selected(Selection())] == ["Autobus", "Écoles"]
    assert all(len(unpack(row[8])) == row[11] for row in descriptions(older))  # type: ignore[arg-type]  # the body


def test_changes_are_those_of_the_events_and_dated_by_their_runs(older: Path) -> None:
    as_version_3(older)
    with closing(sqlite3.connect(older / schema.FILE)) as db:
        run = "INSERT INTO runs (started, ended, status, release) VALUES ('', ?, 'published', 2)"
        db.execute(run, (at(2).replace(hour=5, microsecond=12).isoformat(),))
        db.commit()
    changes = Changes(Archive(older).at(3))
    assert [(c.slug, c.release, c.gone, c.moment) for c in changes.page(Period(1, 3), limit=9)] == [
        ("ecoles", 1, False, at(1)),
        ("bus", 2, False, at(2).replace(hour=5)),
        ("arbres", 3, False, at(3)),
    ]
    assert [c.slug for c in Changes(Archive(older).at(2)).page(Period(2, 2), limit=9) if c.gone] == ["arbres"]


def test_whoever_reads_first_brings_it_up_to_date(older: Path) -> None:
    as_version_3(older)
    assert Archive(older).at(3).values(Facet.PUBLISHER) == {"https://data.example.org/agent/ville": 3}


def test_a_harvest_goes_on_from_an_older_bookkeeping(older: Path) -> None:
    as_version_3(older)
    assert release(older, {"zoo": "Zoo"}).manifest.datasets == 4
    assert [s.slug for s in Archive(older).at(4).selected(Selection())] == ["arbres", "bus", "ecoles", "zoo"]


def test_an_upgrade_that_fails_changes_nothing(older: Path) -> None:
    as_version_3(older)
    before = layout(older), descriptions(older)
    with closing(sqlite3.connect(older / schema.FILE)) as db:
        db.execute("UPDATE descriptions SET body = X'28B52FFD00' WHERE kind = 'agent'")
        db.commit()
    spoilt = descriptions(older)
    with pytest.raises(StoreDamaged):
        schema.connect(older, write=True)
    assert layout(older) == before[0]
    assert descriptions(older) == spoilt
    with closing(sqlite3.connect(older / schema.FILE)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (3,)


def test_there_is_a_step_from_each_version_that_can_be_met() -> None:
    assert sorted(migration.STEPS) == list(range(min(migration.STEPS), schema.VERSION))


def activities(folder: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        return db.execute("SELECT * FROM activities ORDER BY seq").fetchall()


def test_activities_are_told_as_if_they_had_always_been(older: Path) -> None:
    whole, tables = activities(older), layout(older)
    assert {row[4] for row in whole} == {"dataset", "agent", "catalog"}
    as_version_4(older)
    schema.connect(older, write=True).close()
    assert layout(older) == tables
    assert activities(older) == whole


def test_times_of_activities_never_go_back(older: Path) -> None:
    with closing(sqlite3.connect(older / schema.FILE)) as db:
        db.execute("UPDATE descriptions SET modified = '2020-01-01T00:00:00+00:00' WHERE since = 2")
        db.execute("UPDATE activities SET release = 9 WHERE release = 3")  # of which nothing else tells
        db.commit()
    as_version_4(older)
    schema.connect(older, write=True).close()
    times = [str(row[2]) for row in activities(older)]
    assert times == sorted(times)
    assert len(set(times)) == 2
