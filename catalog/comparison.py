"""What differs between two releases: statements, and what validation found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from catalog.archive import AT, Archive, View
from catalog.findings import Found
from catalog.model import Description
from catalog.releases import Release

_Thing = TypeVar("_Thing")


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


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings that are only in the later release, only in the earlier one, and how many are in both.

    Each comes with the IRI of its dataset. A finding is the same as long as its `key` is.
    """

    new: tuple[tuple[str, Found], ...]
    fixed: tuple[tuple[str, Found], ...]
    remaining: int


def compare_findings(folder: Path, before: Release, after: Release) -> Judgement:
    """What is newly wrong and what was repaired from `before` to `after`, worst first."""
    archive = Archive(folder)
    old, new = (_rows(archive, release.number) for release in (before, after))
    same = [iri for iri in old.keys() & new.keys() if old[iri] == new[iri]]
    remaining = sum(sum(json.loads(old[iri][1]).values()) for iri in same)
    came: list[tuple[str, Found]] = []
    went: list[tuple[str, Found]] = []
    for iri in sorted((old.keys() | new.keys()) - set(same)):
        a = _found(archive.at(before.number), iri)
        b = _found(archive.at(after.number), iri)
        came += ((iri, f) for f in only(b, a))
        gone = only(a, b)
        went += ((iri, f) for f in gone)
        remaining += len(a) - len(gone)
    return Judgement(tuple(sorted(came, key=_weight)), tuple(sorted(went, key=_weight)), remaining)


def _rows(archive: Archive, release: int) -> dict[str, tuple[int, str]]:
    """Since when the findings on a dataset stand as they are, and how many there are of each cause."""
    sql = f"SELECT iri, since, tally FROM findings WHERE {AT}"  # noqa: S608  constant text
    return {r["iri"]: (r["since"], r["tally"]) for r in archive.rows(sql, n=release)}


def _found(view: View, iri: str) -> list[Found]:
    return view.findings(iri) or []


def only(these: Sequence[Found], those: Sequence[Found]) -> list[Found]:
    """The findings on a dataset that the others are not, or are less often.

    A node without an IRI goes by its surroundings, which a repair of one fault changes: what is left over of it is
    matched by its place, so that the node's other faults are not taken for new.
    """
    left = Counter(f.key for f in those)
    unmatched = [found for found in these if not _taken(left, found.key)]
    nameless = Counter(_place(f) for f in those if f.focus.startswith("_:") and _taken(left, f.key))
    return [f for f in unmatched if not (f.focus.startswith("_:") and _taken(nameless, _place(f)))]


def _taken(left: Counter[_Thing], one: _Thing) -> bool:
    """Whether there was one more of this; it is used up."""
    found = left[one] > 0
    left[one] -= found
    return found


def _place(found: Found) -> tuple[str, str, str]:
    return (found.cause.path, found.cause.component, found.cause.shape)


def _weight(found: tuple[str, Found]) -> tuple[int, str, str]:
    return (found[1].cause.severity.rank, found[1].cause.name, found[0])


def plain_findings(judgement: Judgement, lang: str) -> dict[str, Any]:
    """The findings as JSON values, in one language."""
    return {
        "new": [_plain_found(iri, f, lang) for iri, f in judgement.new],
        "fixed": [_plain_found(iri, f, lang) for iri, f in judgement.fixed],
        "remaining": judgement.remaining,
    }


def _plain_found(iri: str, found: Found, lang: str) -> dict[str, Any]:
    cause = found.cause
    return {
        "dataset": iri,
        "severity": cause.severity.value,
        "message": found.message(lang),
        "repair": cause.repair.of(lang),
        **{name: getattr(cause, name) for name in ("path", "component", "shape", "profile", "noise")},
        **{name: getattr(found, name) for name in ("focus", "value", "key")},
    }
