"""Pages for people: the front page, the datasets, one dataset, one publisher, the state of the service."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from api import schema_org
from api.asked import Answers, Asked
from api.doors import offered_dumps, open_doors
from api.errors import BadRequest, Missing
from api.facts import dataset_facts, distribution_rows
from api.findings import finding_rows
from api.naming import PAGE, Thing
from api.reading import Reading
from catalog import schedule, takes
from catalog.assembly import document
from catalog.model import Description, Kind, Text
from catalog.settings import Settings
from vocab.namespaces import DCAT, DCT, FOAF, ORG, SKOS

LIST = 50
"""Datasets on a page of the list."""


class Pages:
    """The pages of one catalogue. Each answers a request; what is missing raises an error of the tree."""

    def __init__(self, settings: Settings, answers: Answers) -> None:
        self.settings = settings
        self.answers = answers
        self.published = answers.published
        self.renderer = answers.renderer

    def home(self, request: Request) -> Response:
        """What this catalogue is, how much it holds, and its doors; before the first release, what to do."""
        if self.published.current() is None:
            return self.renderer.respond(request, "nothing.html", status=503, headers={"Retry-After": "60"})
        asked = self.answers.asked(request)
        counts = {kind.value: asked.view.count(kind) for kind in (Kind.DATASET, Kind.AGENT, Kind.SERVICE)}
        description = self.settings.catalog.description
        return self.answers.show(
            asked,
            "home.html",
            counts=counts,
            description=description,
            doors=open_doors(request),
            dumps=offered_dumps(self.settings),
        )

    def datasets(self, request: Request) -> Response:
        """`/datasets?page=&q=`: the datasets by title."""
        asked = self.answers.asked(request)
        search = request.query_params.get("q", "").strip()[:200]
        return self.answers.show(asked, "datasets.html", search=search, **_listing(asked, search=search))

    def publisher(self, request: Request) -> Response:
        """`/publisher/{slug}`: one publisher and its datasets."""
        asked = self.answers.asked(request)
        slug = request.path_params["slug"]
        agent = asked.view.by_slug(Kind.AGENT, slug)
        if agent is None:
            raise Missing(
                Text(f"Aucun producteur ne s’appelle «\u00a0{slug}\u00a0».", f"No publisher is called `{slug}`."),
                Text(
                    "Les pages des jeux de données mènent à leur producteur.",
                    "Pages of datasets lead to their publisher.",
                ),
            )
        return self._agent(asked, agent)

    def status(self, request: Request) -> Response:
        """`/status`: the release that is served, and how the latest harvests ended, source by source."""
        release = self.published.current()
        counts = self.published.view(release).finding_counts() if release else (0, 0)
        runs = self.published.archive.runs(10)
        return self.renderer.respond(
            request,
            "status.html",
            release=release,
            trouble=self.published.trouble(),
            findings=counts,
            runs=runs,
            sources=self._sources(),
            turns=self._turns(),
            worklist=_worklist(runs),
        )

    def _sources(self) -> list[dict[str, Any]]:
        """How each source came out of the last run that took it, and when one last harvested it, by name."""
        archive = self.published.archive
        good, found = takes.successes(archive), []
        for name, take in takes.latest(archive, self.settings.sources).items():
            outcomes = {word: number for word, number in take.found["outcomes"].items() if number}
            found.append({**take.found, "run": take.run, "outcomes": outcomes, "good": good.get(name, "")})
        return found

    def _turns(self) -> list[schedule.Turn]:
        """How the scheduled sources' last turns went, and when their next are due."""
        noted = schedule.read(self.settings.store.path)
        return [noted[s.id] for s in self.settings.sources if s.schedule and s.id in noted]

    def thing(self, asked: Asked, found: Thing) -> Response:
        """The page of whatever an IRI of the catalogue names."""
        described = found.description
        if described.kind is Kind.DATASET:
            return self._dataset(asked, described)
        if described.kind is Kind.AGENT:
            return self._agent(asked, described)
        return self._simple(asked, described)

    def _reading(self, asked: Asked, described: Description) -> Reading:
        return Reading(document(self.settings, asked.view, [described]), asked.lang)

    def _dataset(self, asked: Asked, described: Description) -> Response:
        reading = self._reading(asked, described)
        node = NamedNode(described.iri)
        dates = asked.view.dates(described.iri)
        address = f"{self.settings.catalog.base}dataset/{described.slug}.{PAGE}"
        found = schema_org.dataset(self.settings, reading, node, address, [d.isoformat() for d in dates or ()])
        return self.answers.show(
            asked,
            "dataset.html",
            address=address,
            schema_org=schema_org.script(found),
            slug=described.slug,
            iri=described.iri,
            dataset=dataset_facts(reading, node),
            distributions=distribution_rows(reading, node),
            dates=dates,
            findings=finding_rows(asked.view.findings(described.iri) or (), asked.lang),
        )

    def _agent(self, asked: Asked, agent: Description) -> Response:
        reading = self._reading(asked, agent)
        node = NamedNode(agent.iri)
        facts = {
            "name": reading.name(node).label,
            "homepage": reading.address(node, FOAF.homepage),
            "parents": reading.named(node, ORG.subOrganizationOf),
        }
        listing = _listing(asked, named=agent.iri)
        return self.answers.show(asked, "publisher.html", slug=agent.slug, iri=agent.iri, agent=facts, **listing)

    def _simple(self, asked: Asked, described: Description) -> Response:
        """The page of a concept, a scheme of concepts or a data service, with the datasets that name it."""
        reading = self._reading(asked, described)
        node = NamedNode(described.iri)
        facts = {
            "name": reading.name(node).label,
            "aliases": reading.texts(node, SKOS.altLabel),
            "description": reading.text(node, DCT.description) or reading.text(node, SKOS.definition),
            "endpoint": reading.address(node, DCAT.endpointURL),
            "scheme": reading.named(node, SKOS.inScheme),
        }
        scheme = reading.is_a(node, SKOS.ConceptScheme)
        kind = described.kind.value
        return self.answers.show(
            asked,
            "thing.html",
            kind="scheme" if scheme else kind,
            path=f"{kind}/{described.slug}",
            iri=described.iri,
            thing=facts,
            concepts=asked.view.below(Kind.CONCEPT, described.slug) if scheme else [],
            **_listing(asked, named=described.iri),
        )


def _listing(asked: Asked, *, search: str = "", named: str = "") -> dict[str, Any]:
    """One page of the datasets that match, or that name the thing with this IRI."""
    page = page_number(asked.query)
    total, rows = asked.view.summaries(search=search, publisher=named, offset=(page - 1) * LIST, limit=LIST)
    return {"total": total, "rows": rows, "page": page, "pages": last_page(total, page, LIST)}


def _worklist(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What one line in a `[mapping]` table would map, the most frequent first, as of the latest run that went well."""
    done = (run["summary"] for run in runs if run["status"] in {"published", "unchanged"} and run["summary"])
    latest: dict[str, Any] = next(done, {})
    return [item for item in latest.get("worklist", ()) if item.get("table")]


def page_number(query: Mapping[str, str]) -> int:
    """The page that a request asks for; raises `BadRequest` for what is none."""
    given = query.get("page", "1")
    if not given.isascii() or not given.isdigit() or len(given) > 6 or int(given) < 1:
        raise BadRequest(
            Text(f"«\u00a0{given}\u00a0» n’est pas un numéro de page.", f"`{given}` is not a page number."),
            Text("Donnez un entier à partir de 1.", "Give a whole number from 1."),
        )
    return int(given)


def last_page(total: int, page: int, size: int) -> int:
    """The number of the last page of so many rows; raises `Missing` when `page` lies beyond it."""
    pages = max(1, math.ceil(total / size))
    if page > pages:
        raise Missing(
            Text(
                f"Il n’y a pas de page {page}\u00a0: la dernière est la {pages}.",
                f"There is no page {page}: the last is {pages}.",
            ),
            Text("Revenez à la première page.", "Go back to the first page."),
        )
    return pages
