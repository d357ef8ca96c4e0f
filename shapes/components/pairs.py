"""Constraints that compare two properties of a focus node, and closed shapes (SHACL, sections 4.5 and 4.8.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shapes import literals
from shapes.components import Constraint, Result, Values
from shapes.run import Run


@dataclass(eq=False)
class PairConstraint(Constraint):
    """A comparison with the values of another property, `other`."""

    other: str

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        others = run.world.rows(self.other, values.focus)
        concerned = (values.focus - values.lacking()) | others.distinct_starts
        for focus in concerned:
            for value in self.breaches(values.by.get(focus, ()), others.index.get(focus, ())):
                yield Result(focus, value, self)

    def breaches(self, own: Sequence[str], others: Sequence[str]) -> Iterable[str]:
        """The values to report, given those of both properties."""
        raise NotImplementedError


class EqualsConstraint(PairConstraint):
    """`sh:equals`: both have the same values."""

    def breaches(self, own: Sequence[str], others: Sequence[str]) -> Iterable[str]:
        """See `PairConstraint.breaches`."""
        return set(own) ^ set(others)


class DisjointConstraint(PairConstraint):
    """`sh:disjoint`: they have no value in common."""

    def breaches(self, own: Sequence[str], others: Sequence[str]) -> Iterable[str]:
        """See `PairConstraint.breaches`."""
        return set(own) & set(others)


@dataclass(eq=False)
class OrderConstraint(PairConstraint):
    """`sh:lessThan` and `sh:lessThanOrEquals`: one result for each pair that is not in order."""

    or_equal: bool

    def breaches(self, own: Sequence[str], others: Sequence[str]) -> Iterable[str]:
        """See `PairConstraint.breaches`."""
        for value in own:
            for other in others:
                if not literals.before(literals.value(value), literals.value(other), or_equal=self.or_equal):
                    yield value


@dataclass(eq=False)
class ClosedConstraint(Constraint):
    """`sh:closed`: no property but those of the shape's property shapes and of `sh:ignoredProperties`."""

    allowed: frozenset[str]

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        nodes = values.distinct
        for predicate in run.world.predicates() - self.allowed:
            found = run.world.rows(predicate, nodes).index
            for focus, node in values.rows(found):
                for value in found[node]:
                    yield Result(focus, value, self, path=predicate[1:-1])
