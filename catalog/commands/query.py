"""`garonne query`: one SPARQL query on the current release, from the command line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples

from catalog.commands.support import current_view, settings_of, write_result
from catalog.errors import QueryFailed, QueryInvalid, UsageError, unknown_choice
from catalog.exactness import restore
from catalog.formats import format_named, write
from catalog.store import open_read_only

RESULTS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS = ("ttl", "nt", "jsonld", "rdf")


@click.command()
@click.argument("text", required=False, metavar="QUERY")
@click.option("-f", "--file", "file", type=click.Path(path_type=Path), help="Read the query from a file; - for stdin.")
@click.option("--format", "name", default="", help=f"{', '.join(RESULTS)} for tables, {', '.join(GRAPHS)} for graphs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.pass_context
def query(ctx: click.Context, text: str | None, file: Path | None, name: str, output: Path | None) -> None:
    """Ask the current release a SPARQL 1.1 QUERY. Tables come as CSV, graphs as Turtle unless --format says otherwise."""
    asked = _text(text, file)
    release, _ = current_view(settings_of(ctx))
    write_result(answer(release.store, asked, name), output)


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise UsageError("give a query, or -f FILE.", hint="For example: garonne query 'SELECT * { ?s ?p ?o } LIMIT 5'")
    if text is not None:
        return text
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return Path(str(file)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"the query cannot be read ({getattr(e, 'strerror', None) or e}).", what=str(file)) from e


def answer(store: Path, text: str, name: str) -> bytes:
    """The serialised result of a query on a snapshot; raises `QueryInvalid`, `QueryFailed` or `UsageError`."""
    if name and name not in (*RESULTS, *GRAPHS):
        raise unknown_choice("format", name, [*RESULTS, *GRAPHS])
    if re.search(r"\bSERVICE\b", _without_quoted(text), re.IGNORECASE):
        raise QueryInvalid("SERVICE is not offered: no query leaves this machine.")
    try:
        result = open_read_only(store).query(text)
        if isinstance(result, QueryTriples):
            if name in RESULTS:
                raise UsageError(
                    f"this query gives a graph; {name} is for tables.", hint=f"Offered: {', '.join(GRAPHS)}."
                )
            return write([restore(t) for t in result], format_named(name or "ttl"))
        if name in GRAPHS:
            raise UsageError(f"this query gives a table; {name} is for graphs.", hint=f"Offered: {', '.join(RESULTS)}.")
        kind = RESULTS[name or ("json" if isinstance(result, QueryBoolean) else "csv")]
        if isinstance(result, QueryBoolean) and kind in (QueryResultsFormat.CSV, QueryResultsFormat.TSV):
            return f"{str(bool(result)).lower()}\n".encode()
        return result.serialize(format=kind) or b""
    except SyntaxError as e:
        raise invalid(str(e)) from e
    except (RuntimeError, ValueError) as e:
        raise QueryFailed(f"the query stopped: {e}.") from e


def invalid(message: str) -> QueryInvalid:
    """The error for a query that does not parse, from the engine's message, with its position."""
    at = re.search(r"error at (\d+):(\d+)", message)
    if at is None:
        return QueryInvalid("the query does not parse.", hint=message[:200])
    line, column = int(at[1]), int(at[2])
    return QueryInvalid(
        f"the query does not parse at line {line}, column {column}.",
        line=line,
        column=column,
        hint="Check the keyword, bracket or prefix just before that place.",
    )


def _without_quoted(text: str) -> str:
    """The query without comments, literals and IRIs, in which keywords can be looked for."""
    quoted = r'"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>"{}|^`\\\s]*>|#[^\n]*'
    return re.sub(quoted, " ", text, flags=re.DOTALL)
