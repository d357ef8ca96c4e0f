"""Files of shapes as the lint takes them: read once, with the line of each statement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shapes.lines import lines
from shapes.lint import Sheet
from shapes.read import base_of, content, parsed


def sheets(places: Sequence[str]) -> list[Sheet]:
    """The files at these places, `-` for the standard input; raises as `shapes.read.read` does."""
    return [sheet_of(place, content(place), f"f{number}x") for number, place in enumerate(dict.fromkeys(places))]


def sheet_of(place: str, body: bytes, blank: str, base: str | None = None) -> Sheet:
    """The file at `place` with this content. `blank` begins its blank nodes, `base` is its address where it is not its
    place."""
    name, suffix = ("standard input", "") if place == "-" else (place, Path(place).suffix)
    base = base or (None if place == "-" else base_of(place))
    document = parsed(body, name=name, suffix=suffix, base=base, blank=blank)
    return Sheet(document, base or "", lines(document, body, base=base, blank=blank))
