"""The report for a terminal: one paragraph a cause, worst first, with how many, three examples and the repair."""

from __future__ import annotations

from shapes.finding import Finding, Severity
from shapes.report import Cause, Report
from shapes.text import LONGEST, visible
from shapes.words import MORE, NO_FAULT, SEVERITIES, number, summary, where

EXAMPLES = 3

_COLOURS = {Severity.VIOLATION: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.INFO: "\x1b[36m"}
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render(report: Report, lang: str, *, colour: bool = False) -> str:
    """The report as plain text; with `colour`, ANSI sequences mark the severities."""
    if report.conforms:
        return f"{NO_FAULT.of(lang)}\n{_after_first(summary(report, lang))}\n"
    paragraphs = [_paragraph(cause, lang, colour) for cause in report.causes]
    return "\n".join([*paragraphs, summary(report, lang)]) + "\n"


def _after_first(sentences: str) -> str:
    return sentences.split(". ", 1)[1]


def _paragraph(cause: Cause, lang: str, colour: bool) -> str:
    one, many = SEVERITIES[cause.severity]
    count = len(cause.findings)
    label = f"{number(count, lang)} {(one if count == 1 else many).of(lang)}"
    if colour:
        label = f"{_COLOURS[cause.severity]}{_BOLD}{label}{_PLAIN}"
    lines = [f"{label}  {visible(cause.rule.of(lang))}"]
    lines += [f"    {visible(_example(f, lang))}" for f in cause.findings[:EXAMPLES]]
    if count > EXAMPLES:
        lines.append(f"    {MORE.of(lang).format(number(count - EXAMPLES, lang))}")
    if cause.repair.of(lang):
        repair = f"    → {visible(cause.repair.of(lang))}"
        lines.append(f"{_DIM}{repair}{_PLAIN}" if colour else repair)
    return "\n".join(lines) + "\n"


def _example(finding: Finding, lang: str) -> str:
    found = finding.found.of(lang)
    return f"{where(finding)}  {found}".rstrip()[: 3 * LONGEST]
