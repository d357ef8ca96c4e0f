"""What a power cut leaves: before a name is given, all that it names is on disk.

A disk may forget whatever was not waited for. So everything that the pointer will name is looked at when it is swapped:
each file and each folder must have been waited for after its last change, or be a file of the release before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import schema
from catalog.releases import POINTER, Releases, rewrite
from catalog.takedown.order import take_down
from tests.catalog.making import release, settings


class Disk:
    """Notes what is waited for, and calls `check` before each swap of a name that is one of `names`."""

    def __init__(self, patch: pytest.MonkeyPatch, names: set[str], check: Callable[[Disk, Path], None]) -> None:
        self.waited: set[int] = set()
        self.swaps: list[str] = []
        fsync, swap = os.fsync, os.replace

        def waits(descriptor: int) -> None:
            fsync(descriptor)
            self.waited.add(os.fstat(descriptor).st_ino)

        def replaces(source: str | Path, target: str | Path) -> None:
            if Path(target).name in names:
                self.swaps.append(Path(target).name)
                check(self, Path(target))
                assert Path(source).stat().st_ino in self.waited, f"{source} is named before it is on disk"
            swap(source, target)
            self.waited.discard(Path(target).parent.stat().st_ino)  # the folder has changed

        patch.setattr(os, "fsync", waits)
        patch.setattr(os, "replace", replaces)

    def missing(self, folder: Path, known: set[int]) -> list[str]:
        """What of a folder is not on disk yet."""
        return [
            str(path)
            for path in (folder, *folder.rglob("*"))
            if path.stat().st_ino not in self.waited | known and path.name != "LOCK"
        ]


def test_a_release_is_on_disk_before_the_pointer_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(tmp_path, {"a": "Un"})
    known = {p.stat().st_ino for p in (tmp_path / "releases").rglob("*.sst")}

    def check(disk: Disk, _pointer: Path) -> None:
        assert disk.missing(tmp_path / "releases/000002", known) == []
        assert (tmp_path / "releases").stat().st_ino in disk.waited, "the name of its folder"

    disk = Disk(monkeypatch, {POINTER}, check)
    release(tmp_path, {"a": "Un bis", "b": "Deux"})
    assert disk.swaps == [POINTER]
    assert tmp_path.stat().st_ino in disk.waited, "the swap itself"


def test_a_rewritten_store_is_on_disk_before_the_manifest_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(tmp_path, {"a": "Un", "b": "Deux"})
    seen: list[Path] = []

    def check(disk: Disk, manifest: Path) -> None:
        stores = [p for p in manifest.parent.glob("store-*") if p.suffix != ".tmp"]
        seen.extend(stores)
        assert [m for store in stores for m in disk.missing(store, set())] == []

    Disk(monkeypatch, {"manifest.json"}, check)
    assert take_down(settings(tmp_path), "a", "essai", lambda _: None).left == []
    assert seen


def test_the_bookkeeping_is_waited_for_before_the_release_is_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite waits by itself, in WAL mode, for what is committed while `synchronous` is FULL (its pragma page)."""
    said: list[str] = []
    execute = schema.Connection.execute

    def noted(self: schema.Connection, sql: str, parameters: object = (), /) -> object:
        said.append(sql)
        return execute(self, sql, parameters)

    monkeypatch.setattr(schema.Connection, "execute", noted)
    publish = Releases.publish

    def published(self: Releases, *given: object) -> object:
        full, wrote = said.index("PRAGMA synchronous = FULL"), said.index(f"PRAGMA user_version = {schema.VERSION}")
        assert full < wrote < len(said) - said[::-1].index("COMMIT")
        assert not any(s.startswith(("INSERT", "UPDATE", "DELETE")) for s in said[wrote:]), "nothing after it"
        said.append("published")
        return publish(self, *given)  # type: ignore[arg-type]  # whatever it is given

    monkeypatch.setattr(Releases, "publish", published)
    release(tmp_path, {"a": "Un"})
    assert "published" in said


def test_a_manifest_is_replaced_whole(tmp_path: Path) -> None:
    made = release(tmp_path, {"a": "Un"})
    rewrite(made, made.manifest)
    assert Releases(tmp_path).current() == made
