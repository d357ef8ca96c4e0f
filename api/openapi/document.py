"""The description itself: the operations of the routes that a service has, with its address and its limits."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.delivery import Compressed, send
from api.doors import RAW
from api.openapi import asking, reading, serving
from api.openapi.model import Operation
from api.openapi.schemas import SCHEMAS
from catalog.settings import Settings

TYPE = "application/json; charset=utf-8"
TAGS = {
    "things": "What the catalogue describes: one IRI each, as a page or as RDF.",
    "feeds": "The whole catalogue, for harvesters and for whoever wants a copy.",
    "changes": "The change feed.",
    "sparql": "Queries, and what the service says of itself.",
    "graphs": "Named graphs, read whole.",
    "quality": "Findings, checks and previews.",
    "harvesters": "Protocols of other catalogues.",
    "pages": "Pages for people, and for search engines.",
    "writing": "Local graphs, by token.",
    "operation": "The state of the service.",
}
_ABOUT = """\
Everything that the service answers. HEAD works wherever GET does, `/sparql` also answers QUERY. Errors are problem \
documents (RFC 9457), or pages for whoever prefers HTML; but for CKAN's actions, which have CKAN's own. `ETag` and \
conditional requests work wherever 304 is listed, and bodies are compressed as `Accept-Encoding` asks. Names in paths \
may hold slashes where their description says so.

What a client may use: {requests} requests and {work:g} seconds of work a minute, {open} open requests; a query \
{timeout:g} seconds and {memory} MiB of memory, {budget:g} seconds of queries and {queries} requests \
to `/sparql` and `/graphs` a minute. `RateLimit` says what is \
left; 429 and 503 come with `Retry-After`."""


def operations() -> tuple[Operation, ...]:
    """What is said of every route."""
    return (*reading.operations(), *asking.operations(), *serving.operations())


def document(settings: Settings, paths: Container[str]) -> dict[str, Any]:
    """The description of a service that has these routes, beside the doors before them."""
    there = [one for one in operations() if one.path in RAW or one.path in paths or one.path.startswith("/static/")]
    found: dict[str, dict[str, Any]] = {}
    for one in there:
        found.setdefault(one.template, {})[one.method] = one.plain()
    tags = {one.tag for one in there}
    return {
        "openapi": "3.1.0",
        "info": _info(settings),
        "servers": [{"url": settings.catalog.base.rstrip("/")}],
        "tags": [{"name": name, "description": about} for name, about in TAGS.items() if name in tags],
        "paths": found,
        "components": {
            "schemas": {name: dict(schema) for name, schema in SCHEMAS.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made by `garonne tokens create`."}
            },
        },
    }


def _info(settings: Settings) -> dict[str, Any]:
    title = settings.catalog.title
    limits, query = settings.serve, settings.query
    about = _ABOUT.format(
        requests=limits.requests or "any number of",
        work=limits.work,
        open=limits.at_once or "any number of",
        timeout=query.timeout,
        memory=query.memory,
        budget=query.budget,
        queries=query.requests or "any number of",
    )
    return {
        "title": title.get("en") or next(iter(title.values()), "Garonne"),
        "version": version("garonne"),
        "description": about,
    }


class OpenApiDoor:
    """`/openapi.json`."""

    def __init__(self, settings: Settings, compressed: Compressed) -> None:
        self.settings = settings
        self.compressed = compressed
        self._body = b""

    def answer(self, request: Request) -> Response:
        """The description; the same for as long as the service runs."""
        if not self._body:
            paths: Iterable[str] = (getattr(route, "path", "") for route in request.app.routes)
            told = document(self.settings, frozenset(paths))
            self._body = json.dumps(told, ensure_ascii=False).encode()
        return send(request, self.compressed.represent(self._body, TYPE, None))
