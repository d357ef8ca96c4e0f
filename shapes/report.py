"""A report: the findings of one validation, by cause; what is noise apart; what is new since an earlier one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from shapes.baseline import Changes
from shapes.finding import Finding, Severity
from shapes.noise import Noise
from shapes.provenance import Provenance
from shapes.publishers import Publishers
from shapes.shapes_graph import path_in_words
from shapes.text import Text


class Rule(Protocol):
    """What has a shape, a path and a component."""

    @property
    def shape(self) -> str:
        """The IRI of the shape."""
        ...

    @property
    def path(self) -> str:
        """The path, empty for a constraint on the node itself."""
        ...

    @property
    def component(self) -> str:
        """The IRI of the constraint component."""
        ...


def rule_id(one: Rule) -> str:
    """The shape's IRI, the path where shapes without an IRI share that one, and the component's local name."""
    local = one.component.rsplit("#", 1)[-1].removesuffix("ConstraintComponent")
    return " ".join(part for part in (one.shape, path_in_words(one.path), local) if part)


@dataclass(frozen=True)
class Cause:
    """Findings that one repair removes: the same shape, path and severity, and the same words.

    `component` is empty where several constraints of the shape say the same.
    """

    severity: Severity
    path: str
    shape: str
    component: str
    rule: Text
    repair: Text
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """A name of the cause that is the same in every report."""
        return rule_id(self)


@dataclass(frozen=True)
class SetApart:
    """The findings of one systematic cause, which no repair of the data removes."""

    noise: Noise
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Report:
    """What was validated, against what, by which engine, with what result.

    `findings` are the faults; `noise` are results set apart, each with the systematic cause it comes from, and they
    count nowhere else. `inputs` are names for people, `profiles` (name, title, fingerprint); `fail_on` is the lightest
    severity that makes the report a failure, `None` for never. `changes` compare with an earlier report, and `owners`
    tell who publishes what; `only_new` lets nothing fail but what is new, `publishers` nothing but what is theirs.
    `notes` say what the shapes ask and was not checked.
    """

    findings: Sequence[Finding]
    inputs: tuple[str, ...]
    statements: int
    profiles: tuple[tuple[str, Text, str], ...]
    engine: str
    fail_on: Severity | None = Severity.VIOLATION
    noise: Sequence[tuple[Finding, Noise]] = ()
    provenance: Provenance | None = None
    changes: Changes | None = None
    owners: Publishers | None = None
    only_new: bool = False
    publishers: frozenset[str] = frozenset()
    notes: tuple[Text, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings weigh so much."""
        return sum(f.severity is severity for f in self.findings)

    @property
    def conforms(self) -> bool:
        """Whether there is no finding, but for those set apart: `sh:conforms` (SHACL, section 3.6.1.1)."""
        return not self.findings

    def state(self, finding: Finding) -> str:
        """`new` or `remaining` since the earlier report; empty without one."""
        return "" if self.changes is None else self.changes.state(finding)

    def fails(self, finding: Finding) -> bool:
        """Whether this finding is as heavy as `fail_on`, or heavier, and one that the gate looks at."""
        if self.fail_on is None or finding.severity.rank > self.fail_on.rank:
            return False
        if self.publishers and not self.publishers.intersection(self._named(finding)):
            return False
        return not self.only_new or self.state(finding) == "new"

    def _named(self, finding: Finding) -> tuple[str, ...]:
        return () if self.owners is None else self.owners.of(finding)

    @cached_property
    def by_publisher(self) -> tuple[tuple[str, int, int], ...]:
        """Each publisher that has something new: its name, how many findings are new, how many remain."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for finding in self.findings if self.changes is not None else ():
            called = self._named(finding)
            counts[called[-1] if called else ""][self.state(finding)] += 1
        found = [(name, n["new"], n["remaining"]) for name, n in counts.items() if n["new"]]
        return tuple(sorted(found, key=lambda row: (-row[1], row[0])))

    @cached_property
    def failed(self) -> bool:
        """Whether any finding fails."""
        return any(self.fails(f) for f in self.findings)

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """The causes, worst first, then the most frequent first. In each, what is new comes first."""
        groups: dict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
        for finding in self.findings:
            groups[finding.cause].append(finding)
        if self.changes is not None:
            for group in groups.values():
                group.sort(key=lambda f: self.state(f) != "new")
        made = _joined(_cause(group) for group in groups.values())
        return tuple(sorted(made, key=lambda c: (c.severity.rank, -len(c.findings), c.path, c.id)))

    @cached_property
    def set_apart(self) -> tuple[SetApart, ...]:
        """What is noise by its cause, the most frequent first."""
        groups: dict[str, list[Finding]] = defaultdict(list)
        by = {noise.id: noise for _, noise in self.noise}
        for finding, noise in self.noise:
            groups[noise.id].append(finding)
        made = (SetApart(by[name], tuple(group)) for name, group in groups.items())
        return tuple(sorted(made, key=lambda s: (-len(s.findings), s.noise.id)))


def _joined(causes: Iterable[Cause]) -> Iterable[Cause]:
    """One cause where several constraints of a shape are told, and repaired, in the same words."""
    same: dict[tuple[object, ...], list[Cause]] = defaultdict(list)
    for cause in causes:
        same[cause.severity, cause.shape, cause.path, cause.rule, cause.repair].append(cause)
    for several in same.values():
        first = several[0]
        if len(several) > 1:
            found = tuple(f for cause in several for f in cause.findings)
            yield Cause(first.severity, first.path, first.shape, "", first.rule, first.repair, found)
        else:
            yield first


def _cause(findings: list[Finding]) -> Cause:
    first = findings[0]
    return Cause(first.severity, first.path, first.shape, first.component, first.rule, first.repair, tuple(findings))
