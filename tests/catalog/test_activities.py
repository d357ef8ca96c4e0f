from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from catalog import schema
from catalog.activities import Activities, Change
from catalog.archive import Archive
from catalog.commands.releases import roll_back
from catalog.model import Kind
from tests.catalog.making import BASE, at, release, settings


def told(folder: Path, number: int) -> list[tuple[str, str]]:
    """What a release tells: change and the IRI below the base."""
    activities = Activities(Archive(folder), number)
    first = Activities(Archive(folder), number - 1).last() + 1
    return [(a.change.value, a.iri.removeprefix(BASE)) for a in activities.between(first, activities.last())]


def test_what_is_named_comes_first_and_goes_last(tmp_path: Path) -> None:
    release(tmp_path, {"b": "B", "a": "A"})
    release(tmp_path, {"c": "C"}, gone=("a", "b"))
    first = ["agent/collectivite", "agent/ville", "catalog", "dataset/a", "dataset/b"]
    assert told(tmp_path, 1) == [("created", iri) for iri in first]
    assert told(tmp_path, 2) == [("created", "dataset/c"), ("withdrawn", "dataset/a"), ("withdrawn", "dataset/b")]
    release(tmp_path, {}, gone=("c",))
    assert told(tmp_path, 3) == [("withdrawn", "dataset/c"), ("withdrawn", "agent/ville")]


def test_each_has_the_description_of_its_time_while_that_is_kept(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    release(tmp_path, {"a": "Deux"})
    (first,) = [a for a in Activities(Archive(tmp_path), 1).between(1, 99) if a.iri.endswith("dataset/a")]
    assert first.described is not None
    assert b'"Un"@fr' in first.described.canonical
    assert first.published == at(1).isoformat()
    release(tmp_path, {"a": "Trois"}, keep=1)
    now = [a for a in Activities(Archive(tmp_path), 3).between(1, 99) if a.iri.endswith("dataset/a")]
    assert [(a.change, a.whole) for a in now] == [
        (Change.CREATED, False),
        (Change.UPDATED, False),
        (Change.UPDATED, True),
    ]


def test_an_earlier_release_does_not_know_of_later_ones(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    release(tmp_path, {"a": "Deux"})
    one, two = (Activities(Archive(tmp_path), n) for n in (1, 2))
    assert two.last() == one.last() + 1
    assert one.between(1, 99) == two.between(1, one.last())
    assert two.times([(1, 1), (1, two.last()), (two.last(), 999)]) == [
        (at(1).isoformat(), at(1).isoformat()),
        (at(1).isoformat(), at(2).isoformat()),
        (at(2).isoformat(), at(2).isoformat()),
    ]


def stand(folder: Path, number: int) -> dict[str, str]:
    """What a release describes, and how."""
    view = Archive(folder).at(number)
    return {d.iri: d.hash for kind in Kind if kind is not Kind.LOCAL for d in view.all(kind)}


def test_there_is_one_exactly_when_the_published_description_changes(tmp_path: Path) -> None:
    """Ten nights at random, one of them a rollback; some records come again as they were."""
    chance = random.Random(7)  # noqa: S311  not a secret
    live: set[str] = set()
    for n in range(1, 11):
        if n == 6:
            roll_back(settings(tmp_path), 3)
            live = {iri.rpartition("/")[2] for iri in stand(tmp_path, 6) if "/dataset/" in iri}
        else:
            gone = set(chance.sample(sorted(live), min(len(live), chance.randint(0, 3))))
            named = {f"jeu-{chance.randint(0, 15)}" for _ in range(6)} - gone
            release(tmp_path, {name: chance.choice("ABC") for name in named}, gone=tuple(gone))
            live = (live - gone) | named
        before, after = stand(tmp_path, n - 1), stand(tmp_path, n)
        wanted = {("created", iri) for iri in after.keys() - before.keys()}
        wanted |= {("withdrawn", iri) for iri in before.keys() - after.keys()}
        wanted |= {("updated", iri) for iri in before.keys() & after.keys() if before[iri] != after[iri]}
        found = [(kind, BASE + iri) for kind, iri in told(tmp_path, n)]
        assert len(found) == len(set(found))
        assert set(found) == wanted, n


def test_numbers_have_no_gaps_and_stay(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un", "b": "Un"})
    release(tmp_path, {"a": "Deux"}, gone=("b",))
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        rows = db.execute("SELECT seq, iri FROM activities ORDER BY seq").fetchall()
    release(tmp_path, {"c": "Trois"}, keep=1)
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        again = db.execute("SELECT seq, iri FROM activities ORDER BY seq").fetchall()
    assert again[: len(rows)] == rows
    assert [seq for seq, _ in again] == list(range(1, len(again) + 1))


def test_what_is_taken_out_of_history_moves_nothing(tmp_path: Path) -> None:
    """As a purge would do it: descriptions go, the numbers stay, and so does the word that it was withdrawn."""
    release(tmp_path, {"a": "Un", "b": "Un"})
    release(tmp_path, {"a": "Deux"})
    release(tmp_path, {}, gone=("a",))
    before = Activities(Archive(tmp_path), 3).between(1, 99)
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        db.execute("DELETE FROM descriptions WHERE iri = ?", (f"{BASE}dataset/a",))
        db.execute("UPDATE activities SET iri = '', slug = '' WHERE slug = 'a' AND kind <> 'withdrawn'")
        db.commit()
    after = Activities(Archive(tmp_path), 3).between(1, 99)
    assert [a.number for a in after] == [a.number for a in before]
    others = [a for a in before if not a.iri.endswith("dataset/a")]
    assert [a for a in after if a.iri and not a.iri.endswith("dataset/a")] == others
    assert [(a.change, a.whole) for a in after if a not in others] == [
        (Change.CREATED, False),
        (Change.UPDATED, False),
        (Change.WITHDRAWN, True),
    ]
    release(tmp_path, {"c": "Trois"})
    assert Activities(Archive(tmp_path), 4).last() == before[-1].number + 1
