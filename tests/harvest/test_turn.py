"""One turn: the command's own words about why it failed, whatever it logs beside them."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from catalog import logs
from catalog.schedule import Turn
from catalog.settings_table import LogSettings
from harvest.turn import COMMAND, Running, failed
from tests.harvest.city import city, saved

pytestmark = pytest.mark.usefixtures("logs_as_before")


def test_why_it_failed_is_a_sentence_also_among_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json"))
    place = city(tmp_path, saved(tmp_path), more='[log]\nformat = "json"\n')
    (tmp_path / "var").write_text("a file where a folder should be")
    turn = Running(place.config, 60).take(Turn("saved", failures=1))
    assert (turn.ending, turn.failures) == ("failed", 2)
    assert turn.reason_en.startswith("garonne: ")
    assert "{" not in turn.reason_en
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert turn.reason_en in [one["message"] for one in told if one["logger"] == "garonne.turn"]


def test_settings_that_are_wrong_now(tmp_path: Path) -> None:
    place = city(tmp_path, saved(tmp_path))
    place.config.write_text("[harvest]\nbatch = 'many'\n")
    turn = Running(place.config, 60).take(Turn("saved"))
    assert turn.ending == "failed"
    assert "batch" in turn.reason_fr


def test_a_turn_that_no_process_could_take() -> None:
    turn = failed(Turn("saved", failures=2, begun="2026-01-01T03:00:00+00:00"), OSError(12, "Cannot allocate memory"))
    assert (turn.ending, turn.failures, turn.reason_fr) == ("failed", 3, "[Errno 12] Cannot allocate memory")
    assert turn.begun > "2026-01-01T03:00:00+00:00", "it is later than the last run, and so it is told"


@pytest.mark.parametrize("quiet", [True, False])
def test_what_a_run_logs_as_text(tmp_path: Path, quiet: bool) -> None:
    """All of it where there is no progress; warnings alone beside it."""
    records = Path(str(files("harvest").joinpath("sample", "datasets")))
    (tmp_path / "records").mkdir()
    shutil.copy(sorted(records.glob("*.json"))[0], tmp_path / "records")
    place = city(tmp_path, saved(tmp_path / "records"))
    command = [*COMMAND, "--config", str(place.config), "harvest", "run", "--no-validate", "--lang", "en"]
    done = subprocess.run([*command, *["--quiet"] * quiet], capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    assert ("INFO garonne.harvest [run-1]: saved: harvested" in said) is quiet
    assert any("datasets seen" in line for line in said) is not quiet
