"""A query worker: one process that evaluates one SPARQL query at a time on one release, and streams the result.

Forked by `api.zygote`, which calls `main` with descriptor, store, base, bytes of address space, 1 for confined and 1
for rewriting. It is expected to die: a query may end it by a panic of the engine, by its memory, or by the front's
kill. Results are consumed on the thread that made them; on another the engine aborts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NoReturn, cast

import orjson
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from api.frames import FAILURE, HEADER, Told, frame
from api.output import Output
from catalog import access, sandbox
from catalog.dataset import Dataset
from catalog.elsewhere import Cut, Elsewhere
from catalog.engine import Engine
from catalog.errors import StoreError
from catalog.exactness import restore
from catalog.scanner import scan
from catalog.statistics import Statistics, kept
from vocab.namespaces import PREFIXES

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


LOOK = 1.0
"""Seconds between two looks for statistics that are not there yet."""


class Channel:
    """The worker's end of the socket."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._read = bytearray()

    def receive(self) -> Told | None:
        """The next job; None when the front has hung up."""
        given = self.frame()
        return None if given is None else Told(*orjson.loads(given[1]))

    def frame(self) -> tuple[bytes, bytes] | None:
        """The next frame, kind and payload; None when the front has hung up."""
        if not self._filled(HEADER.size):
            return None
        kind, size = HEADER.unpack_from(self._read)
        if not self._filled(HEADER.size + size):
            return None
        body = bytes(self._read[HEADER.size : HEADER.size + size])
        del self._read[: HEADER.size + size]
        return kind, body

    def _filled(self, size: int) -> bool:
        """Read until so many bytes are there; False when the front has hung up before."""
        while len(self._read) < size:
            part = os.read(self.descriptor, max(64 << 10, min(size - len(self._read), 1 << 20)))
            if not part:
                return False
            self._read += part
        return True

    def send(self, frames: bytes) -> None:
        """Send whole frames; waits while the front does not take them, which bounds the memory of both."""
        left = memoryview(frames)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def fail(self, kind: str, message: str) -> None:
        """Say that the job failed, and how."""
        self.send(frame(FAILURE, orjson.dumps({"kind": kind, "message": message})))


class FormatMissing(Exception):
    """The client accepts no format that this form of query has."""


class Refused(Exception):
    """The query has a word that is refused; of which kind."""


class Known:
    """The statistics of the release whose snapshot is at `store`, once somebody has made them."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._found: Statistics | None = None
        self._looked = -LOOK

    def __call__(self) -> Statistics | None:
        """They, or None; it is looked for them once a second."""
        now = time.monotonic()
        if self._found is None and now - self._looked >= LOOK:
            self._looked = now
            self._found = kept(self.store)
        return self._found


def answer(
    engine: Engine | Elsewhere, job: Told, channel: Channel, statistics: Callable[[], Statistics | None]
) -> None:
    """Evaluate one job and send its result. Raises what the engine raises."""
    if job.unseen:
        _seen(job.query)
    asked = Dataset(tuple(job.default_graphs), tuple(job.named_graphs))
    found = engine.ask(job.query, asked, statistics())
    if (graph := found.graph) is not None:
        suffix = _offered(job.graph, "graph")
        result = Output(channel.send, {"form": "graph", "format": suffix}, job.encoding)
        _write_graph(_counted(graph, result), result, suffix)
    else:
        suffix = _offered(job.results, "results")
        form = "ask" if isinstance(found.results, QueryBoolean) else "select"
        result = Output(channel.send, {"form": form, "format": suffix}, job.encoding, job.link)
        found.table(cast("IO[bytes]", result), RESULTS[suffix])
    result.finish()


def _seen(query: str) -> None:
    found = scan(query)
    if found.update or found.service:
        raise Refused("update" if found.update else "service")


def _offered(suffix: str | None, kind: str) -> str:
    if suffix is None:
        raise FormatMissing(kind)
    return suffix


def _counted(triples: Iterable[Triple], result: Output) -> Iterator[Triple]:
    for triple in triples:
        result.rows += 1
        yield restore(triple)


def _write_graph(triples: Iterable[Triple], result: Output, suffix: str) -> None:
    prefixes = None if suffix in {"nt", "nq"} else PREFIXES
    serialize(triples, cast("IO[bytes]", result), GRAPHS[suffix], prefixes=prefixes)


def guarded(work: Callable[[], None], channel: Channel) -> None:
    """Do the work and turn what it raises into a failure frame."""
    try:
        work()
    except Cut as e:
        channel.fail("cut", str(e.rows))
    except access.Late as e:
        channel.fail("late", e.message)
    except access.Refused as e:
        channel.fail("engine", e.message)
    except StoreError as e:
        channel.fail("away", e.message)
    except FormatMissing as e:
        channel.fail("format", str(e))
    except Refused as e:
        channel.fail(str(e), "")
    except SyntaxError as e:
        channel.fail("syntax", str(e))
    except MemoryError:
        channel.fail("memory", "")
    except ValueError as e:
        channel.fail("graph", str(e))
    except (RuntimeError, OSError) as e:
        damaged = str(e).startswith(("Corruption", "IO error", "While "))  # the words of the engine's own store
        kind = "service" if "ermission denied" in str(e) else "store" if damaged else "engine"
        channel.fail(kind, str(e))


def main(arguments: list[str]) -> NoReturn:
    """Serve jobs until the front hangs up."""
    descriptor, path, base, space, confined, rewriting, elsewhere = arguments
    sandbox.die_with_parent()
    sandbox.limit(int(space))
    if elsewhere:  # the engine is a server of its operator: what is asked leaves this machine, to there alone
        _serve(Channel(int(descriptor)), Elsewhere.decoded(elsewhere, base), lambda: None)
    if confined == "1":
        sandbox.confine()
    channel = Channel(int(descriptor))
    try:
        store = Store.read_only(path)
    except (OSError, ValueError, RuntimeError) as e:
        channel.fail("store", str(e))
        sys.exit(1)
    _serve(channel, Engine(store, base, rewriting == "1"), Known(Path(path)))


def _serve(channel: Channel, engine: Engine | Elsewhere, known: Callable[[], Statistics | None]) -> NoReturn:
    while (job := channel.receive()) is not None:
        current = job
        guarded(lambda: answer(engine, current, channel, known), channel)  # noqa: B023  called at once
    sys.exit(0)
