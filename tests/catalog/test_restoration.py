"""A restore that is killed has left the catalogue of before or the restored one; or says what to run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog import aside, backups, lock, restoration
from catalog.doctor.repair import repair
from catalog.errors import StoreDamaged, StoreLocked
from catalog.releases import Releases
from tests.catalog.making import release, settings
from tests.shared import ROOT

KILLED = """
import os, signal, sys
from pathlib import Path
from catalog import restoration
from tests.catalog.making import settings

folder, steps, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if steps == "two":
    restoration.exchange = lambda one, other: False
swap, count = os.replace, 0

def replace(one, other):
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
    swap(one, other)

os.replace = replace
restoration.restore(folder / "backup", settings(folder / "var"), replace=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A backup of release 1, and a catalogue of releases 1 and 2."""
    release(tmp_path / "var", {"a": "Un"})
    backups.back_up(settings(tmp_path / "var"), tmp_path / "backup")
    release(tmp_path / "var", {"a": "Un bis"})
    return tmp_path


def killed(folder: Path, steps: str, at: int) -> None:
    line = [sys.executable, "-c", KILLED, str(folder), steps, str(at)]
    assert subprocess.run(line, cwd=ROOT, check=False).returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is of Linux")
@pytest.mark.parametrize(("at", "current", "other"), [(1, 2, ""), (2, 1, "var.restored")])
def test_in_one_step_there_is_always_a_catalogue(folder: Path, at: int, current: int, other: str) -> None:
    killed(folder, "one", at)
    assert Releases(folder / "var").pointer() == current
    if other:
        assert Releases(folder / other).pointer() == 2
    assert all(well for well, _ in repair(settings(folder / "var")))
    assert sorted(p.name.partition("-")[0] for p in folder.iterdir()) == ["backup", "var"] + ["var.before"] * bool(
        other
    )
    restoration.restore(folder / "backup", settings(folder / "var"), replace=True)
    assert Releases(folder / "var").pointer() == 1
    assert 2 in {Releases(p).pointer() for p in folder.glob("var.before-*")}


def test_between_two_steps_nobody_begins_anew_and_repair_goes_on(folder: Path) -> None:
    killed(folder, "two", 3)
    var = folder / "var"
    assert not var.exists()
    with pytest.raises(StoreDamaged, match="in its place"), lock.writing(var):
        pass
    with pytest.raises(StoreDamaged, match="in its place"):
        Releases(var).current()
    with pytest.raises(StoreDamaged, match="in its place"):
        release(var, {"b": "Deux"})
    assert not var.exists()
    told = [words for _, words in repair(settings(var))]
    assert told[0].endswith("is in its place now")
    assert Releases(var).pointer() == 1
    assert [Releases(p).pointer() for p in folder.glob("var.before-*")] == [2]


def test_one_restore_at_a_time(folder: Path) -> None:
    building = aside.beside(folder / "var", aside.RESTORING)
    with (
        lock.alone(building, lock.FILE, restoration.BUSY),
        pytest.raises(StoreLocked, match=f"another restore is under way: process {os.getpid()}"),
    ):
        restoration.restore(folder / "backup", settings(folder / "var"), replace=True)
    assert building.exists(), "it is the other's"


def test_a_link_to_a_store_elsewhere_stays(folder: Path) -> None:
    (folder / "disk").mkdir()
    os.replace(folder / "var", folder / "disk" / "store")
    (folder / "var").symlink_to(folder / "disk" / "store")
    restoration.restore(folder / "backup", settings(folder / "var"), replace=True)
    assert (folder / "var").is_symlink()
    assert Releases(folder / "disk" / "store").pointer() == 1
    assert [p.name.partition("-")[0] for p in (folder / "disk").iterdir() if p.name != "store"] == ["store.before"]


def test_the_catalogue_is_on_disk_before_it_takes_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: set[int] = set()
    fsync, swap = os.fsync, restoration.exchange

    def waits(descriptor: int) -> None:
        fsync(descriptor)
        waited.add(os.fstat(descriptor).st_ino)

    def swapped(one: Path, other: Path) -> bool:
        missing = [str(p) for p in (one, *one.rglob("*")) if p.stat().st_ino not in waited]
        assert missing == []
        assert one.parent.stat().st_ino in waited, "its name"
        waited.clear()
        return swap(one, other)

    monkeypatch.setattr(os, "fsync", waits)
    monkeypatch.setattr(restoration, "exchange", swapped)
    restoration.restore(folder / "backup", settings(folder / "var"), replace=True)
    assert folder.stat().st_ino in waited, "the exchange itself"
