"""Lines of the log in both formats, and those of another process among them."""

from __future__ import annotations

import json
import logging

import pytest

from catalog import logs
from catalog.settings_table import LogSettings

log = logging.getLogger("garonne.tests")


pytestmark = pytest.mark.usefixtures("logs_as_before")


def test_a_line_names_what_is_being_done(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings())
    with logs.doing("run-12"):
        log.info("one\ntwo")
    log.debug("not told")
    assert capsys.readouterr().err == "INFO garonne.tests [run-12]: one\\ntwo\n"


def test_an_object_names_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json"))
    with logs.doing("run-12"):
        log.warning("said", extra={"status": "held"})
    told = json.loads(capsys.readouterr().err)
    assert (told["id"], told["level"], told["logger"], told["status"]) == ("run-12", "warning", "garonne.tests", "held")


def test_a_level_below_which_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(level="debug"), least="warning")
    log.info("not told")
    logs.configure(LogSettings(level="error"), least="warning")
    log.warning("nor this")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("written", ["text", "json"])
def test_what_was_logged_is_told_from_what_was_said(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format=written))
    with logs.doing("run-12"):
        log.warning("what: %s", "so")
    log.error("again")
    assert all(logs.logged(line) for line in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize(
    "line", ["", "garonne: the disk is full.", "{", '{"level": "info"}', "[1]", "Warning: nothing", "INFO", "{}"]
)
def test_what_was_said_is_no_line_of_a_log(line: str) -> None:
    assert not logs.logged(line)


def test_a_line_of_another_process_is_passed_on_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    line = '{"level": "info", "logger": "garonne.harvest", "message": "é", "id": "run-3"}'
    for written in ("text", "json"):
        logs.configure(LogSettings(format=written, level="error"))
        logs.relay(line, log)
        assert capsys.readouterr().err == f"{line}\n"


def test_what_it_said_otherwise_is_an_object_where_every_line_is(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings())
    logs.relay("garonne: the disk is full.", log)
    assert capsys.readouterr().err == "garonne: the disk is full.\n"
    logs.configure(LogSettings(format="json"))
    logs.relay("garonne: the disk is full.", log)
    told = json.loads(capsys.readouterr().err)
    assert (told["message"], told["level"]) == ("garonne: the disk is full.", "warning")
