"""What was withdrawn keeps its name and its time for ever."""

from __future__ import annotations

from pathlib import Path

from catalog.archive import Archive
from catalog.model import Kind
from catalog.tombstones import tombstone
from tests.catalog.making import BASE, release


def test_a_tombstone_outlives_the_releases_that_held_the_thing(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Arbres", "menus": "Menus"}, keep=2)
    release(tmp_path, {"arbres": "Arbres d’alignement"}, keep=2)
    release(tmp_path, {}, gone=("arbres",), keep=2)
    archive = Archive(tmp_path)
    found = tombstone(archive.at(3), Kind.DATASET, "arbres")
    assert found is not None
    assert (found.title, found.release, found.iri) == ("Arbres d’alignement", 3, f"{BASE}dataset/arbres")
    assert found.identifier == "ods:arbres"
    assert found.stands_in(archive.at(2))
    assert not found.stands_in(archive.at(3))
    for number in range(3):
        release(tmp_path, {"menus": f"Menus {number}"}, keep=2)
    assert tombstone(Archive(tmp_path).at(6), Kind.DATASET, "arbres") == found


def test_what_is_there_or_never_was_has_none(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Arbres"})
    release(tmp_path, {"menus": "Menus"}, gone=("arbres",))
    view = Archive(tmp_path)
    assert tombstone(view.at(1), Kind.DATASET, "arbres") is None
    assert tombstone(view.at(2), Kind.DATASET, "menus") is None
    assert tombstone(view.at(2), Kind.AGENT, "arbres") is None
    assert tombstone(view.at(2), Kind.DATASET, "nope") is None


def test_the_latest_withdrawal_counts(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Premiers", "menus": "Menus"})
    release(tmp_path, {}, gone=("arbres",))
    release(tmp_path, {"arbres": "Seconds"})
    release(tmp_path, {}, gone=("arbres",))
    found = tombstone(Archive(tmp_path).at(4), Kind.DATASET, "arbres")
    assert found is not None
    assert (found.title, found.release) == ("Seconds", 4)
