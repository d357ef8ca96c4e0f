"""Exported copies: whole, as the release was, and never changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog import copies, lock, schema
from catalog.archive import Archive
from catalog.doctor.repair import repair
from catalog.errors import NotFound, StoreDamaged, StoreSealed, UsageError
from catalog.model import Kind
from catalog.releases import Releases
from catalog.sealed import FILE
from catalog.settings import Settings, build
from catalog.store import open_read_only
from tests.catalog.making import BASE, draft, enter, record, release, settings


def described(folder: Path, number: int) -> list[tuple[str, bytes]]:
    view = Archive(folder).at(number)
    return [(d.iri, d.canonical) for kind in Kind for d in view.all(kind)]


@pytest.fixture
def store(tmp_path: Path) -> Settings:
    """Four releases; the second is the one that most tests copy."""
    folder = tmp_path / "var"
    release(folder, {"a": "Un", "b": "Deux"})
    release(folder, {"a": "Autre"}, gone=("b",))
    release(folder, {"a": "Encore", "c": "Trois"})
    release(folder, {}, gone=("a",))
    return settings(folder)


def test_a_copy_says_what_the_release_says(store: Settings, tmp_path: Path) -> None:
    folder = store.store.path
    for number in (1, 2, 3, 4):
        target = tmp_path / f"copy-{number}"
        made = copies.export(store, number, target)
        assert copies.read(target) == made
        copied, original = Releases(target).current(), Releases(folder).get(number)
        assert copied is not None
        assert copied.manifest == original.manifest
        assert described(target, number) == described(folder, number)
        assert set(open_read_only(copied.store)) == set(open_read_only(original.store))
        assert copies.damaged(target) == []


def test_it_has_the_history_up_to_it_and_nothing_later(store: Settings, tmp_path: Path) -> None:
    copies.export(store, 2, tmp_path / "copy")
    copied = Archive(tmp_path / "copy")
    assert [r["release"] for r in copied.rows("SELECT DISTINCT release FROM events ORDER BY release")] == [1, 2]
    assert [r["release"] for r in copied.rows("SELECT DISTINCT release FROM changes ORDER BY release")] == [1, 2]
    assert [r["number"] for r in copied.rows("SELECT number FROM releases ORDER BY number")] == [1, 2]
    assert described(tmp_path / "copy", 1) == described(store.store.path, 1)
    assert copied.at(2).fate(Kind.DATASET, "b") == "gone"
    assert copied.at(2).fate(Kind.DATASET, "c") is None
    for table in schema.VERSIONED:
        assert copied.rows(f"SELECT * FROM {table} WHERE since > 2 OR until > 2") == []  # noqa: S608  our own names
    assert copied.rows("SELECT * FROM slugs WHERE slug = 'c'") == []
    assert {bytes(r["payload"]) for r in copied.rows("SELECT payload FROM records")} == {b""}


def test_it_is_the_same_while_a_harvest_writes(store: Settings, tmp_path: Path) -> None:
    copies.export(store, 4, tmp_path / "before")
    making = draft(store.store.path, 5)
    enter(making, record("d", text="Neuf"), "Neuf")
    making.withdraw("c")
    making.commit()
    copies.export(store, 4, tmp_path / "during")
    making.close()
    dumps = []
    for name in ("before", "during"):
        with closing(sqlite3.connect(tmp_path / name / schema.FILE)) as db:
            dumps.append(list(db.iterdump()))
    assert dumps[0] == dumps[1]


def test_the_tables_and_their_indexes_are_those_of_the_bookkeeping(store: Settings, tmp_path: Path) -> None:
    copies.export(store, 4, tmp_path / "copy")
    objects = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
    assert [tuple(r) for r in Archive(tmp_path / "copy").rows(objects)] == [
        tuple(r) for r in Archive(store.store.path).rows(objects)
    ]
    version = "PRAGMA user_version"
    assert Archive(tmp_path / "copy").rows(version)[0][0] == schema.VERSION


def test_nobody_writes_to_it(store: Settings, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    copies.export(store, 4, target)
    with pytest.raises(StoreSealed, match="does not change"), lock.writing(target):
        pass
    with pytest.raises(StoreSealed):
        schema.connect(target, write=True)
    before = sorted(str(f) for f in target.rglob("*"))
    described(target, 4)
    assert sorted(str(f) for f in target.rglob("*")) == before, "reading leaves no file"


def test_a_target_that_is_there_is_left_alone(store: Settings, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").write_text("x")
    with pytest.raises(UsageError, match="something already"):
        copies.export(store, 4, tmp_path / "copy")
    assert (tmp_path / "copy" / "mine").read_text() == "x"
    with pytest.raises(NotFound, match=r"no release 9\. Kept: 1, 2, 3, 4"):
        copies.export(store, 9, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_release_that_has_gone_bad_is_not_exported(store: Settings, tmp_path: Path) -> None:
    file = max(Releases(store.store.path).get(4).store.glob("*.sst"), key=lambda f: f.stat().st_size)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(StoreDamaged, match=f"{file.name} is not what was published, so that no copy was made"):
        copies.export(store, 4, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert [words for well, words in repair(store) if not well] == []
    copies.export(store, 4, tmp_path / "copy")
    assert copies.damaged(tmp_path / "copy") == []


def test_a_release_that_is_pruned_meanwhile_leaves_nothing(
    store: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pruned(source: Path, target: Path) -> None:
        real(source, target)
        Releases(store.store.path).prune(1)

    real = copies.clone
    monkeypatch.setattr(copies, "clone", pruned)
    with pytest.raises(NotFound, match="pruned while it was copied"):
        copies.export(store, 2, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == [store.store.path]


def test_a_copy_that_is_not_whole_is_refused(store: Settings, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    copies.export(store, 4, target)
    with pytest.raises(NotFound, match="not an exported copy"):
        copies.read(store.store.path)
    whole = (target / schema.FILE).read_bytes()
    (target / schema.FILE).write_bytes(whole[:-100])
    with pytest.raises(StoreDamaged, match=f"not whole: {schema.FILE}"):
        copies.read(target)
    (target / schema.FILE).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert copies.damaged(target) == [schema.FILE]
    (target / schema.FILE).unlink()
    with pytest.raises(StoreDamaged, match=f"not whole: {schema.FILE}"):
        copies.read(target)


def test_a_copy_of_another_version_is_refused(store: Settings, tmp_path: Path) -> None:
    copies.export(store, 4, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / schema.FILE)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION - 1}")
    with pytest.raises(StoreDamaged, match=r"the copy has version \d+, this program knows"):
        described(tmp_path / "copy", 4)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2}', '{"format": 1, "exported": 3}'])
def test_a_damaged_description_of_the_copy_is_reported(store: Settings, tmp_path: Path, text: str) -> None:
    target = tmp_path / "copy"
    copies.export(store, 4, target)
    (target / FILE).write_text(text)
    with pytest.raises(StoreDamaged):
        copies.read(target)


def test_it_carries_the_settings_that_answers_depend_on_and_no_secret(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    release(folder, {"a": "Un"})
    given = {
        "catalog": {"base": BASE, "title": {"fr": "Données"}, "languages": ["fr", "en"]},
        "store": {"path": str(folder)},
        "source": [
            {"id": "s", "kind": "ckan", "url": "https://me:secret@portal.example.org/x", "options": {"k": "hidden"}}
        ],
        "write": {"tokens": ["token"]},
        "query": {"timeout": 7.0},
    }
    copied = copies.export(build(given, folder=tmp_path, env={}), 1, tmp_path / "copy")
    text = (tmp_path / "copy" / FILE).read_text()
    assert not [word for word in ("secret", "hidden", "token") if word in text]
    found = copies.settings_of(copied, build({"query": {"timeout": 3.0}}, folder=tmp_path, env={}), tmp_path / "copy")
    assert found.catalog.title == {"fr": "Données"}
    assert found.catalog.languages == ["fr", "en"]
    assert found.sources[0].url == "https://portal.example.org/x"
    assert found.query.timeout == 3.0
    assert found.store.path == tmp_path / "copy"
