"""Rules and vocabularies are told apart by the program's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvest.mapping import rules


def test_each_has_a_digest_of_its_own() -> None:
    assert len({rules.rules(), rules.vocabularies(), rules.short("")}) == 3
    assert {len(one) for one in (rules.rules(), rules.vocabularies(), rules.short(""))} == {rules.LENGTH}


def test_a_file_that_changes_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "tables" / "theme.csv"
    table.parent.mkdir()
    table.write_text("a,b\n")
    monkeypatch.setattr(rules, "_VOCABULARIES", tmp_path)
    before = rules.vocabularies.__wrapped__()
    table.write_text("a,c\n")
    after = rules.vocabularies.__wrapped__()
    (tmp_path / "note.txt").write_text("no table")
    assert before != after == rules.vocabularies.__wrapped__()


def test_the_mapping_is_among_the_rules() -> None:
    names = {f.name for f in rules._files(rules._RULES, ("*.py",))}
    assert {"opendatasoft.py", "ods_record.py", "values.py"} <= names
    assert "accept.py" not in names, "commands map nothing"
