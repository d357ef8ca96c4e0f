"""Releases on a remote engine: what the local store says of a release, brought there before anybody is sent to it.

    {base}graph/merged/12     the merged catalogue of release 12, sent as the default graph of queries
    {base}record/{slug} …     the named graphs by origin, of the current release, under their own names
    {base}graph/releases      which merged graphs there are: entered before the first statement of one is written

A merged graph is written whole, counted, and only then may `current` name its release: nobody ever sees half of one.
What a killed run left is found by `graph/releases` and removed by the next. The named graphs follow after the swap,
each whole; until all of them have, a file in the release's folder names them, and whoever runs next finishes. The local
store stays the one that runs work on: the engine may be lost and filled anew from it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from catalog.access import PIECE, Access
from catalog.errors import StoreError
from catalog.identifiers import Minter
from catalog.releases import Release, Releases, sync
from catalog.settings import Settings
from catalog.store import DEFAULT, is_merged, open_read_only

log = logging.getLogger("garonne.replica")

ABOUT = "remote.json"
"""The file of a release that says where the engine has it."""
PENDING = "graphs-pending.json"
"""The file of a release whose named graphs are not all on the engine yet: which they are, null for all."""
MUCH = 0.2
"""The share of named graphs that must have changed for a merged graph to be sent whole rather than as a change."""
PROBED = 100_000
"""Rows up to which it is tried whether the engine cuts answers."""
DELETES = 200
"""Statements that are removed by one update."""


@dataclass(frozen=True)
class Place:
    """Where a release is on its engine. `rows` is what it cuts answers after, 0 for never; `told`, that it says so.

    `server` is what the engine calls itself.
    """

    merged: str
    statements: int
    rows: int
    told: bool
    server: str

    def encoded(self) -> str:
        """As JSON."""
        return json.dumps(vars(self))

    @classmethod
    def of(cls, release: Path) -> Place | None:
        """That of the release in this folder; None where it is on no engine."""
        try:
            return cls(**json.loads((release / ABOUT).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as e:
            raise StoreError(f"what says where the release is cannot be read ({e}).", what=str(release / ABOUT)) from e


def replica(settings: Settings) -> Replica | None:
    """The engine of these settings; None where queries are answered here."""
    return Replica(settings) if settings.store.engine == "sparql" else None


def place_of(settings: Settings, store: Path) -> Place | None:
    """Where to ask the release whose snapshot is at `store`; None for here."""
    return Place.of(store.parent) if settings.store.engine == "sparql" else None


class Replica:
    """The releases of one catalogue on its engine. The caller holds the write lock."""

    def __init__(self, settings: Settings) -> None:
        from catalog.remote import Remote  # requests is slow to import, and the embedded engine needs none of it

        self.minter = Minter(settings.catalog.base)
        self.engine = Remote(Access.of(settings.store), patience=settings.store.patience)
        self.releases = Releases(settings.store.path)
        self.registry = self.minter.graph("releases")

    def merged(self, number: int) -> str:
        """The name of a release's merged graph."""
        return self.minter.graph(f"merged/{number}")

    # ── before the swap ──────────────────────────────────────────────────────────────────────────────────────────

    def recover(self) -> None:
        """Finishes what the run before did not: the named graphs of the current release; removes what is nobody's.

        An engine that was emptied gets the current release whole; older ones are answered from their snapshots here.
        """
        current = self.releases.current()
        lost = [release for release in self.releases.list() if self._lost(release)]
        for release in lost:
            log.warning("the engine does not have release %d any more", release.number)
            (release.path / ABOUT).unlink()
        if current is not None:
            if current in lost:
                (current.path / PENDING).write_text("null", encoding="utf-8")
                self.refill(current)
            self.finish(current)
        self.clean()

    def _lost(self, release: Release) -> bool:
        place = Place.of(release.path)
        if place is None or not place.statements:
            return False
        return not self.engine.rows(f"SELECT ?s {{ GRAPH <{place.merged}> {{ ?s ?p ?o }} }} LIMIT 1")

    def clean(self) -> None:
        """Removes the merged graphs of releases that are not kept."""
        kept = {place.merged for release in self.releases.list() if (place := Place.of(release.path))}
        for row in self.engine.rows(f"SELECT DISTINCT ?g {{ GRAPH <{self.registry}> {{ ?g ?p ?o }} }}"):
            if row["g"] not in kept and row["g"].startswith(self.merged(0)[:-1]):
                self.engine.drop(row["g"])
                self.engine.update(f"DELETE WHERE {{ GRAPH <{self.registry}> {{ <{row['g']}> ?p ?o }} }}")

    def build(self, number: int, base: Release | None, snapshot: Path, changed: Sequence[str] | None) -> Place:
        """Writes the merged graph of a release that is not published yet, and counts it.

        It is made from that of `base` by what the graphs in `changed` say otherwise; from nothing where that is None,
        or where the engine has lost it. Raises `StoreError` when the engine does not hold what it should.
        """
        return self._built(self.merged(number), number, base, snapshot, changed)

    def refill(self, release: Release) -> None:
        """Sends a kept release whole that is not on the engine: its store was rewritten. It is answered here meanwhile.

        The graph gets another name, so that no answer of before is taken for one of its own.
        """
        if Place.of(release.path) is not None:
            return
        self.clean()
        graph = f"{self.merged(release.number)}-{release.store.name}"
        place = self._built(graph, release.number, None, release.store, None)
        pending = release.path / f"{ABOUT}.tmp"
        pending.write_text(place.encoded(), encoding="utf-8")
        os.replace(pending, release.path / ABOUT)
        sync(release.path)

    def _built(
        self, graph: str, number: int, base: Release | None, snapshot: Path, changed: Sequence[str] | None
    ) -> Place:
        new = open_read_only(snapshot)
        expected = sum(1 for _ in new.quads_for_pattern(None, None, None, DEFAULT))
        self.engine.drop(graph)
        self.engine.update(f"INSERT DATA {{ GRAPH <{self.registry}> {{ <{graph}> <{_NUMBER}> {number} }} }}")
        before = Place.of(base.path) if base else None
        derived = base is not None and before is not None and changed is not None
        if derived and base and before and self._there(before) and len(changed or ()) < MUCH * _graphs(new):
            self.engine.update(f"COPY GRAPH <{before.merged}> TO GRAPH <{graph}>")
            self._change(graph, open_read_only(base.store), new, changed or ())
            found = self.engine.count(graph)
            if found != expected:
                log.warning("%s has %d statements of %d after its change: it is sent whole", graph, found, expected)
                found = self._whole(graph, new)
        else:
            found = self._whole(graph, new)
        if not 0.99 * expected <= found <= expected:
            raise StoreError(
                f"the engine holds {found} statements of a release of {expected}.",
                what=graph,
                hint="Look into its log; nothing was published.",
            )
        if found < expected:
            log.warning("the engine keeps %d of %d statements: it takes literals of one value for one", found, expected)
        return Place(graph, found, *self._rows(graph, found), self.engine.server)

    def changed(self, base: Release | None, snapshot: Path, written: Iterable[str]) -> list[str] | None:
        """The named graphs that differ from those of `base`; None for all, where the engine does not have them.

        `written` are those of datasets and local ones that the draft has touched; the few others are compared.
        """
        if base is None or Place.of(base.path) is None:
            return None
        old, new = open_read_only(base.store), open_read_only(snapshot)
        many = tuple(self.minter.base + folder for folder in ("record/", "quality/", "graph/local/"))
        others = {name for store in (old, new) for name in _named(store) if not name.startswith(many)}
        return sorted({*written, *(name for name in others if _triples(old, name) != _triples(new, name))})

    def _there(self, before: Place) -> bool:
        return self.engine.count(before.merged) == before.statements

    def _whole(self, graph: str, store: Store) -> int:
        self.engine.drop(graph)
        changed = 0
        for lines in _batches(
            line(q.triple, self.minter.base) for q in store.quads_for_pattern(None, None, None, DEFAULT)
        ):
            changed += self.engine.add(graph, lines)
        _told(graph, changed)
        return self.engine.count(graph)

    def _change(self, graph: str, old: Store, new: Store, changed: Sequence[str]) -> None:
        """Makes a copy of the merged graph before say what is said now.

        No literal is named in what is removed, for engines rewrite them: all literals of the subject and property go,
        and those that are said now are written again.
        """
        removed, added = set[Triple](), set[Triple]()
        for name in changed:
            if is_merged(name):
                was, now = _triples(old, name), _triples(new, name)
                removed |= {t for t in was - now if _default(t) not in new}
                added |= {t for t in now - was if _default(t) not in old}
        pairs = {(t.subject, t.predicate) for t in removed if not isinstance(t.object, NamedNode | BlankNode)}
        named = [line(t, self.minter.base) for t in removed if isinstance(t.object, NamedNode | BlankNode)]
        for lines in _batches(iter(named), DELETES):
            self.engine.update(f"DELETE DATA {{ GRAPH <{graph}> {{ {' '.join(lines)} }} }}")
        for s, p in pairs:
            subject, body = _name(s, self.minter.base), f"<{p.value}> ?o"
            self.engine.update(
                f"DELETE {{ GRAPH <{graph}> {{ {subject} {body} }} }}"
                f" WHERE {{ GRAPH <{graph}> {{ {subject} {body} FILTER(isLiteral(?o)) }} }}"
            )
            found = (q.triple for q in new.quads_for_pattern(s, p, None, DEFAULT))
            added |= {t for t in found if not isinstance(t.object, NamedNode | BlankNode)}
        _told(graph, self.engine.add(graph, sorted(line(t, self.minter.base) for t in added)))

    def _rows(self, graph: str, statements: int) -> tuple[int, bool]:
        """After how many rows the engine cuts an answer, 0 where it gave all that were tried; whether it says so."""
        wanted = min(statements, PROBED)
        text = f"SELECT ?s {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} LIMIT {wanted}"
        with self.engine.query(text, "text/tab-separated-values") as answer:
            got = answer.read().rstrip(b"\n").count(b"\n")
            return (got, bool(answer.cut)) if got < wanted else (0, False)

    # ── after the swap ───────────────────────────────────────────────────────────────────────────────────────────

    def finish(self, release: Release) -> None:
        """Brings the named graphs on the engine to what this release says, where that is not done yet."""
        pending = release.path / PENDING
        if not pending.exists():
            return
        names: list[str] | None = json.loads(pending.read_text(encoding="utf-8"))
        new = open_read_only(release.store)
        changed = 0
        for name in names if names is not None else sorted(_named(new)):
            quads = new.quads_for_pattern(None, None, None, NamedNode(name))
            changed += self.engine.put(name, [line(q.triple, self.minter.base) for q in quads])
        _told("the named graphs", changed)
        pending.unlink()

    # ── for whoever looks ────────────────────────────────────────────────────────────────────────────────────────

    def check(self, release: Release) -> tuple[bool, str]:
        """Whether the engine has a kept release whole, and in words."""
        place = Place.of(release.path)
        if place is None:
            return True, "is answered from its snapshot here: it is not on the engine"
        found = self.engine.count(place.merged)
        words = f"the engine has {found} statements of {place.statements} in <{place.merged}>"
        if (release.path / PENDING).exists():
            return False, f"{words}; its named graphs are not all there: the next run sends them"
        return found == place.statements, words

    def left(self, graphs: Iterable[str], subjects: Iterable[str], terms: Iterable[str] = ()) -> Iterator[str]:
        """What the engine still has of these named graphs, says about these IRIs, and of these terms, in words."""
        for graph in graphs:
            if self.engine.count(graph):
                yield f"the engine: graph {graph}"
        for iri in subjects:
            for row in self.engine.rows(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ <{iri}> ?p ?o }} }} LIMIT 20"):
                yield f"the engine: statements about {iri} in {row['g']}"
        for term in terms:
            for row in self.engine.rows(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p {term} }} }} LIMIT 20"):
                yield f"the engine: {term[:60]} in {row['g']}"


_NUMBER = "http://purl.org/dc/terms/identifier"


def _told(where: str, changed: int) -> None:
    if changed:
        log.warning("%s: the engine refused %d literals, which it keeps as plain texts", where, changed)


def _triples(store: Store, graph: str) -> set[Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(graph))}


def _default(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, DEFAULT)


def _named(store: Store) -> Iterator[str]:
    return (name.value for name in store.named_graphs() if isinstance(name, NamedNode))


def _graphs(store: Store) -> int:
    return sum(1 for _ in store.named_graphs())


def line(triple: Triple, base: str) -> str:
    """The statement as an N-Triple, blank nodes as IRIs (RDF 1.1 Concepts, 3.5): no engine keeps their labels."""
    if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
        return f"{_name(triple.subject, base)} {triple.predicate} {_name(triple.object, base)} ."
    return f"{triple} ."


def _name(node: Any, base: str) -> str:
    return f"<{base}.well-known/genid/{node.value}>" if isinstance(node, BlankNode) else str(node)


def _batches(lines: Iterator[str], size: int = PIECE) -> Iterable[list[str]]:
    while batch := list(islice(lines, size)):
        yield batch
