"""The report as CSV (RFC 4180), one row a finding: the faults, then what is set apart, then what is fixed.

`noise` names the systematic cause of a finding that is set apart, whose reason stands in place of the repair; `state`
is `new`, `remaining` or `fixed` where the report is compared with an earlier one, `fields` are those of OpenDataSoft's
form that repair the finding.
"""

from __future__ import annotations

import csv
from io import StringIO

from shapes.baseline import Past
from shapes.finding import Finding
from shapes.report import Report

COLUMNS = (
    "severity",
    "dataset",
    "focus",
    "path",
    "value",
    "message",
    "repair",
    "shape",
    "component",
    "key",
    "noise",
    "state",
    "fields",
)


def render(report: Report, lang: str) -> str:
    """A header line and one line a finding, UTF-8, comma as separator."""
    stream = StringIO()
    rows = csv.writer(stream, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for f in report.findings:
        rows.writerow(_row(f, f.messages.of(lang), f.repair.of(lang), "", report.state(f)))
    for f, noise in report.noise:
        rows.writerow(_row(f, f.messages.of(lang), noise.reason.of(lang), noise.id, ""))
    for past in report.changes.fixed if report.changes else ():
        rows.writerow(_row(past, past.message.of(lang), "", "", "fixed"))
    return stream.getvalue()


def _row(f: Finding | Past, message: str, repair: str, noise: str, state: str) -> list[str]:
    place = (f.severity.value, f.dataset, f.focus, f.path, f.value or "")
    form = ", ".join(f.fields) if isinstance(f, Finding) else ""
    return [_harmless(cell) for cell in (*place, message, repair, f.shape, f.component, f.key, noise, state, form)]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
