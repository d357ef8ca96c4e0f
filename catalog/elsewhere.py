"""A release that is asked on another engine: the same questions and answers as here (`catalog.engine.Engine`).

What is no SPARQL is refused here, with the place, before anything is sent. The merged graph of the release is the
default graph: named as such in the request, and, where the query asks named graphs, around its whole pattern instead,
because naming a default graph leaves no others (SPARQL 1.1, 13.2). An answer that the engine cut is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from catalog.access import Access, boolean
from catalog.dataset import Dataset, clauses
from catalog.engine import WHOLE, Found
from catalog.errors import QueryFailed
from catalog.replica import Place, place_of
from catalog.scanner import QUERY_FORMS, Token, tokens
from catalog.settings import Settings
from catalog.statistics import Statistics

if TYPE_CHECKING:
    from catalog.remote import Answer, Remote

JSON = "application/sparql-results+json"


class Cut(QueryFailed):
    """The engine gives at most `rows` rows, and this query has more."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"the engine gives at most {rows} rows, and this query has more.",
            hint="Add a LIMIT, download the catalogue, or have the operator raise the engine's limit.",
        )
        self.rows = rows


@dataclass(frozen=True)
class Elsewhere:
    """One release on its engine."""

    remote: Remote
    place: Place
    base: str = ""

    @classmethod
    def decoded(cls, told: str, base: str, *, seconds: float | None = None) -> Elsewhere:
        """From what `elsewhere` told. `seconds` without an answer end a question, 0 never; the settings say it else."""
        from catalog.remote import Remote  # requests is slow to import, and the embedded engine needs none of it

        access, where, limit = json.loads(told)
        limit = limit if seconds is None else seconds
        place = Place(**where)
        heeds = limit if place.server.startswith("Virtuoso") else 0
        return cls(Remote(Access(**access), patience=limit and limit + 5, limit=heeds), place, base)

    def ask(self, query: str, asked: Dataset = WHOLE, known: Statistics | None = None) -> Found:
        """The results of a query, as `Engine.ask` gives them; also raises `Cut`, `Late` and `StoreError`."""
        form = Store().query(
            query, base_iri=self.base or None
        )  # no SPARQL, or an unknown function: told with the place
        parts = Parts.of(query)
        text, default, named = self._text(query, parts, asked)
        if isinstance(form, QueryTriples):
            return Found(self._graph(text, parts, default, named))
        held = ExitStack()
        answer = held.enter_context(self.remote.query(text, JSON, default=default, named=named))
        if isinstance(form, QueryBoolean):
            with held:
                return Found(_truth(answer))
        if parts.limit is None or parts.limit > (answer.cut or self.place.rows):
            if answer.cut:
                held.close()
                raise Cut(answer.cut)
            if self.place.rows and not self.place.told:
                self._counted(parts, "", default, named)
        found = parse_query_results(answer.file(held), QueryResultsFormat.JSON)
        if not isinstance(found, QuerySolutions):
            raise RuntimeError("the engine gave no table")  # noqa: TRY004  as engines fail
        return Found(found)

    def _text(self, query: str, parts: Parts, asked: Dataset) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The query as it is sent, and the data set that is named beside it."""
        start = f"BASE <{self.base}> " if self.base else ""
        if asked:
            return start + query, asked.default, asked.named
        if clauses(query, self.base):
            return start + query, (), ()
        if not parts.graphs or not parts.where:
            return start + query, (self.place.merged,), ()
        return start + parts.within(self.place.merged), (), ()

    def _graph(self, text: str, parts: Parts, default: tuple[str, ...], named: tuple[str, ...]) -> Iterator[Triple]:
        """The statements of a CONSTRUCT or DESCRIBE, asked for when the first is wanted."""
        if self.place.rows and parts.where and (parts.limit is None or parts.limit > self.place.rows):
            wrapped = self.place.merged if not default and not clauses(text, self.base) else ""
            self._counted(parts, wrapped, default, named)
        count = 0
        with self.remote.query(text, "application/n-triples", default=default, named=named) as answer:
            for quad in parse(answer.file(), RdfFormat.N_TRIPLES, lenient=True):
                count += 1
                yield quad.triple
        if not parts.where and self.place.rows and count >= self.place.rows:
            raise Cut(self.place.rows)

    def _counted(self, parts: Parts, wrapped: str, default: tuple[str, ...], named: tuple[str, ...]) -> None:
        """Raises `Cut` where the query has more solutions than the engine gives."""
        where = f"{{ GRAPH <{wrapped}> {parts.where} }}" if wrapped else parts.where
        inner = f"SELECT {'*' if parts.form != 'SELECT' else parts.head} {where} {parts.tail}"
        text = f"BASE <{self.base}> {parts.prologue} SELECT (COUNT(*) AS ?n) {parts.dataset} {{ {{ {inner} }} }}"
        with self.remote.query(text, JSON, default=default, named=named) as answer:
            rows = json.loads(answer.read())["results"]["bindings"]
        if int(next(iter(rows[0].values()))["value"]) > self.place.rows:
            raise Cut(self.place.rows)


def _truth(answer: Answer) -> QueryBoolean:
    truth = boolean(json.loads(answer.read()))
    if truth is None:
        raise RuntimeError("the engine gave no truth value")
    found = parse_query_results(json.dumps({"head": {}, "boolean": truth}).encode(), QueryResultsFormat.JSON)
    assert isinstance(found, QueryBoolean)  # noqa: S101  by what was just written
    return found


@dataclass(frozen=True, slots=True)
class Parts:
    """A query, cut where its grammar does (SPARQL 1.1, 19.8): `where` with its braces, empty where there is none."""

    prologue: str
    form: str
    head: str
    dataset: str
    where: str
    tail: str
    limit: int | None
    graphs: bool
    """Whether the pattern asks named graphs."""
    before: str
    """All before `where`."""

    @classmethod
    def of(cls, query: str) -> Parts:
        """The parts of a query that is known to be one."""
        found = list(tokens(query))
        at = next(i for i, t in enumerate(found) if t.word in QUERY_FORMS)
        form, depth, start, end, dataset = found[at], 0, -1, -1, -1
        template = form.word == "CONSTRUCT" and at + 1 < len(found) and found[at + 1].text == "{"
        opened = -1
        for i in range(at + 1, len(found)):
            token = found[i]
            if depth == 0 and token.word == "FROM" and dataset < 0:
                dataset = token.start
            if token.text == "{":
                if depth == 0:
                    opened = i
                depth += 1
            elif token.text == "}":
                depth -= 1
                if depth == 0 and template:
                    template, opened = False, -1
                elif depth == 0:
                    start, end = opened, i
                    break
        if start < 0:
            rest = query[form.end :]
            return cls(query[: form.start], form.word, rest, "", "", "", None, graphs=False, before=query)
        first = found[start].start
        head_end = dataset if dataset >= 0 else _without_where(found, start)
        return cls(
            query[: form.start],
            form.word,
            query[form.end : head_end],
            query[dataset : _without_where(found, start)] if dataset >= 0 else "",
            query[first : found[end].end],
            query[found[end].end :],
            _limit(found[end + 1 :]),
            any(t.word == "GRAPH" for t in found[start:end]),
            query[:first],
        )

    def within(self, graph: str) -> str:
        """The query with its pattern put to this graph; a GRAPH in it still names another."""
        return f"{self.before}{{ GRAPH <{graph}> {self.where} }}{self.tail}"


def _without_where(found: list[Token], start: int) -> int:
    before = found[start - 1]
    return before.start if before.word == "WHERE" else found[start].start


def _limit(found: list[Token]) -> int | None:
    """The number behind LIMIT; those that follow the pattern are of the whole query."""
    for one, two in pairwise(found):
        if one.word == "LIMIT" and two.kind == "number":
            return int(float(two.text))
    return None


def elsewhere(settings: Settings, store: Path) -> str:
    """What `Elsewhere.decoded` needs to ask the release whose snapshot is at `store`; empty where it is asked here.

    It holds the secret: it goes from process to process and to no disk.
    """
    place = place_of(settings, store)
    if place is None:
        return ""
    return json.dumps([vars(Access.of(settings.store)), vars(place), settings.query.timeout])
