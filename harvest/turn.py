"""One turn of the scheduler: `garonne harvest run SOURCE` in a process of its own, and what came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from catalog.lock import BUSY
from catalog.schedule import Ending, Turn
from vocab.text import Text

COMMAND = (sys.executable, "-m", "catalog.commands")
GRACE = 30.0
"""Seconds that a turn which is asked to end has for it."""
_COULD_NOT = 3


@dataclass
class Running:
    """A process that may be asked to stop from another thread."""

    config: Path
    limit: float
    stopped: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def take(self, turn: Turn) -> Turn:
        """Harvests the source of this turn, and tells how it ended; the reason is the command's own."""
        begun = _now()
        with TemporaryFile() as out, TemporaryFile() as said:
            code = self._run(turn.source, out, said)
            ending, reason = self._judged(code, turn.source, _text(out), _text(said))
        failures = turn.failures + 1 if ending == "failed" else 0 if ending != "busy" else turn.failures
        return replace(
            turn,
            begun=begun,
            ended=_now(),
            ending=ending,
            reason_fr=reason.fr,
            reason_en=reason.en,
            failures=failures,
        )

    def stop(self) -> None:
        """Asks the process to end; what it did not publish is thrown away by the next run."""
        self.stopped = True
        if self._process is not None:
            _end(self._process)

    def _run(self, source: str, out: IO[bytes], said: IO[bytes]) -> int | None:
        """The exit code; None when the turn had to be stopped."""
        command = [*COMMAND, "--config", str(self.config), "harvest", "run", source, "--json", "--quiet"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=said,
            start_new_session=True,  # a Ctrl-C in the terminal of the service is for the service
        )
        try:
            return None if self.stopped else self._process.wait(self.limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(self._process)
            self._process = None

    def _judged(self, code: int | None, source: str, out: str, said: str) -> tuple[Ending, Text]:
        if self.stopped:
            return "stopped", Text("le service s’est arrêté", "the service was stopped")
        if code is None:
            hours = self.limit / 3600
            return "failed", Text(
                f"le moissonnage n’était pas fini après {hours:g} h\u00a0: il a été arrêté",
                f"the harvest had not ended after {hours:g} h and was stopped",
            )
        with suppress(ValueError, KeyError, TypeError, StopIteration):
            found: dict[str, Any] = next(s for s in json.loads(out)["sources"] if s["id"] == source)
            return found["status"], Text(found["reason_fr"], found["reason"])
        last = said.strip() or f"exit {code}"
        ending: Ending = "busy" if code == _COULD_NOT and BUSY in last else "failed"
        return ending, Text(last[-500:], last[-500:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(10_000_000).decode("utf-8", "replace")


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")
