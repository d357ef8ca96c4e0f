"""Runs a command and says what it cost: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GARONNE = Path(sys.executable).parent / "garonne"


@dataclass(frozen=True)
class Cost:
    """One command that ended: its output, exit code, seconds, seconds of processor (user + system), peak in MB.

    The peak is that of the largest process among the command and those it waited for.
    """

    output: str
    talk: str
    code: int
    seconds: float
    cpu: float
    peak: int


def cost(command: Sequence[str | Path], *, accepted: Sequence[int] = (0, 1)) -> Cost:
    """Runs `command` to its end; an exit code that is not accepted ends the bench with what the command said.

    A small process stands between: a child begins with the peak memory of the process it was forked from.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *map(str, command)], capture_output=True, text=True, check=False
    )
    figures = re.search(r"\x1e(\S+) (\S+) (\d+)\n\Z", done.stderr)
    if done.returncode not in accepted or figures is None:
        sys.exit(f"{' '.join(map(str, command))}: failed with {done.returncode}: {done.stderr[-2000:]}")
    talk, peak = done.stderr[: figures.start()], int(figures[3]) // 1024
    return Cost(done.stdout, talk, done.returncode, float(figures[1]), float(figures[2]), peak)


_MEASURED = """
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[1:]).returncode
took = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"\\x1e{took} {used.ru_utime + used.ru_stime} {used.ru_maxrss}", file=sys.stderr)
sys.exit(code)
"""


def described() -> str:
    """One line: the day, the machine and the interpreter of a measurement."""
    return (
        f"Measured on {today()}, {os.cpu_count()} cores ({_processor()}), {platform.machine()}, "
        f"Python {platform.python_version()}."
    )


def today() -> str:
    """The day, as rows of a table bear it."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or "unknown"
