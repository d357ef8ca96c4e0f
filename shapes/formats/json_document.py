"""The report as JSON: what was validated and what it rests on, the counts, every finding with both languages.

This is the form that `--baseline` compares with and `--reproduce` repeats.
"""

from __future__ import annotations

import json
from typing import Any

from shapes.baseline import Past
from shapes.finding import Finding, Severity
from shapes.report import Report


def render(report: Report, lang: str) -> str:
    """One JSON object; `message` and `repair` are in `lang`, `messages` holds both."""
    return json.dumps(document(report, lang), ensure_ascii=False, indent=2) + "\n"


def document(report: Report, lang: str) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "conforms": report.conforms,
        "failed": report.failed,
        "inputs": list(report.inputs),
        "statements": report.statements,
        "profiles": [
            {"name": name, "title": title.of(lang), "sha256": digest} for name, title, digest in report.profiles
        ],
        "engine": report.engine,
        "notes": [note.of(lang) for note in report.notes],
        "provenance": report.provenance.plain() if report.provenance else None,
        "counts": {severity.value: report.count(severity) for severity in Severity} | {"set_apart": len(report.noise)},
        "noise": [
            {
                "id": one.noise.id,
                "count": len(one.findings),
                "reason": one.noise.reason.of(lang),
                "reference": one.noise.reference,
            }
            for one in report.set_apart
        ],
        **_compared(report, lang),
        "findings": [_with_state(report, finding, lang) for finding in report.findings],
        "set_apart": [as_object(f, lang) | {"noise": noise.id} for f, noise in report.noise],
    }


def _compared(report: Report, lang: str) -> dict[str, Any]:
    """What an earlier report makes of this one; nothing without one."""
    if report.changes is None:
        return {}
    return {
        "baseline": {
            "name": report.changes.name,
            "sha256": report.changes.sha256,
            "new": report.changes.new,
            "fixed": len(report.changes.fixed),
            "remaining": report.changes.remaining,
            "publishers": [{"name": n, "new": new, "remaining": rest} for n, new, rest in report.by_publisher],
        },
        "fixed": [_past(past, lang) for past in report.changes.fixed],
    }


def _with_state(report: Report, finding: Finding, lang: str) -> dict[str, Any]:
    state = report.state(finding)
    return as_object(finding, lang) | ({"state": state} if state else {})


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
        "constraint": finding.constraint or None,
        "message": finding.messages.of(lang),
        "repair": finding.repair.of(lang) or None,
        "fields": list(finding.fields),
        "messages": {"fr": finding.messages.fr, "en": finding.messages.en},
        **({"details": [_detail(one, lang) for one in finding.details]} if finding.details else {}),
    }


def _detail(finding: Finding, lang: str) -> dict[str, Any]:
    """A nested result; `branch` is the place of its shape, from 1, in the list of a choice (sh:and, sh:or, sh:xone)."""
    return {
        "branch": finding.branch or None,
        "focus": finding.focus,
        "path": finding.path or None,
        "value": finding.value,
        "component": finding.component,
        "shape": finding.shape or None,
        "message": finding.messages.of(lang),
        "details": [_detail(one, lang) for one in finding.details],
    }


def _past(past: Past, lang: str) -> dict[str, Any]:
    plain = {name: getattr(past, name) or None for name in ("dataset", "focus", "path", "value", "component", "shape")}
    return {"key": past.key, "severity": past.severity.value, **plain, "message": past.message.of(lang)}
