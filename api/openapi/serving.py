"""The operations of checks, of the protocols of harvesters, and of the service's state."""

from __future__ import annotations

from typing import Any

from api import metrics, validate
from api.ckan.actions import ACTIONS
from api.errors import (
    BadRequest,
    BodyTooLarge,
    MethodNotAllowed,
    Missing,
    NotPublished,
    OutOfMemory,
    OverBudget,
    TimedOut,
    TooBusy,
    TooSlow,
    Unreadable,
    UnsupportedType,
)
from api.oai.arguments import ALLOWED
from api.openapi.asking import MULTIPART
from api.openapi.model import HTML, TEXT, Operation, Parameter, Schema
from api.openapi.parameters import ACCEPT, IF_NONE_MATCH, LANG, choice
from api.openapi.reading import JSON, UNCHANGED
from api.protocol import FORM_TYPE
from catalog.graph_store import TYPES as DOCUMENTS
from shapes.validation import NOISE


def _checks() -> tuple[Operation, ...]:
    fields: dict[str, Schema] = {
        "profile": {"type": "array", "items": TEXT},
        "format": {"type": "string", "enum": [*validate.TYPES]},
        "noise": {"type": "string", "enum": [*NOISE]},
        "lang": LANG.schema,
    }
    about = {
        "profile": "A profile; may be repeated.",
        "format": "The form of the report, before `Accept`.",
        "noise": "Whether findings that nobody at the portal can repair are set apart.",
        "lang": LANG.about,
    }
    form: Schema = {
        "type": "object",
        "properties": {"document": TEXT, "file": TEXT, "url": {"type": "string", "format": "uri"}, **fields},
        "oneOf": [{"required": [one]} for one in ("document", "file", "url")],
    }
    kinds = tuple(dict.fromkeys(kind.partition(";")[0] for kind in validate.TYPES.values()))
    return (
        Operation(
            "/validate",
            "form",
            "The form of “check my file”",
            "quality",
            parameters=(LANG, Parameter("url", "What the form is filled with.")),
            types=(HTML,),
            errors=(OverBudget, TooBusy),
        ),
        Operation(
            "/validate",
            "check",
            "Checks a document",
            "quality",
            method="post",
            about="200 whether it conforms or not; `Garonne-Conforms` says which.",
            parameters=(*(Parameter(name, about[name], schema) for name, schema in fields.items()), ACCEPT),
            bodies={**dict.fromkeys(DOCUMENTS, TEXT), MULTIPART: form, FORM_TYPE: form},
            types=kinds,
            schemas={JSON: "Report"},
            errors=(
                BadRequest,
                TooSlow,
                BodyTooLarge,
                UnsupportedType,
                Unreadable,
                OverBudget,
                TooBusy,
                TimedOut,
                OutOfMemory,
            ),
        ),
    )


def _harvesters() -> tuple[Operation, ...]:
    names = dict.fromkeys(name for allowed in ALLOWED.values() for name in allowed)
    asked = (choice("verb", "The verb.", tuple(ALLOWED)), *(Parameter(n, "An argument of the verb.") for n in names))
    oai: dict[str, Any] = {"tag": "harvesters", "types": ("text/xml",)}
    ckan: dict[str, Any] = {
        "types": (JSON,),
        "schemas": {JSON: "Action"},
        "tag": "harvesters",
        "failing": {JSON: "ActionFailed", "application/problem+json": "Problem", HTML: ""},
    }
    known = tuple(sorted(ACTIONS))
    errors = (BadRequest, Missing, _Conflict, BodyTooLarge, OverBudget, NotPublished, TooBusy)
    given = tuple(
        Parameter(name, "A parameter of some actions.")
        for name in ("id", "q", "fq", "rows", "start", "sort", "limit", "offset", "name")
    )
    body = {JSON: {"type": "object", "properties": {p.name: {} for p in given}}}
    found = [
        Operation(
            "/oai",
            "oai",
            "OAI-PMH 2.0",
            parameters=asked,
            about="The protocol's errors have status 200.",
            errors=(BadRequest, NotPublished, TooBusy),
            **oai,
        ),
        Operation(
            "/oai",
            "oaiByPost",
            "The same, asked by a form",
            method="post",
            body_needed=False,
            bodies={FORM_TYPE: {"type": "object", "properties": {p.name: p.schema for p in asked}}},
            errors=(BadRequest, BodyTooLarge, UnsupportedType, NotPublished, TooBusy),
            **oai,
        ),
    ]
    for path, end in (("/api/3/action/{name}", ""), ("/api/action/{name}", "Unversioned")):
        name = choice("name", "The action.", known, "path")
        found += [
            Operation(
                path,
                f"action{end}",
                "A read action of CKAN",
                parameters=(name, *given),
                others=UNCHANGED,
                errors=errors,
                **ckan,
            ),
            Operation(
                path,
                f"actionByPost{end}",
                "The same, asked in JSON",
                method="post",
                parameters=(name,),
                bodies=body,
                body_needed=False,
                errors=errors,
                **ckan,
            ),
        ]
    return tuple(found)


class _Conflict(BadRequest):
    """CKAN's status for a parameter that cannot be."""

    status = 409
    title = "Validation error"


def _state() -> tuple[Operation, ...]:
    return (
        Operation(
            "/health/live", "live", "Whether the process runs", "operation", types=(JSON,), schemas={JSON: "Live"}
        ),
        Operation(
            "/health/ready",
            "ready",
            "Whether it can answer",
            "operation",
            types=(JSON,),
            schemas={JSON: "Ready"},
            errors=(NotPublished,),
            failing={JSON: "NotReady"},
        ),
        Operation(
            "/metrics",
            "metrics",
            "What Prometheus wants to know",
            "operation",
            about="For requests from this machine, or with a token of the scope admin, unless the operator opens it.",
            types=(metrics.TYPE.partition(";")[0],),
            errors=(Missing, OverBudget),
        ),
        Operation(
            "/openapi.json",
            "openapi",
            "This description",
            "operation",
            parameters=(IF_NONE_MATCH,),
            types=(JSON,),
            schemas={JSON: "Description"},
            others=UNCHANGED,
            errors=(OverBudget, TooBusy),
        ),
        Operation(
            "/static/{name}",
            "static",
            "The style sheets",
            "pages",
            parameters=(choice("name", "The file.", ("garonne.css", "oai.xsl"), "path"),),
            types=("text/css", "application/xslt+xml"),
            others=UNCHANGED,
            errors=(Missing, MethodNotAllowed),
        ),
    )


def operations() -> tuple[Operation, ...]:
    """All of them."""
    return (*_checks(), *_harvesters(), *_state())
