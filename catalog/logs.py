"""Logs on standard error: lines for people, or one JSON object a line for collectors; each names its run or request."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime

from catalog.settings_table import LogSettings

current: ContextVar[str] = ContextVar("garonne_log_id", default="")
"""What is being done: `run-12`, or the identifier of a request; empty outside of both."""
_STANDARD = frozenset(vars(logging.makeLogRecord({})))


_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+( \[[^\]]*\])?: ")


def configure(settings: LogSettings, *, least: str = "") -> None:
    """Sends every log of this process to standard error as the settings say; replaces what was configured before.

    `least` is a level below which nothing is logged whatever they say.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if settings.format == "json" else Plain())
    handler.addFilter(_named)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    if least:
        root.setLevel(max(root.level, logging.getLevelNamesMapping()[least.upper()]))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # each wake-up is a line of its own there


@contextmanager
def doing(name: str) -> Iterator[None]:
    """Everything that is logged within names this."""
    token = current.set(name)
    try:
        yield
    finally:
        current.reset(token)


def logged(line: str) -> bool:
    """Whether another process of ours logged this line, in either format, or said it otherwise."""
    if line.startswith("{"):
        with suppress(ValueError):
            return {"level", "logger", "message"} <= set(json.loads(line))
    return _LINE.match(line) is not None


def relay(line: str, log: logging.Logger) -> None:
    """Writes a line of another process of ours among those of this one: as it is where it is one of this format.

    What it said otherwise becomes a warning of `log` where every line is to be an object.
    """
    root = logging.getLogger()
    handlers = [
        h for h in root.handlers if isinstance(h, logging.StreamHandler) and isinstance(h.formatter, Plain | Json)
    ]
    if not logged(line) and any(isinstance(handler.formatter, Json) for handler in handlers):
        log.warning("%s", line)
        return
    for handler in handlers:
        with handler.lock or nullcontext(), suppress(OSError):  # nobody reads it, or its disk is full
            handler.stream.write(f"{line}\n")
            handler.flush()


def _named(record: logging.LogRecord) -> bool:
    record.doing = current.get()
    return True


class Plain(logging.Formatter):
    """`WARNING garonne.api [6f-12]: what happened`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback below it where there is one; a line break in a message does not make a line."""
        doing = getattr(record, "doing", "")
        text = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"{record.levelname} {record.name}{f' [{doing}]' if doing else ''}: {text}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class Json(logging.Formatter):
    """One object a line: time, level, logger, message, id, and whatever the caller gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if doing := getattr(record, "doing", ""):
            said["id"] = doing
        said |= {k: v for k, v in vars(record).items() if k not in _STANDARD and k not in {"doing", "message"}}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)
