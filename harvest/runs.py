"""Harvest runs: what earlier ones did with a source, and what `graph/runs` says when a run publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import Triple

from catalog.archive import Archive
from catalog.runs import activity
from harvest.summary import Summary

LOOKED = 500
"""Runs that are looked through for those of one source."""


def takes(archive: Archive, source: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The latest runs that took this source, newest first, each with what its summary says of it; no dry runs."""
    for run in archive.runs(LOOKED):
        summary: dict[str, Any] = run["summary"] or {}
        for found in () if summary.get("dry_run") else summary.get("sources", []):
            if found["id"] == source:
                yield run, found


def run_triples(base: str, earlier: list[dict[str, Any]], now: Summary) -> list[Triple]:
    """The latest runs, and this one, which is not yet ended."""
    found = activity(base, now.run, now.started, None, "running", [s.plain() for s in now.sources])
    for run in earlier:
        if run["n"] != now.run:
            sources = (run["summary"] or {}).get("sources", [])
            found += activity(base, run["n"], run["started"], run["ended"], run["status"], sources)
    return found
