"""Findings as the bookkeeping keeps them: the words of a cause once, and of each finding only what is its own.

A cause is named by a digest of everything it says, so that a release reads the same for ever, whatever becomes of the
profile: other words make another cause.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shapes.finding import Finding, Severity
from shapes.graph import term
from shapes.noise import Noise
from shapes.text import joined, shown
from vocab.namespaces import SH
from vocab.text import Text

NOTHING = Text("", "")
COLUMNS = (
    *("id", "severity", "profile", "shape", "path", "component", "noise", "fields"),
    *("rule_fr", "rule_en", "found_fr", "found_en", "repair_fr", "repair_en"),
)
"""The columns of the table of causes."""


@dataclass(frozen=True)
class Cause:
    """What findings of one kind share.

    `found` is what was met where the result names no value; `noise` is the name of the entry in the table of systematic
    causes that a city cannot repair, empty for a fault. `fields` are those of the source's own form that repair it,
    such as `default.title` of OpenDataSoft, separated by commas.
    """

    severity: Severity
    profile: str
    shape: str
    path: str
    component: str
    rule: Text
    found: Text = NOTHING
    repair: Text = NOTHING
    noise: str = ""
    fields: str = ""

    @cached_property
    def name(self) -> str:
        """What addresses call it: 12 hexadecimal digits that depend on no wording."""
        return _digest(self.shape, self.path, self.component, self.severity)[:12]

    @cached_property
    def id(self) -> str:
        """A digest of all that it says: 16 hexadecimal digits."""
        words = (*self.rule, *self.found, *self.repair)
        plain = (self.severity, self.profile, self.shape, self.path, self.component, self.noise, self.fields)
        return _digest(*plain, *words)[:16]

    @property
    def row(self) -> tuple[str, ...]:
        """The values of `COLUMNS`."""
        plain = (
            self.id,
            str(self.severity),
            self.profile,
            self.shape,
            self.path,
            self.component,
            self.noise,
            self.fields,
        )
        return (*plain, *self.rule, *self.found, *self.repair)


def cause(row: Mapping[str, Any]) -> Cause:
    """The cause that a row of the bookkeeping holds."""
    rule, found, repair = (Text(row[f"{part}_fr"], row[f"{part}_en"]) for part in ("rule", "found", "repair"))
    profile, shape, path, component = (str(row[name]) for name in ("profile", "shape", "path", "component"))
    return Cause(
        Severity(row["severity"]), profile, shape, path, component, rule, found, repair, row["noise"], row["fields"]
    )


@dataclass(frozen=True)
class Found:
    """One finding on one dataset: N-Triples terms `focus` and `value`, `said` what was met where no rule tells it."""

    cause: Cause
    key: str
    focus: str
    value: str | None = None
    said: Text = NOTHING

    @property
    def found(self) -> Text:
        """What was met, as a sentence; empty where there is nothing to say."""
        if self.said != NOTHING:
            return self.said
        return self.cause.found if self.value is None else quoted(self.value)

    def message(self, lang: str) -> str:
        """What is expected and what was found, in one language."""
        return " ".join(part for part in (self.cause.rule.of(lang), self.found.of(lang)) if part)


def quoted(value: str) -> Text:
    """The sentence that quotes a value: `Value found: “x”.`"""
    told = shown(term(value))
    return Text(f"Valeur trouvée\u00a0: {told.fr}.", f"Value found: {told.en}.")


def of(finding: Finding, profile: str = "", *, noise: Noise | None = None, fields: str = "") -> Found:
    """A finding of the engine as it is kept; `profile` is the name of the one whose rule it is.

    Noise carries the reason why it is set apart in place of the repair.
    """
    rule, met = finding.rule, finding.found
    if _written_in_sparql(finding.component):  # its sentence may quote values: it belongs to the finding
        rule, met = _named(finding), joined(rule, met)
    shared = finding.value is None and rule is finding.rule
    told = shared or met == NOTHING or (finding.value is not None and met == quoted(finding.value))
    place = (finding.severity, profile, finding.shape, finding.path, finding.component)
    about = (finding.repair, "", fields) if noise is None else (noise.reason, noise.id, "")
    made = Cause(*place, rule, met if shared else NOTHING, *about)
    return Found(made, finding.key, finding.focus, finding.value, NOTHING if told else met)


def _written_in_sparql(component: str) -> bool:
    """Whether a rule is a query (SHACL, sections 5 and 6)."""
    return component == SH.SPARQLConstraintComponent.value or not component.startswith(SH.base)


def _named(finding: Finding) -> Text:
    """The name of a rule that has no sentence of its own."""
    name = re.split(r"[#/]", finding.shape or finding.component)[-1]
    return Text(f"Règle {name}.", f"Rule {name}.")


def tally(findings: Iterable[Found]) -> str:
    """How many findings each cause has, as a JSON object by `Cause.id`; the same for the same findings."""
    counts = Counter(f.cause.id for f in findings)
    return json.dumps(dict(sorted(counts.items())), separators=(",", ":"))


def pack(findings: Sequence[Found], iri: str) -> bytes:
    """The findings about the dataset `iri`, without what their causes say."""
    own = f"<{iri}>"
    rows = [
        [f.cause.id, f.key, "" if f.focus == own else f.focus, f.value, *(f.said if f.said != NOTHING else ())]
        for f in findings
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), 1) if rows else b""


def unpack(body: bytes, iri: str, causes: Mapping[str, Cause]) -> list[Found]:
    """The findings that `pack` stored, in their order."""
    rows = json.loads(zlib.decompress(body)) if body else []
    return [
        Found(causes[id_], key, focus or f"<{iri}>", value, Text(*said) if said else NOTHING)
        for id_, key, focus, value, *said in rows
    ]


def causes_in(body: bytes) -> set[str]:
    """The `id` of every cause that a stored body names."""
    return {row[0] for row in json.loads(zlib.decompress(body))} if body else set()


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
