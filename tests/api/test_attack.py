"""Hostile clients hurt nobody else. The whole attack, with its times, is a section of `make bench`."""

from __future__ import annotations

import time
from pathlib import Path

from tests.api import attack
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server


def test_a_polite_client_is_not_failed_and_nothing_is_left_behind(tmp_path: Path) -> None:
    limits = {"timeout": 10.0, "memory": 250, "budget": 1000.0, "errors": 1000}
    settings = settings_in(tmp_path, query=limits, serve={"workers": 2, "queue": 32, "long": 2})
    city = City(settings)
    city.publish(TITLES)
    with Server(settings, tmp_path) as server:
        server.sparql("ASK {}")
        files = attack.descriptors(server)
        report = attack.attack(
            server,
            clients=8,
            hostile=56,
            patience=0.4,
            processes=2,
            polite="SELECT ?d{n} { ?d{n} a <http://www.w3.org/ns/dcat#Dataset> }",
            during=lambda: city.publish({"autre": "Autre"}) and None,
        )
        assert report.failures == []
        assert len(report.waits) > 20
        assert sum(report.hostile.values()) == 56
        assert {"400", "500", "504", "slow reader", "half sent"} <= set(report.hostile) <= attack.ENDS, report.hostile
        deadline = time.monotonic() + 20
        while (left := attack.left_behind(server, 2, files)) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == ""
        assert server.sparql("SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }").text.count("/dataset/") == 4
