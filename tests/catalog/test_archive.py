"""The exact descriptions of a release, as the doors read them."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from catalog import schema
from catalog.archive import Archive
from catalog.errors import StoreDamaged
from catalog.model import Kind
from tests.catalog.making import MINT, release

NAMES = [f"d{n:02d}" for n in range(25)]


def test_everything_once_in_the_stable_order(tmp_path: Path) -> None:
    view = Archive(tmp_path).at(release(tmp_path, {n: n for n in reversed(NAMES)}).number)
    assert [d.slug for d in view.all(batch=7)] == NAMES
    assert [d.slug for d in view.all(batch=25)] == NAMES
    pages = [d.slug for offset in range(0, 30, 10) for d in view.page(offset=offset, limit=10)]
    assert pages == NAMES
    assert view.count() == 25
    assert view.count(Kind.AGENT) == 2, "the datasets' publisher and the catalogue's"
    assert [d.slug for d in view.all(Kind.AGENT, batch=1)] == ["collectivite", "ville"]


def test_a_stamp_is_of_what_is_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    before = archive.stamp()
    release(tmp_path, {n: n for n in NAMES})
    first = archive.stamp()
    archive.at(1).count()
    assert archive.stamp() == first != before, "readers leave it as it is"
    with closing(schema.connect(tmp_path, write=True)) as db:
        assert archive.stamp() == first
        db.execute("INSERT INTO releases VALUES (9, '2026-03-09T00:00:00+00:00')")
        assert archive.stamp() != first


def test_one_or_many_by_name(tmp_path: Path) -> None:
    release(tmp_path, {n: n for n in NAMES})
    view = Archive(tmp_path).at(1)
    found = view.by_slug(Kind.DATASET, "d03")
    assert found is not None
    assert view.get(found.iri) == found
    assert view.by_slug(Kind.AGENT, "d03") is None
    assert view.get("https://example.org/'; DROP TABLE slugs") is None
    iris = [MINT.dataset(n) for n in NAMES]
    assert [d.slug for d in view.many([*reversed(iris), "https://example.org/x"])] == NAMES
    assert view.many([]) == []
    assert view.dates("https://example.org/x") is None


def test_summaries_search_and_publisher(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Arbres 100 %", "b": "vélos_x", "c": "ARBRES morts", "d": "a\\b"})
    view = Archive(tmp_path).at(1)

    def titles(**given: str) -> list[str]:
        total, found = view.summaries(**given)  # type: ignore[arg-type]
        assert total == len(found)
        return [s.title for s in found]

    assert titles(search="arbres") == ["Arbres 100 %", "ARBRES morts"]
    assert titles(search="%") == ["Arbres 100 %"]
    assert titles(search="_") == ["vélos_x"]
    assert titles(search="\\") == ["a\\b"]
    assert len(titles(publisher="https://data.example.org/agent/ville")) == 4
    assert titles(publisher="https://data.example.org/agent/x") == []
    total, page = view.summaries(offset=1, limit=2)
    assert (total, len(page)) == (4, 2)


def test_readers_in_many_threads(tmp_path: Path) -> None:
    release(tmp_path, {n: n for n in NAMES})
    archive = Archive(tmp_path)
    found: list[int] = []

    def read() -> None:
        found.extend(archive.at(1).count() for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [25] * 40


@pytest.mark.parametrize("name", ["données #1 50%", "a?mode=rw", "sp ace"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "var"
    release(folder, {"a": "Un"})
    assert Archive(folder).at(1).count() == 1
    assert (folder / schema.FILE).exists()


def test_no_bookkeeping_yet(tmp_path: Path) -> None:
    assert Archive(tmp_path).runs() == []
    with pytest.raises(StoreDamaged, match="unable to open"):
        Archive(tmp_path).at(1).count()
    assert list(tmp_path.iterdir()) == [], "a reader makes nothing"
