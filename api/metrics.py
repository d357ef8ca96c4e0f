"""`/metrics`: what a Prometheus server wants to know of the service, and of the catalogue that it serves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Answers
from api.errors import Missing
from api.gauges import Queue, Work
from api.published import Published
from api.tallies import Durations, Requests
from api.workers import Pool
from api.writing import credential
from catalog import schedule, takes
from catalog.settings import Settings
from catalog.tokens import Tokens
from vocab.errors import GaronneError
from vocab.text import Text

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one service, and what is read from the catalogue when somebody asks."""

    def __init__(
        self, settings: Settings, published: Published, pool: Pool, answers: Answers, queues: Mapping[str, Queue]
    ) -> None:
        self.settings = settings
        self.tokens = Tokens(settings.store.path, settings.write.tokens)
        self.registry = CollectorRegistry()
        self._requests = Requests("garonne_requests", "Requests by door and status.")
        self._seconds = Durations("garonne_request_seconds", "From a request's head to its answer's last byte.", "door")
        self._queries = Durations(
            "garonne_query_seconds", "Time that workers were waited for, by how the query ended.", "outcome"
        )
        for collector in (self._requests, self._seconds, self._queries):
            self.registry.register(collector)
        self.registry.register(Work(pool, answers, queues))
        ProcessCollector(registry=self.registry)
        self.registry.register(_Catalogue(settings, published))
        pool.ended = self.query

    def request(self, door: str, status: int, seconds: float) -> None:
        """One more request; 0 is the status of one whose client left before the answer began."""
        self._requests.add(door, status)
        self._seconds.add(door, seconds)

    def query(self, outcome: str, seconds: float) -> None:
        """One more query that has left its worker."""
        self._queries.add(outcome, seconds)

    async def answer(self, request: Request) -> Response:
        """The metrics in Prometheus' text format. By default for this machine alone, and tokens of the scope admin."""
        open_to = self.settings.serve.metrics
        if open_to == "off" or (open_to == "local" and not (local(request) or self._admin(request))):
            raise Missing(
                Text("Les mesures ne sont pas publiées ici.", "Metrics are not published here."),
                Text(
                    'L’exploitant les ouvre par [serve] metrics = "open".',
                    'The operator opens them with [serve] metrics = "open".',
                ),
            )
        body = await run_in_threadpool(generate_latest, self.registry)
        return Response(body, media_type=None, headers={"Content-Type": TYPE, "Cache-Control": "no-store"})

    def _admin(self, request: Request) -> bool:
        token = self.tokens.find(credential(request.headers))
        return token is not None and token.may("admin")


def local(request: Request) -> bool:
    """Whether a request was made on this machine, and not passed on by a proxy for somebody else."""
    if request.client is None or {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Catalogue(Collector):
    """The release that is served, the sources, the disk."""

    def __init__(self, settings: Settings, published: Published) -> None:
        self.settings = settings
        self.published = published

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """As the library asks for it; where the store cannot be read, that is all that is said."""
        whole = GaugeMetricFamily("garonne_store_readable", "1 while the release and the bookkeeping can be read.")
        try:
            found = [*self._release(), *self._sources()]
        except GaronneError:
            whole.add_metric([], 0)
            yield whole
        else:
            whole.add_metric([], 1)
            yield from (whole, *found)
        existing = next(p for p in (self.settings.store.path, *self.settings.store.path.parents) if p.exists())
        usage = shutil.disk_usage(existing)
        yield GaugeMetricFamily("garonne_disk_free_bytes", "Free at the store's folder.", usage.free)
        yield GaugeMetricFamily("garonne_disk_bytes", "Size of that disk.", usage.total)

    def _release(self) -> Iterator[GaugeMetricFamily]:
        release = self.published.current()
        yield GaugeMetricFamily("garonne_release", "Number of the current release.", release.number if release else 0)
        damaged = self.published.trouble() is not None
        yield GaugeMetricFamily("garonne_release_damaged", "1: the current release is damaged.", int(damaged))
        if release is None:
            return
        manifest = release.manifest
        published = manifest.published.timestamp()
        yield GaugeMetricFamily("garonne_release_timestamp_seconds", "When it was published.", published)
        yield GaugeMetricFamily("garonne_release_datasets", "Datasets in it.", manifest.datasets)
        yield GaugeMetricFamily("garonne_release_quads", "Quads in it.", manifest.quads)
        violations, warnings = self.published.view(release).finding_counts()
        found = GaugeMetricFamily("garonne_findings", "Findings in it, systematic ones apart.", labels=["severity"])
        found.add_metric(["violation"], violations)
        found.add_metric(["warning"], warnings)
        yield found

    def _sources(self) -> Iterator[GaugeMetricFamily]:
        state = GaugeMetricFamily(
            "garonne_source", "1: how the source's last harvest ended.", labels=["source", "status"]
        )
        began = GaugeMetricFamily("garonne_source_timestamp_seconds", "When it began.", labels=["source"])
        records = GaugeMetricFamily("garonne_source_records", "Its records, by outcome.", labels=["source", "outcome"])
        for name, take in takes.latest(self.published.archive, self.settings.sources).items():
            state.add_metric([name, take.status], 1)
            began.add_metric([name], _timestamp(take.started))
            for outcome, count in take.found["outcomes"].items():
                records.add_metric([name, outcome], count)
        yield from (state, began, records, *self._successes(), *self._turns())

    def _successes(self) -> Iterator[GaugeMetricFamily]:
        good = GaugeMetricFamily(
            "garonne_source_success_timestamp_seconds",
            "When the last run began that harvested it; 0 where none did.",
            labels=["source"],
        )
        patience = GaugeMetricFamily(
            "garonne_source_patience_seconds", "Time without one after which the source is stale.", labels=["source"]
        )
        successes = takes.successes(self.published.archive)
        for source in self.settings.sources:
            when = successes.get(source.id)
            good.add_metric([source.id], _timestamp(when) if when else 0)
            if seconds := takes.patience(self.settings, source):
                patience.add_metric([source.id], seconds)
        yield from (good, patience)

    def _turns(self) -> Iterator[GaugeMetricFamily]:
        failures = GaugeMetricFamily(
            "garonne_source_failures", "Failed turns of the scheduler since one that was not.", labels=["source"]
        )
        due = GaugeMetricFamily("garonne_source_due_timestamp_seconds", "When the next is due.", labels=["source"])
        for turn in schedule.read(self.settings.store.path).values():
            failures.add_metric([turn.source], turn.failures)
            if turn.due:
                due.add_metric([turn.source], _timestamp(turn.due))
        yield from (failures, due)
        looked = schedule.looked(self.settings.store.path)
        expected = self.settings.schedule.enabled or looked is not None
        if expected and any(source.schedule for source in self.settings.sources):
            yield GaugeMetricFamily(
                "garonne_scheduler_look_timestamp_seconds",
                "When a scheduler last looked at its clock; 0 where none ever did.",
                looked.timestamp() if looked else 0,
            )


def _timestamp(moment: str) -> float:
    return datetime.fromisoformat(moment).astimezone(UTC).timestamp()
