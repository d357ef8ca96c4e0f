"""What a restore leaves beside a store's folder, and that nobody begins a new catalogue there by mistake.

{store}.restoring        a catalogue that is being restored; not whole
{store}.restored         one that is whole, just before it takes its place, or the one that stood there just after
{store}.before-{time}    one that a restore has set aside
"""

from __future__ import annotations

from pathlib import Path

from catalog.errors import StoreDamaged

RESTORING, RESTORED, BEFORE = ".restoring", ".restored", ".before-"
_PARTS = ("current", "bookkeeping.sqlite")
"""Of a catalogue, by which it is known to be one."""


def occupied(folder: Path) -> bool:
    """Whether there is a catalogue."""
    return any((folder / name).exists() for name in _PARTS)


def beside(folder: Path, suffix: str) -> Path:
    """The name beside a store's folder; of a symbolic link, beside what it leads to."""
    place = folder.resolve()
    return place.with_name(place.name + suffix)


def refuse(folder: Path) -> None:
    """Raises `StoreDamaged` where a restore has left the folder without its catalogue: a new one would begin at 1."""
    if occupied(folder):
        return
    place, restored, restoring = folder.resolve(), beside(folder, RESTORED), beside(folder, RESTORING)
    if restored.exists():
        raise StoreDamaged(
            f"a restore broke off just before its end: the catalogue is in {restored.name}.",
            what=str(place),
            hint="`garonne doctor --repair` puts it in its place.",
        )
    if restoring.exists():
        raise StoreDamaged(
            "a restore of this catalogue has not ended.",
            what=str(place),
            hint=f"Wait for it, or run `garonne restore` again; to begin a new catalogue, remove {restoring}.",
        )
    before = sorted(place.parent.glob(f"{place.name}{BEFORE}*"))
    if before and not place.exists():
        raise StoreDamaged(
            f"there is no catalogue here, and a restore has set one aside as {before[-1].name}.",
            what=str(place),
            hint=f"`mv {before[-1]} {place}` brings it back; to begin a new one, `mkdir {place}`.",
        )
