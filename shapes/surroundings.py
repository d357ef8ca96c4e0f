"""Where a node stands in the data: the dataset it belongs to, and a name for blank nodes that survives a new parse."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import compress

from shapes.graph import Graph
from vocab.namespaces import DCAT, RDF

_STEPS = 4  # a checksum is two steps from its dataset; deeper structures are rare and belong to no single dataset

_OWN_LIFE = (DCAT.Catalog, DCAT.DatasetSeries, DCAT.DataService)
"""These belong to no dataset, even where only one cites them."""

_Links = defaultdict[str, list[tuple[str, str]]]


class Surroundings:
    """Answers questions about single nodes of a graph; terms are in N-Triples. Its indexes are made when needed."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        typed = graph.column(str(RDF.type))
        self._datasets = typed.members(str(DCAT.Dataset))
        self._others = {node for one in _OWN_LIFE for node in typed.members(str(one))}
        self._anchors: dict[str, str] = {}

    @cached_property
    def _above(self) -> dict[str, list[str]]:
        """The nodes that refer to each node."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for s, _, o in self._graph.lines():
            if o[0] != '"':
                found[o].append(s)
        return found

    @cached_property
    def _blank(self) -> tuple[_Links, _Links]:
        """What blank nodes say, and who refers to them: (predicate, other end)."""
        says: _Links = defaultdict(list)
        referred: _Links = defaultdict(list)
        for p in self._graph.predicates():
            column = self._graph.column(p)
            for link, rows in ((says, column), (referred, column.turned)):
                blank = {node for node in rows.starts if node[0] == "_"}
                if blank:  # few predicates have any
                    kept = list(map(blank.__contains__, rows.starts))
                    for node, other in compress(zip(rows.starts, rows.ends, strict=True), kept):
                        link[node].append((p, other))
        return says, referred

    def dataset(self, node: str) -> str:
        """The IRI of the one nearest dataset that leads to `node`; empty where there is none, or more than one."""
        if node in self._others and node not in self._datasets:
            return ""
        level = {node}
        seen: set[str] = set()
        for _ in range(_STEPS):
            found = sorted(one[1:-1] for one in level & self._datasets if one[0] == "<")
            if found:
                return found[0] if len(found) == 1 else ""
            seen |= level
            above = {subject for one in level for subject in self._above.get(one, ())}
            level = above - seen
        return ""

    def anchor(self, node: str) -> str:
        """The IRI of `node`; for a blank node a digest of who refers to it and what it says."""
        if node[0] != "_":
            return node
        if node not in self._anchors:
            self._anchors[node] = "_:" + self._digest(node, frozenset())
        return self._anchors[node]

    def _digest(self, node: str, above: frozenset[str]) -> str:
        within = above | {node}
        says, referred = self._blank
        own = self._told(((f"{p} ", o) for p, o in says.get(node, ())), within)
        above_it = referred.get(node, ()) if len(above) < _STEPS else ()
        upward = self._told(((f"{p} ", s) for p, s in above_it), within)
        return hashlib.sha256("\n".join([*own, "--", *upward]).encode()).hexdigest()[:24]

    def _told(self, links: Iterable[tuple[str, str]], within: frozenset[str]) -> list[str]:
        return sorted(p + (o if o[0] != "_" else self._word(o, within)) for p, o in links)

    def _word(self, node: str, above: frozenset[str]) -> str:
        return "_:" if node in above or len(above) > _STEPS else self._digest(node, above)
