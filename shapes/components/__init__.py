"""The constraint components of SHACL Core (section 4), each deciding for a whole set of nodes at once.

A component is a `Constraint`: it gets the `Run` (what can be seen and what was already decided) and the `Values` of its
shape (which value nodes each focus node has), and gives a `Result` for every breach. What a value constraint decides,
it decides once for each distinct value; the rows are walked through only where some value is bad.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from shapes.graph import Column
from shapes.paths import Path, Reached
from shapes.text import Text

if TYPE_CHECKING:
    from shapes.run import Run


class Unusable(Exception):
    """A constraint, a path or a target that cannot be used as it is written, and why."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(fr, en)


@dataclass(eq=False)
class Shape:
    """A compiled shape. `node` is its N-Triples term, `path` is None for a node shape, `written` is it in SPARQL."""

    node: str
    path: Path | None
    written: str
    deactivated: bool
    constraints: list[Constraint]


class Values:
    """The value nodes of focus nodes: `by` maps those that have any to theirs, each once."""

    def __init__(self, focus: set[str], by: Reached) -> None:
        self.focus = focus
        self._by = by

    @property
    def by(self) -> Reached:
        """The value nodes of each focus node that has any."""
        return self._by

    @cached_property
    def distinct(self) -> set[str]:
        """Every value node of any focus node."""
        return set().union(*self.by.values())

    def lacking(self) -> set[str]:
        """The focus nodes without a value."""
        return self.focus - self.by.keys()

    def several(self) -> Iterable[str]:
        """The focus nodes with more than one value."""
        return [focus for focus, found in self.by.items() if len(found) > 1]

    def rows(self, among: AbstractSet[str] | Mapping[str, object]) -> Iterable[tuple[str, str]]:
        """Each (focus node, value) whose value is one of these."""
        return [(focus, value) for focus, found in self.by.items() for value in found if value in among]


class Themselves(Values):
    """The value nodes of a node shape: each focus node is its own (section 2.2)."""

    def __init__(self, focus: set[str]) -> None:
        super().__init__(focus, {})
        self.distinct = focus

    @cached_property
    def by(self) -> Reached:
        """See `Values.by`."""
        return {node: (node,) for node in self.focus}

    def lacking(self) -> set[str]:
        """None: each has itself."""
        return set()

    def several(self) -> Iterable[str]:
        """None: each has itself only."""
        return ()

    def rows(self, among: AbstractSet[str] | Mapping[str, object]) -> Iterable[tuple[str, str]]:
        """See `Values.rows`."""
        return [(node, node) for node in self.focus if node in among]


class Rows(Values):
    """The values of a path of one step: rows of a column, all of which start at a focus node."""

    def __init__(self, focus: set[str], column: Column) -> None:
        super().__init__(focus, {})
        self._column = column
        self.distinct = column.distinct_ends

    @property
    def by(self) -> Reached:
        """See `Values.by`."""
        return self._column.index

    def lacking(self) -> set[str]:
        """See `Values.lacking`."""
        return self.focus - self._column.distinct_starts

    def several(self) -> Iterable[str]:
        """See `Values.several`."""
        return self._column.several

    def rows(self, among: AbstractSet[str] | Mapping[str, object]) -> Iterable[tuple[str, str]]:
        """See `Values.rows`."""
        column = self._column
        return compress(zip(column.starts, column.ends, strict=True), map(among.__contains__, column.ends))


class Result(NamedTuple):
    """A breach (section 3.6): `details` are the nested results that explain it; `path` where it is not the shape's."""

    focus: str
    value: str | None
    by: Constraint
    details: Sequence[Result] = ()
    path: str | None = None
    message: Text | None = None


class Branches(list[Result]):
    """The results of the shapes of a choice, one shape after the other; those of the n-th stop before `ends[n]`."""

    def __init__(self, results: Iterable[Sequence[Result]]) -> None:
        super().__init__()
        self.ends: list[int] = []
        for one in results:
            self += one
            self.ends.append(len(self))


@dataclass(eq=False)
class Constraint:
    """One constraint of a shape. `component` is its component's local name in SHACL's namespace, or an IRI."""

    shape: Shape
    component: str

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """Every breach, once for each focus node and value node it concerns."""
        raise NotImplementedError

    def located(self, run: Run, values: Values) -> Iterator[tuple[str, Result]]:
        """The same, each with the focus node of this shape that it counts against."""
        return ((result.focus, result) for result in self.results(run, values))

    def rooted(self, run: Run, values: Values) -> Iterator[tuple[str, Result]]:
        """The same, for focus nodes that are targets: nothing of it is asked for twice."""
        return self.located(run, values)


class ValueConstraint(Constraint):
    """A constraint on each value node by itself."""

    def refused(self, run: Run, nodes: set[str]) -> Collection[str] | Mapping[str, Sequence[Result]]:
        """Those among `nodes` (and perhaps others) that break the constraint; as a mapping, with what explains it."""
        raise NotImplementedError

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        bad = self.refused(run, values.distinct)
        if not bad:
            return ()
        if isinstance(bad, Mapping):
            return [Result(focus, value, self, bad[value]) for focus, value in values.rows(bad)]
        among = bad if isinstance(bad, AbstractSet) else set(bad)
        return [Result(focus, value, self) for focus, value in values.rows(among)]
