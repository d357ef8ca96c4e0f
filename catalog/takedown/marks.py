"""What gives away that something of a dataset is left: its nodes, and the addresses and texts that are its alone.

They are worked out before anything is purged, and stand in a file of their own until nothing is left: a takedown that
was interrupted, or that has found something, looks for the same when it goes on.

    {store}/takedowns/{slug}.json       readable by its owner only
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from catalog import schema
from catalog.identifiers import Minter
from catalog.packing import unpack
from catalog.releases import sync
from catalog.takedown.search import LONG, SHORT, Needle, Search
from catalog.takedown.subject import Subject
from vocab.namespaces import XSD

FOLDER = "takedowns"
_TEXTS = (XSD.string, XSD.anyURI)
_NOT_OWN = "iri NOT IN (SELECT value FROM json_each(:o))"
OTHERS = (
    f"SELECT iri, title, body FROM descriptions WHERE kind <> 'local' AND {_NOT_OWN}",  # noqa: S608  constant text
    "SELECT source, id, payload FROM records WHERE slug IS NOT :slug AND (source <> :source OR id <> :record)",
    f"SELECT a.iri, t.title FROM titles t JOIN activities a USING (seq) WHERE {_NOT_OWN}",  # noqa: S608  constant text
    "SELECT * FROM causes",
)
"""What the bookkeeping has of others; who asks gives the things of the dataset, `o`, and `slug`, `source`, `record`."""


@dataclass(frozen=True)
class Marks:
    """`things` are the IRIs of all that is purged; `nodes`, with these, what only they state anything about; `terms`,
    in N-Triples, what nothing else states.

    `common` names what else says something that it says: that is not looked for.
    """

    things: frozenset[str]
    nodes: frozenset[str]
    terms: frozenset[str]
    common: tuple[str, ...] = ()

    @cached_property
    def objects(self) -> list[NamedNode | Literal]:
        """The terms."""
        return [_term(one) for one in sorted(self.terms)]

    @cached_property
    def needles(self) -> list[Needle]:
        """What is searched for where there are no terms, but texts and files."""
        return [needle for one in self.objects for needle in _needles(one)]

    @cached_property
    def texts(self) -> frozenset[str]:
        """Its longer texts."""
        return frozenset(t.value for t in self.objects if isinstance(t, Literal) and len(t.value) >= LONG)

    def without(self, triples: Iterable[Triple]) -> list[Triple]:
        """Of the statements of a graph that no source owns, those that do not speak of the dataset.

        What goes is said about its nodes, or names one of them or an address of its own, or has one of its texts; and
        what only such a statement leads to, by blank nodes.
        """
        kept, gone = list[Triple](), list[Triple]()
        for triple in triples:
            (gone if self._speaks(triple) else kept).append(triple)
        led = {t.object for t in gone if isinstance(t.object, BlankNode)}
        while led:
            lost = led - {t.object for t in kept}
            going = [t for t in kept if t.subject in lost]
            kept = [t for t in kept if t.subject not in lost]
            led = {t.object for t in going if isinstance(t.object, BlankNode)}
        return kept

    def _speaks(self, triple: Triple) -> bool:
        said = triple.object
        if getattr(triple.subject, "value", "") in self.nodes and not isinstance(triple.subject, BlankNode):
            return True
        if isinstance(said, NamedNode):
            return said.value in self.nodes or str(said) in self.terms
        return isinstance(said, Literal) and (str(said) in self.terms or any(t in said.value for t in self.texts))


def gather(db: sqlite3.Connection, subject: Subject, base: str, stores: Sequence[Store]) -> Marks:
    """The marks of a dataset, from every version of what is said of it; `stores` are those of the kept releases.

    What other descriptions, raw records or graphs say as well is none: only local graphs, which belong to nobody, do
    not count.
    """
    nodes, terms = set(subject.things), set[str]()
    for body in bodies(db, subject.things):
        for quad in parse(body, format=RdfFormat.N_TRIPLES, lenient=True):
            if isinstance(quad.subject, NamedNode):
                nodes.add(quad.subject.value)
            if _telling(quad.object, subject):
                terms.add(str(quad.object))
    elsewhere = _Elsewhere(stores, subject, base)
    nodes = {one for one in nodes if one in subject.things or not elsewhere.about(NamedNode(one))}
    alone, common = _alone(db, subject, {one for one in terms if one[1:-1] not in nodes})
    own = frozenset(one for one in alone if not elsewhere.stated(_term(one)))
    return Marks(frozenset(subject.things), frozenset(nodes), own, common)


def bodies(db: sqlite3.Connection, iris: Iterable[str]) -> Iterator[bytes]:
    """Every kept version of these descriptions, canonical N-Triples."""
    for iri in iris:
        for (body,) in db.execute("SELECT body FROM descriptions WHERE iri = ?", (iri,)):
            yield unpack(body)


def _telling(term: object, subject: Subject) -> bool:
    """Whether a term may be the dataset's alone: an address, or a text that is neither a number nor a date."""
    if isinstance(term, NamedNode):
        return term.value not in subject.names
    if not isinstance(term, Literal) or len(term.value.strip()) < SHORT or term.value in subject.names:
        return False
    known = term.datatype.value.startswith(XSD.string.value.removesuffix("string"))
    return bool(term.language) or term.datatype in _TEXTS or not known


def _alone(db: sqlite3.Connection, subject: Subject, terms: set[str]) -> tuple[set[str], tuple[str, ...]]:
    """Those of the terms that no other description or record has; and which others have one of them, ten at most."""
    search = Search({one: _needles(_term(one)) for one in terms})
    values = {"o": json.dumps(subject.things), "slug": subject.slug, "source": subject.source}
    values["record"] = subject.record
    common: dict[str, None] = {}
    for sql in OTHERS:
        for one, where in search.rows(db, sql, values, once=True):
            terms = terms - {one}
            if len(_term(one).value) >= LONG and len(common) < 10:
                common.setdefault(where)
    return terms, tuple(common)


class _Elsewhere:
    """Whether other graphs than the dataset's own, the merged copy and local ones have a node or a term."""

    def __init__(self, stores: Sequence[Store], subject: Subject, base: str) -> None:
        self.stores = stores
        self.own = {NamedNode(graph) for graph in subject.graphs(base)}
        self.things = {NamedNode(iri) for iri in subject.things}
        self.local = Minter(base).local_name

    def about(self, node: NamedNode) -> bool:
        return any(self._counts(q) for store in self.stores for q in store.quads_for_pattern(node, None, None, None))

    def stated(self, term: NamedNode | Literal) -> bool:
        if any(self._counts(q) for store in self.stores for q in store.quads_for_pattern(None, None, term, None)):
            return True
        return isinstance(term, NamedNode) and self.about(term)

    def _counts(self, quad: Quad) -> bool:
        graph = quad.graph_name
        if isinstance(graph, DefaultGraph) or graph in self.own or quad.subject in self.things:
            return False
        return not self.local(graph.value)


def _needles(term: NamedNode | Literal) -> list[Needle]:
    if isinstance(term, Literal):
        return [Needle.text(term.value)]
    found = [Needle.address(term.value)]
    scheme, _, rest = term.value.partition(":")
    return [*found, Needle.address(rest)] if scheme.lower() in {"mailto", "tel"} else found


def _term(written: str) -> NamedNode | Literal:
    if written.startswith("<"):
        return NamedNode(written[1:-1])
    (quad,) = parse(f"<x:s> <x:p> {written} .", format=RdfFormat.N_TRIPLES, lenient=True)
    return cast("Literal", quad.object)


# ── until nothing is left ────────────────────────────────────────────────────────────────────────────────────────────


def path(folder: Path, slug: str) -> Path:
    """Where the marks of a takedown stand that is not complete."""
    return folder / FOLDER / f"{slug}.json"


def noted(folder: Path, slug: str) -> Marks | None:
    """The marks that an earlier try has written down; None without one."""
    with suppress(FileNotFoundError):
        told = json.loads(path(folder, slug).read_text(encoding="utf-8"))
        things, nodes, terms = (frozenset(told[name]) for name in ("things", "nodes", "terms"))
        return Marks(things, nodes, terms, tuple(told["common"]))
    return None


def note(folder: Path, slug: str, marks: Marks) -> None:
    """Writes the marks down, durably. Raises `StoreFull` where the disk takes no more."""
    target = path(folder, slug)
    told = {name: sorted(values) for name, values in vars(marks).items() if name in {"things", "nodes", "terms"}}
    told["common"] = list(marks.common)
    try:
        _write(target, told)
    except OSError as e:
        raise schema.explained(e, target) from e


def _write(target: Path, told: dict[str, list[str]]) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    pending = target.with_suffix(".tmp")
    with os.fdopen(os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False)
    sync(pending)
    os.replace(pending, target)
    sync(target.parent)


def forget(folder: Path, slug: str) -> None:
    """Removes them: nothing is left to look for."""
    path(folder, slug).unlink(missing_ok=True)
    with suppress(OSError):
        (folder / FOLDER).rmdir()


def merged(found: Marks, before: Marks | None) -> Marks:
    """What an earlier try knew, and what is found now."""
    if before is None:
        return found
    return Marks(
        found.things | before.things,
        found.nodes | before.nodes,
        found.terms | before.terms,
        before.common or found.common,
    )
