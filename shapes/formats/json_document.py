"""The report as JSON: what was validated, the counts, every finding with both languages."""

from __future__ import annotations

import json
from typing import Any

from shapes.finding import Finding, Severity
from shapes.report import Report


def render(report: Report, lang: str) -> str:
    """One JSON object; `message` and `repair` are in `lang`, `messages` holds both."""
    document = {
        "conforms": report.conforms,
        "failed": report.failed,
        "inputs": list(report.inputs),
        "statements": report.statements,
        "profiles": [
            {"name": name, "title": title.of(lang), "sha256": digest} for name, title, digest in report.profiles
        ],
        "engine": report.engine,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "findings": [as_object(finding, lang) for finding in report.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_object(finding: Finding, lang: str) -> dict[str, Any]:
    """One finding; terms are written as in N-Triples."""
    return {
        "key": finding.key,
        "severity": finding.severity.value,
        "dataset": finding.dataset or None,
        "focus": finding.focus,
        "path": finding.path or None,
        "value": finding.value,
        "component": finding.component,
        "shape": finding.shape or None,
        "message": finding.messages.of(lang),
        "repair": finding.repair.of(lang) or None,
        "messages": {"fr": finding.messages.fr, "en": finding.messages.en},
    }
