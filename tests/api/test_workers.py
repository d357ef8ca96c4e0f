"""Queries that misbehave, on a real server: each hurts only itself."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
BOMB = (
    "SELECT ?w40 { BIND('0123456789' AS ?w0) "
    + " ".join(f"BIND(CONCAT(?w{n},?w{n}) AS ?w{n + 1})" for n in range(40))
    + "}"
)


def runaway(n: int) -> str:
    """One that is asked by nobody else."""
    return RUNAWAY.replace("?n", f"?n{n}")


def mixed(seed: int) -> str:
    """An ORDER BY over numbers, texts and dates: the engine's comparison is no order, and its sort panics on most."""
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    xsd = "http://www.w3.org/2001/XMLSchema#"
    values = []
    for _ in range(500):
        n = dice.randrange(100)
        day, year = f'"2020-{n % 12 + 1:02}-{n % 28 + 1:02}"^^<{xsd}date>', f'"{2000 + n}"^^<{xsd}gYear>'
        values.append((str(n), f'"{n}"', day, year)[dice.randrange(4)])
    return "SELECT ?x { VALUES ?x { " + " ".join(values) + " } } ORDER BY ?x"


def crashing(seed: int) -> str:
    """One that the rewriting does not read, for its BASE: the engine has to sort, and panics on most."""
    return "BASE <http://example.org/> " + mixed(seed)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    settings = settings_in(folder, query={"timeout": 1.5, "memory": 250}, serve={"workers": 2, "queue": 2})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        yield running


def fine(server: Server) -> None:
    """The next query is answered, with the right answer."""
    rows = server.rows("SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }")
    assert rows == [{"n": "3"}]


def named(server: Server, query: str, answer: Answer) -> str:
    """The line of the log that names this query by its digest; it bears the answer's identifier, and no text."""
    said, digest = Path(server.log.name).read_text(), hashlib.sha256(query.encode()).hexdigest()
    assert query not in said
    found = [line for line in said.splitlines() if f"sha256:{digest}" in line]
    return next(line for line in found if f"[{answer.headers['x-request-id']}]" in line)


def until(condition, seconds: float = 5.0) -> None:  # type: ignore[no-untyped-def]  # any callable
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_runaway_query_is_stopped_at_its_time_and_others_go_on(server: Server) -> None:
    answers = []
    begun = time.monotonic()
    thread = threading.Thread(target=lambda: answers.append((server.sparql(RUNAWAY), time.monotonic() - begun)))
    thread.start()
    slowest = 0.0
    while thread.is_alive():
        start = time.monotonic()
        fine(server)
        slowest = max(slowest, time.monotonic() - start)
    answer, took = answers[0]
    assert answer.status == 504
    assert answer.type == "application/problem+json"
    assert "1.5 s" in answer.json()["detail"]
    assert took < 1.5 + 0.5
    assert slowest < 1.0
    assert "was stopped after 1.5 s" in named(server, RUNAWAY, answer)
    fine(server)


def test_the_timeout_parameter_shortens_and_never_lengthens(server: Server) -> None:
    begun = time.monotonic()
    assert server.sparql(RUNAWAY, timeout="0.3").status == 504
    assert time.monotonic() - begun < 1.0
    begun = time.monotonic()
    assert server.sparql(RUNAWAY, timeout="3600").status == 504
    assert time.monotonic() - begun < 2.2


def test_a_memory_bomb_is_507_and_the_next_query_is_fine(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 25.0, "memory": 250}, serve={"workers": 1})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        answer = running.sparql(BOMB)
        assert answer.status == 507, answer.text
        assert "250 MiB" in answer.json()["detail"]
        assert "more than 250 MiB" in named(running, BOMB, answer)
        fine(running)


def test_an_order_by_over_any_types_is_answered(server: Server) -> None:
    for seed in range(5):
        answer = server.sparql_post(mixed(seed), "text/csv")
        assert answer.status == 200
        assert answer.body.count(b"\r\n") == 501


def test_one_that_is_cut_within_a_query_is_answered_too(server: Server) -> None:
    for seed in range(5):
        answer = server.sparql_post(f"SELECT ?x {{ {{ {mixed(seed)} LIMIT 400 }} }}", "text/csv")
        assert answer.status == 200
        assert answer.body.count(b"\r\n") == 401


def test_a_crash_of_the_engine_is_500_and_the_next_query_is_fine(server: Server) -> None:
    seen = set()
    for seed in range(5):
        answer = server.sparql_post(crashing(seed))
        seen.add(answer.status)
        assert answer.status in {200, 500}
        if answer.status == 500:
            assert "ORDER BY" in answer.json()["hint"]
        fine(server)
    assert 500 in seen, "the engine did not crash: this test no longer proves what it should"


@pytest.mark.parametrize("bracket", ["(", "{", "OPTIONAL {"])
def test_five_thousand_brackets_do_not_end_the_service(server: Server, bracket: str) -> None:
    inner = "SELECT * { FILTER " if bracket == "(" else "SELECT * { "
    answer = server.sparql_post(inner + bracket * 5000)
    assert answer.status in {400, 500}
    fine(server)


def test_a_client_that_leaves_frees_its_worker(server: Server) -> None:
    host, port = server.host.split(":")
    left = []
    for n in range(2):
        s = socket.create_connection((host, int(port)))
        s.sendall(f"GET /sparql?query={quote(runaway(n))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        left.append(s)
    until(lambda: 'garonne_workers{state="busy"} 2.0' in server.get("/metrics").text)
    there = server.workers()  # with a spare one or two, which may stay
    for s in left:
        s.close()
    begun = time.monotonic()
    fine(server)
    assert time.monotonic() - begun < 0.5
    until(lambda: len(server.workers()) == 2 and len(there - server.workers()) >= 2)


def test_a_full_queue_is_503_with_the_time_to_wait(server: Server) -> None:
    answers: list[int] = []
    retry: list[str] = []

    def ask(n: int) -> None:
        answer = server.sparql(runaway(n))
        answers.append(answer.status)
        if answer.status == 503:
            retry.append(answer.headers["retry-after"])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(503) >= 3
    assert answers.count(504) >= 2
    assert set(retry) == {"5"}
    fine(server)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_a_result_cut_after_its_beginning_breaks_the_connection(server: Server, name: str) -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        server.sparql(ENDLESS, format=name)
    assert len(cut.value.partial) > 100_000
    fine(server)


def test_memory_stays_flat_while_a_large_result_streams(server: Server) -> None:
    """The client reads slowly; neither the front nor the worker gathers what it has not taken."""
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port))) as s:
        s.sendall(f"GET /sparql?format=csv&query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = 0
        peak = 0
        for _ in range(100):
            received += len(s.recv(65536))
            peak = max(peak, *(resident(pid) for pid in (server.process.pid, *server.workers())))
            time.sleep(0.005)
        assert received > 1_000_000
        assert peak < 160
    fine(server)


def resident(pid: int) -> int:
    """MiB that a process holds; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 >> 20
    except OSError:
        return 0


def test_a_long_query_makes_way_for_others_and_only_for_others(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 20.0}, serve={"workers": 1})
    City(settings).publish(TITLES)
    long = "SELECT (COUNT(?i) AS ?n) { SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 4000000 }"
    with Server(settings, tmp_path) as running:
        fine(running)
        until(lambda: len(running.workers()) == 1)
        before = running.workers()
        begun = time.monotonic()
        assert running.rows(long)[0]["n"] == "4000000"
        assert time.monotonic() - begun > 0.3, "the query is no long one: this test no longer proves what it should"
        assert before <= running.workers(), "it was alone: nobody has to read again what it has read"

        asking = threading.Thread(target=running.sparql, args=(RUNAWAY,), kwargs={"timeout": "2"})
        asking.start()
        time.sleep(0.6)
        (first,) = before
        assert os.getpriority(os.PRIO_PROCESS, first) == os.getpriority(os.PRIO_PROCESS, 0)

        def made_way() -> bool:  # once it is a long one, which on a busy machine takes a while
            assert running.rows("SELECT (1 AS ?one) {}") == [{"one": "1"}]
            return os.getpriority(os.PRIO_PROCESS, first) > os.getpriority(os.PRIO_PROCESS, 0)

        until(made_way)
        asking.join()


def test_workers_end_with_the_server(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        fine(running)
        until(lambda: len(running.workers()) == 2)
        pids = running.workers()
        assert running.stop() == 0
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_workers_end_when_the_server_is_killed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        fine(running)
        pids = running.workers()
        running.stop(9)
    until(lambda: not any(alive(pid) for pid in pids))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_new_release_is_served_without_a_failed_request(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"queue": 50})
    city = City(settings)
    city.publish(TITLES)
    with Server(settings, tmp_path) as running:
        results: list[tuple[int, int, str]] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                answer = running.sparql("SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }", "text/csv")
                feed = running.get("/catalog.nt")
                results.append((answer.status, feed.status, answer.headers.get("garonne-release", "")))
                assert answer.text.count("/dataset/") == 2 + int(answer.headers["garonne-release"])

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for n in range(4):
            time.sleep(0.4)
            city.publish({f"autre-{n}": f"Autre {n}"})
        time.sleep(0.4)
        stop.set()
        for thread in threads:
            thread.join()
        assert {r[:2] for r in results} == {(200, 200)}
        assert {r[2] for r in results} == {"1", "2", "3", "4", "5"}
        assert len(results) > 50


def test_clients_that_leave_while_workers_are_started_do_no_harm(tmp_path: Path) -> None:
    """A worker is started for each of them; whoever comes after is answered, and the service stops when it is told."""
    settings = settings_in(tmp_path, serve={"workers": 1, "queue": 64})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        host, port = running.host.split(":")
        for n in range(40):
            with socket.create_connection((host, int(port))) as s:
                s.sendall(f"GET /sparql?query={quote(runaway(n))} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                time.sleep(0.002 * (n % 12))
        fine(running)
        begun = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - begun < 15
    until(lambda: not running.workers())
