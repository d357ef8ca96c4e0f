"""Findings for people and for programs: lines of a page, rows of a table, members of a document."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from pyoxigraph import BlankNode, NamedNode

from api.reading import Reading
from catalog.findings import Cause, Found
from shapes.noise import named
from shapes.sentences import property_names
from shapes.shapes_graph import path_in_words
from shapes.words import concerned

COLUMNS = (
    *("severity", "dataset", "title", "focus", "path", "value", "expected", "found", "repair"),
    *("fields", "component", "shape", "profile", "noise", "key"),
)
"""The columns of the table of findings."""
CAUSE = ("cause", "severity", "expected", "repair", "fields", "path", "component", "shape", "profile", "noise")
"""The members of a cause, before its reference: where it is written why noise is no fault."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line about a dataset: findings that say the same. `about` names the things, with nothing for the dataset."""

    severity: str
    name: str
    path: str
    about: tuple[str, ...]
    expected: str
    found: str
    repair: str
    cause: str
    profile: str
    noise: str
    fields: str
    number: int = 1

    @property
    def message(self) -> str:
        """What is expected and what was found."""
        return " ".join(part for part in (self.expected, self.found) if part)


def finding_rows(findings: Iterable[Found], lang: str, names: dict[str, str] | None = None) -> list[Line]:
    """Findings as lines: what is said of several things in the same words is one. `names` calls things by their IRI."""
    lines: dict[Line, list[str]] = defaultdict(list)
    for one in findings:
        lines[line(one, lang)].append((names or {}).get(one.focus, ""))
    return [replace(one, number=len(about), about=tuple(dict.fromkeys(about))) for one, about in lines.items()]


def line(finding: Found, lang: str) -> Line:
    """One finding in words."""
    cause = finding.cause
    return Line(
        cause.severity.value,
        property_name(cause.path, lang),
        path_in_words(cause.path),
        (),
        cause.rule.of(lang),
        finding.found.of(lang),
        cause.repair.of(lang),
        cause.name,
        cause.profile,
        cause.noise,
        cause.fields,
    )


def property_name(path: str, lang: str) -> str:
    """The plain name of a property, such as « titre »; empty where the profile has none."""
    name = property_names().get(path_in_words(path))
    return name.of(lang) if name else ""


def names_of(reading: Reading, dataset: NamedNode) -> dict[str, str]:
    """What to call the things below a dataset, by their N-Triples term."""
    found: dict[str, str] = {}
    for subject in reading.subjects():
        if subject != dataset and isinstance(subject, NamedNode | BlankNode):
            found[str(subject)] = reading.name(subject).label
    return found


def row(finding: Found, iri: str, title: str, lang: str) -> tuple[str, ...]:
    """The values of `COLUMNS`."""
    cause = finding.cause
    words = (cause.rule.of(lang), finding.found.of(lang), cause.repair.of(lang))
    place = (iri, title, finding.focus, cause.path, finding.value or "")
    return (
        cause.severity.value,
        *place,
        *words,
        cause.fields,
        cause.component,
        cause.shape,
        cause.profile,
        cause.noise,
        finding.key,
    )


def plain(finding: Found, lang: str) -> dict[str, Any]:
    """A finding as JSON values."""
    members = dict(zip(COLUMNS, row(finding, "", "", lang), strict=True))
    kept = {name: value for name, value in members.items() if name not in {"dataset", "title"}}
    return {**kept, "value": finding.value, "cause": finding.cause.name}


def plain_cause(cause: Cause, lang: str) -> dict[str, Any]:
    """A cause as JSON values."""
    words = (cause.name, cause.severity.value, cause.rule.of(lang), cause.repair.of(lang))
    members = dict(zip(CAUSE, (*words, *(getattr(cause, name) for name in CAUSE[4:])), strict=True))
    return members | {"concerns": concerned(cause.shape).of(lang), "reference": reference(cause)}


def reference(cause: Cause) -> str:
    """Where it is written why noise is no fault; empty for a fault."""
    known = named(cause.noise) if cause.noise else None
    return known.reference if known else ""


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8, a piece at a time; no cell is one that a spreadsheet program takes for a formula."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(list(header))
    for one in rows:
        writer.writerow([_harmless(cell) for cell in one])
        if stream.tell() > 1 << 16:
            yield stream.getvalue().encode()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
