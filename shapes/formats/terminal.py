"""The report for a terminal: one paragraph a cause, worst first, with how many, three examples and the repair.

What is set apart follows in one paragraph a systematic cause, and what is fixed since an earlier report in one line a
cause.
"""

from __future__ import annotations

from collections import defaultdict

from shapes.baseline import Past
from shapes.finding import Finding, Severity
from shapes.report import Cause, Report, SetApart
from shapes.text import LONGEST, visible
from shapes.words import (
    APART,
    FIXED,
    MORE,
    NEW,
    NO_FAULT,
    SEVERITIES,
    UNCHECKED,
    apart,
    changes,
    concerned,
    fields,
    number,
    reference,
    summary,
    where,
)

EXAMPLES = 3

_COLOURS = {Severity.VIOLATION: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.INFO: "\x1b[36m"}
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(report: Report, lang: str, *, colour: bool = False) -> str:
    """The report as plain text; with `colour`, ANSI sequences mark the severities."""
    parts = [_paragraph(report, cause, lang, colour) for cause in report.causes]
    if report.noise:
        parts.append("\n".join([visible(apart(report, lang)), *(_apart(one, lang) for one in report.set_apart)]) + "\n")
    if report.notes:
        unchecked = [f"    {visible(note.of(lang))}" for note in report.notes]
        parts.append("\n".join([UNCHECKED.of(lang), *unchecked]) + "\n")
    parts += _compared(report, lang)
    if report.conforms:
        parts = [NO_FAULT.of(lang), *parts]
    told = summary(report, lang)
    return "\n".join([*parts, told.split(". ", 1)[1] if report.conforms else told]) + "\n"


def _paragraph(report: Report, cause: Cause, lang: str, colour: bool) -> str:
    one, many = SEVERITIES[cause.severity]
    count = len(cause.findings)
    label = f"{number(count, lang)} {(one if count == 1 else many).of(lang)}"
    if colour:
        label = f"{_COLOURS[cause.severity]}{_BOLD}{label}{_PLAIN}"
    kind = concerned(cause.shape).of(lang)
    lines = [f"{label}  {f'[{kind}] ' if kind else ''}{visible(cause.rule.of(lang))}"]
    lines += [f"    {visible(_example(report, f, lang))}" for f in cause.findings[:EXAMPLES]]
    if count > EXAMPLES:
        lines.append(f"    {MORE.of(lang).format(number(count - EXAMPLES, lang))}")
    if cause.repair.of(lang):
        repair = f"    → {visible(cause.repair.of(lang))}"
        lines.append(f"{_DIM}{repair}{_PLAIN}" if colour else repair)
    if form := fields(cause.findings[0], lang):
        lines.append(f"      {visible(form)}")
    return "\n".join(lines) + "\n"


def _example(report: Report, finding: Finding, lang: str) -> str:
    mark = f"[{NEW.of(lang)}] " if report.state(finding) == "new" else ""
    return f"{mark}{where(finding)}  {finding.found.of(lang)}".rstrip()[: 3 * LONGEST]


def _apart(one: SetApart, lang: str) -> str:
    label = f"{number(len(one.findings), lang)} {APART.of(lang)}  {visible(one.noise.reason.of(lang))}"
    return f"{label}\n    {reference(one, lang)}"


def _compared(report: Report, lang: str) -> list[str]:
    """What an earlier report makes of this one: the sums, who has something new, what is fixed."""
    if report.changes is None:
        return []
    lines = [visible(changes(report, lang))]
    for name, new, rest in report.by_publisher:
        lines.append(f"    {visible(name or '–')}: +{number(new, lang)} ({number(rest, lang)})")
    causes: dict[str, list[Past]] = defaultdict(list)
    for past in report.changes.fixed:
        causes[past.message.of(lang).split(". ")[0]].append(past)
    for message, those in sorted(causes.items(), key=lambda item: (item[1][0].severity.rank, -len(item[1]))):
        lines.append(f"    {number(len(those), lang)} {FIXED.of(lang)}  {visible(message)}")
    return ["\n".join(lines) + "\n"]
