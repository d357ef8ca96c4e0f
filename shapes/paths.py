"""Property paths (SHACL, section 2.3.1): from nodes to the nodes that a path leads to, a whole set at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shapes.graph import World

Reached = Mapping[str, Sequence[str]]
"""The nodes that each start leads to, each once; starts that lead nowhere are left out."""


class Path(Protocol):
    """A path. `steps` are the predicates that it follows, forward (True) or backward."""

    def reached(self, world: World, starts: Iterable[str]) -> Reached:
        """Where each start leads."""
        ...

    def steps(self) -> Iterable[tuple[str, bool]]:
        """Each predicate on the path and its direction."""
        ...


@dataclass(frozen=True)
class Predicate:
    """A single predicate, followed forward, or backward for `sh:inversePath`."""

    iri: str
    forward: bool = True

    def reached(self, world: World, starts: Iterable[str]) -> Reached:
        """See `Path.reached`."""
        lookup = world.objects(self.iri) if self.forward else world.subjects(self.iri)
        return {node: found for node in starts if (found := lookup(node))}

    def steps(self) -> Iterable[tuple[str, bool]]:
        """See `Path.steps`."""
        return ((self.iri, self.forward),)


@dataclass(frozen=True)
class Chain:
    """One path after another."""

    parts: tuple[Path, ...]

    def reached(self, world: World, starts: Iterable[str]) -> Reached:
        """See `Path.reached`."""
        first, *rest = self.parts
        found = first.reached(world, starts)
        for part in rest:
            step = part.reached(world, _all(found))
            found = _composed(found, step)
        return found

    def steps(self) -> Iterable[tuple[str, bool]]:
        """See `Path.steps`."""
        return [step for part in self.parts for step in part.steps()]


@dataclass(frozen=True)
class Alternative:
    """Any of several paths."""

    parts: tuple[Path, ...]

    def reached(self, world: World, starts: Iterable[str]) -> Reached:
        """See `Path.reached`."""
        starts = list(starts)
        found: dict[str, dict[str, None]] = {}
        for part in self.parts:
            for node, values in part.reached(world, starts).items():
                found.setdefault(node, {}).update(dict.fromkeys(values))
        return {node: tuple(values) for node, values in found.items()}

    def steps(self) -> Iterable[tuple[str, bool]]:
        """See `Path.steps`."""
        return [step for part in self.parts for step in part.steps()]


@dataclass(frozen=True)
class Repeated:
    """A path as often as one likes: at least `least` times (0 or 1), at most once where `once`."""

    part: Path
    least: int
    once: bool = False

    def reached(self, world: World, starts: Iterable[str]) -> Reached:
        """See `Path.reached`."""
        starts = list(starts)
        steps = self._steps(world, starts)
        return {node: found for node in starts if (found := self._from(node, steps))}

    def _steps(self, world: World, starts: Sequence[str]) -> dict[str, Sequence[str]]:
        """One step from every node that can be met."""
        known: dict[str, Sequence[str]] = {}
        fresh = set(starts)
        while fresh:
            found = self.part.reached(world, fresh)
            known.update({node: found.get(node, ()) for node in fresh})
            fresh = set() if self.once else _all(found) - known.keys()
        return known

    def _from(self, start: str, steps: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        met: dict[str, None] = dict.fromkeys([start] if self.least == 0 else ())
        level = list(steps.get(start, ()))
        while level:
            fresh = [node for node in dict.fromkeys(level) if node not in met]
            met.update(dict.fromkeys(fresh))
            level = [] if self.once else [after for node in fresh for after in steps.get(node, ())]
        return tuple(met)

    def steps(self) -> Iterable[tuple[str, bool]]:
        """See `Path.steps`."""
        return self.part.steps()


def inverse(path: Path) -> Path:
    """The same path walked from its end to its start."""
    if isinstance(path, Predicate):
        return Predicate(path.iri, not path.forward)
    if isinstance(path, Chain):
        return Chain(tuple(inverse(part) for part in reversed(path.parts)))
    if isinstance(path, Alternative):
        return Alternative(tuple(inverse(part) for part in path.parts))
    assert isinstance(path, Repeated)  # noqa: S101 - there is no other kind of path
    return Repeated(inverse(path.part), path.least, path.once)


def _all(found: Reached) -> set[str]:
    return set().union(*found.values())


def _composed(first: Reached, second: Reached) -> Reached:
    made: dict[str, Sequence[str]] = {}
    for node, middles in first.items():
        ends = (
            second.get(middles[0], ())
            if len(middles) == 1
            else tuple(dict.fromkeys(end for middle in middles for end in second.get(middle, ())))
        )
        if ends:
            made[node] = ends
    return made
