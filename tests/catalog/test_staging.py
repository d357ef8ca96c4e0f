"""The workspace of a run: checkpoints, going back to them, being thrown away."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from catalog.staging import Staging
from catalog.store import open_read_only
from tests.catalog.making import BASE, MINT, release
from vocab.namespaces import DCT


def title(text: str) -> list[Triple]:
    return [Triple(NamedNode(BASE + "dataset/a"), DCT.title, Literal(text))]


def titles(staging: Staging) -> set[str]:
    return {str(q.object.value) for q in staging.workspace.store.quads_for_pattern(None, DCT.title, None, None)}


def test_going_back_to_the_last_checkpoint(tmp_path: Path) -> None:
    staging = Staging(tmp_path, None)
    staging.checkpoint()
    staging.workspace.replace(MINT.record("a"), title("first"))
    staging.revert()
    assert titles(staging) == set()
    staging.workspace.replace(MINT.record("a"), title("second"))
    staging.checkpoint()
    for _ in range(3):  # several sources that fail one after the other
        staging.workspace.replace(MINT.record("b"), title("third"))
        assert titles(staging) == {"second", "third"}
        staging.revert()
        assert titles(staging) == {"second"}
        staging.checkpoint()
    staging.workspace.replace(MINT.record("c"), title("fourth"))
    staging.checkpoint()
    staging.revert()
    assert titles(staging) == {"second", "fourth"}
    snapshot = staging.snapshot()
    staging.close()
    assert not staging.folder.exists()
    assert not snapshot.exists()


def test_a_snapshot_does_not_move_with_the_workspace(tmp_path: Path) -> None:
    staging = Staging(tmp_path, None)
    staging.workspace.replace(MINT.record("a"), title("first"))
    staging.snapshot().rename(tmp_path / "kept")
    staging.workspace.replace(MINT.record("a"), title("second"))
    assert {str(q.object.value) for q in open_read_only(tmp_path / "kept")} == {"first"}
    staging.close()


def test_it_starts_from_the_release_and_never_writes_to_it(tmp_path: Path) -> None:
    current = release(tmp_path, {"a": "Un"})
    before = set(open_read_only(current.store))
    staging = Staging(tmp_path, current)
    assert set(staging.workspace.store) == before
    staging.workspace.replace(MINT.record("a"), [])
    staging.revert()
    assert set(staging.workspace.store) == before
    staging.workspace.replace(MINT.record("a"), [])
    staging.close()
    assert set(open_read_only(current.store)) == before


def test_what_a_killed_run_left_is_thrown_away(tmp_path: Path) -> None:
    first = Staging(tmp_path, None)
    first.workspace.replace(MINT.record("a"), title("left over"))
    first.workspace.close()
    second = Staging(tmp_path, None)
    assert titles(second) == set()
    second.close()
