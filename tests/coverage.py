"""Writes docs/sources/coverage.md: what becomes of the real responses that stand beside the project."""

from __future__ import annotations

from pathlib import Path

from harvest.coverage import Result, markdown, results, tally

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "real"
PAGE = ROOT / "docs" / "sources" / "coverage.md"
HEAD = """# Coverage of sources

What becomes of the saved responses that this project is tested with, each record by itself. Made by
`python -m tests.coverage`, which is `garonne sources coverage FOLDER` on those responses; anyone can run the latter on
responses of their own. `none` counts files that are the response of no kind of source: registries, listings of other
objects, expected results of tests. A value is mapped, unmapped with a reason, or ignored by a rule; each is in the
ledger of its record.

"""


def page(found: list[Result]) -> str:
    """The page for these results."""
    tallies = tally(iter(found))
    rows = ["", "| kind | values mapped | unmapped | ignored |", "|---|---:|---:|---:|"]
    for name, one in sorted(tallies.items()):
        if one.mapped:
            counts = " | ".join(str(one.values[fate]) for fate in ("mapped", "unmapped", "ignored"))
            rows.append(f"| {name} | {counts} |")
    return HEAD + markdown(tallies) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(list(results(REAL))), encoding="utf-8")
