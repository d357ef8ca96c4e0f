"""What JSON answers look like, as JSON Schema (2020-12): the components of the description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.openapi.model import Schema
from api.openapi.parameters import NUMBER

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_TEXTS = {"type": "array", "items": _TEXT}


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}, **more}


PROBLEM = _object(
    {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
    },
    {
        "hint": {**_TEXT, "description": "What to do next."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "line": {**_COUNT, "description": "Where a query does not parse."},
        "column": _COUNT,
        "token": _TEXT,
        "expected": _TEXT,
        "prefixes": {"type": "object", "additionalProperties": _TEXT},
        "slow": {**_TEXTS, "description": "What takes long in a query that was stopped, and what to try."},
        "offered": {**_TEXTS, "description": "Media types that can be answered (406)."},
        "accepted": {**_TEXTS, "description": "Media types that are read (415)."},
        "allowed": {**_TEXTS, "description": "Methods (405)."},
        "nearest": {**_TEXTS, "description": "Addresses of what reads like it (404)."},
        "called": {**_TEXT, "description": "What a withdrawn thing was called (410)."},
        "withdrawn": {"type": "string", "format": "date-time"},
        "release": NUMBER,
        "describing": {**NUMBER, "description": "The latest kept release that still describes it."},
    },
    description="A problem document (RFC 9457). `title`, `detail` and `hint` are in one language.",
)
_SEVERITIES = {"violations": _COUNT, "warnings": _COUNT}
_CAUSE = _object({"cause": _TEXT, "findings": _COUNT, "datasets": _COUNT})
_PUBLISHER = _object({"publisher": _TEXT, "name": _TEXT, "datasets": _COUNT, "clean": _COUNT, **_SEVERITIES})
_FINDINGS = {"type": "array", "items": {"type": "object"}}
_HELD = _object(
    {"key": _TEXT, "iri": _TEXT, "outcome": {"enum": ["taken", "skipped", "failed"]}, "title": _TEXT}
    | {name: {"type": "array", "items": {"type": "object"}} for name in ("resources", "contacts", "notes")}
)

SCHEMAS: Mapping[str, Schema] = {
    "Problem": PROBLEM,
    "Live": _object({"status": {"const": "ok"}}, additionalProperties=False),
    "Ready": _object(
        {"status": {"enum": ["ok", "degraded"]}, "release": NUMBER, "workers": {"enum": ["ok", "busy"]}},
        {"reason": {**_TEXT, "description": "Why an older release is served than the current one."}},
        additionalProperties=False,
    ),
    "NotReady": _object({"status": {"const": "unavailable"}, "reason": _TEXT}, additionalProperties=False),
    "Receipt": _object(
        {
            "id": _TEXT,
            "release": NUMBER,
            "query_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "ended": {"enum": ["answered", "time", "memory", "crash", "busy", "left", "failed"]},
            "complete": {"type": "boolean"},
            "seconds": {"type": "number", "minimum": 0},
            "at": {"type": "string", "format": "date-time"},
        },
        {"rows": _COUNT, "bytes": _COUNT, "sha256": _TEXT},
    ),
    "Results": {
        **_object({"head": {"type": "object"}}, {"boolean": {"type": "boolean"}}),
        "properties": {
            "head": _object({}, {"vars": _TEXTS, "link": _TEXTS}),
            "boolean": {"type": "boolean"},
            "results": _object({"bindings": {"type": "array", "items": {"type": "object"}}}),
        },
        "oneOf": [{"required": ["boolean"]}, {"required": ["results"]}],
        "description": "SPARQL 1.1 Query Results JSON Format.",
    },
    "Graph": {"type": ["object", "array"], "description": "A JSON-LD 1.1 document."},
    "Quality": {
        "type": "object",
        "required": ["release"],
        "properties": {"release": NUMBER},
        "anyOf": [
            _object(
                {
                    "datasets": _COUNT,
                    "without_violation": _COUNT,
                    **_SEVERITIES,
                    "set_apart": _COUNT,
                    "causes": {"type": "array", "items": _CAUSE},
                    "noise": {"type": "array", "items": _CAUSE},
                    "profiles": {"type": "array", "items": _object({"profile": _TEXT, **_SEVERITIES})},
                    "publishers": {"type": "array", "items": _PUBLISHER},
                }
            ),
            _object({"total": _COUNT, "causes": {"type": "array", "items": _CAUSE}}),
            _object({"total": _COUNT, "publishers": {"type": "array", "items": _PUBLISHER}}),
            _object(
                {
                    "total": _COUNT,
                    "datasets": {
                        "type": "array",
                        "items": _object({"iri": _TEXT, "slug": _TEXT, "title": _TEXT, **_SEVERITIES}),
                    },
                }
            ),
        ],
        "description": "Sums of findings; with `by`, `cause` or `publisher` a list.",
    },
    "DatasetQuality": _object(
        {"release": NUMBER, "dataset": _TEXT, "title": _TEXT, "validated": {"type": "boolean"}, "findings": _FINDINGS}
    ),
    "Preview": {
        "type": "object",
        "required": ["release"],
        "properties": {"release": NUMBER},
        "anyOf": [
            _object({"aggregators": {"type": "array", "items": _object({"name": _TEXT, "title": _TEXT})}}),
            _object(
                {
                    "aggregator": _TEXT,
                    "about": {"type": "object", "additionalProperties": _TEXT},
                    "whole": {"type": "boolean", "description": "Whether this is of the feed, or of one page of it."},
                    "page": NUMBER,
                    "next": {"type": ["integer", "null"]},
                    "abandoned": {"type": "boolean"},
                    "sums": {"type": "object", "additionalProperties": _COUNT},
                    "notes": _FINDINGS,
                    "rules": _FINDINGS,
                    "datasets": {"type": "array", "items": _HELD},
                    "services": {"type": "array", "items": _HELD},
                },
                {"since": _object({"release": NUMBER, "datasets": {"type": "object"}, "differences": _FINDINGS})},
            ),
            _object(
                {
                    "aggregator": _TEXT,
                    "dataset": {"anyOf": [_HELD, {"type": "null"}]},
                    "beside": {"type": "array", "items": _object({"field": _TEXT, "here": _TEXT, "there": _TEXT})},
                }
            ),
        ],
        "description": "What an aggregator makes of the feed, or of one dataset.",
    },
    "Report": _object(
        {
            "conforms": {"type": "boolean"},
            "statements": _COUNT,
            "profiles": {"type": "array", "items": _object({"name": _TEXT, "title": _TEXT, "sha256": _TEXT})},
            "counts": {"type": "object", "additionalProperties": _COUNT},
            "findings": _FINDINGS,
            "set_apart": _FINDINGS,
        }
    ),
    "Action": _object({"help": _TEXT, "success": {"const": True}, "result": {}}),
    "ActionFailed": _object(
        {"help": _TEXT, "success": {"const": False}, "error": _object({"__type": _TEXT, "message": _TEXT})}
    ),
    "Description": _object({"openapi": {"const": "3.1.0"}, "info": {"type": "object"}, "paths": {"type": "object"}}),
}
