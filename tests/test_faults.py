"""A bounded share of the kills of `python -m tests.faults`: each is checked as there."""

from __future__ import annotations

import subprocess
import sys

from tests.shared import ROOT


def test_no_promise_is_broken_by_kills() -> None:
    """In a process of its own: it forks, and the engine's threads of other tests would not be there."""
    command = [sys.executable, "-m", "tests.faults", "--kills", "12", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 kills in time" in done.stdout
    assert "0 broke a promise" in done.stdout
