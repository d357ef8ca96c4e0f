"""A report: the findings of one validation, gathered by cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from shapes.finding import Finding, Severity
from shapes.text import Text


@dataclass(frozen=True)
class Cause:
    """Findings that one repair removes: the same shape, path, component and severity."""

    severity: Severity
    path: str
    shape: str
    component: str
    rule: Text
    repair: Text
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """A name of the cause that is the same in every report: the shape's IRI and the component's local name."""
        return f"{self.shape or self.path} {self.component.rsplit('#', 1)[-1].removesuffix('ConstraintComponent')}"


@dataclass(frozen=True)
class Report:
    """What was validated, against what, by which engine, with what result.

    `inputs` are names for people, `profiles` (name, title, fingerprint); `fail_on` is the lightest severity that makes
    the report a failure, `None` for never.
    """

    findings: Sequence[Finding]
    inputs: tuple[str, ...]
    statements: int
    profiles: tuple[tuple[str, Text, str], ...]
    engine: str
    fail_on: Severity | None = Severity.VIOLATION

    def count(self, severity: Severity) -> int:
        """How many findings weigh so much."""
        return sum(f.severity is severity for f in self.findings)

    @property
    def conforms(self) -> bool:
        """Whether there is no finding at all: `sh:conforms` (SHACL, section 3.6.1.1)."""
        return not self.findings

    def fails(self, finding: Finding) -> bool:
        """Whether this finding is as heavy as `fail_on`, or heavier."""
        return self.fail_on is not None and finding.severity.rank <= self.fail_on.rank

    @property
    def failed(self) -> bool:
        """Whether any finding fails."""
        return any(self.fails(f) for f in self.findings)

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """The causes, worst first, then the most frequent first."""
        groups: dict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
        for finding in self.findings:
            groups[finding.cause].append(finding)
        made = (_cause(group) for group in groups.values())
        return tuple(sorted(made, key=lambda c: (c.severity.rank, -len(c.findings), c.path, c.id)))


def _cause(findings: list[Finding]) -> Cause:
    first = findings[0]
    return Cause(first.severity, first.path, first.shape, first.component, first.rule, first.repair, tuple(findings))
