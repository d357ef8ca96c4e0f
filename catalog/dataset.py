"""The data set of a query, with each triple of its default graph once (SPARQL 1.1 Query, 13.2; Protocol, 2.1.4).

Oxigraph 0.5 takes several default graphs for a list and not for their merge: a triple that is in three of them is found
three times and counted as three. Where graphs overlap, their merge is made in memory first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from catalog.prologue import Prologue
from catalog.scanner import tokens


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs whose merge is the default graph, and the named ones. None of either: the store as it is."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


def clauses(query: str, base: str = "") -> Dataset:
    """What the FROM and FROM NAMED clauses of a query name; a name whose prefix is not declared is left out."""
    if "FROM" not in query.upper():
        return Dataset()
    prologue = Prologue(base)
    default: dict[str, None] = {}
    named: dict[str, None] = {}
    depth, state = 0, ""
    for token in tokens(query):
        if state:
            if token.word == "NAMED" and state == "FROM":
                state = "NAMED"
                continue
            iri = prologue.iri(token)
            if iri is not None:
                (named if state == "NAMED" else default)[iri] = None
            state = ""
        elif depth == 0 and token.word == "FROM":
            state = "FROM"
        elif depth or not prologue.take(token):
            depth += (token.text == "{") - (token.text == "}")
    return Dataset(tuple(default), tuple(named))


def merged(store: Store, dataset: Dataset) -> Store:
    """A store in memory: its default graph is the merge of those asked for, the named ones are as they are."""
    memory = Store()
    for name in dataset.default:
        found = store.quads_for_pattern(None, None, None, NamedNode(name))
        memory.bulk_extend(Quad(q.subject, q.predicate, q.object) for q in found)
    for name in dataset.named:
        memory.bulk_extend(store.quads_for_pattern(None, None, None, NamedNode(name)))
        memory.add_graph(NamedNode(name))
    return memory


def overlap(store: Store, graphs: Sequence[str]) -> bool:
    """Whether any triple is in two of these graphs."""
    names = {NamedNode(name) for name in graphs}
    return any(
        sum(q.graph_name in names for q in store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)) > 1
        for name in names - {_largest(store, names)}  # what is in two of them is in another than this
        for quad in store.quads_for_pattern(None, None, None, name)
    )


def _largest(store: Store, names: Iterable[NamedNode]) -> NamedNode | None:
    """The graph that goes on when the others have been read, all of them side by side."""
    left = {name: store.quads_for_pattern(None, None, None, name) for name in names}
    last = None
    while left:
        last = next(iter(left))
        left = {name: quads for name, quads in left.items() if next(quads, None) is not None}
    return last


class Graphs(TypedDict):
    """The data set as `Store.query` takes it; None for the store's own."""

    default_graph: list[NamedNode | BlankNode | DefaultGraph] | None
    named_graphs: list[NamedNode | BlankNode] | None


def effective(store: Store, asked: Dataset, query: str, base: str) -> tuple[Store, Graphs]:
    """The store to ask and the data set to name there: that of the protocol, else that of the query's own clauses.

    Naming graphs of one kind leaves the other empty. Raises `ValueError` for a name that is no IRI.
    """
    wanted = asked or clauses(query, base)
    if not wanted:
        return store, Graphs(default_graph=None, named_graphs=None)
    named: list[NamedNode | BlankNode] = [NamedNode(name) for name in dict.fromkeys(wanted.named)]
    default: list[NamedNode | BlankNode | DefaultGraph] = [NamedNode(name) for name in dict.fromkeys(wanted.default)]
    if len(default) > 1 and overlap(store, wanted.default):
        return merged(store, wanted), Graphs(default_graph=[DefaultGraph()], named_graphs=named)
    return store, Graphs(default_graph=default, named_graphs=named)
