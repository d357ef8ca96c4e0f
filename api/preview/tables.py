"""What harvesters know by heart: licences, frequencies, formats. Facts, as CSV in `tables/`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of one table."""
    lines = (files("api.preview") / "tables" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines))
