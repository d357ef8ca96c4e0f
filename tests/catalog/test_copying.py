"""A file is copied and compared at once; a source that cannot be read is not a target that cannot be written."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from catalog.copying import Unreadable, copied, copy_releases, linked, of_releases, state
from catalog.releases import Releases
from tests.catalog.making import release
from tests.disks import full, own_disk


def test_size_and_digest_are_of_what_was_copied(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"content" * 500_000)
    size, digest = copied(tmp_path / "one", tmp_path / "new" / "other")
    content = (tmp_path / "new" / "other").read_bytes()
    assert (size, digest) == (len(content), hashlib.sha256(content).hexdigest()) == (3_500_000, digest)


@pytest.mark.skipif(sys.platform != "linux", reason="that file is of Linux")
def test_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Input/output error"):
        copied(Path("/proc/self/mem"), tmp_path / "copy")  # nothing is at its beginning
    with pytest.raises(Unreadable, match="No such file"):
        copied(tmp_path / "nothing", tmp_path / "copy")


def test_a_target_that_is_full_is_another_error(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    with own_disk(tmp_path / "disk") as disk, full(disk), pytest.raises(OSError, match="No space") as raised:
        copied(tmp_path / "one", disk / "copy")
    assert not isinstance(raised.value, Unreadable)


def test_what_is_made_anew_is_left_out(tmp_path: Path) -> None:
    made = release(tmp_path / "var", {"a": "Un"})
    for name in ("answers", "dumps", "dumps.tmp"):
        (made.path / name).mkdir()
        (made.path / name / "file").touch()
    found = {file.name for file in of_releases(tmp_path / "var", state(tmp_path / "var"))}
    assert "manifest.json" in found
    assert not found & {"file", "LOCK"}


def test_a_folder_without_hard_links_gets_a_copy(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    with own_disk(tmp_path / "disk") as disk:
        linked(tmp_path / "one", disk / "new" / "other")
        assert (disk / "new" / "other").read_text() == "x"
    with pytest.raises(FileNotFoundError):
        linked(tmp_path / "nothing", tmp_path / "other")


def test_a_release_whose_files_were_not_noted_is_opened_and_counted(tmp_path: Path) -> None:
    made = release(tmp_path / "var", {"a": "Un"})
    told = json.loads((made.path / "manifest.json").read_text())
    (made.path / "manifest.json").write_text(json.dumps({**told, "files": {}}))
    now = state(tmp_path / "var")
    assert copy_releases(tmp_path / "var", tmp_path / "whole", now).rotten == {}
    (made.path / "manifest.json").write_text(json.dumps({**told, "files": {}, "quads": 1}))
    found = copy_releases(tmp_path / "var", tmp_path / "other", state(tmp_path / "var"))
    assert list(found.rotten) == ["releases/000001/store"]
    assert not (tmp_path / "other/releases/000001/store").exists()


def test_a_takedown_makes_another_state(tmp_path: Path) -> None:
    made = release(tmp_path, {"a": "Un"})
    before = state(tmp_path)
    assert before == state(tmp_path)
    manifest = made.path / "manifest.json"
    manifest.with_name("new").write_bytes(manifest.read_bytes())
    manifest.with_name("new").replace(manifest)
    assert state(tmp_path) != before
    assert Releases(tmp_path).get(1) == made
