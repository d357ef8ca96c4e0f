"""`/run/{n}`: one harvest, and below it each source in it, as the bookkeeping knows them today.

A release's own `graph/runs` was written before its run ended; here the run has its end and its outcome.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.asked import Answers
from api.errors import Missing, Withdrawn
from api.linked import decided
from api.links import alternates, link
from api.naming import split
from catalog.formats import write
from catalog.identifiers import Minter
from catalog.runs import activity
from vocab.text import Text


class Runs:
    """The addresses of harvests."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.archive = answers.published.archive
        self.base = answers.published.settings.catalog.base

    def run(self, request: Request) -> Response:
        """One run in the format asked for; 404 with the latest number for one that never was, 410 for an old one."""
        path = str(request.path_params["rest"])
        asked = self.answers.asked(request)
        run, name, suffix = self._found(path)
        fmt, vary = decided(request, suffix)
        iri = Minter(self.base).run(int(run["n"])) + name[len(str(run["n"])) :]
        relation = "alternate" if suffix else "alternate describedby"
        others = alternates(self.base, f"run/{name}", "", relation)
        asked = asked.as_(fmt.suffix if fmt else "", vary)
        asked = asked.with_links(", ".join([link(iri, "describes" if suffix else "cite-as"), *others]))
        sources = (run["summary"] or {}).get("sources", [])
        if fmt is None:
            return self.answers.show(asked, "run.html", run=run, sources=sources, path=f"run/{name}", iri=iri)
        found = activity(self.base, run["n"], run["started"], run["ended"], run["status"], sources)
        return self.answers.send(asked, write(found, fmt), fmt.content_type)

    def _found(self, path: str) -> tuple[dict[str, Any], str, str]:
        """The run that an address names, its name, and the suffix taken off."""
        for name, suffix in dict.fromkeys(((path, ""), split(path))):
            run = self._find(name)
            if run is not None:
                return run, name, suffix
        raise self._missing(path, split(path)[0])

    def _find(self, name: str) -> dict[str, Any] | None:
        """The run of this name, or the one that a source of this name is part of."""
        number, (_, slash, source) = _number(name), name.partition("/")
        run = self.archive.run(number) if number else None
        if run is None or not slash:
            return run
        return run if any(s["id"] == source for s in (run["summary"] or {}).get("sources", ())) else None

    def _missing(self, path: str, name: str) -> Missing | Withdrawn:
        latest = self.archive.runs(1)
        number = _number(name)
        if latest and 0 < number < latest[0]["n"] and self.archive.run(number) is None:
            return Withdrawn(
                Text(
                    f"Le moissonnage {number} est trop ancien\u00a0: on n’en garde plus le compte rendu.",
                    f"Harvest {number} is too long ago: what it did is not kept any more.",
                ),
                Text(f"Le dernier\u00a0: {latest[0]['n']}.", f"The latest: {latest[0]['n']}."),
            )
        error = Missing(
            Text(f"Il n’y a pas de moissonnage «\u00a0{path}\u00a0».", f"There is no harvest `{path}`."),
            Text(f"Le dernier : {latest[0]['n']}.", f"The latest: {latest[0]['n']}.")
            if latest
            else Text("Aucun moissonnage n’est enregistré.", "No harvest is recorded."),
        )
        error.nearest = [self.answers.renderer.here(f"run/{latest[0]['n']}")] if latest else []
        return error


def _number(name: str) -> int:
    """The number that a name begins with; 0 where it is none of a run."""
    first = name.partition("/")[0]
    usual = first.isascii() and first.isdigit() and not first.startswith("0") and len(first) < 10
    return int(first) if usual else 0
