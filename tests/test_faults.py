"""A bounded share of the kills of `python -m tests.faults`: each is checked as there."""

from __future__ import annotations

import subprocess
import sys

from tests.shared import ROOT


def test_no_promise_is_broken_by_kills() -> None:
    """In a process of its own: it forks, and the engine's threads of other tests would not be there."""
    told = _killed("--kills", "12")
    assert "12 kills in time" in told
    assert "0 broke a promise" in told


def test_what_keeps_a_catalogue_may_be_killed() -> None:
    """Backup, restore (in one step and in two), export and repair."""
    told = _killed("--kills", "0", "--keeping", "6")
    assert "keeping: 6 kills in time" in told
    assert "0 broke a promise" in told


def _killed(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.faults", "--seed", "7", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
