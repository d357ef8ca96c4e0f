"""Small files that are replaced whole: whoever reads one finds what it was, or what it is, also after a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from catalog.releases import sync


def replace(path: Path, text: str) -> None:
    """Makes this text the content of the file, at once or not at all. Raises `OSError`; nothing is left behind then."""
    beside = path.with_suffix(".new")
    try:
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):  # there is none, or the disk is read-only
            beside.unlink()
        raise
    sync(path.parent)
