"""What was told already: `notify.json` beside the store. Lost, it is only told once more."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog import atomic

FILE = "notify.json"
_BLOCK = 512
"""Bytes in which the system counts the room that a file has, whatever its blocks are."""


@dataclass
class Notes:
    """When each lasting condition was last told of, by way and key; and up to which release each publisher was told."""

    told: dict[str, str] = field(default_factory=dict)
    publishers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Notes:
        """The notes of this store folder; empty ones where there are none that can be read."""
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
            found = json.loads((folder / FILE).read_text(encoding="utf-8"))
            told = {str(k): datetime.fromisoformat(v).isoformat() for k, v in found["told"].items()}
            publishers = {
                str(iri): {"release": int(one["release"]), "sent": str(one["sent"])}
                for iri, one in found["publishers"].items()
            }
            return cls(told, publishers)
        return cls()

    def write(self, folder: Path) -> OSError | None:
        """Replaces the notes, at once or not at all; on a full disk in the place of those that are there.

        Gives what the disk answered then, and raises it where it takes not even that.
        """
        text = json.dumps({"told": self.told, "publishers": self.publishers}, ensure_ascii=False, indent=1)
        try:
            atomic.replace(folder / FILE, text + "\n")
        except OSError as e:
            _write_over(folder / FILE, f"{text}\n".encode())
            return e
        return None

    def due(self, key: str, now: datetime, again: timedelta) -> bool:
        """Whether this is to be told: never told, or so long ago that a reminder is in place."""
        last = self.told.get(key)
        return last is None or not timedelta(0) <= now - datetime.fromisoformat(last) < again

    def over(self, lasting: set[str]) -> None:
        """Forgets what lasts no more, so that it is told at once when it comes again."""
        self.told = {key: at for key, at in self.told.items() if key.partition(" ")[2] in lasting}


def _write_over(path: Path, text: bytes) -> None:
    """Needs no room but what the file has already. Raises `OSError` where that is too little."""
    with path.open("r+b", buffering=0) as out:
        if len(text) > os.fstat(out.fileno()).st_blocks * _BLOCK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        out.write(text)
        out.truncate()
        os.fsync(out.fileno())
