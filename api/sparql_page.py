"""`/sparql` for browsers: a form, examples, limits, the result of a query or its error. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from api.answers import Answers
from api.exchange import Pieces
from api.problems import Problem, problem_of
from api.process import Job
from api.protocol import Request
from api.queries import NamedQuery
from api.rendering import Renderer
from api.standing import Run, Standing
from api.table import Table, read
from catalog import advice
from catalog.releases import Release
from catalog.settings import Settings
from vocab.errors import GaronneError
from vocab.text import Text

ROWS = 500
"""Rows that the page shows; the downloads have all."""
BYTES = 1 << 20
"""Bytes of a result that are read for the page."""
FORMATS = {
    "select": ("csv", "tsv", "json", "xml"),
    "ask": ("json", "xml"),
    "graph": ("turtle", "ntriples", "jsonld", "rdf", "trig"),
}


@dataclass(frozen=True)
class Shown:
    """What the page shows of a result: a table, a boolean or text; `whole` says that it is all."""

    form: str
    table: Table | None = None
    boolean: bool | None = None
    text: str = ""
    whole: bool = True


class SparqlPage:
    """Makes the page."""

    def __init__(self, settings: Settings, answers: Answers, standing: Standing, renderer: Renderer) -> None:
        self.settings = settings
        self.answers = answers
        self.standing = standing
        self.renderer = renderer

    def empty(self, lang: str, release: Release | None) -> Response:
        """The page before a query."""
        return self._response(lang, 200, release=release, query=self._first())

    async def result(self, request: Request, job: Job, release: Release, lang: str) -> Response:
        """The page with the beginning of a result, or with what went wrong. Raises nothing of the tree."""
        query, base = request.query or "", self.settings.catalog.base
        statistics = self.standing.statistics(release)
        graphs = bool(request.default_graphs or request.named_graphs)
        try:
            async with self.answers.evaluate(job, release) as answer:
                shown = _shown(answer.form, *(await _beginning(answer)))
        except GaronneError as e:
            slow = advice.slow(query, base, statistics) if e.status in {504, 507} else []
            return self.failed(e, request, release, lang, slow)
        notices = advice.notices(query, base, statistics, graphs=graphs) if statistics is not None else []
        return self._response(
            lang,
            200,
            release=release,
            query=query,
            shown=shown,
            notices=notices,
            downloads=self._downloads(request, shown.form),
            share=self._address(request),
        )

    def failed(
        self, error: GaronneError, request: Request, release: Release | None, lang: str, slow: list[Text] | None = None
    ) -> Response:
        """The page with an error, at its line where it has one."""
        problem = problem_of(error, "/sparql")
        place = _place(request.query or "", problem)
        shown = {"query": request.query or "", "problem": problem, "place": place, "slow": slow or []}
        response = self._response(lang, problem.status, release=release, **shown)
        response.headers.update(problem.headers)
        return response

    def _first(self) -> str:
        return next((query.text for query in self.standing.queries.values()), "SELECT * WHERE { ?s ?p ?o } LIMIT 10")

    def _downloads(self, request: Request, form: str) -> list[tuple[str, str]]:
        return [(name, self._address(request, format=name)) for name in FORMATS[form]]

    def _address(self, request: Request, **more: str) -> str:
        """The address of this query, as a link that can be shared."""
        given = [("query", request.query or "")]
        given += [("default-graph-uri", graph) for graph in request.default_graphs]
        given += [("named-graph-uri", graph) for graph in request.named_graphs]
        given += [("release", request.release)] if request.release else []
        return f"{self.renderer.here('sparql')}?{urlencode([*given, *more.items()])}"

    def _response(self, lang: str, status: int, *, release: Release | None, **context: Any) -> Response:
        given: dict[str, Any] = {
            "shown": None,
            "notices": [],
            "downloads": [],
            "share": "",
            "problem": None,
            "place": None,
            "slow": [],
        }
        kept: Mapping[str, str] = {"query": context["query"]} if context.get("shown") or context.get("problem") else {}
        body = self.renderer.page(
            "sparql.html",
            lang,
            kept=kept,
            settings=self.settings,
            release=release,
            groups=self._examples(release, lang),
            rows=ROWS,
            **{**given, **context},
        )
        headers = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache", "Content-Language": lang}
        if release is not None:
            headers["Garonne-Release"] = str(release.number)
        return Response(body, status, headers=headers, media_type="text/html; charset=utf-8")

    def _examples(self, release: Release | None, lang: str) -> list[tuple[str, list[tuple[NamedQuery, Run | None]]]]:
        """The named queries by group of users, with how they went on the release."""
        runs = self.standing.runs(release) if release is not None else {}
        found: dict[str, list[tuple[NamedQuery, Run | None]]] = {}
        for name, query in self.standing.queries.items():
            found.setdefault(query.group, []).append((query, runs.get(name)))
        return [(self.standing.groups[group].of(lang), queries) for group, queries in found.items()]


async def _beginning(answer: Pieces) -> tuple[bytes, bool]:
    """The first bytes of a result, and whether they are all."""
    data, last = b"", False
    while not last and len(data) < BYTES:
        piece, last = await answer.piece()
        data += piece
    return data, last


def _shown(form: str, data: bytes, whole: bool) -> Shown:
    if form == "ask":
        return Shown(form, boolean=data.strip() == b"true")
    if form == "select":
        table = read(data, ROWS, whole=whole)
        return Shown(form, table=table, whole=table.whole)
    text = data[:BYTES].decode(errors="ignore")
    lines = text.split("\n")
    return Shown(form, text="\n".join(lines[: 4 * ROWS]), whole=whole and len(lines) <= 4 * ROWS)


def _place(query: str, problem: Problem) -> tuple[int, str, str] | None:
    """The line of an error: its number, what stands before the place, and what stands from it on."""
    line, column = problem.more.get("line", 0), problem.more.get("column", 0)
    lines = query.split("\n")
    if not 0 < line <= len(lines):
        return None
    return line, lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
