"""What is said of one operation: the words of the table, and how they are written in OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.problems import MEDIA_TYPE
from vocab.errors import GaronneError

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
HTML = "text/html"
PAGE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: in the query unless `place` is `path` or `header`."""

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: TEXT)
    place: str = "query"
    required: bool = False

    def plain(self) -> dict[str, Any]:
        """A Parameter Object."""
        found = {"name": self.name, "in": self.place, "description": self.about, "schema": dict(self.schema)}
        return found | ({"required": True} if self.required or self.place == "path" else {})


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one path, as the router has it.

    `types` are the media types of an answer with status 200, `schemas` says which component describes a type's
    content. `others` are further statuses that are no errors, `errors` the classes of the errors that can come: each
    has its status, and is answered by a problem document, or in the form that `failing` names. `bodies` are the media
    types that are read, with their schemas. `scope` is that of the token which the operation needs.
    """

    path: str
    name: str
    summary: str
    tag: str
    about: str = ""
    method: str = "get"
    parameters: tuple[Parameter, ...] = ()
    types: tuple[str, ...] = ()
    schemas: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[int, str] = field(default_factory=dict)
    errors: tuple[type[GaronneError], ...] = ()
    failing: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, Schema] = field(default_factory=dict)
    body_needed: bool = True
    scope: str = ""

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it; what is in braces may hold slashes where the route says so."""
        return re.sub(r"{(\w+):\w+}", r"{\1}", self.path)

    def plain(self) -> dict[str, Any]:
        """An Operation Object."""
        found: dict[str, Any] = {"operationId": self.name, "tags": [self.tag], "summary": self.summary}
        found |= {"description": self.about} if self.about else {}
        found |= {"parameters": [p.plain() for p in self.parameters]} if self.parameters else {}
        if self.bodies:
            content = {kind: {"schema": dict(schema)} for kind, schema in self.bodies.items()}
            found["requestBody"] = {"required": self.body_needed, "content": content}
        found["responses"] = dict(sorted(self._responses().items()))
        return found | ({"security": [{"token": [self.scope]}]} if self.scope else {})

    def _responses(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.types:
            found["200"] = {"description": "The answer.", "content": self._content(self.types)}
        for status, about in self.others.items():
            found[str(status)] = {"description": about}
        by_status: dict[int, list[str]] = {}
        for error in self.errors:
            titles = by_status.setdefault(error.status, [])
            titles += [] if error.title in titles else [error.title]
        for status, titles in by_status.items():
            content = {kind: _described(name) for kind, name in (self.failing or FAILING).items()}
            found[str(status)] = {"description": f"{'; '.join(titles)}.", "content": content}
        return found

    def _content(self, types: tuple[str, ...]) -> dict[str, Any]:
        return {kind: _described(self.schemas.get(kind, "")) for kind in types}


FAILING: Mapping[str, str] = {MEDIA_TYPE: "Problem", HTML: ""}
"""How an error is told: as a problem document, or as a page to whoever prefers one."""


def _described(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}} if name else {}
