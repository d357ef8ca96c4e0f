"""A SPARQL endpoint elsewhere, asked as the local release is: same formats, same errors (SPARQL Protocol, 2.1.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from catalog.errors import Busy, GaronneError, QueryFailed, QueryInvalid, QueryMemory, QueryTimeout
from catalog.scanner import scan
from catalog.web import Client

TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
"""The media types of the formats, by the names that `--format` has for them."""
_USUAL = {"SELECT": "csv", "ASK": "json", "CONSTRUCT": "ttl", "DESCRIBE": "ttl"}
_MAX = 1 << 40
"""Bytes of a result: as many as there are."""


def ask(url: str, query: str, name: str, seconds: float, out: BinaryIO) -> None:
    """Put a query to the endpoint at `url` and write its result as it comes, in the format `name`, else the usual one.

    `seconds` is how long to wait for an answer or for its next piece, 0 for an hour. Raises `QueryInvalid`,
    `QueryTimeout`, `QueryMemory`, `Busy`, `QueryFailed` as the endpoint says, or what the web client raises; `out` may
    hold a part by then.
    """
    accept = TYPES[name or _USUAL.get(scan(query).form, "json")]
    client = Client(timeout=seconds or 3600.0, patience=86_400.0, max_bytes=_MAX, allow_private=True)
    sent = query.encode()
    with client.post(url, sent, content_type="application/sparql-query", accept=accept) as (status, kind, body):
        if status != 200:
            raise failure(status, kind, b"".join(_some(body)), url)
        for piece in body:
            out.write(piece)


def _some(body: Iterator[bytes]) -> Iterator[bytes]:
    """What is enough of an error's body."""
    left = 1 << 16
    for piece in body:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def failure(status: int, kind: str, body: bytes, url: str) -> GaronneError:
    """The error that an endpoint's answer means: its problem document (RFC 9457) says which, else its first line."""
    problem = _problem(kind, body)
    detail = str(problem.get("detail") or _line(kind, body) or f"it answered {status}.")
    hint = str(problem.get("hint") or "")
    if status == 504:
        return QueryTimeout(detail, what=url, hint=hint)
    if status == 507:
        return QueryMemory(detail, what=url, hint=hint)
    if status in {429, 503}:
        return Busy(detail, what=url, hint=hint)
    if 400 <= status < 500:
        line, column = (problem.get(n) if isinstance(problem.get(n), int) else 0 for n in ("line", "column"))
        return QueryInvalid(detail, line=line or 0, column=column or 0, what=url, hint=hint)
    return QueryFailed(detail, what=url, hint=hint)


def _problem(kind: str, body: bytes) -> dict[str, Any]:
    if "json" not in kind:
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(kind: str, body: bytes) -> str:
    if "html" in kind or "json" in kind:
        return ""
    return body.decode(errors="replace").strip().partition("\n")[0][:300]
