"""Counters and histograms of what each request adds to: counted by the event loop alone, so that they need no locks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BOUNDS = [*(str(float(bound)) for bound in SECONDS), "+Inf"]


class Requests(Collector):
    """How many requests, by door and status."""

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self._found: Counter[tuple[str, int]] = Counter()

    def add(self, door: str, status: int) -> None:
        """One more."""
        self._found[door, status] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """As the library asks for it, in another thread."""
        family = CounterMetricFamily(self.name, self.about, labels=["door", "status"])
        for (door, status), number in list(self._found.items()):
            family.add_metric([door, str(status)], number)
        yield family


class Durations(Collector):
    """How long things took, by one label."""

    def __init__(self, name: str, about: str, label: str) -> None:
        self.name = name
        self.about = about
        self.label = label
        self._found: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def add(self, value: str, seconds: float) -> None:
        """One more."""
        found = self._found.get(value)
        if found is None:
            found = self._found[value] = [0] * len(_BOUNDS)
            self._sums[value] = 0.0
        found[bisect_left(SECONDS, seconds)] += 1
        self._sums[value] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """As the library asks for it, in another thread."""
        family = HistogramMetricFamily(self.name, self.about, labels=[self.label])
        for value, found in list(self._found.items()):
            reached = list(zip(_BOUNDS, accumulate(found), strict=True))
            family.add_metric([value], reached, self._sums.get(value, 0.0))
        yield family
