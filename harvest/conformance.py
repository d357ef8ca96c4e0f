"""Validation of what a run changed, once everything it changed is known: the step between settling and publishing.

A dataset is judged with the agents, services and other datasets as they will be published. Whatever a change concerns
is judged again: the findings are those that judging the whole catalogue would give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import Triple

from catalog.archive import description
from catalog.draft import Draft
from catalog.model import Description
from catalog.quality_graph import quality_triples
from catalog.store import Workspace
from harvest.loader import Loader
from harvest.lookups import Lookups, lines
from harvest.progress import Progress
from harvest.validation import Validator, publisher
from shapes.dependants import Line

BATCH = 200
"""Datasets judged at a time: the engine's memory grows with them, and progress is shown between."""
MANY = 1_000
"""Changed datasets from which on it is worth asking whether all are."""


class Conformance:
    """The findings of one run. `stale` are datasets (IRIs) to judge although their content is what it was."""

    def __init__(self, validator: Validator, draft: Draft) -> None:
        self.validator = validator
        self.draft = draft
        self.base = draft.minter.base
        self.stale: set[str] = set()

    def settle(self, workspace: Workspace, progress: Progress) -> None:
        """Judges what is stale, new, changed, or concerned by a change, and enters what is found."""
        if self.validator.engine is None:
            return
        look = Lookups(self.draft, workspace)
        due = sorted(self._due(look))
        loader = Loader(workspace, self.base)
        progress.start("validation")
        count = 0
        try:
            for start in range(0, len(due), BATCH):
                count += self._judge(look.described(due[start : start + BATCH]), look, loader)
                self.draft.commit()
                progress.tick(seen=min(start + BATCH, len(due)), findings=count, total=len(due))
            loader.drain()
        finally:
            loader.close()
        if due:
            progress.end()

    # ── which ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _due(self, look: Lookups) -> set[str]:
        sql = "SELECT iri FROM descriptions WHERE kind = 'dataset' AND since = ? AND until IS NULL"
        due = self.stale | {row["iri"] for row in self.draft.db.execute(sql, (self.draft.number,))}
        return due if len(due) > MANY and len(due) >= self._live() else due | self._dependants(look)

    def _live(self) -> int:
        sql = "SELECT COUNT(*) FROM descriptions WHERE kind = 'dataset' AND until IS NULL"
        return int(self.draft.db.execute(sql).fetchone()[0])

    def _dependants(self, look: Lookups) -> set[str]:
        """The datasets that a changed, new or withdrawn description concerns, those themselves left out."""
        found: set[str] = set()
        for iri, statements in self._changed():
            found |= self.validator.concerned(iri, statements, look)
        minted = f"<{self.base}dataset/"
        slugs = {node[len(minted) : -1].partition("/")[0] for node in found if node.startswith(minted)}
        slugs |= {slug for node in found if not node.startswith(minted) for slug in look.slugs(node)}
        return {one.iri for one in look.described([], sorted(slugs))}

    def _changed(self) -> Iterator[tuple[str, set[Line]]]:
        """The statements that each changed description has gained or lost, with its IRI."""
        sql = "SELECT * FROM descriptions WHERE since = :n OR until = :n ORDER BY iri, since"
        iri, statements = "", set[Line]()
        for row in self.draft.db.execute(sql, {"n": self.draft.number}).fetchall():
            if row["iri"] != iri:
                yield iri, statements
                iri, statements = row["iri"], set()
            statements ^= set(lines(description(row)))
        yield iri, statements

    # ── what ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _judge(self, datasets: Sequence[Description], look: Lookups, loader: Loader) -> int:
        found = self.validator.findings(datasets, look)
        sources, told = self._sources(datasets), self._told(datasets)
        graphs: tuple[dict[str, list[Triple]], dict[str, list[Triple]]] = ({}, {})
        for one in datasets:
            about = found.get(one.iri, [])
            if self.draft.put_findings(one.iri, sources[one.iri], about, publisher=publisher(one)):
                triples = quality_triples(self.base, one.slug, one.iri, about)
                graphs[one.iri in told][one.slug] = triples
        loader.put_findings(*graphs)
        return sum(map(len, found.values()))

    def _sources(self, datasets: Sequence[Description]) -> Mapping[str, str]:
        sql = "SELECT iri, source FROM descriptions WHERE until IS NULL AND iri IN (SELECT value FROM json_each(?))"
        return dict(tuple(row) for row in self.draft.db.execute(sql, (json.dumps([d.iri for d in datasets]),)))

    def _told(self, datasets: Sequence[Description]) -> set[str]:
        """Those of which the store says something already."""
        sql = (
            "SELECT iri FROM findings WHERE until IS NULL AND tally != '{}' AND iri IN (SELECT value FROM json_each(?))"
        )
        return {row["iri"] for row in self.draft.db.execute(sql, (json.dumps([d.iri for d in datasets]),))}
