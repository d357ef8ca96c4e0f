"""`garonne doctor` finds every kind of damage, and --repair makes good what is safe, in words, under the lock."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from catalog import backups, lock, paging, schedule, schema
from catalog.archive import Archive
from catalog.doctor import remains
from catalog.model import Kind
from catalog.releases import Releases
from catalog.settings import load
from catalog.store import open_read_only
from tests.catalog.making import BASE, draft, enter, record, release

CONFIG = f'[catalog]\nbase = "{BASE}"\n[store]\npath = "var"\n'


@pytest.fixture
def city(tmp_path: Path) -> Path:
    (tmp_path / "garonne.toml").write_text(CONFIG)
    release(tmp_path / "var", {"a": "Un", "b": "Deux"})
    release(tmp_path / "var", {"a": "Un bis", "c": "Trois"})
    return tmp_path


def doctor(city: Path, *arguments: str) -> tuple[int, dict[str, list[str]], list[str]]:
    """The exit code, what is bad by subject, and what was repaired."""
    command = [sys.executable, "-m", "catalog.commands", "--config", str(city / "garonne.toml"), "doctor", "--json"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    bad: dict[str, list[str]] = {}
    for row in json.loads(done.stdout):
        if not row["ok"]:
            bad.setdefault(row["about"], []).append(row["message"])
    return done.returncode, bad, [r["message"] for r in json.loads(done.stdout) if r["about"] == "repair" and r["ok"]]


def said(city: Path) -> dict[str, bytes]:
    current = Releases(city / "var").current()
    assert current is not None
    return {d.slug: d.canonical for d in Archive(city / "var").at(current.number).all(Kind.DATASET)}


def lose_pointer(var: Path) -> None:
    (var / "current").unlink()


def lose_pointer_and_manifest(var: Path) -> None:
    (var / "current").unlink()
    (var / "releases/000002/manifest.json").unlink()


def garble_pointer(var: Path) -> None:
    (var / "current").write_text("douze")


def name_none(var: Path) -> None:
    (var / "current").write_text("9\n")


def spoil_store(var: Path) -> None:
    shutil.rmtree(var / "releases/000002/store")


def spoil_older_store(var: Path) -> None:
    file = max((var / "releases/000001/store").glob("*.sst"))
    file.unlink()
    file.write_bytes(b"x" * 999)


def spoil_manifest(var: Path) -> None:
    (var / "releases/000002/manifest.json").write_text("{")


def leave_work(var: Path) -> None:
    (var / "work").mkdir()
    (var / "releases/000003.tmp").mkdir()
    (var / "releases/000003").mkdir()
    (var / "releases/000002/store-2.tmp").mkdir()


def leave_rows(var: Path) -> None:
    making = draft(var, 3)
    enter(making, record("d"), "Quatre")
    making.start_run()
    making.commit()
    making.close()


def leave_backup(var: Path) -> None:
    (var / backups.HELD).mkdir()


def empty_pages(var: Path) -> None:
    with closing(schema.connect(var, write=True)) as db:
        db.execute(
            "UPDATE pages SET iris = (SELECT iris FROM pages WHERE until IS NOT NULL), datasets = 2 WHERE until IS NULL"
        )


def garble_notes(var: Path) -> None:
    (var / schedule.FILE).write_text("[{")


DAMAGES: dict[Callable[[Path], None], tuple[str, str]] = {
    lose_pointer: ("releases", "release 2 is the current one again"),
    lose_pointer_and_manifest: ("releases", "release 2 is the current one again"),
    garble_pointer: ("releases", "release 2 is the current one again"),
    name_none: ("releases", "release 2 is the current one again"),
    spoil_store: ("releases", "release 2: "),
    spoil_older_store: ("releases", "release 1: "),
    spoil_manifest: ("releases", ""),
    leave_work: ("unfinished work", "work"),
    leave_rows: ("unfinished work", "rows in descriptions"),
    leave_backup: ("unfinished work", backups.HELD),
    empty_pages: ("releases", "the pages of its feeds were worked out anew"),
    garble_notes: ("schedule", "schedule.unreadable"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_what_is_found_and_repaired(city: Path, damage: Callable[[Path], None]) -> None:
    about, words = DAMAGES[damage]
    before = said(city)
    damage(city / "var")
    code, bad, _ = doctor(city)
    assert code == 3
    assert about in bad, bad
    code, bad, done = doctor(city, "--repair", "--deep")
    assert (code, bad) == (0, {})
    assert any(words in one for one in done), done
    assert said(city) == before
    for one in Releases(city / "var").list():
        assert len(open_read_only(one.store)) == one.manifest.quads
    assert [one.number for one in Releases(city / "var").list()] == [1, 2]
    assert doctor(city, "--repair")[2][-1:] in ([], ["nothing had to be repaired"])
    assert release(city / "var", {"d": "Quatre"}).number == 3


def test_a_bookkeeping_that_says_something_else_is_noticed(city: Path) -> None:
    with closing(schema.connect(city / "var", write=True)) as db:
        db.execute("UPDATE descriptions SET hash = 'x' WHERE kind = 'agent' AND until IS NULL")
    assert doctor(city)[0] == 0
    code, bad, _ = doctor(city, "--deep")
    assert code == 3
    assert any("does not say any more what it said" in words for words in bad["releases"])


def test_nothing_is_repaired_while_somebody_writes(city: Path) -> None:
    spoil_store(city / "var")
    with lock.writing(city / "var"):
        code, bad, done = doctor(city, "--repair")
    assert (code, done) == (3, [])
    assert f"process {os.getpid()}" in bad["repair"][0]
    assert not (city / "var/releases/000002/store").exists()


def test_what_a_writer_is_at_is_no_leftover(city: Path) -> None:
    leave_work(city / "var")
    with lock.writing(city / "var"):
        assert "unfinished work" not in doctor(city)[1]
        assert str(os.getpid()) in lock.holder(city / "var")
    assert lock.holder(city / "var") == ""


def test_what_is_damaged_beyond_the_bookkeeping_is_said(city: Path) -> None:
    (city / "var/bookkeeping.sqlite").write_bytes(b"x" * 5000)
    code, bad, _ = doctor(city, "--repair")
    assert code == 3
    assert "bookkeeping" in bad["repair"][0]


def test_an_unfinished_takedown_is_told(city: Path) -> None:
    with closing(schema.connect(city / "var", write=True)) as db:
        db.execute("INSERT INTO takedowns VALUES ('a', '2026-01-02T03:04:05', 'x', 0)")
    assert "`garonne takedown a` finishes it" in doctor(city, "--repair")[1]["takedowns"][0]


def test_a_backup_is_told_of_and_grows_old(city: Path) -> None:
    var = city / "var"
    (var / backups.LAST).write_text(json.dumps({"taken": "2020-01-02T03:04:05+00:00", "folder": "/x"}))
    assert "days old: /x" in doctor(city)[1]["backup"][0]
    (var / backups.LAST).write_text("{")
    assert "cannot be read" in doctor(city)[1]["backup"][0]


def test_a_source_that_is_long_due(city: Path) -> None:
    text = '[[source]]\nid = "s"\nkind = "opendatasoft"\nurl = "https://x.example.org"\nschedule = "0 3 * * *"\n'
    (city / "garonne.toml").write_text(CONFIG + text)
    schedule.write(city / "var", {"s": schedule.Turn("s", due="2020-01-02T03:04:05+00:00")})
    assert "has been due since 2020" in doctor(city)[1]["schedule"][0]
    schedule.write(city / "var", {"s": schedule.Turn("s", due="2999-01-02T03:04:05+00:00")})
    with schedule.attending(city / "var"):
        os.utime(city / "var" / schedule.LOCK, (1e9, 1e9))
    ((good, words),) = remains.schedules(load(city / "garonne.toml"))
    assert (good, words) == (True, "1 sources are attended to; the scheduler last looked at 2001-09-09 01:46:40+00:00")


def test_pages_that_are_right_have_no_flaw(city: Path) -> None:
    assert paging.flaw(Archive(city / "var").at(2)) == paging.flaw(Archive(city / "var").at(1)) == ""
    assert remains.files(city / "var") == []
