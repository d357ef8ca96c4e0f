"""How a harvest run is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Options:
    """How a run is asked for. `limit` reads only that many records of each source, and withdraws nothing.

    `accepted` are, by source, the counts of changes that the operator lets pass the guard.
    """

    sources: tuple[str, ...] = ()
    full: bool = False
    dry_run: bool = False
    limit: int | None = None
    validate: bool = True
    accepted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
