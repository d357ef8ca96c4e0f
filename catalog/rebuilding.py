"""The store of a published release, made again from the bookkeeping: descriptions, findings, runs say all it said.

What the profiles and the vocabularies say of themselves comes from this program: a later one may say it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pyoxigraph import Triple

from catalog import findings
from catalog.archive import AT, Archive, View
from catalog.assembly import membership
from catalog.findings import Cause
from catalog.identifiers import Minter
from catalog.intake import Intake
from catalog.model import Kind
from catalog.overlaps import overlaps, provenance
from catalog.publication import state_shared
from catalog.quality_graph import quality_triples, rules
from catalog.releases import Release
from catalog.runs import activity, told
from catalog.settings import Settings
from catalog.store import Workspace
from shapes.registry import Registry

CHUNK = 200_000
"""Statements loaded at a time."""

_FOUND = f"""
SELECT f.iri, f.body, d.slug FROM (SELECT iri, body FROM findings WHERE {AT} AND iri > :after ORDER BY iri LIMIT 500) f
JOIN descriptions d ON d.iri = f.iri AND d.kind = 'dataset' AND d.since <= :n AND (d.until IS NULL OR d.until > :n)
ORDER BY f.iri
"""  # noqa: S608  constant text


def rebuild(settings: Settings, release: Release, target: Path) -> int:
    """Makes the release's store in a folder that must not exist; returns how many quads it has.

    Raises `StoreFull`, or `StoreDamaged` where the bookkeeping cannot be read either.
    """
    view = Archive(settings.store.path).at(release.number)
    with closing(Workspace(target, size=0)) as workspace:
        _load(settings, view, workspace)
        state_shared(settings, view.all, workspace)
        minter = Minter(settings.catalog.base)
        merged = view.archive.reading(lambda db: list(overlaps(db, view.release)))
        for graph, triples in (
            ("runs", _runs(settings, view, release.manifest.run)),
            ("provenance", provenance(settings.catalog.base, merged)),
            ("shapes", _rules(settings, view)),
        ):
            workspace.replace(minter.graph(graph), triples, merged=False)
        workspace.optimize()
        workspace.flush()
        return workspace.size()


def _load(settings: Settings, view: View, workspace: Workspace) -> None:
    base, minter = settings.catalog.base, Minter(settings.catalog.base)
    with closing(Intake(workspace.path)) as intake:  # what a kill leaves there goes with the folder

        def load(size: int) -> None:
            for spool in intake.full(size):
                workspace.take(spool)

        for d in view.all(Kind.DATASET):
            intake.add(d.canonical + membership(base, d), minter.record(d.slug))
            load(CHUNK)
        for d in view.all(Kind.LOCAL):
            intake.add(d.canonical, d.iri, merged=False)
        for slug, triples in _findings(base, view):
            intake.add("".join(f"{t} .\n" for t in triples).encode(), minter.quality(slug), merged=False)
            load(CHUNK)
        load(1)


def _findings(base: str, view: View) -> Iterator[tuple[str, list[Triple]]]:
    """What was found on each dataset, by its slug."""
    causes: dict[str, Cause] = {}
    after = ""
    while rows := view.archive.rows(_FOUND, n=view.release, after=after):
        after = rows[-1]["iri"]
        wanted = {cause for row in rows for cause in findings.causes_in(row["body"])}
        causes |= view.causes(wanted - causes.keys())
        for row in rows:
            found = findings.unpack(row["body"], row["iri"], causes)
            yield row["slug"], quality_triples(base, row["slug"], row["iri"], found)


def _runs(settings: Settings, view: View, run: int | None) -> list[Triple]:
    """The runs as they stood when the last one of them published: it had not ended then."""
    numbers = view.archive.reading(lambda db: told(db, view.release, run))
    triples: list[Triple] = []
    for n in numbers:
        if (found := view.archive.run(n)) is not None:
            ended, status = (None, "running") if n == numbers[0] else (found["ended"], found["status"])
            sources = (found["summary"] or {}).get("sources", [])
            triples += activity(settings.catalog.base, n, found["started"], ended, status, sources)
    return triples


def _rules(settings: Settings, view: View) -> list[Triple]:
    """What the rules of the profiles say, where the release was validated."""
    if not view.archive.rows(f"SELECT 1 FROM findings WHERE {AT} LIMIT 1", n=view.release):  # noqa: S608  constant text
        return []
    registry = Registry.beside(settings.store.path)
    profiles = [registry.profile(name) for name in settings.validation.profiles]
    return [t for p in profiles for t in rules(p.name, p.triples)]
