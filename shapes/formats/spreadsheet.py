"""The report as CSV (RFC 4180), one row a finding, in the order of the report."""

from __future__ import annotations

import csv
from io import StringIO

from shapes.report import Report

COLUMNS = ("severity", "dataset", "focus", "path", "value", "message", "repair", "shape", "component", "key")


def render(report: Report, lang: str) -> str:
    """A header line and one line a finding, UTF-8, comma as separator."""
    stream = StringIO()
    rows = csv.writer(stream, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for f in report.findings:
        cells = (
            f.severity.value,
            f.dataset,
            f.focus,
            f.path,
            f.value or "",
            f.messages.of(lang),
            f.repair.of(lang),
            f.shape,
            f.component,
            f.key,
        )
        rows.writerow([_harmless(cell) for cell in cells])
    return stream.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
