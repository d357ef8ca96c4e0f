"""The files of a release's snapshot: what they were when it was published, and whether they still are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

Files = dict[str, tuple[int, str]]
"""Names of files, each with its size in bytes and its SHA-256."""


def record(store: Path, known: Mapping[int, tuple[int, str]] | None = None) -> Files:
    """The files of a snapshot as they are now; `known` has size and digest by inode, so as not to read those again."""
    found: Files = {}
    for file in sorted(store.iterdir()):
        if _counts(file.name):
            status = file.stat()
            kept = (known or {}).get(status.st_ino)
            found[file.name] = kept if kept and kept[0] == status.st_size else (status.st_size, digest(file))
    return found


def inodes(store: Path, files: Files) -> dict[int, tuple[int, str]]:
    """What was recorded of a snapshot's data files by inode: these never change, and later snapshots share them."""
    found = {}
    for name, told in files.items():
        file = store / name
        if file.suffix == ".sst" and file.exists():
            found[file.stat().st_ino] = told
    return found


def flaw(store: Path, files: Files, *, deep: bool = False) -> str:
    """What is wrong with a snapshot, empty where nothing is. Sizes are looked at; with `deep`, everything is read."""
    for name, (size, told) in files.items():
        file = store / name
        if not file.is_file():
            return f"the file {name} is missing"
        if file.stat().st_size != size:
            return f"the file {name} has {file.stat().st_size} bytes instead of {size}"
        if deep and digest(file) != told:
            return f"the file {name} is not what was published"
    return "" if store.is_dir() else "the folder of its store is missing"


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _counts(name: str) -> bool:
    """Whether a file belongs to what was published: locks and the engine's own log do not."""
    return name not in {"LOCK", "IDENTITY"} and not name.startswith("LOG")
