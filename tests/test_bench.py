"""The page of benchmarks: sections are replaced, hand-written text stays. Nothing is measured here."""

from __future__ import annotations

import sys

import pytest

from tests.bench import machine, page
from tests.bench.__main__ import sections

WRITTEN = page.replace("# Benchmarks\n\nBy hand, above.\n", "harvest", "Harvest", "| a | 1 |") + "\nBy hand, below.\n"


def test_a_new_section_gets_its_heading_and_its_marks() -> None:
    assert "## Harvest\n\n<!-- measured: harvest" in WRITTEN
    assert page.section(WRITTEN, "harvest") == "| a | 1 |"


def test_what_was_written_by_hand_stays() -> None:
    again = page.replace(WRITTEN, "harvest", "Other title", r"new \1 text")
    assert "By hand, above." in again
    assert again.endswith("\nBy hand, below.\n")
    assert "Other title" not in again
    assert page.section(again, "harvest") == r"new \1 text"


def test_sections_do_not_touch_each_other() -> None:
    both = page.replace(WRITTEN, "sparql", "SPARQL", "fast")
    again = page.replace(both, "harvest", "Harvest", "slow")
    assert (page.section(again, "sparql"), page.section(again, "harvest")) == ("fast", "slow")


def test_rows_that_were_not_measured_are_kept_and_the_others_replaced_in_place() -> None:
    kept = "Words.\n\n| datasets | rate |\n|---:|---|\n| 10,000 | 1 |\n| 100,000 | 2 |"
    assert page.merge_rows(kept, {"10,000": "| 10,000 | 9 |"}) == ["| 10,000 | 9 |", "| 100,000 | 2 |"]
    assert page.merge_rows(kept, {"5": "| 5 | 9 |"})[-1] == "| 5 | 9 |"
    assert page.merge_rows("", {"5": "| 5 | 9 |"}) == ["| 5 | 9 |"]


def test_every_section_has_a_title_and_its_marks_in_the_page() -> None:
    written = (machine.ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    for name, module in sections().items():
        assert module.TITLE
        assert page.section(written, name), f"run python -m tests.bench {name}, and keep its section in the page"


def test_a_command_is_measured() -> None:
    found = machine.cost([sys.executable, "-c", "import sys; sum(range(10**6)); print(1); print(2, file=sys.stderr)"])
    assert (found.output, found.talk, found.code) == ("1\n", "2\n", 0)
    assert 0 < found.cpu < 60
    assert 1 < found.peak < 200


def test_a_command_that_fails_ends_the_bench_with_its_words() -> None:
    with pytest.raises(SystemExit, match="no such luck"):
        machine.cost([sys.executable, "-c", "import sys; print('no such luck', file=sys.stderr); sys.exit(3)"])
