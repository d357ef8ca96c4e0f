"""Backups: whole while everything runs, verified, and what they restore is the catalogue, to the byte."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalog import aside, backups, lock, restoration, schema
from catalog.archive import Archive
from catalog.doctor.repair import repair
from catalog.errors import NotFound, StoreDamaged, StoreLocked, UsageError
from catalog.model import Kind
from catalog.releases import Releases
from catalog.settings import Settings
from catalog.store import open_read_only
from tests.catalog.making import release, settings
from tests.disks import full, own_disk, read_only
from tests.fakes.opendatasoft import Portal, names, portal, record
from tests.harvest.city import City, city, live


@contextmanager
def nights(folder: Path, count: int = 3) -> Iterator[tuple[City, Portal]]:
    """So many releases of thirty datasets; every night one of them changes."""
    state = Portal([record(name) for name in names(30)])
    with portal(state) as running:
        place = city(folder, live(running.address))
        for night in range(count):
            state.records[night] = record(names(30)[night], title=f"nuit {night}")
            place.run()
        yield place, state


def said(settings: Settings) -> dict[int, tuple[dict[str, bytes], set[str]]]:
    """All that every kept release says: descriptions, quads."""
    archive = Archive(settings.store.path)
    return {
        r.number: (
            {d.iri: d.canonical for kind in Kind for d in archive.at(r.number).all(kind)},
            {str(q) for q in open_read_only(r.store)},
        )
        for r in Releases(settings.store.path).list()
    }


def elsewhere(place: City, folder: Path) -> Settings:
    return replace(place.settings, store=replace(place.settings.store, path=folder))


def test_what_is_restored_is_what_was_backed_up_and_goes_on(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, state):
        before = said(place.settings)
        made = backups.back_up(place.settings, tmp_path / "backup")
        assert (made.release, made.releases) == (3, [1, 2, 3])
        assert made.links, "data files that releases share are stored once"
        assert not (place.settings.store.path / backups.HELD).exists()
        restored = elsewhere(place, tmp_path / "new" / "var")
        restored.store.path.parent.mkdir()
        assert restoration.restore(tmp_path / "backup", restored) == made
        assert said(restored) == before
        shutil.rmtree(place.settings.store.path)
        shutil.move(restored.store.path, place.settings.store.path)
        state.records[9] = record(names(30)[9], title="après")
        assert place.run().release == 4


def test_a_backup_taken_while_releases_are_published_is_one_state(tmp_path: Path) -> None:
    with nights(tmp_path / "city", 1) as (place, state):
        ended = threading.Event()

        def publish() -> None:
            night = 0
            while not ended.is_set():
                night += 1
                state.records[night % 30] = record(names(30)[night % 30], title=f"encore {night}")
                place.run()

        harvester = threading.Thread(target=publish)
        harvester.start()
        try:
            for n in range(3):
                made = backups.back_up(place.settings, tmp_path / f"backup{n}")
                restored = elsewhere(place, tmp_path / f"new{n}")
                restoration.restore(tmp_path / f"backup{n}", restored)
                found = said(restored)
                assert list(found) == made.releases
                for number, (descriptions, quads) in found.items():
                    manifest = Releases(restored.store.path).get(number).manifest
                    assert sum("/dataset/" in iri for iri in descriptions) == manifest.datasets
                    assert len(quads) == manifest.quads
        finally:
            ended.set()
            harvester.join()


def test_rows_of_an_unfinished_run_are_taken_back_after_a_restore(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        with closing(schema.connect(place.settings.store.path, write=True)) as db:
            db.execute("UPDATE descriptions SET until = 4 WHERE until IS NULL AND kind = 'dataset'")
        backups.back_up(place.settings, tmp_path / "backup")
        shutil.rmtree(place.settings.store.path)
        restoration.restore(tmp_path / "backup", place.settings)
        assert len(place.datasets()) == 30
        assert place.run().release is None
        assert len(place.datasets()) == 30


def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        before = said(place.settings)
        backups.back_up(place.settings, tmp_path / "backup")
        file = next((tmp_path / "backup").rglob("*.sst"))
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        with pytest.raises(StoreDamaged, match=file.name):
            restoration.restore(tmp_path / "backup", place.settings, replace=True)
        file.unlink()
        assert command(place, "restore", str(tmp_path / "backup"), "--check").returncode == 3
        assert said(place.settings) == before


def test_half_a_backup_is_none(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        backups.back_up(place.settings, tmp_path / "backup")
        (tmp_path / "backup" / backups.FILE).unlink()
        with pytest.raises(NotFound, match="not a whole backup"):
            backups.read(tmp_path / "backup")
        (tmp_path / "backup" / backups.FILE).write_text("{")
        with pytest.raises(StoreDamaged):
            backups.read(tmp_path / "backup")
        with pytest.raises(UsageError, match="something already"):
            backups.back_up(place.settings, tmp_path / "backup")


def test_a_catalogue_that_is_there_is_set_aside_never_lost(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, state):
        backups.back_up(place.settings, tmp_path / "backup")
        state.records[5] = record(names(30)[5], title="plus tard")
        assert place.run().release == 4
        with pytest.raises(UsageError, match="already"):
            restoration.restore(tmp_path / "backup", place.settings)
        with lock.writing(place.settings.store.path), pytest.raises(StoreLocked):
            restoration.restore(tmp_path / "backup", place.settings, replace=True)
        restoration.restore(tmp_path / "backup", place.settings, replace=True)
        assert place.current().number == 3
        (aside,) = place.folder.glob("var.before-*")
        assert Releases(aside).pointer() == 4


def test_another_catalogue_is_not_mistaken_for_this_one(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        backups.back_up(place.settings, tmp_path / "backup")
        other = replace(place.settings, catalog=replace(place.settings.catalog, base="https://autre.example.org/"))
        with pytest.raises(UsageError, match="autre"):
            restoration.restore(tmp_path / "backup", other)


def test_nothing_yet(tmp_path: Path) -> None:
    place = city(tmp_path / "city", live("http://127.0.0.1:9"))
    with pytest.raises(NotFound, match="no release yet"):
        backups.back_up(place.settings, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_lost_pointer_is_not_taken_for_an_empty_catalogue(tmp_path: Path) -> None:
    for titles in ({"a": "Un"}, {"b": "Deux"}):
        release(tmp_path / "var", titles)
    (tmp_path / "var" / "current").unlink()
    with pytest.raises(StoreDamaged, match="there are releases up to 2"):
        backups.back_up(settings(tmp_path / "var"), tmp_path / "backup")


def test_the_commands(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        folder = str(tmp_path / "backup")
        made = command(place, "backup", folder, "--json")
        assert json.loads(made.stdout)["release"] == 3
        assert (tmp_path / "backup" / "settings" / "garonne.toml").read_bytes() == place.config.read_bytes()
        assert "whole" in command(place, "restore", folder, "--check").stdout
        assert command(place, "restore", folder).returncode == 2
        assert "restored" in command(place, "restore", folder, "--replace").stdout
        with closing(sqlite3.connect(place.settings.store.path / schema.FILE)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def spoiled(settings: Settings, number: int = 3) -> Path:
    """Changes one bit of a data file of a release; those that share the file share the damage."""
    file = max(Releases(settings.store.path).get(number).store.glob("*.sst"), key=lambda f: f.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return file


def test_what_has_gone_bad_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        before = said(place.settings)
        file = spoiled(place.settings)
        (Releases(place.settings.store.path).path(1) / "manifest.json").unlink()
        done = command(place, "backup", str(tmp_path / "backup"))
        assert done.returncode == 1
        assert f"{file.name} is not what was published" in done.stderr
        assert "releases/000001/manifest.json is missing" in done.stderr
        assert "--repair" in done.stderr
        assert "lacks" in command(place, "doctor").stdout
        checked = command(place, "restore", str(tmp_path / "backup"), "--check")
        assert (checked.returncode, file.name in checked.stderr) == (1, True)
        restored = elsewhere(place, tmp_path / "new")
        made = restoration.restore(tmp_path / "backup", restored)
        assert made.rotten
        assert [words for well, words in repair(restored) if not well] == []
        assert said(restored) == before


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with nights(tmp_path / "city", 1) as (place, _):
        file = max(place.current().store.glob("*.sst"), key=lambda f: f.stat().st_size)
        file.unlink()
        made = backups.back_up(place.settings, tmp_path / "backup")
        assert {Path(name).name: wrong for name, wrong in made.rotten.items()} == {file.name: "is missing"}
        assert backups.damaged(tmp_path / "backup") == []


def test_no_backup_of_a_damaged_bookkeeping(tmp_path: Path) -> None:
    with nights(tmp_path / "city", 1) as (place, _):
        file = place.settings.store.path / schema.FILE
        content = bytearray(file.read_bytes())
        middle = len(content) // 8192 * 4096
        content[middle : middle + 4096] = b"\xff" * 4096
        file.write_bytes(content)
        done = command(place, "backup", str(tmp_path / "backup"))
        assert done.returncode == 3
        assert "no backup was made" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "backup").exists()


def test_one_backup_at_a_time(tmp_path: Path) -> None:
    with nights(tmp_path / "city") as (place, _):
        line = [sys.executable, "-m", "catalog.commands", "--config", str(place.config), "backup"]
        folders = [tmp_path / f"backup{n}" for n in range(4)]
        running = [subprocess.Popen([*line, str(f)], stderr=subprocess.PIPE, text=True) for f in folders]
        ended = [(process.communicate()[1], process.returncode) for process in running]
        assert 0 in {code for _, code in ended}
        for folder, (text, code) in zip(folders, ended, strict=True):
            if code:
                assert (code, "another backup is being made: process" in text, folder.exists()) == (3, True, False)
            else:
                assert backups.damaged(folder) == []
                assert backups.read(folder).releases == [1, 2, 3]
        assert not (place.settings.store.path / backups.HELD).exists()
        with lock.alone(place.settings.store.path, backups.LOCK, backups.BUSY):
            done = command(place, "backup", str(tmp_path / "refused"))
            assert (done.returncode, f"process {os.getpid()}" in done.stderr) == (3, True)
            assert not (tmp_path / "refused").exists()


def test_a_folder_that_another_backup_writes_is_left_alone(tmp_path: Path) -> None:
    with nights(tmp_path / "city", 1) as (place, _):
        (tmp_path / "backup" / backups.STORE).mkdir(parents=True)
        with pytest.raises(UsageError, match="something already"):
            backups.back_up(place.settings, tmp_path / "backup")
        assert (tmp_path / "backup" / backups.STORE).exists()


@pytest.mark.parametrize("trouble", [read_only, full], ids=lambda t: t.__name__)
def test_a_disk_that_takes_nothing_any_more_can_be_saved(
    tmp_path: Path, trouble: Callable[[Path], AbstractContextManager[None]]
) -> None:
    with own_disk(tmp_path / "disk") as disk:
        saved = settings(disk / "var")
        for titles in ({"a": "Un"}, {"b": "Deux"}):
            release(saved.store.path, titles)
        before = said(saved)
        with trouble(disk):
            made = backups.back_up(saved, tmp_path / "backup")
        restored = settings(tmp_path / "var")
        assert restoration.restore(tmp_path / "backup", restored) == made
        assert said(restored) == before


def test_nobody_begins_anew_beside_a_restore_that_has_not_ended(tmp_path: Path) -> None:
    with nights(tmp_path / "city", 1) as (place, _):
        var = place.settings.store.path
        os.replace(var, aside.beside(var, aside.RESTORED))
        for arguments in (("harvest", "run"), ("serve",), ("doctor",)):
            done = command(place, *arguments)
            assert done.returncode == 3, arguments
            assert "`garonne doctor --repair` puts it in its place" in done.stderr + done.stdout
        with pytest.raises(StoreDamaged, match="in its place"):
            backups.back_up(place.settings, tmp_path / "backup")
        assert not var.exists()
        assert "is in its place now" in command(place, "doctor", "--repair").stdout
        assert place.current().number == 1
        os.replace(var, before := aside.beside(var, f"{aside.BEFORE}20260101T000000Z"))
        with pytest.raises(StoreDamaged, match=f"mv {before} {var}"):
            place.run()
        os.replace(before, aside.beside(var, aside.RESTORING))
        with pytest.raises(StoreDamaged, match="has not ended"):
            place.run()
        assert not var.exists()
        os.replace(aside.beside(var, aside.RESTORING), before)
        var.mkdir()  # as the sentence says
        assert place.run().release == 1


def test_a_mount_point_is_no_place_for_a_restore(tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as disk:
        release(tmp_path / "var", {"a": "Un"})
        backups.back_up(settings(tmp_path / "var"), tmp_path / "backup")
        with pytest.raises(UsageError, match="mount point"):
            restoration.restore(tmp_path / "backup", settings(disk))


def command(place: City, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "catalog.commands", "--config", str(place.config), *arguments]
    return subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
