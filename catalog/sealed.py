"""Sealed folders: an exported copy of a release never changes, and says so by a file of its own.

Whoever opens the bookkeeping of a sealed folder opens it immutable, without locks and without files beside it, so that
it can be read from a read-only mount; whoever would write there is refused.
"""

from __future__ import annotations

from pathlib import Path

from catalog.errors import StoreSealed

FILE = "copy.json"


def sealed(folder: Path) -> bool:
    """Whether a store folder is an exported copy."""
    return (folder / FILE).exists()


def refuse(folder: Path) -> None:
    """Raises `StoreSealed` where the folder is an exported copy."""
    if sealed(folder):
        raise StoreSealed(
            "this is an exported copy of a release, which does not change.",
            what=str(folder),
            hint="Write to the store that it was exported from, and export anew.",
        )
