"""The scheduler's own notes, beside the store: how each source's last turn went, and when its next one is due.

The scheduler writes them, whoever shows the state of the catalogue reads them.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from catalog import atomic
from catalog.errors import StoreLocked

FILE = "schedule.json"
LOCK = "schedule.lock"
Ending = Literal["", "harvested", "held", "failed", "stopped", "busy"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One source: when its last turn began and ended, how, and when the next is due; moments in ISO 8601, UTC.

    `failures` counts the failed turns since the last that was not; `reason` says why the last one failed or was held.
    """

    source: str
    schedule: str = ""
    begun: str = ""
    ended: str = ""
    ending: Ending = ""
    reason_fr: str = ""
    reason_en: str = ""
    failures: int = 0
    due: str = ""

    @property
    def due_at(self) -> datetime | None:
        """When the next turn is due; None where that is not known."""
        return datetime.fromisoformat(self.due) if self.due else None


def read(folder: Path) -> dict[str, Turn]:
    """The notes by source; empty where there are none, or where they cannot be read."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        known = {f.name for f in fields(Turn)}
        rows = json.loads((folder / FILE).read_text(encoding="utf-8"))
        turns = [Turn(**{k: v for k, v in row.items() if k in known}) for row in rows]
        return {turn.source: turn for turn in turns}
    return {}


def legible(folder: Path) -> bool:
    """Whether the notes, where there are any, can be read."""
    path = folder / FILE
    return not path.exists() or bool(read(folder)) or path.read_bytes().strip() == b"[]"


def write(folder: Path, turns: dict[str, Turn]) -> None:
    """Replaces the notes, at once or not at all. Raises `OSError`."""
    text = json.dumps([asdict(turn) for turn in turns.values()], ensure_ascii=False, indent=1)
    atomic.replace(folder / FILE, text + "\n")


def look(folder: Path) -> None:
    """Notes that the scheduler lives and looks at its clock now: a time stamp, which a full disk takes too."""
    with suppress(OSError):  # a disk that is read-only: then nothing is harvested either
        os.utime(folder / LOCK)


def looked(folder: Path) -> datetime | None:
    """When a scheduler last looked at its clock (UTC; it does so every half minute); None where none ever did."""
    with suppress(OSError):
        return datetime.fromtimestamp((folder / LOCK).stat().st_mtime, UTC)
    return None


@contextmanager
def attending(folder: Path) -> Iterator[None]:
    """Holds the schedule of this store folder, so that no other scheduler attends to it; freed even by kill -9.

    Raises `StoreLocked` where another one does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Opened for reading: this does not keep anybody from making the disk read-only, and works where it is.
    held = os.open(folder / LOCK, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise StoreLocked(
                "another scheduler attends to this catalogue.",
                what=str(folder),
                hint="`garonne serve` runs one of its own; `--no-schedule` leaves it to another.",
            ) from e
        look(folder)
        yield
    finally:
        os.close(held)
