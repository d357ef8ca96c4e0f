"""The one seam to the triple store: Oxigraph on disk, one writer, working on a clone.

The default graph holds the merged catalogue once; the named graphs hold the same statements by origin. A statement
leaves the default graph when no other graph states it (DESIGN.md, "Graph model").
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from catalog import schema
from catalog.errors import StoreDamaged
from catalog.intake import Form, Spool
from shapes.graph import term

DEFAULT = DefaultGraph()
_FAILED = (OSError, RuntimeError)
"""What the engine raises when the disk fails it; the latter for data that are not what was written."""
FEW = 5_000
"""Up to this many quads go through a transaction; more are bulk-loaded as new files."""


def clone(source: Path, target: Path) -> None:
    """Copies a closed or published store: data files by hard link (they never change), the rest by copy.

    `target` must not exist. Raises `StoreFull` or `StoreDamaged`.
    """
    try:
        target.mkdir(parents=True)
        for file in source.iterdir():
            if file.suffix == ".sst":
                _link(file, target / file.name)
            elif file.name != "LOCK":
                shutil.copy2(file, target / file.name)
    except OSError as e:
        raise schema.explained(e, target) from e


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(file, target)


def open_read_only(path: Path) -> Store:
    """A published snapshot, for reading; raises `StoreDamaged`."""
    try:
        return Store.read_only(str(path))
    except (OSError, ValueError, RuntimeError) as e:
        raise StoreDamaged(
            f"the store cannot be opened ({e}).", what=str(path), hint="`garonne doctor` says more."
        ) from e


class Workspace:
    """A writable store that becomes a release, or is thrown away whole.

    `writes` counts the changes asked of it; `size` is the number of its quads at first, None when it is not known.
    """

    def __init__(self, path: Path, *, size: int | None = None) -> None:
        self.path = path
        self.writes = 0
        self._size = size
        try:
            self.store = Store(str(path))
        except (OSError, ValueError, RuntimeError) as e:
            full = schema.explained(e, path)
            raise (
                full
                if not isinstance(full, StoreDamaged)
                else StoreDamaged(f"the store cannot be opened for writing ({e}).", what=str(path))
            ) from e

    def take(self, spool: Spool) -> None:
        """Adds what a spool holds, and closes it. Blank nodes keep their labels.

        Releases the interpreter lock while it works, but not for statements with blank nodes, which are few.
        """
        self.writes += 1
        if spool.count:
            self._size = None
        kind = RdfFormat.N_TRIPLES if spool.form is Form.TRIPLES else RdfFormat.N_QUADS
        try:
            if spool.form is Form.BLANK:
                quads = parse(path=spool.path, format=kind, lenient=True)
                (self.store.bulk_extend if spool.count > FEW else self.store.extend)(quads)
            else:  # read by its path, the store needs no interpreter lock
                load = self.store.bulk_load if spool.count > FEW else self.store.load
                load(path=spool.path, format=kind, lenient=True)
        except _FAILED as e:
            raise schema.explained(e, self.path) from e
        finally:
            spool.close()

    def replace(self, graph: str, triples: Iterable[Triple], *, merged: bool = True) -> None:
        """Makes a named graph state exactly these triples, and the default graph agree when `merged`."""
        name = NamedNode(graph)
        self.writes += 1
        try:
            wanted = _normalised(triples, name)
            standing = set(self.store.quads_for_pattern(None, None, None, name))
            for quad in standing - wanted:
                self._remove(quad, merged=merged)
            self._add(wanted - standing, merged=merged)
            if standing and not wanted:
                self.store.remove_graph(name)  # Oxigraph goes on listing a graph that has become empty
        except _FAILED as e:
            raise schema.explained(e, self.path) from e

    def _add(self, quads: set[Quad], *, merged: bool) -> None:
        both = [*quads]
        if merged:
            copies = (Quad(q.subject, q.predicate, q.object, DEFAULT) for q in quads)
            both += [q for q in copies if q not in self.store]
        if len(both) > FEW:
            self.store.bulk_extend(both)
        elif both:
            self.store.extend(both)
        self._grow(len(both))

    def _remove(self, quad: Quad, *, merged: bool) -> None:
        self.store.remove(quad)
        self._grow(-1)
        if merged and not any(self._stating(quad)):
            self.store.remove(Quad(quad.subject, quad.predicate, quad.object, DEFAULT))
            self._grow(-1)

    def _grow(self, by: int) -> None:
        if self._size is not None:
            self._size += by

    def _stating(self, quad: Quad) -> Iterator[Quad]:
        """The statement in the graphs, other than the default one, that are merged into it."""
        for found in self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
            if isinstance(found.graph_name, NamedNode) and is_merged(found.graph_name.value):
                yield found

    def has_graph(self, graph: str) -> bool:
        """Whether a named graph of this name states anything."""
        return next(iter(self.store.quads_for_pattern(None, None, None, NamedNode(graph))), None) is not None

    def naming(self, iri: str) -> Iterator[str]:
        """The subjects of the default graph's statements that have this IRI as their object; blank nodes as `_:…`."""
        for quad in self.store.quads_for_pattern(None, None, NamedNode(iri), DEFAULT):
            yield str(getattr(quad.subject, "value", quad.subject))

    def stating(self, node: str) -> Iterator[tuple[str, str]]:
        """Subject and predicate of the default graph's statements that have this node as their object.

        Terms are in N-Triples. A literal is found however it is spelled.
        """
        for quad in self.store.quads_for_pattern(None, None, term(node), DEFAULT):
            yield str(quad.subject), str(quad.predicate)

    def graphs_about(self, node: str) -> set[str]:
        """The named graphs that state anything about this node, in N-Triples; nothing is stated about a literal."""
        subject = term(node)
        if isinstance(subject, Literal):
            return set()
        found = self.store.quads_for_pattern(subject, None, None, None)
        return {quad.graph_name.value for quad in found if isinstance(quad.graph_name, NamedNode)}

    def about(self, node: str) -> Iterator[tuple[str, str]]:
        """Predicate and object of the default graph's statements about this node, as the store spells them."""
        subject = term(node)
        if not isinstance(subject, Literal):
            for quad in self.store.quads_for_pattern(subject, None, None, DEFAULT):
                yield str(quad.predicate), str(quad.object)

    def graphs_stating(self, s: str, p: str, o: str) -> Iterator[str]:
        """The named graphs that make this statement, given in N-Triples; literals may be spelled otherwise there."""
        subject = term(s)
        if not isinstance(subject, Literal):
            for quad in self.store.quads_for_pattern(subject, NamedNode(p[1:-1]), term(o), None):
                if isinstance(quad.graph_name, NamedNode):
                    yield quad.graph_name.value

    def has_predicate(self, predicate: str) -> bool:
        """Whether the default graph has a statement with this predicate, an IRI in N-Triples."""
        found = self.store.quads_for_pattern(None, NamedNode(predicate[1:-1]), None, DEFAULT)
        return next(iter(found), None) is not None

    def update(self, text: str, base: str) -> None:
        """Applies a SPARQL Update request, whole or not at all. Raises what the engine raises.

        The default graph is not kept in step with the named ones: that is the caller's.
        """
        self.writes += 1
        self._size = None
        self.store.update(text, base_iri=base)

    def graphs(self) -> Iterator[str]:
        """The named graphs, with those that are empty."""
        for name in self.store.named_graphs():
            if isinstance(name, NamedNode):
                yield name.value

    def graph(self, graph: str) -> list[Triple]:
        """What a named graph states; the default graph where the name is empty."""
        name = NamedNode(graph) if graph else DEFAULT
        return [quad.triple for quad in self.store.quads_for_pattern(None, None, None, name)]

    def optimize(self) -> None:
        """Rewrites the files so that queries read fewer of them; it takes time in proportion to the whole store."""
        try:
            self.store.optimize()
        except _FAILED as e:
            raise schema.explained(e, self.path) from e

    def flush(self) -> None:
        """Writes out what is only in the engine's memory and its log."""
        try:
            self.store.flush()
        except _FAILED as e:
            raise schema.explained(e, self.path) from e

    def size(self) -> int:
        """How many quads there are. Counted anew after a bulk load only; changes are kept account of."""
        if self._size is None:
            self._size = len(self.store)
        return self._size

    def out_of_step(self, limit: int = 10) -> list[str]:
        """Statements on which the default graph and the merged named graphs disagree, at most `limit` of them."""
        wrong: list[str] = []
        for quad in self.store:
            if quad.graph_name == DEFAULT:
                if not any(self._stating(quad)):
                    wrong.append(f"in no named graph: {quad.triple}")
            elif (
                is_merged(str(getattr(quad.graph_name, "value", "")))
                and Quad(quad.subject, quad.predicate, quad.object, DEFAULT) not in self.store
            ):
                wrong.append(f"not in the default graph: {quad}")
            if len(wrong) >= limit:
                break
        return wrong

    def backup(self, target: Path) -> None:
        """A consistent snapshot of everything written so far, by hard links; `target` must not exist."""
        try:
            self.store.flush()
            target.parent.mkdir(parents=True, exist_ok=True)
            self.store.backup(str(target))
        except _FAILED as e:
            raise schema.explained(e, target) from e

    def close(self) -> None:
        """Lets go of the files; once is enough, twice does no harm."""
        vars(self).pop("store", None)


def is_merged(graph: str) -> bool:
    """Whether the statements of this named graph are also in the default graph.

    Descriptions, agents, concepts, labels and the catalogue are; findings, runs, and vocabularies under their official
    graph names are not.
    """
    *_, folder, name = ("", *graph.rsplit("/", 2))
    return folder == "record" or (folder == "graph" and name in {"catalog", "agents", "concepts", "vocabulary"})


def _normalised(triples: Iterable[Triple], graph: NamedNode) -> set[Quad]:
    """The quads as the store will give them back: "1.0" and "1.00" become one."""
    memory = Store()
    memory.extend(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    return set(memory)
