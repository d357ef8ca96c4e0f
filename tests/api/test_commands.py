"""`garonne serve` as an operator meets it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server, toml

GARONNE = str(Path(sys.executable).parent / "garonne")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_ends_with_0_when_asked(tmp_path: Path, number: int) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        assert running.address.startswith("http://127.0.0.1:")
        assert not running.address.endswith(":0/")
        assert running.stop(number) == 0
        log = (tmp_path / "serve.log").read_text()
    assert "the IRIs of the catalogue begin with https://data.example.org/" in log
    assert "Traceback" not in log


def test_it_stops_soon_although_a_query_runs(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 60.0})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        host, port = running.host.split(":")
        with socket.create_connection((host, int(port))) as s:
            s.sendall(
                b"GET /sparql?query=SELECT*%7B?a?b?c.?d?e?f.?g?h?i.?j?k?l%7DORDERBY?a HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            pids = running.workers()
            assert running.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "garonne.toml").write_text(toml(settings_in(tmp_path)))
        done = subprocess.run(
            [GARONNE, "serve", "--port", str(port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1, port {port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--workers", "0"], ["--wrong"]])
def test_wrong_use_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [GARONNE, "serve", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 2


def test_the_workers_option_counts_query_workers(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path, "--workers", "3") as running:
        deadline = time.monotonic() + 10
        while len(running.workers()) < 3 and time.monotonic() < deadline:  # a child just forked has no name of its own
            time.sleep(0.02)
        time.sleep(0.2)  # and none is started beyond the number asked for
        assert len(running.workers()) == 3


@pytest.mark.parametrize(("arguments", "more"), [((), 1), (("--no-sandbox",), 0)])
def test_workers_are_confined_unless_told_otherwise(tmp_path: Path, arguments: tuple[str, ...], more: int) -> None:
    settings = settings_in(tmp_path, serve={"workers": 1})
    City(settings).publish(TITLES)
    with Server(settings, tmp_path, *arguments) as running:
        assert running.sparql("ASK {}").json()["boolean"] is True
        (worker,) = running.workers()
        assert filters(worker) == filters(running.process.pid) + more
        assert running.sparql("ASK { SERVICE <http://127.0.0.1:9/> {} }").status == 400


def filters(pid: int) -> int:
    """How many system call filters a process is under; a container may bring one of its own."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Seccomp_filters:")).split()[1])
