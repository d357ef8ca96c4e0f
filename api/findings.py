"""Findings for people and for programs: lines of a page, rows of a table, members of a document."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from pyoxigraph import BlankNode, NamedNode

from api.facts import compact
from api.reading import Reading
from catalog.findings import Cause, Found
from shapes.sentences import property_names

COLUMNS = (
    *("severity", "dataset", "title", "focus", "path", "value", "expected", "found", "repair"),
    *("fields", "component", "shape", "profile", "noise", "key"),
)
"""The columns of the table of findings."""
CAUSE = ("cause", "severity", "expected", "repair", "fields", "path", "component", "shape", "profile", "noise")
"""The members of a cause."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line about a dataset: findings that say the same of one thing. `about` names it, empty for the dataset."""

    severity: str
    name: str
    path: str
    about: str
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
    """Findings as lines; what is said twice of things of one name is one line. `names` calls things by their IRI."""
    lines: Counter[Line] = Counter(line(f, lang, names or {}) for f in findings)
    return [replace(one, number=times) for one, times in lines.items()]


def line(finding: Found, lang: str, names: dict[str, str]) -> Line:
    """One finding in words."""
    cause = finding.cause
    return Line(
        cause.severity.value,
        property_name(cause.path, lang),
        compact(cause.path),
        names.get(finding.focus, ""),
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
    name = property_names().get(compact(path))
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
    return dict(zip(CAUSE, (*words, *(getattr(cause, name) for name in CAUSE[4:])), strict=True))


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
