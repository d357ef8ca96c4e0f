"""Where a node stands in the data: the dataset it belongs to, and a name for blank nodes that survives a new parse."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.text import Term
from vocab.namespaces import DCAT, RDF

_STEPS = 4  # a checksum is two steps from its dataset; deeper structures are rare and belong to no single dataset

_OWN_LIFE = {DCAT.Catalog, DCAT.DatasetSeries, DCAT.DataService}
"""These belong to no dataset, even where only one cites them."""


class Surroundings:
    """An index of the data for questions about single nodes; made once for a validation."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._in: dict[Term, list[tuple[NamedNode, NamedNode | BlankNode]]] = defaultdict(list)
        self._blank: dict[BlankNode, list[tuple[NamedNode, Term]]] = defaultdict(list)
        self._datasets: set[Term] = set()
        self._others: set[Term] = set()
        for t in triples:
            if isinstance(t.subject, Triple) or isinstance(t.object, Triple):
                continue
            if not isinstance(t.object, Literal):
                self._in[t.object].append((t.predicate, t.subject))
            if isinstance(t.subject, BlankNode):
                self._blank[t.subject].append((t.predicate, t.object))
            if t.predicate == RDF.type and t.object == DCAT.Dataset:
                self._datasets.add(t.subject)
            if t.predicate == RDF.type and t.object in _OWN_LIFE:
                self._others.add(t.subject)
        self._anchors: dict[BlankNode, str] = {}

    def dataset(self, node: Term) -> str:
        """The IRI of the one nearest dataset that leads to `node`; empty where there is none, or more than one."""
        if node in self._others - self._datasets:
            return ""
        level: set[Term] = {node}
        seen: set[Term] = set()
        for _ in range(_STEPS):
            found = sorted(one.value for one in level & self._datasets if isinstance(one, NamedNode))
            if found:
                return found[0] if len(found) == 1 else ""
            seen |= level
            above: set[Term] = {subject for one in level for _, subject in self._in.get(one, ())}
            level = above - seen
        return ""

    def anchor(self, node: Term) -> str:
        """The IRI of `node`; for a blank node a digest of who refers to it and what it says."""
        if not isinstance(node, BlankNode):
            return str(node)
        if node not in self._anchors:
            self._anchors[node] = "_:" + self._digest(node, frozenset())
        return self._anchors[node]

    def _digest(self, node: BlankNode, above: frozenset[BlankNode]) -> str:
        within = above | {node}
        own = sorted(f"{p} {self._word(o, within)}" for p, o in self._blank.get(node, ()))
        above_it = self._in.get(node, ()) if len(above) < _STEPS else ()
        upward = sorted(f"{self._word(s, within)} {p}" for p, s in above_it)
        return hashlib.sha256("\n".join([*own, "--", *upward]).encode()).hexdigest()[:24]

    def _word(self, term: Term, above: frozenset[BlankNode]) -> str:
        if not isinstance(term, BlankNode):
            return str(term)
        return "_:" if term in above or len(above) > _STEPS else self._digest(term, above)
