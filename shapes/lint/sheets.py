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


def sheet_of(place: str, body: bytes, blank: str, base: str = "", suffix: str = "") -> Sheet:
    """The file at `place` with this content.

    `blank` begins its blank nodes; `base` and `suffix` are its address and what tells its format, where these are not
    those of its place.
    """
    name = "standard input" if place == "-" else place
    suffix = suffix or Path(place).suffix
    base = base or ("" if place == "-" else base_of(place))
    document = parsed(body, name=name, suffix=suffix, base=base or None, blank=blank)
    return Sheet(document, base, lines(document, body, base=base or None, blank=blank))
