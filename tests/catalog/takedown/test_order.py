"""A takedown from its first step to its last: local graphs, damaged releases, what is left and what is out of reach."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from catalog import schema
from catalog.archive import Archive
from catalog.backups import back_up
from catalog.errors import StoreDamaged
from catalog.model import Kind
from catalog.packing import Packer, unpack
from catalog.rebuilding import rebuild
from catalog.releases import Releases
from catalog.restoration import restore
from catalog.store import open_read_only
from catalog.takedown import marks, order
from tests.catalog.making import BASE, MINT
from tests.catalog.takedown.nights import CANTINE, FILE, MAIL, NOTES, PERSON, SECRET, WORDS, published, taken, write

SPEAKING = f"""
d:cantine rdfs:comment "Relu par Paul : {SECRET} 1." ; oa:hasBody [ rdfs:comment "une note" ; oa:styledBy [] ] .
<urn:note:1> oa:hasTarget d:cantine ; rdfs:comment "La note reste." .
<urn:note:2> rdfs:seeAlso <{FILE}> ; rdfs:label "{PERSON}" .
<{CANTINE}/contact> rdfs:comment "au deuxième étage" .
d:arbres rdfs:comment "Rien à voir." ; oa:hasBody [ rdfs:comment "une autre note" ] .
"""


def unpacked(folder: Path) -> Iterator[str]:
    """Every value of the bookkeeping, unpacked, but for the names that stay; written apart from what is tested."""
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in db.execute(f"SELECT * FROM {table}"):  # noqa: S608  names of our own tables
                for value in row:
                    packed = isinstance(value, bytes) and value[:4] == b"\x28\xb5\x2f\xfd"
                    yield (unpack(value) if packed else str(value).encode()).decode("utf-8", "replace")


def stated(folder: Path, number: int, graph: str) -> set[str]:
    store = open_read_only(Releases(folder).get(number).store)
    return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, NamedNode(graph))}


def test_what_local_graphs_say_of_it_goes_from_every_version(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    folder = config.store.path
    assert write(config, "notes", SPEAKING) == 4
    assert write(config, "notes", f"{SPEAKING} <urn:note:3> rdfs:label 'plus tard' .") == 5
    assert write(config, "only", "d:cantine rdfs:label 'rien que cela' .") == 6
    report = taken(config)
    assert report.left == []
    assert report.release == 7
    assert report.local == [NOTES, MINT.local("only")]
    assert report.rows["local graphs"] == 3, "the versions of before; the draft has written those of the new release"
    for number in (4, 5, 6, 7):
        (notes,) = Archive(folder).at(number).all(Kind.LOCAL)
        said = notes.canonical.decode()
        assert notes.iri == NOTES
        assert "La note reste." in said
        assert "une autre note" in said
        assert ("plus tard" in said) is (number > 4)
        for gone in (*WORDS, "dataset/cantine", "une note", "styledBy", "deuxième étage"):
            assert gone not in said
        assert {f"{triple}" for triple in notes.triples} == stated(folder, number, NOTES)
        assert stated(folder, number, MINT.local("only")) == set()
        rebuild(config, Releases(folder).get(number), tmp_path / f"rebuilt-{number}")
        remade = [str(quad) for quad in open_read_only(tmp_path / f"rebuilt-{number}")]
        assert any("La note reste." in quad for quad in remade)
        assert not any(word in quad for quad in remade for word in WORDS)
    whole = "\n".join(unpacked(folder))
    assert [word for word in WORDS if word in whole] == []


def test_a_local_graph_alone_is_reason_for_a_new_release(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    write(config, "notes", SPEAKING)
    assert taken(config).release == 5
    write(config, "notes", f"<urn:note:4> rdfs:comment '{SECRET} 2' .")
    again = taken(config)
    assert again.left == []
    assert again.marks == 0, "nothing is known any more of what it said"


def test_what_others_say_too_stays_and_they_are_named(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    report = taken(config)
    assert report.left == []
    assert report.common == [f"{BASE}dataset/arbres"]
    (arbres,) = Archive(config.store.path).at(4).all(Kind.DATASET)
    assert "Ce que tout le monde dit" in arbres.canonical.decode()


LEFT = {
    "an address in a raw record": ("INSERT INTO records", json.dumps({"url": FILE}), FILE),
    "a mail address in a raw record": ("INSERT INTO records", json.dumps({"to": f"écrire à {MAIL}, merci"}), MAIL),
    "a short name in a raw record": ("INSERT INTO records", json.dumps({"contact": PERSON}), PERSON),
    "a text in a raw record, escaped": ("INSERT INTO records", json.dumps({"x": f"Voir {SECRET} 1 !"}), SECRET),
    "a text in a description": ("UPDATE descriptions", f'<urn:a> <urn:b> "{SECRET} 2"@fr .\n', SECRET),
}


@pytest.mark.parametrize("case", LEFT)
def test_the_proof_unpacks_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    config = published(tmp_path / "var")
    verb, text, shown = LEFT[case]
    done = order.purge.bookkeeping

    def forgetful(*given: object) -> dict[str, int]:
        found = done(*given)  # type: ignore[arg-type]
        with closing(schema.connect(config.store.path, write=True)) as db:
            body = Packer().pack(text.encode())
            if verb == "INSERT INTO records":
                row = "'ods', 'x', NULL, 'h', 'f', 'aside', NULL, NULL, ?, 0, 0, 0, 1, 2"
                db.execute(f"INSERT INTO records VALUES ({row})", (body,))  # noqa: S608  constant text
            else:
                db.execute("UPDATE descriptions SET body = ? WHERE slug = 'arbres'", (body,))
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return found

    monkeypatch.setattr(order.purge, "bookkeeping", forgetful)
    report = taken(config)
    assert report.left
    assert all(shown[:20] in one for one in report.left), report.left
    assert not _done(config.store.path)
    monkeypatch.undo()
    assert taken(config).left, "it is looked for again, though the bookkeeping says nothing of it any more"
    with closing(schema.connect(config.store.path, write=True)) as db:
        db.execute("DELETE FROM records WHERE id = 'x'")
        db.execute("UPDATE descriptions SET body = ? WHERE slug = 'arbres'", (Packer().pack(b""),))
    assert taken(config).left == []
    assert _done(config.store.path)
    assert not (config.store.path / "takedowns").exists()


def _done(folder: Path) -> bool:
    with closing(schema.connect(folder)) as db:
        return bool(db.execute("SELECT done FROM takedowns").fetchone()[0])


def test_the_proof_decompresses_files_and_names_what_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = published(tmp_path / "var")
    folder = config.store.path
    caches = order.purge.caches

    def late(place: Path) -> int:
        found = caches(place)
        dumps = folder / "releases" / "000002" / "dumps"
        dumps.mkdir(exist_ok=True)
        (dumps / "dump.nq.gz").write_bytes(gzip.compress(f'<urn:a> <urn:b> "{SECRET} 1"@fr .'.encode()))
        (folder / "answers").mkdir(exist_ok=True)
        (folder / "answers" / "ab").write_bytes(b'{"form": "graph"}\n' + Packer().pack(f"<{FILE}>".encode()))
        (folder / "answers" / "cd").write_bytes(f"<{FILE}.other>".encode())
        held = folder / "backup.tmp" / "releases" / "000003"
        shutil.copytree(folder / "releases" / "000003", held, dirs_exist_ok=True)
        return found

    monkeypatch.setattr(order.purge, "caches", late)
    shutil.copytree(folder / "releases" / "000002", tmp_path / "before")
    said = "\n".join(taken(config).left)
    assert "releases/000002/dumps/dump.nq.gz: «" in said
    assert "answers/ab: «" in said
    assert "answers/cd" not in said
    assert "backup.tmp" not in said, "that is the release as it is now"
    shutil.copytree(tmp_path / "before", folder / "backup.tmp" / "releases" / "000002")
    assert "backup.tmp/releases/000002/store: a store of before; a backup" in "\n".join(taken(config).left)


def test_catalogues_set_aside_and_backups_are_named(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    back_up(config, tmp_path / "backup")
    restore(tmp_path / "backup", config, replace=True)
    back_up(config, tmp_path / "second")
    report = taken(config)
    (aside,) = tmp_path.glob("var.before-*")
    assert report.left == [f"{aside}: {report.left[0].partition(': ')[2]}"]
    assert "delete it, then run this again" in report.left[0]
    assert str(tmp_path / "second") in report.beyond[0].fr
    assert not _done(config.store.path)
    shutil.rmtree(aside)
    shutil.rmtree(tmp_path / "second")
    again = taken(config)
    assert again.left == []
    assert len(again.beyond) == 1


def test_a_damaged_older_release_is_made_anew_first(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    store = Releases(config.store.path).get(2).store
    for file in store.glob("*.sst"):
        file.unlink()
    told: list[str] = []
    report = order.take_down(config, "cantine", "ordonnance", lambda text: told.append(text.en))
    assert report.left == []
    assert report.rewritten == [2, 3, 4]
    assert told[0].startswith("release 2 is damaged (the file")


def test_a_release_that_cannot_be_made_anew_says_what_to_do(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    with closing(schema.connect(config.store.path, write=True)) as db:
        db.execute("DELETE FROM activities WHERE release = 2")
        db.execute("DELETE FROM releases WHERE number = 2")
    (Releases(config.store.path).path(2) / "manifest.json").write_text("{")
    with pytest.raises(StoreDamaged, match="doctor --repair"):
        taken(config)


def test_a_store_that_was_brought_back_by_a_repair_is_rewritten_again(tmp_path: Path) -> None:
    config = published(tmp_path / "var")
    folder = config.store.path
    shutil.copytree(Releases(folder).get(2).store, tmp_path / "held")
    taken(config)
    found = marks.Marks(frozenset({CANTINE}), frozenset({CANTINE}), frozenset())
    marks.note(folder, "cantine", found)
    store = Releases(folder).get(2).store
    shutil.rmtree(store)
    shutil.copytree(tmp_path / "held", store)
    path = Releases(folder).path(2) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "files": {}}))
    report = taken(config)
    assert report.rewritten == [2]
    assert report.left == []
