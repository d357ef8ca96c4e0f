"""A finding: one fault of one resource, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

from shapes.text import Text, joined
from vocab.namespaces import SH


class Severity(StrEnum):
    """How much a fault weighs; `rank` is 0 for the heaviest."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for a violation, 1 for a warning, 2 for information."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Words(Protocol):
    """Says what a finding means, when somebody asks."""

    def rule(self, finding: Finding) -> Text:
        """What is expected."""
        ...

    def found(self, finding: Finding) -> Text:
        """What was met."""
        ...

    def repair(self, finding: Finding) -> Text:
        """Why it matters and what to do."""
        ...

    def fields(self, finding: Finding) -> tuple[str, ...]:
        """The fields of the source's form that repair it."""
        ...

    def anchor(self, node: str) -> str:
        """A name of a node that survives a new parse."""
        ...

    def dataset(self, finding: Finding) -> str:
        """The dataset that the focus node belongs to."""
        ...

    def details(self, nested: Sequence[Any]) -> Sequence[Finding]:
        """The findings that these nested results are."""
        ...

    def declared(self, finding: Finding) -> str:
        """The severity that the shape declares, an IRI."""
        ...


class Finding:
    """One result of a validation (SHACL 1.0, section 3.6.2).

    `focus` and `value` are N-Triples terms, `value` is `None` where the result names none; `path` is an IRI or a
    SPARQL property path, empty for a constraint on the node itself; `component` and `shape` are IRIs, where a shape
    without an IRI goes by that of the nearest shape around it that has one, and `shape_node` is the shape itself as an
    N-Triples term. `constraint` tells apart what `shape` and `component` do not: a digest of the constraint, empty
    where they name it alone (`shapes.identity`). `details` are the results of nested shapes that explain it
    (`sh:detail`); a detail's `branch` is the place of its shape in the list of a choice, from 1, else 0. `root` is the
    target that the finding counts against where a property shape inside a property shape found it on another node.

    What is in words is worked out when it is asked for, so that a hundred thousand findings cost little: `rule` says
    what is expected, `found` what was met, `repair` why it matters and what to do (it may be empty). `anchor` is a name
    of the focus node that survives a new parse: its IRI, or for a blank node a digest of its surroundings. `dataset` is
    the IRI of the dataset that `root`, else the focus node, belongs to; empty where it belongs to none or to several.
    """

    __slots__ = (
        "_known",
        "_nested",
        "_words",
        "branch",
        "component",
        "constraint",
        "focus",
        "path",
        "root",
        "severity",
        "shape",
        "shape_node",
        "value",
    )

    def __init__(
        self,
        focus: str,
        path: str,
        value: str | None,
        severity: Severity,
        component: str,
        shape: str,
        rule: Text | None = None,
        found: Text | None = None,
        repair: Text | None = None,
        anchor: str | None = None,
        dataset: str | None = None,
        *,
        shape_node: str = "",
        constraint: str = "",
        details: Sequence[Finding] | None = None,
        nested: Sequence[Any] = (),
        words: Words | None = None,
        root: str = "",
    ) -> None:
        """What is not given is asked of `words`; `nested` is what `words` makes the details of."""
        self.focus = focus
        self.path = path
        self.value = value
        self.severity = severity
        self.component = component
        self.shape = shape
        self.shape_node = shape_node
        self.constraint = constraint
        self.branch = 0
        self.root = root
        self._nested = nested
        self._words = words
        self._known: dict[str, Any] | None = None
        if words is None or rule is not None:
            given = {"rule": rule, "found": found, "repair": repair, "anchor": anchor, "dataset": dataset}
            self._known = {name: value for name, value in given.items() if value is not None}
            if details is not None:
                self._known["details"] = details

    def _asked(self, name: str, otherwise: Any) -> Any:
        """What was given or worked out before, else what `words` say now."""
        if self._known is None:
            self._known = {}
        if name not in self._known:
            ask = getattr(self._words, name, None)
            self._known[name] = otherwise if ask is None else ask(self)
        return self._known[name]

    @property
    def rule(self) -> Text:
        """What is expected."""
        found: Text = self._asked("rule", NOTHING)
        return found

    @property
    def found(self) -> Text:
        """What was met."""
        found: Text = self._asked("found", NOTHING)
        return found

    @property
    def repair(self) -> Text:
        """Why it matters and what to do."""
        found: Text = self._asked("repair", NOTHING)
        return found

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of OpenDataSoft's form that repair it; empty where there is none."""
        found: tuple[str, ...] = self._asked("fields", ())
        return found

    @property
    def anchor(self) -> str:
        """A name of the focus node that survives a new parse."""
        if self._known and "anchor" in self._known:
            given: str = self._known["anchor"]
            return given
        return self.focus if self.focus[:1] != "_" or self._words is None else self._words.anchor(self.focus)

    @property
    def dataset(self) -> str:
        """The IRI of the dataset that the focus node belongs to."""
        found: str = self._asked("dataset", "")
        return found

    @property
    def details(self) -> Sequence[Finding]:
        """The results of nested shapes that explain this one."""
        if self._known is not None and "details" in self._known:
            given: Sequence[Finding] = self._known["details"]
            return given
        if not self._nested or self._words is None:
            return ()
        self._known = self._known or {}
        made: Sequence[Finding] = self._words.details(self._nested)
        self._known["details"] = made
        return made

    @property
    def declared(self) -> str:
        """The IRI of the severity that the shape declares (SHACL, section 2.1.4).

        It is one of SHACL's three, or one that the shapes define themselves, which weighs as a violation.
        """
        found: str = self._asked("declared", f"{SH.base}{self.severity.value.capitalize()}")
        return found

    @property
    def messages(self) -> Text:
        """What is expected and what was found, in full sentences."""
        return joined(self.rule, self.found)

    @property
    def key(self) -> str:
        """The finding's identity from one run to the next: 32 hexadecimal digits.

        It does not depend on wording, severity or blank-node labels.
        """
        value = self.value or ""
        if value[:1] == "_":
            value = "_:" if self._words is None else self._words.anchor(value)
        parts = [self.anchor, self.path, self.component, value, self.shape]
        if self.constraint:
            parts.append(self.constraint)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def cause(self) -> tuple[str, str, str, str]:
        """What findings of one kind share: shape, path, component, severity."""
        return (self.shape, self.path, self.component, self.severity.value)

    def order(self) -> tuple[int, str, str, str, str, str]:
        """The sort key of every report: worst first, then by what can be compared between runs."""
        return (self.severity.rank, self.anchor, self.path, self.shape, self.component, self.value or "")

    def _identity(self) -> tuple[str | None, ...]:
        place = (self.focus, self.path, self.value, self.severity)
        return (*place, self.component, self.shape, self.shape_node, self.constraint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"Finding{(self.severity.value, self.focus, self.path, self.component, self.value, self.shape)}"


NOTHING = Text("", "")
