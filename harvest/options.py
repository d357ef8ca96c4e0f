"""How a harvest run is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Options:
    """How a run is asked for. `limit` reads only that many records of each source, and withdraws nothing."""

    sources: tuple[str, ...] = ()
    full: bool = False
    dry_run: bool = False
    limit: int | None = None
    validate: bool = True
