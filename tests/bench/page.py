"""docs/benchmarks.md: what is measured stands between marks and is replaced; what people wrote around it stays."""

from __future__ import annotations

import re

EMPTY = "# Benchmarks\n"


def section(page: str, name: str) -> str:
    """What stands between the marks of section `name` now; empty when there is no such section."""
    found = _between(name).search(page)
    return found["body"].strip("\n") if found else ""


def replace(page: str, name: str, title: str, body: str) -> str:
    """The page with `body` between the marks of section `name`, which is added at the end when it was not there."""
    text = f"{_opening(name)}\n{body.strip()}\n{_closing(name)}"
    if _between(name).search(page):
        return _between(name).sub(lambda _: text, page)
    return f"{(page or EMPTY).rstrip()}\n\n## {title}\n\n{text}\n"


def merge_rows(kept: str, rows: dict[str, str]) -> list[str]:
    """The rows of the table in `kept`, by their first cell, with those of `rows` put in their place or behind them.

    Keys and order are the first cells as written (`10,000`); rows that were not measured this time stay.
    """
    merged = {line.split("|")[1].strip(): line for line in kept.splitlines() if re.match(r"\| *[^\s|:-]", line)}
    headed = list(merged.values())[1:] if merged else []
    return list({**{line.split("|")[1].strip(): line for line in headed}, **rows}.values())


def _opening(name: str) -> str:
    return f"<!-- measured: {name} (replaced by `python -m tests.bench {name}`) -->"


def _closing(name: str) -> str:
    return f"<!-- end of {name} -->"


def _between(name: str) -> re.Pattern[str]:
    return re.compile(f"{re.escape(_opening(name))}(?P<body>.*?){re.escape(_closing(name))}", re.DOTALL)
