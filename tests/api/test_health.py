"""Whether the service is ready: as it is within a second, at the price of one look however many ask."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.api.test_metrics import metrics


def looks(server: Server) -> float:
    """How often a query worker was asked anything; nobody asks it here but who wants to know whether it answers."""
    return metrics(server).get(("garonne_query_seconds_count", ("answered",)), 0.0)


def test_any_number_of_askers_cost_one_look_a_second(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        found: list[Answer] = []

        def some() -> None:
            found.extend(server.get("/health/ready") for _ in range(25))

        before, begun = looks(server), time.monotonic()
        threads = [threading.Thread(target=some) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begun
        assert {(a.status, a.json()["release"], a.json()["workers"]) for a in found} == {(200, 1, "ok")}
        assert {a.headers["cache-control"] for a in found} == {"no-store"}
        assert 1 <= looks(server) - before <= 1 + took
        assert len(found) == 200


def test_a_release_is_told_at_once_and_trouble_within_a_second(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path) as server:
        assert server.get("/health/ready").status == 503
        city = City(settings)
        for number in (1, 2):
            city.publish({"arbres": f"Arbres {number}"})
            assert server.get("/health/ready").json()["release"] == number
        for name in ("bookkeeping.sqlite-wal", "bookkeeping.sqlite-shm"):
            (tmp_path / "var" / name).unlink(missing_ok=True)
        (tmp_path / "var/bookkeeping.sqlite").write_bytes(b"x" * 9000)
        broken = time.monotonic()
        while server.get("/health/ready").status == 200:
            assert time.monotonic() < broken + 5, "a look, and the second for which it is told"
            time.sleep(0.05)
        assert "bookkeeping" in server.get("/health/ready").json()["reason"]
