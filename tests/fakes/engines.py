"""Engines of other people that releases are brought to: the native Oxigraph server and Virtuoso, empty at first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.endpoint import oxigraph, virtuoso

NAMES = ("oxigraph", "virtuoso")
MOST = 10_000
"""Rows that Virtuoso gives at most, as Debian sets it up."""


@contextmanager
def running(name: str, *, most: int = MOST) -> Iterator[dict[str, object]]:
    """The `[store]` settings of an engine of this name; the test is skipped where it is not installed."""
    if name == "oxigraph":
        with oxigraph(b"") as address:
            yield _settings(f"{address}/query", f"{address}/update", f"{address}/store")
    else:
        with virtuoso(b"", most=most) as address:
            more = {"user": "dba", "password": "dba", "auth": "digest"}
            yield _settings(address, f"{address}-auth", f"{address}-graph-crud-auth") | more


def _settings(query: str, update: str, graphs: str) -> dict[str, object]:
    return {"engine": "sparql", "query": query, "update": update, "graphs": graphs}
