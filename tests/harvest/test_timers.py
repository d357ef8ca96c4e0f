"""The examples by which systemd and cron harvest: as systemd reads them, as our commands are, as a shell runs them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import click
import pytest

from catalog.commands.root import cli
from tests.docs import FOLDER
from tests.harvest.city import city, saved

PLACE = "/srv/garonne"
"""Where the examples have the catalogue."""
PROGRAM = Path(sys.executable).parent / "garonne"
UNITS = sorted(p for p in (FOLDER / "examples").iterdir() if p.suffix in {".service", ".timer"})
HARVEST = FOLDER / "examples" / "garonne-harvest@.service"
LATER = {"RestartSteps", "RestartMaxDelaySec"}
"""What systemd knows from version 254 on."""


def cron() -> str:
    """The command of the line for cron in the documentation, without its five times and its user."""
    (line,) = re.findall(r"^\d+ \d+ \* \* \*  garonne  (.+)$", (FOLDER / "operation.md").read_text(), re.MULTILINE)
    return str(line)


def setting(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def commands() -> list[list[str]]:
    """What comes after the program's name, in every example."""
    lines = [line for unit in UNITS for line in setting(unit, "ExecStart")] + cron().split(";")
    words = [shlex.split(line) for line in lines if "bin/garonne" in line]
    return [line[1:] for line in words]


def read(arguments: list[str]) -> click.Context:
    """The command line as our program reads it, without doing it. Raises `click.UsageError`."""
    context = cli.make_context("garonne", list(arguments))
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_every_command_of_the_examples_is_one_of_ours(arguments: list[str]) -> None:
    context = read(arguments)
    if "serve" not in arguments:
        assert context.command_path == "garonne harvest run"
        assert context.params["sources"] in {("%i",), ("toulouse",)}
        assert context.params["notify"] is True, "as the scheduler does"
        assert context.params["quiet"] is True


def test_a_command_that_is_none_of_ours_is_found_out() -> None:
    with pytest.raises(click.UsageError):
        read(["harvest", "run", "--silently"])
    with pytest.raises(click.UsageError):
        read(["gather"])


def verified(folder: Path, unit: Path, before: str = "", after: str = "") -> tuple[int, list[str]]:
    """Exit code and words of systemd about a unit, with one replacement made; without what it knows only later."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for one in UNITS:
        text = one.read_text(encoding="utf-8").replace(f"{PLACE}/.venv/bin/garonne", str(PROGRAM))
        (folder / one.name).write_text(text.replace(before, after) if before and one == unit else text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(folder / unit.name)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if str(folder) in line or unit.name in line]
    return done.returncode, [line for line in said if not any(f"'{name}'" in line for name in LATER)]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_them(tmp_path: Path, unit: Path) -> None:
    assert verified(tmp_path, unit) == (0, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Restart=on-failure", "Restart=always"),
        ("ExecStart=", "ExecStart=gone/"),
        ("SuccessExitStatus=1", "SuccessExitStatus=many"),
        ("Type=oneshot", "Typ=oneshot"),
    ],
)
def test_what_is_wrong_with_one_would_be_said(tmp_path: Path, before: str, after: str) -> None:
    code, said = verified(tmp_path, HARVEST, before, after)
    assert code or said


def test_exit_codes_are_what_they_mean() -> None:
    """1 is no failure, 2 is not tried again, 3 is: as the scheduler does with held, wrong settings, and failed."""
    assert setting(HARVEST, "SuccessExitStatus") == ["1"]
    assert setting(HARVEST, "RestartPreventExitStatus") == ["2"]
    assert setting(HARVEST, "Restart") == ["on-failure"]


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_line_for_cron_tries_again_until_the_source_answers(tmp_path: Path) -> None:
    records = tmp_path / "records"
    place = city(tmp_path / "city", saved(records, "toulouse"), more='[notify]\nwebhook = "http://127.0.0.1:9/"\n')
    (place.folder / ".venv" / "bin").mkdir(parents=True)
    (place.folder / ".venv" / "bin" / "garonne").symlink_to(PROGRAM)
    (sample := tmp_path / "sample").mkdir()
    for record in sorted(Path(str(files("harvest").joinpath("sample", "datasets"))).glob("*.json"))[:2]:
        shutil.copy(record, sample)
    (tools := tmp_path / "tools").mkdir()
    waited = f'echo "$1" >> {tmp_path}/waits'
    script(tools / "sleep", f'{waited}; [ "$1" != 15m ] || mv {sample} {records}')  # then the source answers
    script(tools / "logger", f"cat > {tmp_path}/said")
    subprocess.run(
        ["sh", "-c", cron().replace(PLACE, str(place.folder))],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        check=True,
    )
    assert (tmp_path / "waits").read_text().split() == ["0", "15m"], "and no more once it has"
    assert place.current().manifest.datasets == 2
    said = (tmp_path / "said").read_text()
    assert "INFO garonne.harvest [run-1]: toulouse: failed" in said
    assert "was not sent: " in said, "it tried to notify"
    assert "INFO garonne.harvest [run-2]: toulouse: harvested" in said
