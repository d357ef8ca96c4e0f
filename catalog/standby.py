"""Which release a service shows: the current one, or the newest older one that is whole where that one is damaged."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from catalog import snapshots
from catalog.errors import NotFound, StoreDamaged
from catalog.releases import Release, Releases
from vocab.text import Text


@dataclass(frozen=True)
class Shown:
    """`release` is shown, None before the first; `reason` says what is wrong where it is not the current one, whole."""

    release: Release | None
    reason: Text | None = None


def shown(releases: Releases, refused: Collection[Path] = ()) -> Shown:
    """What to show. `refused` are the stores that could not be read. Raises `StoreDamaged` where nothing is whole.

    Where no older release is whole, the current one is shown all the same: what is not asked of its store is there.
    """
    current: Release | None = None
    number = 1_000_000
    try:
        current = releases.current()
        if current is None:
            return Shown(None)
        number = current.number
        if not (wrong := _flaw(current, refused)):
            return Shown(current)
    except StoreDamaged as e:
        if (older := _older(releases, _named(releases, number), refused)) is None:
            raise
        return Shown(older, _told(older, str(e)))
    older = _older(releases, number, refused)
    return Shown(older or current, _told(older, f"release {number}: {wrong}"))


def legible(releases: Releases) -> list[Release]:
    """The kept releases, oldest first; where one of them or the pointer cannot be read, those that can be."""
    with suppress(StoreDamaged):
        return releases.list()
    found: list[Release] = []
    for number in releases.numbers():
        with suppress(StoreDamaged, NotFound):
            found.append(releases.get(number))
    return found


def _flaw(release: Release, refused: Collection[Path]) -> str:
    if release.store in refused:
        return "its store cannot be read"
    return snapshots.flaw(release.store, release.manifest.files)


def _named(releases: Releases, otherwise: int) -> int:
    """The number that the pointer has, where it can be read at least."""
    try:
        return releases.pointer() or otherwise
    except StoreDamaged:
        return otherwise


def _older(releases: Releases, number: int, refused: Collection[Path]) -> Release | None:
    for candidate in reversed(releases.numbers()):
        if candidate < number:
            try:
                release = releases.get(candidate)
            except (StoreDamaged, NotFound):
                continue
            if not _flaw(release, refused):
                return release
    return None


def _told(older: Release | None, wrong: str) -> Text:
    if older is None:
        return Text(
            f"L’édition en cours est endommagée ({wrong}) et aucune plus ancienne n’est entière. "
            "Lancez «\u00a0garonne doctor --repair\u00a0».",
            f"The current release is damaged ({wrong}), and no older one is whole. Run `garonne doctor --repair`.",
        )
    return Text(
        f"L’édition en cours est endommagée ({wrong})\u00a0; l’édition {older.number} est servie à sa place. "
        "Le prochain moissonnage la répare, ou «\u00a0garonne doctor --repair\u00a0» dès maintenant.",
        f"The current release is damaged ({wrong}); release {older.number} is served in its place. "
        "The next harvest repairs it, or `garonne doctor --repair` does at once.",
    )
