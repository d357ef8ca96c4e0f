"""The beginning of a result as people read it: rows of terms, from the tab-separated format of SPARQL 1.1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from vocab.namespaces import XSD, compact

_PLAIN = frozenset({XSD.string.value, "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"})
_LINE = re.compile(rb"[^\n]*\n")


@dataclass(frozen=True, slots=True)
class Cell:
    """One term: what to show, the address to link to (empty for none), and language and datatype of a literal."""

    text: str
    iri: str = ""
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that are shown; `whole` says that there are no others."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    whole: bool


def read(data: bytes, limit: int, *, whole: bool) -> Table:
    """At most `limit` rows of a tab-separated result of which `data` is the beginning, or all of it."""
    lines = [found[0] for found in _LINE.finditer(data)]
    if whole and data and not data.endswith(b"\n"):
        lines.append(data[data.rfind(b"\n") + 1 :] + b"\n")
    shown = lines[: limit + 1]
    if not shown:
        return Table((), (), whole)
    results = parse_query_results(b"".join(shown), format=QueryResultsFormat.TSV)
    assert isinstance(results, QuerySolutions)  # noqa: S101  the caller asks for tables only
    variables = tuple(v.value for v in results.variables)
    rows = tuple(tuple(_cell(row[name]) for name in variables) for row in results)
    return Table(variables, rows, whole and len(lines) <= limit + 1)


def _cell(term: object) -> Cell | None:
    if isinstance(term, NamedNode):
        return Cell(compact(term.value), term.value)
    if isinstance(term, BlankNode):
        return Cell(str(term))
    if isinstance(term, Literal):
        datatype = "" if term.datatype.value in _PLAIN else compact(term.datatype.value)
        return Cell(term.value, language=term.language or "", datatype=datatype)
    return None if term is None else Cell(str(term))
