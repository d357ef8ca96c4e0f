"""The forms a report can take, one module each."""

from __future__ import annotations

from collections.abc import Callable

from shapes.formats import html_page, json_document, junit, sarif, spreadsheet, terminal, turtle
from shapes.report import Report
from vocab.errors import unknown_choice

FORMATS: dict[str, Callable[[Report, str], str]] = {
    "text": terminal.render,
    "json": json_document.render,
    "csv": spreadsheet.render,
    "ttl": turtle.render,
    "html": html_page.render,
    "sarif": sarif.render,
    "junit": junit.render,
}
"""Renderers by name: (report, `fr` or `en`) to the whole text, which ends in a line feed."""


def render(report: Report, name: str, lang: str) -> str:
    """The report in the format `name`; `UsageError` lists the formats for an unknown one."""
    if name not in FORMATS:
        raise unknown_choice("Format", name, tuple(FORMATS))
    return FORMATS[name](report, lang)
