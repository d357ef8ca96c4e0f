"""The store of the next release while it is being made: a clone that is published, or thrown away whole."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog import schema
from catalog.releases import WORK, Release, sync_tree
from catalog.store import Workspace, clone


class Staging:
    """A workspace that can be taken back to its last checkpoint. `current` is what it starts from, None for empty."""

    def __init__(self, folder: Path, current: Release | None) -> None:
        self.folder = folder / WORK
        self._base = current.store if current else None
        self._size: int | None = current.manifest.quads if current else 0
        self._marked = 0
        self.workspace = self._fresh()

    @property
    def path(self) -> Path:
        """Where the workspace is."""
        return self.folder / "store"

    def _fresh(self) -> Workspace:
        if self.path.exists():
            shutil.rmtree(self.path)
        if self._base is not None:
            clone(self._base, self.path)
        else:
            try:
                self.path.mkdir(parents=True)
            except OSError as e:
                raise schema.explained(e, self.path) from e
        return Workspace(self.path, size=self._size)

    def checkpoint(self) -> None:
        """Marks the present state as the one that `revert` goes back to."""
        if self.workspace.writes == self._marked:
            return
        target = self.folder / f"checkpoint-{self.workspace.writes}"
        self.workspace.backup(target)
        self._base, self._marked, self._size = target, self.workspace.writes, self.workspace.size()

    def revert(self) -> None:
        """Goes back to the last checkpoint."""
        if self.workspace.writes == self._marked:
            return
        self.workspace.close()
        self.workspace = self._fresh()
        self.workspace.writes = self._marked

    def sync(self) -> None:
        """Waits until what was loaded is on disk, so that publishing need not.

        The files are held by a copy meanwhile: the store goes on merging its own.
        """
        held = self.folder / "held"
        self.workspace.backup(held)
        try:
            sync_tree(held)
            shutil.rmtree(held)
        except OSError as e:
            raise schema.explained(e, held) from e

    def snapshot(self) -> Path:
        """A consistent copy of the present state, by hard links."""
        target = self.folder / "snapshot"
        self.workspace.backup(target)
        return target

    def close(self) -> None:
        """Throws the workspace away."""
        self.workspace.close()
        shutil.rmtree(self.folder, ignore_errors=True)
