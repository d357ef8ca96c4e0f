"""The report as SARIF 2.1.0 (OASIS), which code hosts show beside the file."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shapes.finding import Finding, Severity
from shapes.report import Cause, Report
from shapes.words import where

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, lang: str) -> str:
    """One run; a rule for each cause, a result for each finding, its key as fingerprint."""
    driver = {
        "name": "Garonne",
        "version": version("garonne"),
        "rules": [_rule(cause, lang) for cause in report.causes],
    }
    results = [
        _result(finding, index, cause, report.inputs, lang)
        for index, cause in enumerate(report.causes)
        for finding in cause.findings
    ]
    run = {"tool": {"driver": driver}, "language": lang, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(cause: Cause, lang: str) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": cause.id,
        "shortDescription": {"text": cause.rule.of(lang)},
        "defaultConfiguration": {"level": _LEVELS[cause.severity]},
    }
    if cause.repair.of(lang):
        rule["help"] = {"text": cause.repair.of(lang)}
    return rule


def _result(finding: Finding, index: int, cause: Cause, inputs: tuple[str, ...], lang: str) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": where(finding), "kind": "resource"}]}
    if len(inputs) == 1:  # with several documents a finding belongs to their union, not to one of them
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(inputs[0])}}
    return {
        "ruleId": cause.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.messages.of(lang)},
        "locations": [location],
        "partialFingerprints": {"garonne/v1": finding.key},
    }


def _uri(name: str) -> str:
    if name.startswith(("http://", "https://")):
        return name
    path = Path(name)
    return path.as_uri() if path.is_absolute() else path.as_posix().replace("%", "%25").replace(" ", "%20")
