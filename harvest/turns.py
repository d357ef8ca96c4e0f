"""The turns of a scheduler while it attends: kept in memory, and noted beside the store when its disk takes them."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock

from catalog import schedule
from catalog.schedule import Turn

log = logging.getLogger("garonne.scheduler")


class Turns:
    """The turns by source, from any thread. A disk that is full or read-only is said once, and again when it is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turns: dict[str, Turn] = {}
        self._lock = Lock()
        self._written = True

    def all(self) -> dict[str, Turn]:
        """Every turn that is known: those of this scheduler, and what else the notes beside the store tell."""
        return schedule.read(self.folder) | self._turns

    def note(self, turn: Turn) -> None:
        """This is the source's turn now, whether or not it can be written down."""
        with self._lock:
            self._turns[turn.source] = turn
            self._write()

    def catch_up(self) -> None:
        """Writes down what could not be written before."""
        with self._lock:
            if not self._written:
                self._write()

    def _write(self) -> None:
        before, why = self._written, ""
        try:
            schedule.write(self.folder, self.all())
        except OSError as e:
            why = e.strerror or str(e)
        self._written = not why
        if before and why:
            log.error("%s cannot be written (%s); the turns go on without it", schedule.FILE, why)
        elif not before and not why:
            log.info("%s is written again", schedule.FILE)
