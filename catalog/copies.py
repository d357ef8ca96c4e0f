"""Exported copies of a release: whole, self-contained folders that never change and may be served from anywhere.

{copy}/copy.json                     what it is a copy of, the settings that answers depend on, checksums
{copy}/current, releases/000012/     as in the store: snapshot, manifest, answers to the standing questions
{copy}/bookkeeping.sqlite            descriptions, their history and events up to this release
{copy}/shapes/                       registered profiles
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalog import mending, schema
from catalog.errors import NotFound, StoreDamaged, UsageError
from catalog.excerpt import excerpt
from catalog.releases import Release, Releases, point, sync, sync_tree
from catalog.sealed import FILE
from catalog.settings import CatalogSettings, Settings, SourceSettings, ValidationSettings
from catalog.snapshots import Files, digest
from catalog.store import clone
from shapes.registry import FOLDER as SHAPES

FORMAT = 1
ANSWERS = "answers"
"""The folder of a release with the answers to its standing questions."""


@dataclass(frozen=True)
class Copy:
    """What a copy says of itself. `files` gives size and SHA-256 of each other file, by its path in the folder."""

    release: int
    fingerprint: str
    exported: datetime
    settings: dict[str, Any]
    files: dict[str, tuple[int, str]]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(size for size, _ in self.files.values())


def export(settings: Settings, number: int, target: Path) -> Copy:
    """Writes a copy of a kept release to a new folder, whole or not at all; a harvest may go on meanwhile.

    Raises `UsageError` where the target is something already, `NotFound` where the release is not kept, `StoreFull`.
    """
    releases = Releases(settings.store.path)
    release = releases.get(number)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("there is something already.", what=str(target), hint="Name a folder that does not exist.")
    pending = target.with_name(target.name + ".partial")
    try:
        if pending.exists():
            shutil.rmtree(pending)
        pending.mkdir(parents=True)
        copy = _written(settings, release, pending)
        _still(releases, number)
        sync_tree(pending)
        os.replace(pending, target)
        sync(target.absolute().parent)
    except (OSError, StoreDamaged) as e:
        _still(releases, number)
        raise (schema.explained(e, target) if isinstance(e, OSError) else e) from e
    finally:
        shutil.rmtree(pending, ignore_errors=True)
    return copy


def _still(releases: Releases, number: int) -> None:
    if number not in {kept.number for kept in releases.list()}:
        raise NotFound(f"Release {number} was pruned while it was copied.", hint="Copy a newer one.")


def _written(settings: Settings, release: Release, folder: Path) -> Copy:
    source = settings.store.path
    following = [r.manifest.published for r in Releases(source).list() if r.number > release.number]
    excerpt(source, folder / schema.FILE, release.number, min(following, default=None))
    place = Releases(folder).path(release.number)
    clone(release.store, place / release.store.name)
    shutil.copy2(release.path / "manifest.json", place / "manifest.json")
    if (answers := release.path / ANSWERS).is_dir():
        shutil.copytree(answers, place / ANSWERS, ignore=shutil.ignore_patterns("*.tmp"))
    if (source / SHAPES).is_dir():
        shutil.copytree(source / SHAPES, folder / SHAPES)
    point(folder, release.number)
    files = {str(f.relative_to(folder)): (f.stat().st_size, digest(f)) for f in _files(folder)}
    _compare(release, str((place / release.store.name).relative_to(folder)), files)
    now = datetime.now(UTC).replace(microsecond=0)
    copy = Copy(release.number, release.manifest.fingerprint, now, _carried(settings), files)
    told = {"format": FORMAT, **asdict(copy), "exported": now.isoformat()}
    (folder / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return copy


def _compare(release: Release, store: str, files: Files) -> None:
    """Raises `StoreDamaged` where what was copied is not what was published."""
    published = release.manifest.files
    wrong = next((name for name, told in published.items() if files.get(f"{store}/{name}") != told), "")
    words = f"the file {wrong} is not what was published" if wrong else ""
    if not published:  # a release of before files were noted
        words = mending.flaw(release, deep=True)
    if words:
        raise StoreDamaged(
            f"release {release.number}: {words}, so that no copy was made.",
            what=str(release.store),
            hint="`garonne doctor --repair` makes it anew from the bookkeeping; then copy it.",
        )


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file() and f.name != FILE)


def _carried(settings: Settings) -> dict[str, Any]:
    """The settings that answers depend on; nothing of how sources are read, and no secret."""
    sources = [{"id": s.id, "kind": s.kind, "url": _public(s.url)} for s in settings.sources]
    return {"catalog": asdict(settings.catalog), "validation": asdict(settings.validation), "source": sources}


def _public(url: str) -> str:
    """An address without a name and password in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def read(folder: Path) -> Copy:
    """What the copy in this folder says of itself.

    Raises `NotFound` where there is none, `StoreDamaged` where it cannot be read or files of it are missing or cut.
    """
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT:
            raise StoreDamaged("it was exported by another version of this program.", what=str(folder))
        told["exported"] = datetime.fromisoformat(told["exported"])
        told["files"] = {name: (size, known) for name, (size, known) in told["files"].items()}
        copy = Copy(**told)
        different = [name for name, (size, _) in copy.files.items() if _size(folder / name) != size]
    except (FileNotFoundError, NotADirectoryError) as e:
        raise NotFound(
            "this folder is not an exported copy.", what=str(folder), hint="`garonne releases export N DIR` makes one."
        ) from e
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise StoreDamaged(f"the copy cannot be read ({e}).", what=str(folder / FILE)) from e
    if different:
        raise StoreDamaged(
            f"the copy is not whole: {', '.join(different[:3])}{' …' if different[3:] else ''}.",
            what=str(folder),
            hint="Copy the folder again; copy.json last.",
        )
    return copy


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return -1


def damaged(folder: Path) -> list[str]:
    """The files of a copy whose content is not what was exported. Reads all of it."""
    return [name for name, (_, told) in read(folder).files.items() if digest(folder / name) != told]


def settings_of(copy: Copy, settings: Settings, folder: Path) -> Settings:
    """The settings to serve a copy with from this folder: those that it carries, the others as given."""
    try:
        carried = copy.settings
        return replace(
            settings,
            catalog=CatalogSettings(**carried["catalog"]),
            validation=ValidationSettings(**carried["validation"]),
            sources=tuple(SourceSettings(**source) for source in carried["source"]),
            store=replace(settings.store, path=folder),
        )
    except (TypeError, KeyError) as e:
        raise StoreDamaged(
            f"the settings in the copy cannot be read ({e}).",
            what=FILE,
            hint="Serve it with the version of this program that exported it.",
        ) from e
