"""An earlier report, to compare with: what is new since then, what is fixed, what remains.

Findings are the same when their keys are. A node without an IRI has only its surroundings for a name, and repairing
one fault of it changes them: what is left over is therefore matched by its place (dataset, path, component, shape), so
that a repair never makes the other faults of the same node look new.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapes.finding import Finding, Severity
from shapes.text import Text
from vocab.errors import InputInvalid

_Place = tuple[str, ...]


@dataclass(frozen=True)
class Past:
    """A finding of an earlier report."""

    key: str
    severity: Severity
    dataset: str
    focus: str
    path: str
    value: str | None
    component: str
    shape: str
    constraint: str
    message: Text
    apart: bool

    @property
    def place(self) -> _Place:
        """What is left of its identity where the focus node has no name."""
        return (self.dataset, self.path, self.component, self.shape, self.constraint)


@dataclass(frozen=True)
class Changes:
    """The difference between an earlier report and this one. What an earlier report had set apart is not new."""

    name: str
    sha256: str
    fixed: tuple[Past, ...]
    remaining: int
    _new: frozenset[int]

    def state(self, finding: Finding) -> str:
        """`new` or `remaining`, for a finding of this report."""
        return "new" if id(finding) in self._new else "remaining"

    @property
    def new(self) -> int:
        """How many findings are new."""
        return len(self._new)


@dataclass(frozen=True)
class Baseline:
    """An earlier report as read from its JSON form; `document` is all of it."""

    name: str
    sha256: str
    findings: tuple[Past, ...]
    document: dict[str, Any]

    def compare(self, findings: Sequence[Finding], apart: Iterable[Finding]) -> Changes:
        """What became of the earlier findings; `apart` are those of this validation that are set apart."""
        left: dict[str, list[Past]] = defaultdict(list)
        for past in self.findings:
            left[past.key].append(past)
        unmatched = [f for f in findings if not _take(left, f.key)]
        for one in apart:
            _take(left, one.key)
        nameless: dict[_Place, list[Past]] = defaultdict(list)
        for past in (p for rest in left.values() for p in rest if p.focus.startswith("_:")):
            nameless[past.place].append(past)
        new = [f for f in unmatched if not (f.focus.startswith("_:") and _match(nameless[_place(f)], left))]
        fixed = tuple(p for rest in left.values() for p in rest if not p.apart)
        known = frozenset(id(f) for f in new)
        return Changes(self.name, self.sha256, fixed, len(findings) - len(new), known)


def _take(left: dict[str, list[Past]], key: str) -> bool:
    """Whether there was one more of this key; it is used up."""
    rest = left.get(key)
    if not rest:
        return False
    rest.sort(key=lambda past: past.apart, reverse=True)
    rest.pop()
    return True


def _match(those: list[Past], left: dict[str, list[Past]]) -> bool:
    """Whether one of these is left; it is used up in both."""
    if not those:
        return False
    past = those.pop()
    left[past.key].remove(past)
    return True


def _place(finding: Finding) -> _Place:
    return (finding.dataset, finding.path, finding.component, finding.shape, finding.constraint)


def baseline(place: str) -> Baseline:
    """The report at `place`, which `--format json` wrote. Raises `InputInvalid` for anything else."""
    try:
        body = Path(place).read_bytes()
    except FileNotFoundError:
        raise InputInvalid("there is no such report.", what=place, hint=_HINT) from None
    except OSError as error:
        raise InputInvalid(f"the report cannot be read: {error.strerror}.", what=place, hint=_HINT) from None
    try:
        document = json.loads(body)
        found = tuple(
            _past(one, apart=apart)
            for part, apart in (("findings", False), ("set_apart", True))
            for one in document[part]
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputInvalid("this is no report of Garonne in JSON.", what=place, hint=_HINT) from None
    return Baseline(place, hashlib.sha256(body).hexdigest(), found, document)


_HINT = "Make one with `garonne validate … --format json -o REPORT`."


def _past(one: dict[str, Any], *, apart: bool) -> Past:
    word = {name: str(one[name] or "") for name in ("dataset", "focus", "path", "component", "shape", "constraint")}
    told = Text(str(one["messages"]["fr"]), str(one["messages"]["en"]))
    severity, value = Severity(one["severity"]), one["value"]
    return Past(key=str(one["key"]), severity=severity, value=value, message=told, apart=apart, **word)
