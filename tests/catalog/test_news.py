"""What releases did to datasets, with what the datasets were called then."""

from __future__ import annotations

from pathlib import Path

from catalog.activities import Activities, Change
from catalog.archive import Archive
from catalog.news import news
from tests.catalog.making import release


def test_titles_are_those_of_the_time(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Arbres", "menus": "Menus"}, keep=1)
    release(tmp_path, {"arbres": "Arbres d’alignement"}, keep=1)
    release(tmp_path, {}, gone=("arbres",), keep=1)
    archive = Archive(tmp_path)
    last = Activities(archive, 3).last()
    told = [(one.change, one.slug, one.title) for one in news(archive.at(3), 1, last)]
    assert told == [
        (Change.WITHDRAWN, "arbres", "Arbres d’alignement"),
        (Change.UPDATED, "arbres", "Arbres d’alignement"),
        (Change.CREATED, "menus", "Menus"),
        (Change.CREATED, "arbres", "Arbres"),
    ]
    assert [one.release for one in news(archive.at(2), 1, last)] == [2, 1, 1]
    assert len(news(archive.at(3), last, last)) == 1
