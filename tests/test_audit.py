"""What `make audit` makes of what it is told."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests import audit
from tests.fakes.server import Answer, serving


def saying(out: str, err: str = "", code: int = 0) -> tuple[str, ...]:
    program = f"import sys; sys.stdout.write({out!r}); sys.stderr.write({err!r}); sys.exit({code})"
    return (sys.executable, "-c", program)


def report(*versions: list[str]) -> str:
    known = [{"id": f"CVE-{n}", "fix_versions": fixed} for n, fixed in enumerate(versions)]
    return json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": known}]})


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (saying(report()), 0, "1 packages compared, 0 known"),
        (saying('{"dependencies": [{"name": "a", "skip_reason": "?"}]}'), 0, "SKIPPED.*none of 1"),
        (saying(report(["2"]), code=1), 1, "a 1 has CVE-0; mended in: 2"),
        (saying(report([]), code=1), 0, "no version yet"),
        (saying("", "ERROR: no route to host", 1), 0, "SKIPPED.*no route to host"),
        ((sys.executable, "-c", "import time; time.sleep(9)"), 0, "SKIPPED.*no answer within"),
        ((sys.executable, "-c", "1/0"), 0, "SKIPPED.*ZeroDivisionError"),
    ],
)
def test_audit(command: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:

    with serving(lambda _path: Answer(b'{"info": {"name": "pip"}}')) as database:
        assert audit.main(command, within=2, database=database.address) == code
    assert re.search(said, capsys.readouterr().out)


@pytest.mark.parametrize("answer", [Answer(b"{}"), Answer(b"<html>"), Answer(status=404), Answer(status=503)])
def test_without_the_database_nothing_is_compared_and_nothing_fails(
    answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda _path: answer) as other:
        assert audit.main(("/nowhere",), database=other.address) == 0
    assert "SKIPPED" in capsys.readouterr().out
    assert audit.main(("/nowhere",), database=other.address) == 0, "nobody listens there any more"
    assert "SKIPPED" in capsys.readouterr().out


def test_it_is_done_once_a_day(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    assert [audit.lately(stamp), audit.lately(stamp)] == [False, True]
    os.utime(stamp, (0, 0))
    assert not audit.lately(stamp)
