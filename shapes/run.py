"""One validation: what can be seen, and what was already decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pyoxigraph import Triple

from shapes import literals
from shapes.components import Result, Rows, Shape, Themselves, Values
from shapes.graph import World
from shapes.paths import Path, Predicate
from shapes.queries import Queries
from shapes.text import Text
from vocab.namespaces import RDF, RDFS

TYPE = str(RDF.type)
SUBCLASS = str(RDFS.subClassOf)

DEPTH = 60
"""How often a shape is followed into itself, from one node to another: as far as Python's own stack safely goes."""


class _Decided(NamedTuple):
    """The results of a shape by node, and the nodes that were looked at."""

    found: dict[str, list[Result]]
    checked: set[str]


class Run:
    """The memory of one validation. Answers are worked out once for each set of nodes, class and nested shape.

    `admitted` are nodes that shapes name: they are focus nodes even where only the background describes them.
    `queries` answers those that the shapes hold, over data, background and `shapes`; whoever made the run closes it.
    """

    def __init__(self, world: World, admitted: AbstractSet[str] = frozenset(), shapes: Iterable[Triple] = ()) -> None:
        self.world = world
        self.queries = Queries(world, shapes)
        self.admitted = admitted
        self.notes: dict[Text, None] = {}
        self._classes: dict[str, list[str]] = {}
        self._instances: dict[str, set[str]] = {}
        self._values: dict[tuple[int, Path], Values] = {}
        self._sets: list[set[str]] = []
        self._decided: dict[Shape, _Decided] = {}
        self._open: dict[Shape, int] = {}
        self._lexical: dict[str, tuple[set[str], set[str]]] = {}

    def note(self, text: Text) -> None:
        """Keeps a remark for the reader, once."""
        self.notes[text] = None

    # ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _narrower(self, iri: str) -> list[str]:
        """The class and all that `rdfs:subClassOf` puts below it."""
        if iri not in self._classes:
            below = self.world.subjects(SUBCLASS)
            found = {iri: None}
            level = [iri]
            while level:
                level = [one for wide in level for one in below(wide) if one not in found]
                found.update(dict.fromkeys(level))
            self._classes[iri] = list(found)
        return self._classes[iri]

    def instances(self, iri: str) -> set[str]:
        """The SHACL instances of a class (section 1.1) that the data describe or the shapes name; not to be changed."""
        if iri in self._instances:
            return self._instances[iri]
        told, known = self.world.data.column(TYPE), self.world.background.column(TYPE)
        described = self.world.data.subjects if known else frozenset()
        found: set[str] = set()
        for one in self._narrower(iri):
            found |= told.members(one)
            members = known.members(one)
            found |= members & described
            found |= members & self.admitted
        self._instances[iri] = found
        return found

    def outside(self, nodes: set[str], iri: str) -> set[str]:
        """Those of `nodes` that are no SHACL instances of a class."""
        types = [graph.column(TYPE) for graph in (self.world.data, self.world.background)]
        for one in self._narrower(iri):
            for column in types:
                if column:
                    nodes = nodes - column.members(one)
        return nodes

    def is_foreign(self, node: str) -> bool:
        """Whether only the background describes the node, and no shape names it: such a node is never validated."""
        if node not in self.world.background.subjects or node in self.world.data.subjects:
            return False
        return node not in self.admitted

    # ── values ───────────────────────────────────────────────────────────────────────────────────────────────────

    def ill_formed(self, nodes: set[str], datatype: str) -> set[str]:
        """Those of `nodes` that are no literals of this datatype (an N-Triples IRI), or have a form it has not."""
        if not literals.has_forms(datatype):
            return literals.ill_formed(nodes, datatype)
        checked, wrong = self._lexical.setdefault(datatype, (set(), set()))
        fresh = nodes - checked if checked else nodes
        checked |= fresh
        wrong |= literals.ill_formed(fresh, datatype)
        return nodes & wrong

    def values(self, path: Path | None, focus: set[str]) -> Values:
        """The value nodes of these focus nodes, kept for the next shape that asks the same."""
        if path is None:
            return Themselves(focus)
        key = (id(focus), path)
        if key not in self._values:
            self._sets.append(focus)  # kept, so that its id stays its own
            self._values[key] = self._reached(path, focus)
        return self._values[key]

    def _reached(self, path: Path, focus: set[str]) -> Values:
        if isinstance(path, Predicate):
            return Rows(focus, self.world.rows(path.iri, focus, forward=path.forward))
        return Values(focus, path.reached(self.world, focus))

    # ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────

    def evaluate(self, shape: Shape, focus: set[str]) -> Iterator[tuple[str, Result]]:
        """The results of a shape on focus nodes (section 3.4), each with the one of these that it counts against."""
        if shape.deactivated or not focus:
            return
        values = self.values(shape.path, focus)
        for constraint in shape.constraints:
            yield from constraint.rooted(self, values)

    def failing(self, shape: Shape, nodes: set[str]) -> Mapping[str, Sequence[Result]]:
        """The results of a shape by node, for at least these nodes; a node that conforms has no entry.

        Where a shape refers to itself, a node that is being looked at counts as conforming: the specification leaves
        that open (3.4.3).
        """
        if shape.deactivated:
            return {}
        found, checked = self._decided.setdefault(shape, _Decided({}, set()))
        fresh = nodes - checked if checked else nodes
        if not fresh:
            if shape in self._open:
                self._recursive(shape)
            return found
        if self._open.get(shape, 0):
            self._recursive(shape)
        if self._open.get(shape, 0) >= DEPTH:
            return found
        checked |= fresh
        self._open[shape] = self._open.get(shape, 0) + 1
        values = self.values(shape.path, fresh)
        for constraint in shape.constraints:
            for node, result in constraint.located(self, values):
                found.setdefault(node, []).append(result)
        self._open[shape] -= 1
        if not self._open[shape]:
            del self._open[shape]
        return found

    def _recursive(self, shape: Shape) -> None:
        self.note(
            Text(
                f"la forme {shape.node} se réfère à elle-même\u00a0: SHACL n’en dit pas le sens, un nœud en cours "
                "d’examen est tenu pour conforme.",
                f"the shape {shape.node} refers to itself: SHACL does not say what that means, so a node that is being "
                "looked at is taken as conforming.",
            )
        )
