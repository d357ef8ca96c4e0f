"""What the shapes look at beyond a description, and whose findings a change may alter.

A plan is read as an automaton: its states are places in the shapes, and a step follows one predicate forward or
backward, as paths, nested shapes, `sh:class` and comparisons do. Walked forward from the nodes of a description it
gives every statement that their validation can depend on; walked backward from a changed statement, every node whose
findings can depend on that. So a changed description can be validated alone, with the same findings as in a whole
catalogue.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol

from shapes.components import Constraint, Shape
from shapes.components.pairs import ClosedConstraint, PairConstraint
from shapes.components.values import ClassConstraint
from shapes.graph import Graph
from shapes.paths import Alternative, Chain, Path, Predicate, Repeated
from shapes.plan import Plan
from shapes.run import SUBCLASS, TYPE
from shapes.targets import Targets

Line = tuple[str, str, str]
"""A statement as three N-Triples terms."""

START = 0
"""The state of a focus node."""
ANY = ""
"""Stands for every predicate."""
FAR = 3
"""Steps from a focus node that a query with variables for predicates is taken to look."""

_States = frozenset[int]


class Look(Protocol):
    """The catalogue as it is. Terms are N-Triples; what a node does not have gives an empty answer."""

    def about(self, node: str) -> Mapping[str, Sequence[str]]:
        """The objects of each predicate of the statements about a node, exactly as described."""
        ...

    def naming(self, node: str) -> Mapping[str, Sequence[str]]:
        """The subjects of each predicate of the statements that have the node as their object."""
        ...


class Reach:
    """The automaton of a plan. Made once, then only read.

    `routes` are steps from a focus node that somebody else looks at, as (predicate, whether forward).
    """

    def __init__(self, plan: Plan, routes: Iterable[Sequence[tuple[str, bool]]] = ()) -> None:
        self._next: list[dict[tuple[str, bool], int]] = [{}]
        self._same: dict[int, set[int]] = defaultdict(set)
        for shape, targets in plan.targeted:
            self._targets(targets)
            self._shape(shape, frozenset({START}), ())
        for route in routes:
            state = START
            for predicate, forward in route:
                state = self._step(state, predicate, forward=forward)
        self._before = self._reversed()
        self._places: dict[tuple[str, bool], list[int]] = defaultdict(list)
        for state, steps in enumerate(self._next):
            for step in steps:
                self._places[step].append(state)

    @property
    def backward(self) -> set[str]:
        """The predicates that are followed backward; empty where statements about other nodes do not count."""
        return {predicate for steps in self._next for predicate, forward in steps if not forward}

    # ── compiling ────────────────────────────────────────────────────────────────────────────────────────────────

    def _step(self, state: int, predicate: str, *, forward: bool = True) -> int:
        key = (predicate, forward)
        if key not in self._next[state]:
            self._next[state][key] = len(self._next)
            self._next.append({})
        return self._next[state][key]

    def _path(self, path: Path | None, at: _States) -> _States:
        if path is None:
            return at
        if isinstance(path, Predicate):
            return frozenset(self._step(state, path.iri, forward=path.forward) for state in at)
        if isinstance(path, Chain):
            for part in path.parts:
                at = self._path(part, at)
            return at
        if isinstance(path, Alternative):
            return frozenset().union(*(self._path(part, at) for part in path.parts))
        assert isinstance(path, Repeated)  # noqa: S101  there is no other kind of path
        ends = self._path(path.part, at)
        if not path.once:
            for state in self._path(path.part, ends):
                self._same[state] |= ends
        return ends if path.least else ends | at

    def _targets(self, targets: Targets) -> None:
        """What makes a node a focus node may be stated elsewhere too."""
        if targets.classes:
            self._typed(START)
        for predicate in targets.subjects_of:
            self._step(START, predicate)
        for predicate in targets.objects_of:
            self._step(START, predicate, forward=False)

    def _typed(self, state: int) -> None:
        typed = self._step(state, TYPE)
        self._same[self._step(typed, SUBCLASS)].add(typed)

    def _shape(self, shape: Shape, at: _States, above: tuple[Shape, ...]) -> None:
        if shape in above:
            return  # taken as met where it refers to itself
        ends = self._path(shape.path, at)
        for constraint in shape.constraints:
            self._constraint(constraint, at, ends)
            for nested in _nested(constraint):
                self._shape(nested, ends, (*above, shape))

    def _constraint(self, constraint: Constraint, at: _States, ends: _States) -> None:
        if isinstance(constraint, ClassConstraint):
            for end in ends:
                self._typed(end)
        elif isinstance(constraint, PairConstraint):
            for state in at:
                self._step(state, constraint.other)
        elif isinstance(constraint, ClosedConstraint):
            for end in ends:
                self._step(end, ANY)
        elif (query := getattr(constraint, "query", None)) is not None:
            self._query(str(query.text), dict(query.prefixes), at | ends)

    def _query(self, text: str, prefixes: Mapping[str, str], at: _States) -> None:
        """A query may follow the predicates that it names in any order and direction; with variables, any few steps."""
        if re.search(r"[?$]\w+\s+[?$]\w+\s+[?$<\"\w]", text[text.find("{") :]):
            for _ in range(FAR):
                at = frozenset(self._step(s, ANY, forward=forward) for s in at for forward in (True, False))
            return
        named = _named_in(text, prefixes)
        first = frozenset(self._step(s, p, forward=forward) for s in at for p in named for forward in (True, False))
        if first:
            (one, *rest) = sorted(first)
            for state in rest:
                self._same[state].add(one)
            for predicate in named:
                for forward in (True, False):
                    self._same[self._step(one, predicate, forward=forward)].add(one)

    def _reversed(self) -> dict[int, list[tuple[int, str, bool]]]:
        """For each state the steps that lead to it, also by way of states that are the same."""
        found: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
        for state, steps in enumerate(self._next):
            for (predicate, forward), after in steps.items():
                for end in self._closed(after):
                    found[end].append((state, predicate, forward))
        return found

    def _closed(self, state: int) -> set[int]:
        """The state and those that it is the same as."""
        found, level = {state}, [state]
        while level:
            level = [other for one in level for other in self._same.get(one, ()) if other not in found]
            found.update(level)
        return found

    # ── forward ──────────────────────────────────────────────────────────────────────────────────────────────────

    def context(self, own: Graph, look: Look) -> set[Line]:
        """The statements of the catalogue, besides those of `own`, that the validation of its nodes can look at."""
        found: set[Line] = set()
        seen: dict[int, set[str]] = defaultdict(set)
        level: dict[int, set[str]] = {START: set(own.subjects)}
        while level:
            after: dict[int, set[str]] = defaultdict(set)
            for state, nodes in level.items():
                fresh = nodes - seen[state]
                seen[state] |= fresh
                stated = self._stated(state, fresh, look)
                for (predicate, forward), end in self._next[state].items():
                    reached = _within(own, fresh, predicate, forward=forward)
                    for node, known, other in _rows(stated[forward], predicate):
                        found.add((node, known, other) if forward else (other, known, node))
                        reached.add(other)
                    for one in self._closed(end) if reached else ():
                        after[one] |= reached
            level = after
        return found

    def _stated(self, state: int, nodes: set[str], look: Look) -> dict[bool, dict[str, Mapping[str, Sequence[str]]]]:
        """What the catalogue states about nodes (True), and with them as objects (False), where this state asks."""
        asked = {forward for _, forward in self._next[state]}
        looks = {True: look.about, False: look.naming}
        return {
            forward: {node: found for node in nodes if (found := looks[forward](node))} if forward in asked else {}
            for forward in looks
        }

    # ── backward ─────────────────────────────────────────────────────────────────────────────────────────────────

    def dependants(self, changed: Iterable[Line], look: Look) -> set[str]:
        """The nodes whose findings these statements, added or taken away, may alter.

        `look` shows the catalogue after the change. Nodes that are described nowhere may be among them.
        """
        found: set[str] = set()
        seen: set[tuple[str, int]] = set()
        level = set(self._seeds(changed))
        naming, about = cache(look.naming), cache(look.about)  # many states ask the same of a node
        while level:
            seen |= level
            found.update(node for node, state in level if state == START)
            before = {
                (other, earlier)
                for node, state in level
                for earlier, predicate, forward in self._before.get(state, ())
                for other in _others(naming(node) if forward else about(node), predicate)
            }
            level = before - seen
        return found

    def _seeds(self, changed: Iterable[Line]) -> Iterator[tuple[str, int]]:
        """The places from which a validation looks at these statements."""
        for s, p, o in changed:
            for predicate in (p, ANY):
                yield from ((s, state) for state in self._places.get((predicate, True), ()))
                yield from ((o, state) for state in self._places.get((predicate, False), ()))


def _within(own: Graph, nodes: set[str], predicate: str, *, forward: bool) -> set[str]:
    """Where a step leads from these nodes by the graph's own statements."""
    reached: set[str] = set()
    for known in own.predicates() if predicate == ANY else (predicate,):
        index = own.forward(known) if forward else own.backward(known)
        for node in nodes & index.keys():
            reached.update(index[node])
    return reached


def _rows(stated: Mapping[str, Mapping[str, Sequence[str]]], predicate: str) -> Iterator[Line]:
    """Node, predicate and other end of what is stated with this predicate."""
    for node, by in stated.items():
        for known in by if predicate == ANY else (predicate,):
            yield from ((node, known, other) for other in by.get(known, ()))


def _others(stated: Mapping[str, Sequence[str]], predicate: str) -> Iterable[str]:
    """The nodes from which a step leads to the one that this is stated of."""
    if predicate == ANY:
        return [other for others in stated.values() for other in others]
    return stated.get(predicate, ())


def _nested(constraint: Constraint) -> Iterator[Shape]:
    """The shapes that a constraint asks about its values."""
    nested = getattr(constraint, "nested", ())
    yield from (nested,) if isinstance(nested, Shape) else nested
    yield from getattr(constraint, "siblings", ())


_IRI = re.compile(r"<([^<>\"{}|^`\\\s]*)>")
_PREFIXED = re.compile(r"([A-Za-z][\w.-]*)?:([A-Za-z_][\w.-]*)")
_DECLARED = re.compile(r"prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE)


def _named_in(text: str, prefixes: Mapping[str, str]) -> set[str]:
    """Every IRI that a query names, `rdf:type` for `a`; more than its predicates, which does no harm."""
    known = {**prefixes, **dict(_DECLARED.findall(text))}
    found = {f"<{iri}>" for iri in _IRI.findall(text)}
    found |= {f"<{known[prefix]}{local}>" for prefix, local in _PREFIXED.findall(text) if prefix in known}
    return found | ({TYPE} if re.search(r"\sa\s", text) else set())
