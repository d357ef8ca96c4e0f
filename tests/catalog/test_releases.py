"""Releases: atomic whatever happens, readable side by side, cleaned up after."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.archive import Archive
from catalog.errors import NotFound, StoreDamaged, StoreFull
from catalog.releases import Manifest, Releases, point
from catalog.store import open_read_only
from tests.catalog.making import at, release
from tests.shared import ROOT


def titles(folder: Path, number: int) -> dict[str, str]:
    return {d.slug: d.title for d in Archive(folder).at(number).summaries()[1]}


def test_numbers_manifest_and_list(tmp_path: Path) -> None:
    found = Releases(tmp_path)
    assert found.current() is None
    assert found.list() == []
    first = release(tmp_path, {"a": "Un"})
    second = release(tmp_path, {"a": "Deux"})
    assert found.current() == second
    assert [r.number for r in found.list()] == [1, 2]
    assert first.manifest.published == at(1)
    assert first.manifest.datasets == 1
    assert first.manifest.quads == len(open_read_only(first.store))
    assert first.manifest.events == {"created": 1}
    assert second.manifest.events == {"updated": 1}
    assert first.manifest.fingerprint != second.manifest.fingerprint
    assert found.get(1) == first
    with pytest.raises(NotFound, match=r"There is no release 7\. Kept: 1, 2\."):
        found.get(7)


def test_a_reader_of_the_old_release_finishes_on_it(tmp_path: Path) -> None:
    first = release(tmp_path, {"a": "Un"})
    old = open_read_only(first.store)
    before = set(old)
    second = release(tmp_path, {"a": "Deux", "b": "x"}, keep=1)
    new = open_read_only(second.store)
    assert not first.path.exists(), "pruned"
    assert set(old) == before
    assert len(new) > len(before)


def test_killed_at_any_step_the_previous_release_stays_and_the_next_works(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    release(folder, {"a": "Un"})
    release(folder, {"b": "Deux"})
    done = subprocess.run(
        [sys.executable, "-m", "tests.catalog.killed", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r for r in results if not r["ok"]] == []
    assert sum(r["killed"] for r in results) > 10
    assert {r["said"] for r in results} == {"2", "3"}, "kills before and after the swap"


@pytest.mark.parametrize("content", ["", "x", "1 2", "\x00"])
def test_a_damaged_pointer_is_reported(tmp_path: Path, content: str) -> None:
    release(tmp_path, {"a": "Un"})
    (tmp_path / "current").write_text(content)
    with pytest.raises(StoreDamaged, match="pointer to the current release cannot be read"):
        Releases(tmp_path).current()


def test_a_lost_pointer_throws_nothing_away(tmp_path: Path) -> None:
    for title in ("Un", "Deux", "Trois"):
        release(tmp_path, {"a": title}, keep=2)
    (tmp_path / "current").unlink()
    with pytest.raises(StoreDamaged, match="there are releases up to 3"):
        release(tmp_path, {"a": "Quatre"})
    point(tmp_path, 3)
    assert titles(tmp_path, 3) == {"a": "Trois"}
    assert titles(tmp_path, 2) == {"a": "Deux"}
    assert release(tmp_path, {"a": "Quatre"}).number == 4


def test_a_release_that_is_gone_is_reported(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    point(tmp_path, 5)
    with pytest.raises(StoreDamaged, match=r"the current release, 5, is not there\. Kept: 1"):
        Releases(tmp_path).current()


@pytest.mark.parametrize("text", ["{", "[]", '{"number": 1}', '{"published": 3}'])
def test_a_damaged_manifest_is_reported(tmp_path: Path, text: str) -> None:
    found = release(tmp_path, {"a": "Un"})
    (found.path / "manifest.json").write_text(text)
    with pytest.raises(StoreDamaged, match="manifest cannot be read"):
        Releases(tmp_path).get(1)


def test_a_folder_made_anew_is_read_anew(tmp_path: Path) -> None:
    first = release(tmp_path / "var", {"a": "Un"})
    (tmp_path / "var").rename(tmp_path / "away")
    second = release(tmp_path / "var", {"a": "Deux"})
    assert Releases(tmp_path / "var").current() == second
    assert first.manifest.fingerprint != second.manifest.fingerprint


def test_cleaning_removes_leftovers_only(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    for name in ("releases/000002", "releases/000002.tmp", "releases/000007", "work/store", "work/snapshot"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.json").write_text("{}")
    assert [r.number for r in Releases(tmp_path).list()] == [1]
    Releases(tmp_path).clean()
    assert sorted(p.name for p in (tmp_path / "releases").iterdir()) == ["000001"]
    assert not (tmp_path / "work").exists()
    assert titles(tmp_path, 1) == {"a": "Un"}


def test_pruning_keeps_at_least_one(tmp_path: Path) -> None:
    for title in ("Un", "Deux", "Trois"):
        release(tmp_path, {"a": title})
    assert Releases(tmp_path).prune(2) == 2
    assert [r.number for r in Releases(tmp_path).list()] == [2, 3]
    assert Releases(tmp_path).prune(0) == 3
    assert sorted(p.name for p in (tmp_path / "releases").iterdir()) == ["000003"]


def test_what_cannot_be_published_leaves_all_as_it_was(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    manifest = Manifest(2, at(2), 0, 0, "x")
    with pytest.raises(StoreDamaged):
        Releases(tmp_path).publish(manifest, tmp_path / "no such snapshot")
    assert Releases(tmp_path).pointer() == 1
    assert release(tmp_path, {"a": "Deux"}).number == 2


# ── a full disk ──────────────────────────────────────────────────────────────────────────────────────────────────────

FULL = """
import sys
from pathlib import Path
from catalog.errors import GaronneError
from tests.catalog.making import release
folder, free = Path(sys.argv[1]), int(sys.argv[2])
import os
stat = os.statvfs(folder)
os.posix_fallocate(os.open(folder.parent / "filler", os.O_RDWR | os.O_CREAT), 0, stat.f_bavail * stat.f_frsize - free)
try:
    release(folder, {f"d{n}": f"{n} " + "x" * 2000 for n in range(1500)})
except GaronneError as e:
    print(type(e).__name__, e)
    sys.exit(e.exit_code)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of 48 MB that is mounted for this test."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk  # type: ignore[misc]  # a fixture that yields
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_full_disk_is_explained_and_changes_nothing(small_disk: Path) -> None:
    folder = small_disk / "var"
    release(folder, {"a": "Un"})
    for free in (0, 4096, 100_000, 1_000_000, 4_000_000):
        done = subprocess.run(
            [sys.executable, "-c", FULL, str(folder), str(free)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        (small_disk / "filler").unlink()
        assert done.returncode == 3, (free, done.stdout, done.stderr)
        assert done.stdout.startswith(StoreFull.__name__), (free, done.stdout)
        assert "no space is left on the disk. Free some space and run again." in done.stdout
        assert Releases(folder).pointer() == 1
        assert titles(folder, 1) == {"a": "Un"}
        current = Releases(folder).current()
        assert current is not None
        assert len(open_read_only(current.store)) == current.manifest.quads
    assert release(folder, {"b": "Deux"}).number == 2
    assert titles(folder, 2) == {"a": "Un", "b": "Deux"}
