"""A query worker: one process that evaluates one SPARQL query at a time on one release, and streams the result.

Started by `api.workers` as `python -m api.worker FD STORE BASE BYTES CONFINED`. It is expected to die: a query may end
it by a panic of the engine, by its memory, or by the front's kill. Results are consumed on the thread that made them;
on another the engine aborts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import IO, Any, NoReturn, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from api import ordering
from api.frames import DATA, FAILURE, HEAD, HEADER, LAST, frame
from api.rewriting import plan
from api.rewriting.order import Order
from catalog import sandbox
from catalog.dataset import Dataset, effective
from catalog.exactness import restore
from vocab.namespaces import PREFIXES

PIECE = 64 * 1024
"""A piece of the result is sent when it has this many bytes…"""
PATIENCE = 1.0
"""…or when this many seconds have passed since the last one."""

RESULTS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}


class Channel:
    """The worker's end of the socket."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def receive(self) -> dict[str, Any] | None:
        """The next job; None when the front has hung up."""
        given = self.frame()
        return None if given is None else cast("dict[str, Any]", json.loads(given[1]))

    def frame(self) -> tuple[bytes, bytes] | None:
        """The next frame, kind and payload; None when the front has hung up."""
        header = self._read(HEADER.size)
        if header is None:
            return None
        kind, size = HEADER.unpack(header)
        body = self._read(size)
        return None if body is None else (kind, body)

    def _read(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = os.read(self.descriptor, min(size - len(parts), 1 << 20))
            if not part:
                return None
            parts += part
        return bytes(parts)

    def send(self, frames: bytes) -> None:
        """Send whole frames; waits while the front does not take them, which bounds the memory of both."""
        left = memoryview(frames)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def fail(self, kind: str, message: str) -> None:
        """Say that the job failed, and how."""
        self.send(frame(FAILURE, json.dumps({"kind": kind, "message": message}).encode()))


class Result:
    """The file that the engine serialises into: gathers pieces, sends the head with the first."""

    def __init__(self, channel: Channel, head: dict[str, str]) -> None:
        self.channel = channel
        self.head = frame(HEAD, json.dumps(head).encode())
        self.pending = bytearray()
        self.sent = time.monotonic()

    def write(self, data: bytes) -> int:
        """Take some of the result."""
        self.pending += data
        if len(self.pending) >= PIECE or time.monotonic() - self.sent > PATIENCE:
            self.push()
        return len(data)

    def flush(self) -> None:
        """Nothing: the engine flushes more often than is good for throughput."""

    def push(self, kind: bytes = DATA) -> None:
        """Send what was gathered, in one go with the head when that is still due."""
        self.channel.send(self.head + frame(kind, bytes(self.pending)))
        self.head = b""
        self.pending.clear()
        self.sent = time.monotonic()

    def finish(self) -> None:
        """Send the rest and say that the result is complete."""
        self.push(LAST)


class FormatMissing(Exception):
    """The client accepts no format that this form of query has."""


def answer(store: Store, base: str, job: dict[str, Any], channel: Channel) -> None:
    """Evaluate one job and send its result. Raises what the engine raises."""
    wanted = Dataset(tuple(job["default_graphs"]), tuple(job["named_graphs"]))
    store, graphs = effective(store, wanted, job["query"], base)
    results, order = asked(job["query"], lambda query: store.query(query, base_iri=base, **graphs))
    if isinstance(results, QueryTriples):
        suffix = _offered(job["graph"], "graph")
        result = Result(channel, {"form": "graph", "format": suffix})
        _write_graph((restore(t) for t in results), result, suffix)
    else:
        suffix = _offered(job["results"], "results")
        form = "ask" if isinstance(results, QueryBoolean) else "select"
        result = Result(channel, {"form": form, "format": suffix})
        if order is not None and isinstance(results, QuerySolutions):
            ordering.write(results, order, cast("IO[bytes]", result), RESULTS[suffix])
        else:
            _write_results(results, result, suffix)
    result.finish()


Results = QuerySolutions | QueryBoolean | QueryTriples


def asked(query: str, ask: Callable[[str], Results]) -> tuple[Results, Order | None]:
    """The results of a query as `api.rewriting` plans it, and how to sort them; of the query itself in any doubt."""
    planned = plan(query)
    if planned.query != query:
        try:
            return ask(planned.query), planned.order
        except (SyntaxError, RuntimeError, ValueError):  # the original says what is wrong, in its own places
            pass
    return ask(query), None


def _offered(suffix: str | None, kind: str) -> str:
    if suffix is None:
        raise FormatMissing(kind)
    return suffix


def _write_graph(triples: Iterable[Triple], result: Result, suffix: str) -> None:
    prefixes = None if suffix in {"nt", "nq"} else PREFIXES
    serialize(triples, cast("IO[bytes]", result), GRAPHS[suffix], prefixes=prefixes)


def _write_results(results: QuerySolutions | QueryBoolean, result: Result, suffix: str) -> None:
    results.serialize(cast("IO[bytes]", result), RESULTS[suffix])


def guarded(work: Callable[[], None], channel: Channel) -> None:
    """Do the work and turn what it raises into a failure frame."""
    try:
        work()
    except FormatMissing as e:
        channel.fail("format", str(e))
    except SyntaxError as e:
        channel.fail("syntax", str(e))
    except MemoryError:
        channel.fail("memory", "")
    except ValueError as e:
        channel.fail("graph", str(e))
    except (RuntimeError, OSError) as e:
        kind = "service" if "ermission denied" in str(e) else "engine"
        channel.fail(kind, str(e))


def main(arguments: list[str]) -> NoReturn:
    """Serve jobs until the front hangs up."""
    descriptor, path, base, space, confined = arguments
    sandbox.die_with_parent()
    sandbox.limit(int(space))
    if confined == "1":
        sandbox.confine()
    channel = Channel(int(descriptor))
    try:
        store = Store.read_only(path)
    except (OSError, ValueError) as e:
        channel.fail("store", str(e))
        sys.exit(1)
    while (job := channel.receive()) is not None:
        current = job
        guarded(lambda: answer(store, base, current, channel), channel)  # noqa: B023  called at once
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
