"""A finding: one fault of one resource, in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from shapes.text import Text, joined


class Severity(StrEnum):
    """How much a fault weighs; `rank` is 0 for the heaviest."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for a violation, 1 for a warning, 2 for information."""
        return tuple(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One result of a validation (SHACL 1.0, section 3.6.2).

    `focus` and `value` are N-Triples terms, `value` is `None` where the result names none; `path` is an IRI or a
    SPARQL property path, empty for a constraint on the node itself; `component` and `shape` are IRIs, where a shape
    without an IRI goes by that of the nearest shape around it that has one. `rule` says what is expected, `found` what
    was met, `repair` why it matters and what to do (it may be empty). `anchor` is a name of the focus node that
    survives a new parse: its IRI, or for a blank node a digest of its surroundings. `dataset` is the IRI of the dataset
    that the focus node belongs to, empty where it belongs to none or to several.
    """

    focus: str
    path: str
    value: str | None
    severity: Severity
    component: str
    shape: str
    rule: Text
    found: Text
    repair: Text
    anchor: str
    dataset: str = ""

    @cached_property
    def messages(self) -> Text:
        """What is expected and what was found, in full sentences."""
        return joined(self.rule, self.found)

    @cached_property
    def key(self) -> str:
        """The finding's identity from one run to the next: 32 hexadecimal digits.

        It does not depend on wording, severity or blank-node labels.
        """
        value = "_:" if (self.value or "").startswith("_:") else self.value or ""
        parts = (self.anchor, self.path, self.component, value, self.shape)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def cause(self) -> tuple[str, str, str, str]:
        """What findings of one kind share: shape, path, component, severity."""
        return (self.shape, self.path, self.component, self.severity.value)

    def order(self) -> tuple[int, str, str, str, str, str]:
        """The sort key of every report: worst first, then by what can be compared between runs."""
        return (self.severity.rank, self.anchor, self.path, self.shape, self.component, self.value or "")
