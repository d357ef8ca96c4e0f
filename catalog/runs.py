"""Harvest runs as PROV activities: what `graph/runs` and the address of a run say; which of them a release tells of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from catalog.identifiers import Minter
from vocab.namespaces import DCT, PROV, RDF, RDFS, XSD

TOLD = 100
"""Runs that a release tells of."""


def told(db: sqlite3.Connection, release: int, run: int | None) -> list[int]:
    """The runs that a release tells of, the latest first: those up to `run`, by which it was published.

    Where that is not known, up to the last run that published it or a release before it.
    """
    last = run or db.execute("SELECT MAX(n) FROM runs WHERE release <= ?", (release,)).fetchone()[0]
    found = db.execute("SELECT n FROM runs WHERE n <= ? ORDER BY n DESC LIMIT ?", (last, TOLD)).fetchall()
    return [int(row[0]) for row in found]


def activity(
    base: str, n: int, started: str, ended: str | None, status: str, sources: Iterable[Mapping[str, Any]]
) -> list[Triple]:
    """One run, and in it each source: `sources` are as the run's summary has them."""
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
