"""One turn of the scheduler: `garonne harvest run SOURCE` in a process of its own, and what came of it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import IO, Any

from catalog import logs
from catalog.lock import BUSY
from catalog.schedule import Ending, Turn
from vocab.text import Text

log = logging.getLogger("garonne.turn")
COMMAND = (sys.executable, "-m", "catalog.commands")
GRACE = 30.0
"""Seconds that a turn which is asked to end has for it."""
DRAIN = 5.0
"""Seconds until what a process has said is not waited for any more."""
_COULD_NOT = 3


_WORDS = 500
"""Characters that the note about a failed turn has room for."""
_LINE = 65_536
"""Bytes up to which a line of the process is one line."""
_MOST = 10_000_000
"""Bytes of its result that are read."""


@dataclass
class Running:
    """A process that may be asked to stop from another thread.

    What it logs goes among the lines of this process as it comes. Its output needs no disk.
    """

    config: Path
    limit: float
    stopped: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def take(self, turn: Turn) -> Turn:
        """Harvests the source of this turn, and tells how it ended; the reason is the command's own."""
        begun = _now()
        out, said = _Result(), _Said()
        ending, reason = self._judged(self._run(turn.source, out, said), turn.source, out, said)
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

    def _run(self, source: str, out: _Result, said: _Said) -> int | None:
        """The exit code; None when the turn had to be stopped."""
        command = [*COMMAND, "--config", str(self.config), "harvest", "run", source, "--json", "--quiet"]
        self._process = process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal of the service is for the service
        )
        readers = [_reading(out, process.stdout), _reading(said, process.stderr)]
        try:
            return None if self.stopped else process.wait(self.limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)
            self._process = None
            for reader in readers:
                reader.join(DRAIN)  # a process that it left behind may hold the other end

    def _judged(self, code: int | None, source: str, out: _Result, said: _Said) -> tuple[Ending, Text]:
        if self.stopped:
            return "stopped", Text("le service s’est arrêté", "the service was stopped")
        if code is None:
            hours = self.limit / 3600
            return "failed", Text(
                f"le moissonnage n’était pas fini après {hours:g} h\u00a0: il a été arrêté",
                f"the harvest had not ended after {hours:g} h and was stopped",
            )
        with suppress(ValueError, KeyError, TypeError, StopIteration):
            found: dict[str, Any] = next(s for s in json.loads(out.text)["sources"] if s["id"] == source)
            return found["status"], Text(found["reason_fr"], found["reason"])
        last = said.words or f"exit {code}"
        ending: Ending = "busy" if code == _COULD_NOT and BUSY in last else "failed"
        return ending, Text(last, last)


def failed(turn: Turn, why: Exception) -> Turn:
    """The turn when no process could take it."""
    at, text = _now(), str(why) or type(why).__name__
    return replace(
        turn, begun=at, ended=at, ending="failed", reason_fr=text, reason_en=text, failures=turn.failures + 1
    )


class _Result:
    """What the process gave, up to a sane length."""

    def __init__(self) -> None:
        self.text = ""

    def read(self, stream: IO[bytes]) -> None:
        """To its end, so that the process never waits for a reader."""
        self.text = stream.read(_MOST).decode("utf-8", "replace")
        while stream.read(_LINE):
            pass


class _Said:
    """What the process said: passed on by the line; what was no line of a log is kept for the note about a failure."""

    def __init__(self) -> None:
        self._last = ""

    @property
    def words(self) -> str:
        """The last that it said of itself."""
        return self._last.strip()[-_WORDS:]

    def read(self, stream: IO[bytes]) -> None:
        """To its end."""
        while line := stream.readline(_LINE):
            said = line.decode("utf-8", "replace").rstrip()
            if not logs.logged(said):
                self._last = f"{self._last}\n{said}"[-2 * _WORDS :]
            if said:
                logs.relay(said, log)


def _reading(to: _Result | _Said, stream: IO[bytes] | None) -> Thread:
    """Reads in a thread of its own."""

    def read() -> None:
        if stream is not None:
            with stream:
                to.read(stream)

    thread = Thread(target=read, daemon=True)
    thread.start()
    return thread


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")
