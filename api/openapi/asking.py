"""The operations of SPARQL and of graphs, and of what the service says of its queries."""

from __future__ import annotations

from typing import Any

from api.errors import (
    BadRequest,
    BodyTooLarge,
    EngineAway,
    EngineFailed,
    Forbidden,
    Missing,
    NotAcceptable,
    NotPublished,
    NotWritten,
    OutOfMemory,
    OverBudget,
    QueryRefused,
    TimedOut,
    TooBusy,
    Unauthorized,
    Unreadable,
    UnsupportedType,
    Withdrawn,
)
from api.openapi.model import HTML, TEXT, Operation, Parameter, Schema
from api.openapi.parameters import ACCEPT, IF_NONE_MATCH, LANG, RELEASE, slug
from api.openapi.reading import JSON, OF_A_RELEASE, UNCHANGED
from api.protocol import FORM_TYPE, OFFERED, QUERY_TYPE, UPDATE_TYPE
from catalog.formats import FORMATS
from catalog.graph_store import TYPES as DOCUMENTS

MULTIPART = "multipart/form-data"
_RDF = tuple(dict.fromkeys(f.media_type for f in FORMATS.values()))
_TABLES = tuple(kind for kind in OFFERED if kind not in _RDF)
_RESULTS = {"application/sparql-results+json": "Results", JSON: "", "application/ld+json": "Graph"}
_IRIS: Schema = {"type": "array", "items": {"type": "string", "format": "iri"}}
_QUERY = {"type": "string", "examples": ["SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> } LIMIT 10"]}
_ASKED = (
    Parameter("default-graph-uri", "Graphs of the default graph (SPARQL 1.1 Protocol, 2.1.4).", _IRIS),
    Parameter("named-graph-uri", "Named graphs.", _IRIS),
    Parameter("format", "A short name or a media type, before `Accept`.", {**TEXT, "examples": ["json", "csv", "ttl"]}),
    Parameter(
        "timeout",
        "Seconds after which to stop; the service's own limit is not exceeded.",
        {"type": "number", "exclusiveMinimum": 0},
    ),
    RELEASE,
    Parameter("cursor", "Where to go on with a SELECT page by page; empty for the first page."),
)
_QUERIED: dict[str, Any] = {
    "tag": "sparql",
    "types": (
        *OFFERED,
        *(
            t
            for t in ("application/json", "application/xml", "text/xml", "text/plain", "application/x-turtle", HTML)
            if t not in OFFERED
        ),
    ),
    "schemas": _RESULTS,
    "errors": (
        BadRequest,
        QueryRefused,
        Missing,
        NotAcceptable,
        Withdrawn,
        BodyTooLarge,
        UnsupportedType,
        OverBudget,
        EngineFailed,
        NotPublished,
        TooBusy,
        EngineAway,
        TimedOut,
        OutOfMemory,
    ),
}
_WRITTEN = (
    BadRequest,
    Unauthorized,
    Forbidden,
    BodyTooLarge,
    UnsupportedType,
    OverBudget,
    NotWritten,
    TooBusy,
    NotPublished,
    TimedOut,
    OutOfMemory,
    Unreadable,
)
_DONE = {204: "Done; `Garonne-Release` says as which release."}
_FORM: Schema = {
    "type": "object",
    "required": ["query"],
    "properties": {p.name: p.schema for p in _ASKED} | {"query": _QUERY},
}
_GRAPH = (
    Parameter("graph", "The IRI of a graph; or `default`.", {"type": "string", "examples": ["graph/agents"]}),
    Parameter("default", "The default graph.", {"type": "string", "enum": [""]}),
)
_LOCAL = slug("local/mine", "The rest of the graph's IRI, below `graph/`.", "name")


def _sparql() -> tuple[Operation, ...]:
    return (
        Operation(
            "/sparql",
            "query",
            "A SPARQL 1.1 query; without one, the service description",
            parameters=(Parameter("query", "The query.", _QUERY), *_ASKED, ACCEPT, LANG, IF_NONE_MATCH),
            others=UNCHANGED,
            about="A result that fails after its first byte breaks the connection.",
            **_QUERIED,
        ),
        Operation(
            "/sparql",
            "queryByPost",
            "The same, as a form or as the query itself",
            method="post",
            parameters=(*_ASKED, ACCEPT),
            bodies={QUERY_TYPE: _QUERY, FORM_TYPE: _FORM},
            others=UNCHANGED,
            **_QUERIED,
        ),
        Operation(
            "/sparql/receipts/{name}",
            "receipt",
            "The receipt of an answer",
            "sparql",
            parameters=(slug("0123456789abcdef01234567", "The receipt's name, from the answer's `Link`.", "name"),),
            types=(JSON,),
            schemas={JSON: "Receipt"},
            errors=(Missing, OverBudget),
        ),
        Operation(
            "/sparql/update",
            "update",
            "A SPARQL 1.1 update of local graphs",
            "writing",
            method="post",
            parameters=(
                Parameter("using-graph-uri", "Graphs of WHERE (2.2.3).", _IRIS),
                Parameter("using-named-graph-uri", "Named graphs of WHERE.", _IRIS),
            ),
            bodies={
                UPDATE_TYPE: TEXT,
                FORM_TYPE: {"type": "object", "required": ["update"], "properties": {"update": TEXT}},
            },
            others=_DONE,
            errors=(*_WRITTEN, QueryRefused),
            scope="update",
        ),
    )


def _graphs() -> tuple[Operation, ...]:
    read: dict[str, Any] = {
        "tag": "graphs",
        "types": (*_RDF, HTML),
        "schemas": {"application/ld+json": "Graph"},
        "others": UNCHANGED,
        "errors": (*OF_A_RELEASE, NotAcceptable, EngineFailed, EngineAway, TimedOut, OutOfMemory),
    }
    bodies = {**dict.fromkeys(DOCUMENTS, TEXT), MULTIPART: {"type": "object"}}
    write: dict[str, Any] = {"tag": "writing", "scope": "publish"}
    made = _DONE | {201: "Made: see `Location`."}
    return (
        Operation(
            "/graphs",
            "graph",
            "A graph by its IRI (Graph Store Protocol)",
            parameters=(*_GRAPH, RELEASE, ACCEPT, LANG, IF_NONE_MATCH),
            **read,
        ),
        Operation(
            "/graphs",
            "putGraph",
            "Replaces a local graph",
            method="put",
            parameters=_GRAPH,
            bodies=bodies,
            others=made,
            errors=_WRITTEN,
            **write,
        ),
        Operation(
            "/graphs",
            "postGraph",
            "Adds to a local graph, a new one where none is named",
            method="post",
            parameters=_GRAPH,
            bodies=bodies,
            others=made,
            errors=_WRITTEN,
            **write,
        ),
        Operation(
            "/graphs",
            "deleteGraph",
            "Removes a local graph",
            method="delete",
            parameters=_GRAPH,
            others=_DONE,
            errors=(*_WRITTEN, Missing),
            **write,
        ),
        Operation(
            "/graph/{name}",
            "graphByAddress",
            "A graph by its own address",
            parameters=(
                slug("agents", "What follows `graph/` in its IRI; then a suffix.", "name"),
                RELEASE,
                ACCEPT,
                LANG,
                IF_NONE_MATCH,
            ),
            **read,
        ),
        Operation(
            "/graph/{name}",
            "putGraphByAddress",
            "Replaces it",
            method="put",
            parameters=(_LOCAL,),
            bodies=bodies,
            others=made,
            errors=_WRITTEN,
            **write,
        ),
        Operation(
            "/graph/{name}",
            "postGraphByAddress",
            "Adds to it",
            method="post",
            parameters=(_LOCAL,),
            bodies=bodies,
            others=made,
            errors=_WRITTEN,
            **write,
        ),
        Operation(
            "/graph/{name}",
            "deleteGraphByAddress",
            "Removes it",
            method="delete",
            parameters=(_LOCAL,),
            others=_DONE,
            errors=(*_WRITTEN, Missing),
            **write,
        ),
    )


def _described() -> tuple[Operation, ...]:
    rdf: dict[str, Any] = {"schemas": {"application/ld+json": "Graph"}, "others": UNCHANGED, "tag": "sparql"}
    said: dict[str, Any] = {
        "types": _RDF,
        "parameters": (ACCEPT, RELEASE, IF_NONE_MATCH),
        "errors": (*OF_A_RELEASE, NotAcceptable),
        **rdf,
    }
    sent: dict[str, Any] = {**rdf, "others": UNCHANGED | {303: "For a browser: the page of queries."}}
    return (
        Operation("/void", "void", "The service description with VoID statistics", **said),
        Operation("/.well-known/void", "wellKnownVoid", "The same", **said),
        Operation(
            "/query",
            "queries",
            "The named queries as data",
            parameters=(ACCEPT, LANG, RELEASE, IF_NONE_MATCH),
            types=_RDF,
            errors=(*OF_A_RELEASE, NotAcceptable),
            **sent,
        ),
        Operation(
            "/query/{name}",
            "namedQuery",
            "One of them, its text, or its answer on the release",
            about="`.rq` is the text; `.json`, `.csv`, `.tsv`, `.xml`, or a suffix of RDF, the stored answer.",
            parameters=(
                slug("formats", "The query's name; then a suffix.", "name"),
                ACCEPT,
                LANG,
                RELEASE,
                IF_NONE_MATCH,
            ),
            types=(*_RDF, QUERY_TYPE, *_TABLES),
            errors=(*OF_A_RELEASE, NotAcceptable),
            **{**sent, "schemas": {**rdf["schemas"], "application/sparql-results+json": "Results"}},
        ),
    )


def operations() -> tuple[Operation, ...]:
    """All of them."""
    return (*_sparql(), *_graphs(), *_described())
