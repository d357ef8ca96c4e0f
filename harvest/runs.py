"""Harvest runs: what earlier ones did with a source, and what `graph/runs` says of them, as PROV activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from catalog.archive import Archive
from catalog.identifiers import Minter
from harvest.summary import Summary
from vocab.namespaces import DCT, PROV, RDF, RDFS, XSD

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
    found = _activity(base, now.run, now.started, None, "running", [s.plain() for s in now.sources])
    for run in earlier:
        if run["n"] != now.run:
            sources = (run["summary"] or {}).get("sources", [])
            found += _activity(base, run["n"], run["started"], run["ended"], run["status"], sources)
    return found


def _activity(
    base: str, n: int, started: str, ended: str | None, status: str, sources: list[dict[str, Any]]
) -> list[Triple]:
    node = NamedNode(Minter(base).run(n))
    found = [
        Triple(node, RDF.type, PROV.Activity),
        Triple(node, DCT.identifier, Literal(str(n))),
        Triple(node, PROV.startedAtTime, Literal(started, datatype=XSD.dateTime)),
        Triple(node, DCT.description, Literal(status, language="en")),
    ]
    if ended:
        found.append(Triple(node, PROV.endedAtTime, Literal(ended, datatype=XSD.dateTime)))
    for source in sources:
        part = NamedNode(f"{node.value}/{source['id']}")
        counts = ", ".join(f"{k}: {v}" for k, v in source["outcomes"].items() if v)
        found += [
            Triple(node, DCT.hasPart, part),
            Triple(part, RDF.type, PROV.Activity),
            Triple(part, RDFS.label, Literal(f"{source['id']}: {source['status']}", language="en")),
            Triple(part, DCT.description, Literal(counts or source["status"], language="en")),
        ]
        if source["reason"]:
            found.append(Triple(part, RDFS.comment, Literal(source["reason"], language="en")))
    return found
