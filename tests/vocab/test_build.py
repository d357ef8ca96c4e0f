import csv
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import resources
from io import StringIO
from pathlib import Path

import pytest

from tests.shared import shared
from vocab.build.tables import COLUMNS, OVERLAY, Entry, build
from vocab.terms import SCHEMES, TABLES

BUILT = Path(str(resources.files("vocab"))) / "tables"


@pytest.fixture(scope="module")
def rebuilt() -> dict[str, str]:
    return build(shared("data/vocab"))


def test_the_committed_tables_are_what_the_sources_give(rebuilt: dict[str, str]) -> None:
    assert set(rebuilt) == set(TABLES)
    for name, text in rebuilt.items():
        assert (BUILT / f"{name}.csv").read_text(encoding="utf-8") == text, name


def test_the_command_writes_them(tmp_path: Path) -> None:
    source = shared("data/vocab")
    done = subprocess.run(
        [sys.executable, "-m", "vocab.build", str(source), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in tmp_path.glob("*.csv")} == set(TABLES)
    assert "frequency: 39 terms" in done.stderr
    assert done.stdout == ""


def test_the_command_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "vocab.build"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage" in done.stderr


def overlays() -> Iterator[tuple[str, dict[str, str]]]:
    for path in sorted(OVERLAY.glob("*.csv")):
        if path.stem in SCHEMES:
            for row in csv.DictReader(StringIO(path.read_text(encoding="utf-8"))):
                yield path.stem, row


@cache
def built(name: str) -> dict[str, dict[str, str]]:
    text = (BUILT / f"{name}.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(StringIO(text))}


def test_every_overlay_row_is_well_formed_and_arrives() -> None:
    for name, row in overlays():
        assert None not in row, (name, row)
        assert set(row) <= set(COLUMNS), name
        assert None not in row.values(), (name, row)
        made = built(name)[row["code"]]
        assert not row.get("fr") or made["fr"] == row["fr"]
        assert not row.get("en") or made["en"] == row["en"]


def test_an_alias_that_says_nothing_new_is_left_out() -> None:
    entry = Entry("CSV", "http://example.org/CSV", "CSV", "CSV", aliases=[".csv", "text/csv", "Text/CSV", " "])
    assert entry.row()[-1] == "text/csv"


def test_tables_have_the_columns_and_no_markup() -> None:
    for name in TABLES:
        text = (BUILT / f"{name}.csv").read_text(encoding="utf-8")
        assert text.splitlines()[0] == ",".join(COLUMNS)
        assert "\r" not in text
        assert text.endswith("\n")


def test_the_documentation_gives_every_table_and_its_size() -> None:
    text = (Path(__file__).parents[2] / "docs" / "vocabularies.md").read_text(encoding="utf-8")
    for name in TABLES:
        assert f"| `{name}` | {len(built(name))} |" in text
