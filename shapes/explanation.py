"""The words of findings, worked out when somebody asks: what the shape expects, what was met, where it belongs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from pyoxigraph import NamedNode

from shapes import identity
from shapes.components import Branches, Constraint, Result
from shapes.finding import Finding, Severity
from shapes.graph import Graph, term
from shapes.sentences import branches, expectation, fields, found, repair, worded
from shapes.shapes_graph import ShapesGraph
from shapes.surroundings import Surroundings
from shapes.text import Text
from vocab.namespaces import SH


class Explanation:
    """Makes the findings of one validation, and explains them; it keeps what several of them share."""

    def __init__(self, shapes: ShapesGraph, data: Graph) -> None:
        self.shapes = shapes
        self._data = data
        self._shared: dict[Constraint, tuple[str, Severity, str, str, str, str]] = {}
        self._rules: dict[tuple[str, str, str], Text] = {}
        self._repairs: dict[tuple[str, str, str], Text] = {}
        self._datasets: dict[str, str] = {}

    @cached_property
    def _around(self) -> Surroundings:
        return Surroundings(self._data)

    def finding(self, result: Result, root: str = "") -> Finding:
        """The finding that a result is; `root` is the focus node of a target that it counts against."""
        focus, value, by, details, own_path, message = result
        shared = self._shared.get(by)
        if shared is None:
            shared = self._shared[by] = self._of(by)
        path, severity, component, shape, node, constraint = shared
        return Finding(
            focus,
            path if own_path is None else own_path,
            value,
            severity,
            component,
            shape,
            message,
            shape_node=node,
            constraint=constraint,
            nested=details,
            words=self,
            root="" if root == focus else root,
        )

    def _of(self, by: Constraint) -> tuple[str, Severity, str, str, str, str]:
        shape = term(by.shape.node)
        name = by.component if ":" in by.component else f"{SH.base}{by.component}ConstraintComponent"
        mark = identity.mark(self.shapes, shape, name, identity.argument(self.shapes, shape, by))
        return by.shape.written, self.shapes.severity(shape), name, self.shapes.called(shape), by.shape.node, mark

    def details(self, nested: Sequence[Result]) -> Sequence[Finding]:
        """The findings that nested results are."""
        found = tuple(self.finding(result) for result in nested)
        if isinstance(nested, Branches):
            for place, one in enumerate(found):
                one.branch = bisect_right(nested.ends, place) + 1
        return found

    def declared(self, finding: Finding) -> str:
        """The severity that the shape declares; a violation where it says none."""
        said = self.shapes.value(term(finding.shape_node), SH.severity)
        return said.value if isinstance(said, NamedNode) else SH.Violation.value

    def rule(self, finding: Finding) -> Text:
        """The shape's own message, else a sentence made from the constraint."""
        key = (finding.shape_node, finding.component, finding.path)
        if key not in self._rules:
            self._rules[key] = expectation(self.shapes, term(finding.shape_node), finding.component, finding.path)
        return self._rules[key]

    def found(self, finding: Finding) -> Text:
        """What was met, and which branch of a choice failed where the shape does not say in words what it wants.

        A node that fails as a whole is not told to be a value of itself.
        """
        shape = term(finding.shape_node)
        itself = not finding.path and finding.value == finding.focus
        value = None if finding.value is None or itself else term(finding.value)
        said = found(self.shapes, shape, finding.component, value)
        return said if worded(self.shapes, shape) else branches(said, finding.details)

    def repair(self, finding: Finding) -> Text:
        """Why the shape matters and what to do."""
        key = (finding.shape_node, finding.component, finding.path)
        if key not in self._repairs:
            self._repairs[key] = repair(self.shapes, term(finding.shape_node), finding.component, finding.path)
        return self._repairs[key]

    def fields(self, finding: Finding) -> tuple[str, ...]:
        """The fields of OpenDataSoft's form that repair it."""
        return fields(self.shapes, term(finding.shape_node), finding.component, finding.path)

    def anchor(self, node: str) -> str:
        """The IRI of a node; for a blank node a digest of its surroundings."""
        return self._around.anchor(node)

    def dataset(self, finding: Finding) -> str:
        """The IRI of the one dataset that the finding counts against."""
        node = finding.root or finding.focus
        if node not in self._datasets:
            self._datasets[node] = self._around.dataset(node)
        return self._datasets[node]
