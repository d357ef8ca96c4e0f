"""What the service says of its workers and queues, while they work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_metrics import metrics
from tests.api.test_workers import RUNAWAY

Found = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("gauges")
    settings = settings_in(folder, query={"timeout": 3.0}, check={"at_once": 1}, write={"tokens": ["t"]})
    City(settings).publish(TITLES)
    with Server(settings, folder, more="\n[check]\nat_once = 1\nqueue = 5\n") as running:
        yield running


def soon(server: Server, happened: Callable[[Found], bool]) -> Found:
    """The metrics once they say so."""
    deadline = time.monotonic() + 20
    while not happened(found := metrics(server)):
        assert time.monotonic() < deadline, {k: v for k, v in found.items() if "lane" in k[0] or "workers" in k[0]}
        time.sleep(0.02)
    return found


def working(number: int, work: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def test_every_queue_and_the_workers_are_told_at_rest(server: Server) -> None:
    found = soon(server, lambda told: told["garonne_workers", ("idle",)] >= 2)
    lanes = {labels[0] for name, labels in found if name == "garonne_lane_places"}
    assert lanes == {"short", "long", "resting", "pages", "checks", "writes"}
    assert found["garonne_lane_places", ("pages",)] == 4
    assert found["garonne_lane_places", ("checks",)] == found["garonne_lane_places", ("writes",)] == 1
    assert all(found["garonne_lane_waiting", (lane,)] == 0 for lane in lanes)
    assert found["garonne_workers", ("busy",)] == 0
    assert 1 << 20 < found["garonne_workers_resident_bytes", ()] < 1 << 30
    assert found["process_resident_memory_bytes", ()] > 1 << 24


def test_a_query_keeps_a_worker_busy(server: Server) -> None:
    threads = working(1, lambda: server.sparql(RUNAWAY))
    found = soon(server, lambda told: told["garonne_lane_taken", ("long",)] == 1)
    assert found["garonne_workers", ("busy",)] == 1
    for thread in threads:
        thread.join()
    soon(server, lambda told: told["garonne_workers", ("busy",)] == 0)


def test_checks_wait_for_each_other(server: Server) -> None:
    def check() -> None:
        server.ask("POST", "/validate", b"<x:a> <x:b> 'c' .", {"Content-Type": "text/turtle"})

    threads = working(3, check)
    found = soon(server, lambda told: told["garonne_lane_waiting", ("checks",)] >= 1)
    assert found["garonne_lane_taken", ("checks",)] == 1
    for thread in threads:
        thread.join()
    assert metrics(server)["garonne_lane_taken", ("checks",)] == 0


def test_writes_wait_for_each_other(server: Server) -> None:
    def write() -> None:
        graph = "https://data.example.org/graph/local/a"
        headers = {"Authorization": "Bearer t", "Content-Type": "text/turtle"}
        server.ask("POST", f"/graphs?graph={graph}", f"<x:a> <x:b> {time.time_ns()} .".encode(), headers)

    threads = working(3, write)
    found = soon(server, lambda told: told["garonne_lane_waiting", ("writes",)] >= 1)
    assert found["garonne_lane_taken", ("writes",)] == 1
    for thread in threads:
        thread.join()
    assert metrics(server)["garonne_lane_taken", ("writes",)] == 0
