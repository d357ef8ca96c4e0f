"""The report as SARIF 2.1.0 (OASIS), which code hosts show beside the file.

What is set apart is a result with a suppression that says why (section 3.35); against an earlier report each result
has its baseline state (section 3.27.24), and what is fixed is `absent`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shapes.baseline import Past
from shapes.finding import Finding, Severity
from shapes.report import Cause, Report, rule_id
from shapes.words import fields, where

LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


_STATES = {"": "unchanged", "new": "new", "remaining": "unchanged"}
_NO_FILE = ("standard input", "release ")
"""How names of what was validated begin that are no file's."""


def render(report: Report, lang: str) -> str:
    """One run; a rule for each cause, a result for each finding, its key as fingerprint."""
    rules = {cause.id: _rule(cause, lang) for cause in report.causes}
    results = [_result(report, finding, cause.id, lang) for cause in report.causes for finding in cause.findings]
    results += [
        _result(report, finding, rule_id(finding), lang) | {"suppressions": [_suppression(one.noise.reason.of(lang))]}
        for one in report.set_apart
        for finding in one.findings
    ]
    if report.changes is not None:
        results += [_absent(past, lang) for past in report.changes.fixed]
    _numbered(results, rules)
    run = {
        "tool": {"driver": {"name": "Garonne", "version": version("garonne"), "rules": [*rules.values()]}},
        "language": lang,
        "columnKind": "unicodeCodePoints",
        "artifacts": _artifacts(report),
        "invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": _notifications(report, lang)}],
        "results": results,
        "properties": {"provenance": report.provenance.plain() if report.provenance else None},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _numbered(results: list[dict[str, Any]], rules: dict[str, dict[str, Any]]) -> None:
    """Gives each result the place of its rule (section 3.27.6); a rule that no present cause has is added, bare."""
    for result in results:
        rules.setdefault(result["ruleId"], {"id": result["ruleId"]})
    places = {name: place for place, name in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = places[result["ruleId"]]


def _rule(cause: Cause, lang: str) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": cause.id,
        "shortDescription": message(cause.rule.of(lang)),
        "defaultConfiguration": {"level": LEVELS[cause.severity]},
    }
    advice = [text for text in (cause.repair.of(lang), fields(cause.findings[0], lang)) if text]
    if advice:
        rule["help"] = message("\n".join(advice))
    return rule


def _result(report: Report, finding: Finding, rule: str, lang: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": rule,
        "level": LEVELS[finding.severity],
        "message": message(finding.messages.of(lang)),
        "locations": [_location(report, where(finding))],
        "partialFingerprints": {"garonne/v1": finding.key},
    }
    if report.changes is not None:
        result["baselineState"] = _STATES[report.state(finding)]
    return result


def _absent(past: Past, lang: str) -> dict[str, Any]:
    """A finding of the earlier report that this one has no longer."""
    place = past.focus[1:-1] if past.focus.startswith("<") else f"{past.dataset} ({past.focus})".strip()
    return {
        "ruleId": rule_id(past),
        "level": LEVELS[past.severity],
        "message": message(past.message.of(lang)),
        "locations": [{"logicalLocations": [{"fullyQualifiedName": place, "kind": "resource"}]}],
        "partialFingerprints": {"garonne/v1": past.key},
        "baselineState": "absent",
    }


def _suppression(reason: str) -> dict[str, str]:
    return {"kind": "external", "status": "accepted", "justification": reason}


def message(text: str) -> dict[str, str]:
    """A plain text message: braces are doubled, for single ones would be places for arguments (section 3.11.5)."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _location(report: Report, place: str) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": place, "kind": "resource"}]}
    # With several documents a finding belongs to their union, not to one of them.
    if len(report.inputs) == 1 and not report.inputs[0].startswith(_NO_FILE):
        location["physicalLocation"] = {"artifactLocation": {"uri": address(report.inputs[0]), "index": 0}}
    return location


def _notifications(report: Report, lang: str) -> list[dict[str, Any]]:
    """What the shapes ask and was not checked (section 3.20.22)."""
    return [{"level": "warning", "message": message(note.of(lang))} for note in report.notes]


def _artifacts(report: Report) -> list[dict[str, Any]]:
    """The documents, with their hashes where these are known (section 3.24)."""
    known = {s.name: s for s in report.provenance.sources} if report.provenance else {}
    found = []
    for name in report.inputs:
        artifact: dict[str, Any] = {"location": {"uri": address(name)}}
        if name in known:
            artifact |= {"hashes": {"sha-256": known[name].sha256}}
            artifact |= {"length": known[name].size} if known[name].size else {}
        found.append(artifact)
    return found


def address(name: str) -> str:
    """What SARIF calls a file: its address, or its path relative to the current folder."""
    if name.startswith(("http://", "https://")):
        return name
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
