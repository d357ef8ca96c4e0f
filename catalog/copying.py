"""Copies of what the kept releases are, each file compared with what was published while it is copied."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from catalog import mending
from catalog.errors import NotFound, StoreDamaged
from catalog.releases import FOLDER, MANIFEST, Releases
from catalog.snapshots import Files

_PIECE = 1 << 20
_LEFT_OUT = {"answers", "dumps", "LOCK"}
"""What is made anew, and what is of one process."""


class Unreadable(OSError):
    """A file cannot be read from its disk; writing the copy was not what failed."""


@dataclass(frozen=True)
class State:
    """The current release, and the manifest of each kept one by its number: another file after a takedown."""

    current: int
    manifests: dict[int, int]


@dataclass(frozen=True)
class Copied:
    """Files with size and SHA-256, what is another file anew, and what was left out because it had gone bad."""

    files: Files
    links: dict[str, str]
    rotten: dict[str, str]


def state(folder: Path) -> State:
    """Of the releases of a store's folder at this moment."""
    releases = Releases(folder)
    current = releases.pointer()
    found = {n: releases.path(n) / MANIFEST for n in releases.numbers() if n <= current}
    return State(current, {n: path.stat().st_ino if path.exists() else 0 for n, path in found.items()})


def of_releases(folder: Path, now: State) -> Iterator[Path]:
    """The files of the kept releases, in order."""
    for number in now.manifests:
        top = Releases(folder).path(number)
        for file in sorted(p for p in top.rglob("*") if p.is_file()):
            parts = file.relative_to(top).parts
            if not _LEFT_OUT.intersection(parts) and not any(part.endswith(".tmp") for part in parts):
                yield file


def copy_releases(folder: Path, target: Path, now: State) -> Copied:
    """Copies to `target` what is as it was published; names are those below `folder`.

    A manifest that cannot be read leaves nothing to compare its store with: then the store is left out too.
    """
    files: Files = {}
    links: dict[str, str] = {}
    seen: dict[int, str] = {}
    expected, rotten = _expected(folder, now)
    for file in of_releases(folder, now):
        name = str(file.relative_to(folder))
        if any(str(part) in rotten for part in (Path(name), *Path(name).parents)):
            continue
        wanted, inode = expected.pop(name, None), file.stat().st_ino
        first = seen.get(inode, "")
        try:
            found = files[first] if first else copied(file, target / name)
        except Unreadable as e:
            rotten[name] = f"cannot be read ({e})"
            (target / name).unlink(missing_ok=True)
            continue
        if wanted is not None and wanted != found:
            rotten[name] = "is not what was published"
            (target / name).unlink(missing_ok=True)
        elif first:  # releases share most of their data files
            links[name] = first
            linked(target / first, target / name)
        else:
            seen[inode], files[name] = name, found
    return Copied(files, links, rotten | dict.fromkeys(expected, "is missing"))


def _expected(folder: Path, now: State) -> tuple[Files, dict[str, str]]:
    """The files of every kept release as its manifest has them; and what cannot be compared, because it is damaged."""
    expected: Files = {}
    rotten: dict[str, str] = {}
    releases = Releases(folder)
    for number in sorted({*now.manifests, now.current}):
        place = f"{FOLDER}/{releases.path(number).name}"
        try:
            release = releases.get(number)
        except (NotFound, StoreDamaged):
            there = (releases.path(number) / MANIFEST).exists()
            rotten[f"{place}/{MANIFEST}"] = "cannot be read" if there else "is missing"
            rotten |= {f"{place}/{s.name}": "cannot be compared" for s in releases.path(number).glob("store*")}
            continue
        store = f"{place}/{release.manifest.store}"
        expected |= {f"{store}/{name}": told for name, told in release.manifest.files.items()}
        if not release.manifest.files and (wrong := mending.flaw(release, deep=True)):
            rotten[store] = wrong
    return expected, rotten


def copied(source: Path, target: Path) -> tuple[int, str]:
    """Copies a file, its folder is made where it is missing; size and SHA-256 of what was copied.

    Raises `Unreadable` where the source cannot be read, `OSError` where the target cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        reading = source.open("rb")
    except OSError as e:
        raise Unreadable(e.strerror or str(e)) from e
    with reading, target.open("wb") as writing:
        while piece := _read(reading):
            digest.update(piece)
            writing.write(piece)
            size += len(piece)
    shutil.copystat(source, target)
    return size, digest.hexdigest()


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_PIECE)
    except OSError as e:
        raise Unreadable(e.strerror or str(e)) from e


def linked(source: Path, target: Path) -> None:
    """Another name for a file; a copy where the file system knows no such thing. Its folder is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)
