"""`garonne query`: one SPARQL query on the current release, from the command line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import click
from pyoxigraph import QueryBoolean, QueryResultsFormat, Triple

from catalog import advice, child, endpoint
from catalog.child import Limits
from catalog.commands.support import current_release, language, result_to, say, settings_of
from catalog.elsewhere import Elsewhere, elsewhere
from catalog.engine import Engine, Found
from catalog.errors import GaronneError, QueryFailed, QueryInvalid, QueryMemory, UsageError, unknown_choice
from catalog.exactness import restore
from catalog.formats import format_named, write
from catalog.releases import Releases
from catalog.scanner import scan
from catalog.settings import Settings
from catalog.statistics import Statistics, kept
from catalog.store import open_read_only
from catalog.syntax import explained, function_missing
from vocab.text import Text

RESULTS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS = ("ttl", "nt", "jsonld", "rdf")
COUNTING = Limits(5.0, 1024)
"""What may be used to find out more of a query than its answer."""


@click.command()
@click.argument("text", required=False, metavar="QUERY")
@click.option("-f", "--file", "file", type=click.Path(path_type=Path), help="Read the query from a file; - for stdin.")
@click.option("--format", "name", default="", help=f"{', '.join(RESULTS)} for tables, {', '.join(GRAPHS)} for graphs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.option("--timeout", type=float, metavar="SECONDS", help="Time limit, instead of [query] timeout; 0 for none.")
@click.option("--release", type=int, metavar="N", help="Ask release N, where it is kept, instead of the current one.")
@click.option("--url", metavar="ADDRESS", help="Ask the SPARQL endpoint at this address instead of the local release.")
@click.pass_context
def query(
    ctx: click.Context,
    text: str | None,
    file: Path | None,
    name: str,
    output: Path | None,
    timeout: float | None,
    release: int | None,
    url: str | None,
) -> None:
    """Ask the current release a SPARQL 1.1 QUERY. Tables come as CSV, graphs as Turtle unless --format says otherwise.

    The query runs in a process of its own without network, within [query] timeout and memory; where [store] engine is
    `sparql`, that engine answers, and no answer for [query] timeout seconds ends it. With --url it is put to
    an endpoint elsewhere, in the same formats and with the same errors; --timeout is then how long to wait for it.
    """
    if url:
        asked = _checked(_text(text, file), name, local=False)
        with result_to(output) as out:
            endpoint.ask(_at(url, release), asked, name, _seconds(timeout), out)
        return
    asked = _checked(_text(text, file), name)
    settings = settings_of(ctx)
    limits = _limits(settings, timeout)
    store = (Releases(settings.store.path).get(release) if release else current_release(settings)).store
    base, rewriting = settings.catalog.base, settings.query.rewriting
    told = elsewhere(settings, store)
    with result_to(output) as out:
        if told:  # another process answers, so none is needed here
            put(Elsewhere.decoded(told, base, seconds=limits.seconds), asked, name, out)
            return
        child.run(lambda pipe: evaluate(store, asked, name, pipe, base=base, rewriting=rewriting), limits, out)
    for notice in _notices(store, asked, base):
        say(f"garonne: {notice.of(language(os.environ))}")


def _notices(store: Path, text: str, base: str) -> list[Text]:
    """What to know of the answer; where the release keeps no statistics they are made, if that takes little."""
    found = kept(store)
    if (found is None or found.named is None) and advice.read(text, base) is not None:
        made = io.BytesIO()
        with suppress(GaronneError):
            child.run(lambda pipe: _count(store, text, base, pipe), COUNTING, made)
            found = Statistics.decoded(made.getvalue().decode()) if made.getvalue() else None
    return advice.notices(text, base, found) if found is not None else []


def _count(store: Path, text: str, base: str, out: BinaryIO) -> None:
    """The statistics of a store, unless nothing in the query could call for a notice."""
    opened = open_read_only(store)
    if advice.doubtful(text, base, opened):
        out.write(Statistics.in_store(opened, base).encoded().encode())


def _at(url: str, release: int | None) -> str:
    """The address of an endpoint, for one of its releases."""
    if release is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}release={release}"


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise UsageError("give a query, or -f FILE.", hint="For example: garonne query 'SELECT * { ?s ?p ?o } LIMIT 5'")
    if file is None:
        return _decoded((text or "").encode(errors="surrogateescape"), "")
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as e:
        raise UsageError(f"the query cannot be read: {e.strerror or e}.", what=str(file)) from e
    return _decoded(data, str(file))


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise UsageError(f"the query is not UTF-8 (byte {e.start + 1}).", what=what, hint="Save it as UTF-8.") from e


def _checked(text: str, name: str, *, local: bool = True) -> str:
    """The query, if it may be asked and the format exists; raises `QueryInvalid` or `UsageError`.

    SERVICE is refused for a `local` one; elsewhere it is for the endpoint to say.
    """
    if name and name not in (*RESULTS, *GRAPHS):
        raise unknown_choice("format", name, [*RESULTS, *GRAPHS])
    seen = scan(text)
    if seen.update:
        raise QueryInvalid(
            f"this is an update ({seen.form}); `garonne query` changes nothing.",
            hint="Queries are SELECT, ASK, CONSTRUCT and DESCRIBE. The catalogue changes by `garonne harvest run`.",
        )
    if seen.service and local:
        raise _service_refused()
    return text


def _service_refused() -> QueryInvalid:
    return QueryInvalid(
        "SERVICE is not evaluated here: no query leaves this machine.",
        hint="Query the other endpoint with your own tool and join the results there.",
    )


def _limits(settings: Settings, timeout: float | None) -> Limits:
    return Limits(_seconds(settings.query.timeout if timeout is None else timeout), settings.query.memory)


def _seconds(given: float | None) -> float:
    seconds = 0.0 if given is None else given
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"--timeout must be a number of seconds from 0 on; it is {seconds:g}.", hint="0 is no limit.")
    return seconds


def answer(store: Path, text: str, name: str) -> bytes:
    """The serialised result of a query on a snapshot, evaluated in this process; raises as `evaluate` does."""
    out = io.BytesIO()
    evaluate(store, _checked(text, name), name, out)
    return out.getvalue()


def evaluate(store: Path, text: str, name: str, out: BinaryIO, *, base: str = "", rewriting: bool = True) -> None:
    """Evaluate a query on a snapshot and write its result in the format `name`, the usual one when empty.

    Relative IRIs are resolved against `base`. Raises `QueryInvalid`, `QueryFailed`, `QueryMemory`, `StoreDamaged`, or
    `UsageError` for a format of the other kind. A query may also end the process.
    """
    put(Engine(open_read_only(store), base, rewriting), text, name, out)


def put(engine: Engine | Elsewhere, text: str, name: str, out: BinaryIO) -> None:
    """As `evaluate`, on this engine."""
    try:
        found = engine.ask(text)
        if (graph := found.graph) is not None:
            _write_graph(graph, name, out)
        else:
            _write_table(found, name, out)
    except (SyntaxError, RuntimeError, ValueError, MemoryError, OSError) as e:
        raise failure(e, text) from e


def _write_graph(result: Iterable[Triple], name: str, out: BinaryIO) -> None:
    if name in RESULTS:
        raise UsageError(f"this query gives a graph; {name} is for tables.", hint=f"Offered: {', '.join(GRAPHS)}.")
    out.write(write([restore(triple) for triple in result], format_named(name or "ttl")))


def _write_table(found: Found, name: str, out: BinaryIO) -> None:
    if name in GRAPHS:
        raise UsageError(f"this query gives a table; {name} is for graphs.", hint=f"Offered: {', '.join(RESULTS)}.")
    result = found.results
    kind = RESULTS[name or ("json" if isinstance(result, QueryBoolean) else "csv")]
    if isinstance(result, QueryBoolean) and kind in (QueryResultsFormat.CSV, QueryResultsFormat.TSV):
        out.write(f"{str(bool(result)).lower()}\n".encode())
    else:
        found.table(out, kind)


def failure(error: Exception, text: str) -> GaronneError:
    """The error to show for what the engine raised on this query."""
    message = str(error)
    if isinstance(error, SyntaxError):
        found = explained(message, text)
        return QueryInvalid(found.text.en, line=found.line, column=found.column, hint=found.advice.en)
    if isinstance(error, MemoryError):
        return QueryMemory("the query needed more memory than it may use.", hint="[query] memory is the limit.")
    if function := function_missing(message):
        return QueryInvalid(function.text.en, hint=function.advice.en)
    if "ermission denied" in message:  # the sandbox stopped a call that the scanner had not seen
        return _service_refused()
    return QueryFailed("the engine could not evaluate this query.", hint=f"It says: {message[:200]}")
