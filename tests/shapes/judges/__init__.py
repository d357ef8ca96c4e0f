"""What the judges of the engine disagree about, and who is right."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "disagreements.csv"


@dataclass(frozen=True)
class Disagreement:
    """A case in which `engine` differs: who is right, by which clause of the specification, and why."""

    case: str
    engine: str
    right: str
    clause: str
    why: str


def disagreements(engine: str) -> dict[str, Disagreement]:
    """The cases in which this engine differs, by name."""
    return {one.case: one for one in everything() if one.engine == engine}


def everything() -> list[Disagreement]:
    """Every case of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Disagreement(**row) for row in csv.DictReader(file)]
