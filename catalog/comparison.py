"""What differs between two releases, dataset by dataset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.archive import AT, Archive
from catalog.model import Description
from catalog.releases import Release


@dataclass(frozen=True, slots=True)
class Change:
    """One description that differs: in only one of the releases, or in both with other statements."""

    kind: str
    iri: str
    title: str
    change: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def compare(folder: Path, before: Release, after: Release) -> list[Change]:
    """The descriptions that differ from `before` to `after`, byte for byte; empty when the releases say the same."""
    archive = Archive(folder)
    old, new = _hashes(archive, before.number), _hashes(archive, after.number)
    found: list[Change] = []
    for iri in sorted(old.keys() | new.keys()):
        if old.get(iri) == new.get(iri):
            continue
        a = archive.at(before.number).get(iri) if iri in old else None
        b = archive.at(after.number).get(iri) if iri in new else None
        found.append(_change(a, b))
    return found


def _hashes(archive: Archive, release: int) -> dict[str, str]:
    return {r["iri"]: r["hash"] for r in archive.rows(f"SELECT iri, hash FROM descriptions WHERE {AT}", n=release)}  # noqa: S608  constant text


def _change(a: Description | None, b: Description | None) -> Change:
    from catalog.draft import title_of

    either = b or a
    assert either is not None, "one of the two has it"  # noqa: S101  by construction of the union above
    old = {line.rstrip("\n") for line in a.lines} if a else set()
    new = {line.rstrip("\n") for line in b.lines} if b else set()
    word = "updated" if a and b else "created" if b else "withdrawn"
    return Change(
        either.kind.value, either.iri, title_of(either), word, tuple(sorted(new - old)), tuple(sorted(old - new))
    )


def plain(change: Change) -> dict[str, Any]:
    """A change as JSON values."""
    return {
        "kind": change.kind,
        "iri": change.iri,
        "title": change.title,
        "change": change.change,
        "added": list(change.added),
        "removed": list(change.removed),
    }
