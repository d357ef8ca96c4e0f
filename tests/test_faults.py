"""A bounded share of the kills of `python -m tests.faults`: each is checked as there."""

from __future__ import annotations

from pathlib import Path

from tests.faults.trials import told, trials

KILLS = 15


def test_no_promise_is_broken_by_kills(tmp_path: Path) -> None:
    with trials(tmp_path, seed=7) as found:
        for _ in range(KILLS):
            found.kill()
        figures = told(found.kills, found.watch.asked)
    assert [k for k in found.kills if k.wrong] == [], figures
    assert sum(k.came for k in found.kills) >= KILLS // 3, figures
