"""The catalogue of the release being made, asked about single nodes: what is said of them, and what names them.

What is said comes from the exact descriptions; the store, which rewrites literals, only tells where to look.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from catalog.archive import description
from catalog.draft import Draft
from catalog.model import Description, Kind
from catalog.store import Workspace
from shapes.dependants import ANY
from vocab.terms import term

KEPT = 20_000
"""Nodes whose statements are remembered."""

TRIED = 5
"""Datasets that are asked whether they say what another one begins or ceases to say."""

_By = Mapping[str, Sequence[str]]
_NOTHING: _By = {}


class Lookups:
    """Look-ups in a settled draft and its workspace (`shapes.dependants.Look`).

    The workspace holds every dataset as it will be published; agents, concepts and services are read from the draft.
    """

    def __init__(self, draft: Draft, workspace: Workspace) -> None:
        self.draft = draft
        self.workspace = workspace
        self.base = draft.minter.base
        self._about: dict[str, _By] = {}
        self._dropped, self._added = self._shared()

    def _shared(self) -> tuple[set[str], dict[str, _By]]:
        """The agents, concepts and services that differ from the workspace: who they are, and whom they name now."""
        sql = "SELECT * FROM descriptions WHERE kind != 'dataset' AND (since = :n OR until = :n)"
        rows = self.draft.db.execute(sql, {"n": self.draft.number}).fetchall()
        added: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row["until"] is None:
                for s, p, o in lines(description(row)):
                    added[o][p].append(s)
        return {f"<{row['iri']}>" for row in rows}, {o: dict(by) for o, by in added.items()}

    def about(self, node: str) -> _By:
        """See `shapes.dependants.Look.about`. Of controlled terms the catalogue itself says nothing."""
        if not node.startswith("<"):
            return _NOTHING
        if node not in self._about:
            if len(self._about) >= KEPT:
                self._about.clear()
            self._about[node] = self._stated(node)
        return self._about[node]

    def _stated(self, node: str) -> _By:
        iri = node[1:-1]
        if term(iri) is not None:
            return _NOTHING
        found: dict[str, dict[str, None]] = defaultdict(dict)
        merged = list(self.workspace.about(node))
        exact = not any(map(_rewritten, (o for _, o in merged)))
        for one in self.described([iri], [] if exact else self.slugs(node)):
            for s, p, o in lines(one):
                if s == node:
                    found[p][o] = None
        for p, o in merged if exact else ():
            if o not in found.get(p, ()) and self._by_a_dataset(node, p, o):
                found[p][o] = None
        return {p: tuple(objects) for p, objects in found.items()}

    def _by_a_dataset(self, s: str, p: str, o: str) -> bool:
        """Whether any dataset's description makes this statement; thousands may, and one is enough."""
        start = f"{self.base}record/"
        listed = s == f"<{self.draft.minter.catalog}>"
        return not listed and any(graph.startswith(start) for graph in self.workspace.graphs_stating(s, p, o))

    def slugs(self, node: str) -> list[str]:
        """The datasets whose descriptions say anything about a node.

        None does about the catalogue, though the graph of each holds that the catalogue lists it.
        """
        if node == f"<{self.draft.minter.catalog}>":
            return []
        start = f"{self.base}record/"
        graphs = self.workspace.graphs_about(node)
        return sorted({graph[len(start) :] for graph in graphs if graph.startswith(start)})

    def described(self, iris: Sequence[str], slugs: Sequence[str] = ()) -> list[Description]:
        """The live descriptions of these IRIs, and those of the datasets with these slugs."""
        sql = "SELECT * FROM descriptions WHERE until IS NULL AND iri IN (SELECT value FROM json_each(?))"
        rows = self.draft.db.execute(sql, (json.dumps(list(iris)),)).fetchall()
        sql = "SELECT * FROM descriptions WHERE until IS NULL AND kind = ? AND slug IN (SELECT value FROM json_each(?))"
        rows += self.draft.db.execute(sql, (Kind.DATASET, json.dumps(list(slugs)))).fetchall() if slugs else []
        return list({one.iri: one for one in map(description, rows)}.values())

    def stated_before(self, line: tuple[str, str, str]) -> bool:
        """Whether a dataset that this run leaves as it was says the same: whoever begins or ceases to changes nothing.

        A few of those that say so are looked at; that none of them is found proves nothing.
        """
        start = f"{self.base}record/"
        graphs = (graph for graph in self.workspace.graphs_stating(*line) if graph.startswith(start))
        slugs = [graph[len(start) :] for graph in islice(graphs, TRIED)]
        sql = (
            "SELECT * FROM descriptions WHERE until IS NULL AND since < ? AND kind = ?"
            " AND slug IN (SELECT value FROM json_each(?))"
        )
        rows = self.draft.db.execute(sql, (self.draft.number, Kind.DATASET, json.dumps(slugs))) if slugs else ()
        return any(line in lines(description(row)) for row in rows)

    def naming(self, node: str) -> _By:
        """See `shapes.dependants.Look.naming`."""
        found: dict[str, list[str]] = defaultdict(list)
        for s, p in self.workspace.stating(node):
            if s not in self._dropped:
                found[p].append(s)
        for p, subjects in self._added.get(node, _NOTHING).items():
            found[p] += subjects
        return found

    def used(self, predicates: Iterable[str]) -> bool:
        """Whether any statement of the catalogue has one of these predicates."""
        wanted = set(predicates)
        return (
            ANY in wanted
            or any(self.workspace.has_predicate(p) for p in wanted)
            or any(p in wanted for by in self._added.values() for p in by)
        )


def _rewritten(o: str) -> bool:
    """Whether the store may spell a term otherwise than the descriptions: it does so for typed literals."""
    return o[0] == '"' and o[-1] == ">"


def lines(one: Description) -> Iterable[tuple[str, str, str]]:
    """The statements of a description as N-Triples terms."""
    for line in one.canonical.decode().split("\n"):
        if line:
            s, p, o = line.split(" ", 2)
            yield s, p, o[:-2]
