"""Every saved response there is goes through: each record is mapped, or set aside for a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.commands.root import cli
from catalog.errors import UsageError
from harvest.coverage import markdown, results, tally
from harvest.source import Rejected
from tests.fakes.opendatasoft import record
from tests.real import everything
from tests.shared import shared


@pytest.mark.xdist_group("real")
def test_no_record_fails_and_every_reason_is_in_both_languages() -> None:
    assert not [(r.file.name, r.reason) for r in everything() if r.failed]
    for one in everything():
        assert (one.mapped is None) == (one.reason is not None)
        if one.reason:
            assert one.reason.fr
            assert one.reason.en


@pytest.mark.xdist_group("real")
def test_every_file_is_accounted_for() -> None:
    files = {f for f in shared("data/real").rglob("*") if f.is_file() and not f.name.startswith(".")}
    silent = files - {r.file for r in everything()}
    assert all(f.stat().st_size < 1000 or "empty" in f.name or f.suffix == ".json" for f in silent), silent


@pytest.mark.xdist_group("real")
def test_nearly_all_records_with_title_and_identifier_are_mapped() -> None:
    """Only records that were read at all are counted here; what is no record is in the account above."""
    read = [r for r in everything() if not isinstance(r.record, Rejected)]
    untitled = [r for r in read if r.reason and "title" in r.reason.en]
    assert sum(r.mapped is not None for r in read) >= 0.98 * (len(read) - len(untitled))


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([record("a"), {"x": 1}]))
    (tmp_path / "notes.txt").write_text("rien")
    run = CliRunner().invoke(cli, ["sources", "coverage", str(tmp_path)])
    assert run.exit_code == 0
    assert "| opendatasoft | 1 | 2 | 1 | 1 | 0 |" in run.output
    assert "| none | 1 | 0 | 0 | 1 | 0 |" in run.output
    run = CliRunner().invoke(cli, ["sources", "coverage", str(tmp_path), "--json", "--kind", "opendatasoft"])
    assert json.loads(run.output)["opendatasoft"]["mapped"] == 1
    wrong = CliRunner().invoke(cli, ["sources", "coverage", str(tmp_path), "--kind", "x"])
    assert isinstance(wrong.exception, UsageError)
    assert markdown(tally(results(tmp_path))).startswith("| kind |")
