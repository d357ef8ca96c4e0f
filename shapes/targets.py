"""Targets (SHACL, section 2.1.3): which nodes a shape is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from shapes.run import Run


class OtherTarget(Protocol):
    """A target that another module works out."""

    def nodes(self, run: Run) -> Iterable[str]:
        """The focus nodes."""
        ...


@dataclass
class Targets:
    """What a shape declares: classes, nodes, and predicates whose subjects or objects it is about: N-Triples terms."""

    classes: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    subjects_of: list[str] = field(default_factory=list)
    objects_of: list[str] = field(default_factory=list)
    others: list[OtherTarget] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.classes or self.named or self.subjects_of or self.objects_of or self.others)

    def nodes(self, run: Run) -> set[str]:
        """The focus nodes.

        A node that only the background describes is none, unless the shape names it or the data refer to it.
        """
        data, known = run.world.data, run.world.background
        found: set[str] = set()
        if len(self.classes) == 1 and not (self.subjects_of or self.objects_of or self.named or self.others):
            return run.instances(self.classes[0])  # the same set for every shape of the class: its values are kept
        for iri in self.classes:
            found |= run.instances(iri)
        for predicate in self.subjects_of:
            found |= data.column(predicate).distinct_starts
            others = known.column(predicate).distinct_starts
            found |= others & data.subjects
            found |= others & run.admitted
        for predicate in self.objects_of:
            found |= data.column(predicate).distinct_ends
            found |= data.subjects & known.column(predicate).distinct_ends
        found.update(self.named)
        for other in self.others:
            found.update(other.nodes(run))
        return found
