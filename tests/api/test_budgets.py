"""What one client may ask."""

from __future__ import annotations

import http.client
import threading
import time
from base64 import b64encode
from pathlib import Path

import pytest
from starlette.types import Scope

from api.budgets import WINDOW, Budgets, Client
from api.errors import OverBudget
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_visitors import ask as visit
from tests.api.test_workers import RUNAWAY


def names(proxies: list[str], client: str, *forwarded: str) -> str:
    settings = settings_in(Path("/nowhere"), serve={"trusted_proxies": proxies})
    headers = [(b"x-forwarded-for", f.encode()) for f in forwarded]
    scope: Scope = {"type": "http", "client": (client, 1), "headers": headers}
    return Budgets(settings, None).name(scope)  # type: ignore[arg-type]  # only its names are asked for


def test_a_client_is_its_address_and_a_proxy_is_believed_only_when_trusted() -> None:
    assert names([], "192.0.2.1", "198.51.100.7") == "192.0.2.1"
    assert names(["192.0.2.0/24"], "192.0.2.1", "203.0.113.9, 198.51.100.7") == "198.51.100.7"
    assert names(["192.0.2.0/24", "198.51.100.7"], "192.0.2.1", "203.0.113.9", "198.51.100.7") == "203.0.113.9"
    assert names([], "2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert names(["192.0.2.1"], "192.0.2.1") == "192.0.2.1"
    assert names(["192.0.2.1"], "192.0.2.1", "nonsense") == "nonsense"


def test_a_client_with_a_token_of_ours_is_its_token_wherever_it_asks_from() -> None:
    settings = settings_in(Path("/nowhere"), write={"tokens": ["s3cret", "other"]})
    budgets = Budgets(settings, None)  # type: ignore[arg-type]  # only its names are asked for

    def name(client: str, authorization: str) -> str:
        headers = [(b"authorization", authorization.encode())]
        return budgets.name({"type": "http", "client": (client, 1), "headers": headers})

    mine = name("192.0.2.1", "Bearer s3cret")
    assert mine == name("192.0.2.2", f"Basic {b64encode(b'me:s3cret').decode()}")
    assert mine != name("192.0.2.1", "Bearer other")
    assert "s3cret" not in mine
    assert name("192.0.2.1", "Bearer invented") == name("192.0.2.1", "") == "192.0.2.1"


def test_a_client_that_asks_for_little_is_known_and_soon_unknown_again() -> None:
    client = Client("x", 60, 30)
    for _ in range(3):
        assert client.used() >= 0
        client.spent(0.01)
    assert client.used() < 0
    client.spent(2.0)
    assert client.used() > 1.9


def ask(server: Server, address: str, query: str) -> tuple[int, dict[str, str]]:
    """One query from one of the addresses of the loopback."""
    host, port = server.host.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30, source_address=(address, 0))
    try:
        connection.request("POST", "/sparql", query, {"Content-Type": "application/sparql-query"})
        response = connection.getresponse()
        response.read()
        return response.status, {k.lower(): v for k, v in response.getheaders()}
    finally:
        connection.close()


def test_a_client_that_has_used_its_time_is_429_and_others_are_served(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 1.0, "budget": 0.3, "errors": 50})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        assert ask(server, "127.0.0.2", RUNAWAY)[0] == 504
        for _ in range(60):  # of processor time, of which a busy machine gives little in a second
            status, headers = ask(server, "127.0.0.2", RUNAWAY)
            if status != 504:
                break
        assert status == 429
        overdrawn = 1.2  # seconds of processor: the last query ran for its whole second, however little was left
        assert 0 < int(headers["retry-after"]) < overdrawn * WINDOW / settings.query.budget
        assert '"time";r=0' in headers["ratelimit"]
        assert headers["ratelimit-policy"] == '"time";q=1;w=120, "errors";q=100;w=120, "requests";q=120000;w=120'
        assert ask(server, "127.0.0.3", "ASK {}")[0] == 200


def test_failures_are_counted_too(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 0.3, "budget": 1000.0, "errors": 1})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        assert [ask(server, "127.0.0.2", RUNAWAY)[0] for _ in range(4)] == [504, 504, 429, 429]


def test_a_federated_query_of_112_small_requests_passes(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"queue": 32})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        found: list[int] = []

        def some() -> None:
            found.extend(ask(server, "127.0.0.2", f"SELECT * {{ ?s ?p ?o }} LIMIT {n}")[0] for n in range(14))

        threads = [threading.Thread(target=some) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [200] * 112
        left = ask(server, "127.0.0.2", "ASK {}")[1]["ratelimit"]
        assert int(left.partition('"time";r=')[2].partition(";")[0]) > 100


def test_requests_are_counted_and_so_are_those_under_way() -> None:
    client = Client("x", 60, 30, 100)
    for _ in range(200):
        client.admit(4)
    with pytest.raises(OverBudget) as refused:
        client.admit(4)
    assert refused.value.retry_after == 1
    assert dict(client.headers())[b"ratelimit"].split(b", ")[2].startswith(b'"requests";r=0')
    client = Client("x", 60, 30)
    client.open = 4
    client.admit(0)
    client.admit(5)
    with pytest.raises(OverBudget, match="4 of your requests are under way") as refused:
        client.admit(4)
    assert refused.value.retry_after == 1


def test_who_asks_too_often_or_too_much_at_once_is_429_and_others_are_served(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"requests": 20, "at_once": 2, "timeout": 5.0}, serve={"queue": 32})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        slow = [threading.Thread(target=ask, args=(server, "127.0.0.2", RUNAWAY)) for _ in range(2)]
        for thread in slow:
            thread.start()
        deadline = time.monotonic() + 4
        while (found := ask(server, "127.0.0.2", "ASK {}"))[0] == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found[0] == 429, "two are under way"
        assert found[1]["retry-after"] == "1"
        assert ask(server, "127.0.0.3", "ASK {}")[0] == 200
        statuses = [ask(server, "127.0.0.4", f"ASK {{ ?s ?p {n} }}")[0] for n in range(60)]
        assert statuses[:40] == [200] * 40
        assert 429 in statuses[40:]
        graph = visit(server, "127.0.0.4", "/graphs?graph=https://data.example.org/graph/catalog")
        assert graph.status == 429
        assert '"requests";r=0' in graph.headers["ratelimit"]
        for thread in slow:
            thread.join()
