"""Constraints on what a value is: its type, its range, its text (SHACL, sections 4.1, 4.3, 4.4 and 4.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from shapes import literals, patterns
from shapes.components import Constraint, Result, ValueConstraint, Values
from shapes.run import Run
from shapes.text import Text


@dataclass(eq=False)
class ClassConstraint(ValueConstraint):
    """`sh:class`: each value is an instance of the class or of a subclass of it."""

    iri: str

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return run.outside(nodes, self.iri)


@dataclass(eq=False)
class DatatypeConstraint(ValueConstraint):
    """`sh:datatype`: each value is a literal of exactly this datatype with a lexical form that it has."""

    iri: str

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return run.ill_formed(nodes, self.iri)


@dataclass(eq=False)
class NodeKindConstraint(ValueConstraint):
    """`sh:nodeKind`; `starts` are the first characters of the terms that it admits."""

    starts: str

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        starts = self.starts
        return [node for node in nodes if node[0] not in starts]


@dataclass(eq=False)
class RangeConstraint(ValueConstraint):
    """`sh:minInclusive` and its like: what cannot be compared with the bound breaks it."""

    holds: Callable[[literals.Value | None], bool]

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return {node for node in nodes if not self.holds(literals.value(node))}


@dataclass(eq=False)
class LengthConstraint(ValueConstraint):
    """`sh:minLength` and `sh:maxLength`, in characters of the text or the IRI; a blank node has none."""

    least: int
    most: float

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return {n for n in nodes if n[0] == "_" or not self.least <= len(literals.text(n)) <= self.most}


@dataclass(eq=False)
class PatternConstraint(ValueConstraint):
    """`sh:pattern` with `sh:flags`, as SPARQL's REGEX reads them; a blank node matches nothing."""

    pattern: str
    flags: str

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        texts = {node: literals.text(node) for node in nodes if node[0] != "_"}
        try:
            matching = patterns.matching(self.pattern, self.flags, set(texts.values()))
        except patterns.TooSlow:
            run.note(
                Text(
                    f"le motif {self.pattern} demande trop de temps\u00a0: il n’a pas été vérifié partout.",
                    f"the pattern {self.pattern} takes too long: it was not checked everywhere.",
                )
            )
            return ()
        return {node for node in nodes if texts.get(node) not in matching}


@dataclass(eq=False)
class LanguageInConstraint(ValueConstraint):
    """`sh:languageIn`: each value is a text in one of the languages, by the basic filtering of RFC 4647."""

    languages: tuple[str, ...]

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return {node for node in nodes if node[0] != '"' or not self._admits(literals.language(node).lower())}

    def _admits(self, tag: str) -> bool:
        return bool(tag) and any(tag == one or tag.startswith(f"{one}-") or one == "*" for one in self.languages)


@dataclass(eq=False)
class UniqueLangConstraint(Constraint):
    """`sh:uniqueLang`: one result for each language in which a focus node has several texts."""

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        for focus in values.several():
            tags = Counter(literals.language(node).lower() for node in values.by[focus] if node[0] == '"')
            for tag, count in tags.items():
                if tag and count > 1:
                    yield Result(focus, None, self)


@dataclass(eq=False)
class InConstraint(ValueConstraint):
    """`sh:in`: each value is a member of the list."""

    members: frozenset[str]

    def refused(self, run: Run, nodes: set[str]) -> Collection[str]:
        """See `ValueConstraint.refused`."""
        return nodes - self.members


@dataclass(eq=False)
class HasValueConstraint(Constraint):
    """`sh:hasValue`: the values include this one."""

    value: str

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        having = {focus for focus, _ in values.rows({self.value})}
        return [Result(focus, None, self) for focus in values.focus - having]


@dataclass(eq=False)
class CountConstraint(Constraint):
    """`sh:minCount` and `sh:maxCount`."""

    least: int
    most: float

    def results(self, run: Run, values: Values) -> Iterable[Result]:
        """See `Constraint.results`."""
        return [Result(focus, None, self) for focus in self._breaking(values)]

    def _breaking(self, values: Values) -> Iterable[str]:
        if self.least == 1:
            return values.lacking()
        if self.most == 0:
            return values.focus - values.lacking()
        if self.most == 1:
            return values.several()
        if self.least == 0:
            return [focus for focus in values.several() if len(values.by[focus]) > self.most]
        return [focus for focus in values.focus if len(values.by.get(focus, ())) < self.least]
