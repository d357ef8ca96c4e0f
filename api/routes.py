"""What every address leads to, but those of queries and graphs, which `api.app` answers by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from api import asked
from api.atom import Atom
from api.ckan.door import METHODS as CKAN_METHODS
from api.ckan.door import CkanDoor
from api.described import Described
from api.feeds.door import Feed
from api.health import Health
from api.ldes.door import EventStream
from api.linked import LinkedData
from api.oai.door import METHODS as OAI_METHODS
from api.oai.door import OaiDoor
from api.offered import Offered
from api.openapi.document import OpenApiDoor
from api.pages import Pages
from api.preview.door import PreviewDoor
from api.quality import QualityDoor
from api.quality_dataset import DatasetQuality
from api.runs import Runs
from api.sitemap import Sitemap
from api.validate import ValidateDoor

if TYPE_CHECKING:
    from api.app import Service


def of(service: Service) -> list[BaseRoute]:
    """All routes of a service; a bare one has those of its operation alone."""
    operation = _operation(service)
    if service.bare:
        return operation
    answers = asked.Answers(service.published, service.renderer, service.compressed)
    feed = Feed(service.settings, service.published)
    pages = Pages(service.settings, answers)
    return [
        *_pages(service, answers, pages),
        *_quality(service, answers),
        *_protocols(service, answers),
        *_changes(service, answers),
        *_named(service, answers, feed, pages),
        *operation,
    ]


def _pages(service: Service, answers: asked.Answers, pages: Pages) -> list[Route]:
    """What people read first, and what search engines do."""
    offered, sitemap = Offered(answers, pages), Sitemap(answers)
    return [
        Route("/", offered.front),
        Route("/services", offered.services),
        Route("/services.{suffix}", offered.services),
        Route("/datasets", pages.datasets),
        Route("/publisher/{slug}", pages.publisher),
        Route("/status", pages.status),
        Route("/run/{rest:path}", Runs(answers).run),
        Route("/robots.txt", sitemap.robots),
        Route("/sitemap.xml", sitemap.index),
        Route("/sitemap/{number}.xml", sitemap.part),
    ]


def _quality(service: Service, answers: asked.Answers) -> list[Route]:
    """Findings, checks of other files, and what aggregators would make of the catalogue."""
    quality, about = QualityDoor(answers), DatasetQuality(service.settings, answers)
    preview = PreviewDoor(service.settings, answers)
    return [
        Route("/quality", quality.whole),
        Route("/quality.{suffix}", quality.whole),
        Route("/quality/{rest:path}", about.dataset),
        Route("/validate", ValidateDoor(service.settings, service.checks, service.renderer)),
        Route("/preview", preview.index),
        Route("/preview.json", preview.index),
        Route("/preview/{aggregator}", preview.aggregator),
        Route("/preview/{aggregator}/{slug}", preview.dataset),
    ]


def _protocols(service: Service, answers: asked.Answers) -> list[Route]:
    """Doors that speak a protocol of their own, and what there is beside SPARQL itself."""
    ckan = CkanDoor(service.settings, service.published, service.renderer)
    oai = OaiDoor(service.settings, service.published, service.renderer)
    described = Described(answers, service.standing)
    return [
        Route("/oai", oai.answer, methods=OAI_METHODS),
        Route("/api/3/action/{name}", ckan.action, methods=CKAN_METHODS),
        Route("/api/action/{name}", ckan.action, methods=CKAN_METHODS),
        Route("/query", described.queries),
        Route("/query/{name}", described.query),
        Route("/void", described.void),
        Route("/.well-known/void", described.void),
    ]


def _changes(service: Service, answers: asked.Answers) -> list[Route]:
    """What has changed, as feeds."""
    atom, changes = Atom(answers), EventStream(service.published, service.compressed)
    return [
        Route("/changes.atom", atom.current),
        Route("/changes/{number}.atom", atom.archive),
        Route("/ldes", changes.root),
        Route("/ldes.{suffix}", changes.root),
        Route("/ldes/index/{name}", changes.index),
        Route("/ldes/page/{name}", changes.page),
        Route("/ldes/event/{name}", changes.event),
    ]


def _named(service: Service, answers: asked.Answers, feed: Feed, pages: Pages) -> list[Route]:
    """The catalogue, whole and in parts, and everything that it names."""
    linked = LinkedData(service.settings, answers, feed, pages)
    return [
        Route("/dump.{name}", service.dumps.answer),
        Route("/catalog", linked.catalog),
        Route("/catalog.{suffix}", feed.answer),
        Route("/catalog/{slug}.{suffix}", feed.answer),
        Route("/catalog/{slug}", linked.publisher_catalog),
        *(Route(f"/{kind}/{{rest:path}}", linked.thing) for kind in LinkedData.KINDS),
    ]


def _operation(service: Service) -> list[BaseRoute]:
    """What a service has with a catalogue and without."""
    health = Health(service.published, service.pool, bare=service.bare)
    return [
        Route("/sparql/receipts/{name}", service.receipt),
        Route("/openapi.json", OpenApiDoor(service.settings, service.compressed).answer),
        Route("/health/live", health.live),
        Route("/health/ready", health.ready),
        Route("/metrics", service.metrics.answer),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
