"""A few of the nights of `python -m tests.nights`, each checked as there."""

from __future__ import annotations

import subprocess
import sys

from tests.shared import ROOT


def test_every_morning_the_catalogue_is_that_of_the_last_good_night() -> None:
    """In a process of its own: it forks, and the engine's threads of other tests would not be there."""
    command = [sys.executable, "-m", "tests.nights", "--nights", "6", "--seed", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 nights, 0 promises broken" in done.stdout
    assert "killed" in done.stdout
    assert any(mood in done.stdout for mood in (" failed ", " held "))
