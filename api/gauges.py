"""What the service is doing at this moment, as gauges: who works, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from api.answers import Answers
from api.workers import Pool
from catalog import sandbox


class Queue(Protocol):
    """So many places for what is done at a time, how many are taken, and how many wait for one."""

    @property
    def places(self) -> int:
        """What may be done at a time."""

    @property
    def taken(self) -> int:
        """What is done."""

    @property
    def waiting(self) -> int:
        """What waits."""


class Work(Collector):
    """Queries, their workers, what waits behind each kind of work, and kept answers."""

    def __init__(self, pool: Pool, answers: Answers, queues: Mapping[str, Queue]) -> None:
        self.pool = pool
        self.answers = answers
        self.queues = {"short": pool.short, "long": pool.long, "resting": pool.resting, **queues}

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """As the library asks for it."""
        queries = CounterMetricFamily("garonne_queries", "Queries by how they ended.", labels=["outcome"])
        for outcome, count in self.pool.counts.items():
            queries.add_metric([outcome], count)
        yield queries
        yield from self._lanes()
        yield from self._workers()
        yield from self._kept()

    def _lanes(self) -> Iterator[GaugeMetricFamily]:
        places = GaugeMetricFamily("garonne_lane_places", "What may be worked on at a time.", labels=["lane"])
        taken = GaugeMetricFamily("garonne_lane_taken", "What is worked on.", labels=["lane"])
        waiting = GaugeMetricFamily("garonne_lane_waiting", "What waits for a place.", labels=["lane"])
        for name, queue in self.queues.items():
            places.add_metric([name], queue.places)
            taken.add_metric([name], queue.taken)
            waiting.add_metric([name], queue.waiting)
        yield from (places, taken, waiting)

    def _workers(self) -> Iterator[GaugeMetricFamily]:
        states = GaugeMetricFamily("garonne_workers", "Processes that evaluate queries.", labels=["state"])
        for state, number in self.pool.states().items():
            states.add_metric([state], number)
        memory = sum(sandbox.resident(pid) for pid in self.pool.pids())
        yield states
        yield GaugeMetricFamily("garonne_workers_resident_bytes", "Memory that they have of their own.", memory)

    def _kept(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        cache = self.answers.cache
        kept = CounterMetricFamily("garonne_answer_cache", "Kept answers by what became of them.", labels=["event"])
        for event, count in cache.counts.items():
            kept.add_metric([event], count)
        yield kept
        yield GaugeMetricFamily("garonne_answer_cache_bytes", "Bytes of kept answers on disk.", cache.size)
        yield GaugeMetricFamily("garonne_answer_cache_limit_bytes", "Bytes that they may have.", cache.limit)
        yield GaugeMetricFamily("garonne_answer_cache_answers", "Kept answers.", len(cache))
