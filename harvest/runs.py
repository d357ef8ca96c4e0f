"""What `graph/runs` says of the harvest runs when one of them publishes."""

from __future__ import annotations

from typing import Any

from pyoxigraph import Triple

from catalog.runs import activity
from harvest.summary import Summary


def run_triples(base: str, earlier: list[dict[str, Any]], now: Summary) -> list[Triple]:
    """The latest runs, and this one, which is not yet ended."""
    found = activity(base, now.run, now.started, None, "running", [s.plain() for s in now.sources])
    for run in earlier:
        if run["n"] != now.run:
            sources = (run["summary"] or {}).get("sources", [])
            found += activity(base, run["n"], run["started"], run["ended"], run["status"], sources)
    return found
