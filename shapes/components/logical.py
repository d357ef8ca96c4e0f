"""Constraints made of other shapes (SHACL, sections 4.6 and 4.7). Which branch failed, and why, is in the details."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shapes.components import Branches, Constraint, Result, Shape, Themselves, ValueConstraint, Values
from shapes.run import Run


@dataclass(eq=False)
class NodeConstraint(ValueConstraint):
    """`sh:node`: each value conforms to the shape."""

    nested: Shape

    def refused(self, run: Run, nodes: set[str]) -> Mapping[str, Sequence[Result]]:
        """See `ValueConstraint.refused`."""
        return run.failing(self.nested, nodes)


@dataclass(eq=False)
class PropertyConstraint(Constraint):
    """`sh:property`: the results of the property shape on each value are results themselves."""

    nested: Shape

    def rooted(self, run: Run, values: Values) -> Iterator[tuple[str, Result]]:
        """See `Constraint.rooted`. What a property shape finds on a target itself is of that target."""
        if isinstance(values, Themselves):
            return run.evaluate(self.nested, values.focus)
        return self.located(run, values)

    def located(self, run: Run, values: Values) -> Iterator[tuple[str, Result]]:
        """See `Constraint.located`: a nested result counts against each focus node that has its value."""
        failing = run.failing(self.nested, values.distinct)
        if failing:
            for focus, value in values.rows(failing):
                for result in failing[value]:
                    yield focus, result


@dataclass(eq=False)
class NotConstraint(ValueConstraint):
    """`sh:not`: no value conforms to the shape."""

    nested: Shape

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return nodes - run.failing(self.nested, nodes).keys()


@dataclass(eq=False)
class ChoiceConstraint(ValueConstraint):
    """`sh:and`, `sh:or` and `sh:xone`: each value conforms to all, to one or more, to exactly one of the shapes."""

    nested: tuple[Shape, ...]
    least: int
    most: int

    def refused(self, run: Run, nodes: set[str]) -> Mapping[str, Sequence[Result]]:
        """See `ValueConstraint.refused`."""
        failing = [run.failing(shape, nodes) for shape in self.nested]
        if self.component == "And":
            bad = {node for one in failing for node in one if node in nodes}
        elif self.component == "Or":
            bad = set(nodes)
            for one in failing:
                bad.intersection_update(one)
        else:
            bad = {n for n in nodes if not self.least <= sum(n not in one for one in failing) <= self.most}
        return {node: Branches(one.get(node, ()) for one in failing) for node in bad}


@dataclass(eq=False)
class QualifiedConstraint(Constraint):
    """`sh:qualifiedMinCount` and `sh:qualifiedMaxCount`; values that fit one of `siblings` do not count."""

    nested: Shape
    siblings: tuple[Shape, ...]
    least: int
    most: float

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        nodes = values.distinct
        failing = run.failing(self.nested, nodes)
        counting = nodes - failing.keys()
        for sibling in self.siblings:
            counting &= run.failing(sibling, nodes).keys()
        for focus in values.focus:
            found = values.by.get(focus, ())
            count = sum(node in counting for node in found)
            if not self.least <= count <= self.most:
                details = [r for node in found for r in failing.get(node, ())] if count < self.least else []
                yield Result(focus, None, self, details)
