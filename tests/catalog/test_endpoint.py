"""`garonne query --url`: an endpoint elsewhere, with the formats and the errors of the local release."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.endpoint import failure
from catalog.errors import Busy, QueryFailed, QueryInvalid, QueryMemory, QueryTimeout
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server

GARONNE = str(Path(sys.executable).with_name("garonne"))
SELECT = "SELECT ?t { ?d a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("elsewhere")
    city = City(settings_in(folder))
    city.publish(TITLES)
    with Server(city.settings, folder) as running:
        yield f"{running.address}sparql"


def ask(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [GARONNE, "query", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("query", "arguments", "begins"),
    [
        (SELECT, (), "t\nArbres"),
        (SELECT, ("--format", "tsv"), '?t\n"Arbres'),
        (SELECT, ("--format", "json"), '{"head"'),
        (SELECT, ("--format", "xml"), "<?xml"),
        ("ASK {}", (), '{"head"'),
        ("CONSTRUCT WHERE { ?s a ?t }", (), "@prefix"),
        ("DESCRIBE <https://data.example.org/dataset/menus>", ("--format", "nt"), "<"),
        ("CONSTRUCT WHERE { ?s a ?t }", ("--format", "jsonld"), "["),
    ],
)
def test_the_formats(address: str, tmp_path: Path, query: str, arguments: tuple[str, ...], begins: str) -> None:
    done = ask(tmp_path, query, "--url", address, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.replace("\r\n", "\n").startswith(begins)


def test_a_file_is_written_whole_or_not_at_all(address: str, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text(SELECT)
    assert ask(tmp_path, "-f", "q.rq", "-o", "out.csv", "--url", address).returncode == 0
    assert "Menus" in (tmp_path / "out.csv").read_text()
    assert ask(tmp_path, "SELECT", "-o", "out.csv", "--url", address).returncode == 2
    assert "Menus" in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    ("query", "arguments", "code", "words"),
    [
        ("SELECT * { ?s dct:title ?t }", (), 2, "PREFIX dct: <http://purl.org/dc/terms/>"),
        ("SELECT * {\n ?s a ?o ?x }", (), 2, "line 2, column 10"),
        ("ASK { SERVICE <x:y> {} }", (), 2, "SERVICE is not evaluated"),
        ("CLEAR ALL", (), 2, "changes nothing"),
        (SELECT, ("--format", "ttl"), 2, "None of the formats"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", (), 3, "was stopped after 2 s"),
    ],
)
def test_the_errors(
    address: str, tmp_path: Path, query: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = ask(tmp_path, query, "--url", address, *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr


def test_an_older_release_here_and_there(tmp_path: Path) -> None:
    city = City(settings_in(tmp_path))
    city.publish(TITLES)
    city.publish({"menus": "Autre titre"})
    with Server(city.settings, tmp_path) as running:
        for where in ((), ("--url", f"{running.address}sparql")):
            assert "Autre titre" in ask(tmp_path, SELECT, *where).stdout
            assert "Autre titre" not in ask(tmp_path, SELECT, "--release", "1", *where).stdout
            missing = ask(tmp_path, SELECT, "--release", "9", *where)
            assert missing.returncode in {2, 3}
            assert "9" in missing.stderr


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/sparql", "ftp://127.0.0.1/", "nonsense"):
        done = ask(tmp_path, "ASK {}", "--url", url)
        assert done.returncode in {2, 3}
        assert done.stdout == ""


def test_a_result_that_is_cut_is_no_success(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\r\n\r\n"
                )

        thread = threading.Thread(target=serve)
        thread.start()
        done = ask(tmp_path, SELECT, "--url", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()
    assert done.returncode == 3
    assert "broke off" in done.stderr


@pytest.mark.parametrize(
    ("status", "kind", "body", "expected", "words"),
    [
        (400, "text/plain", b"Parse error at line 3\n stack", QueryInvalid, "Parse error at line 3"),
        (
            400,
            "application/problem+json",
            json.dumps({"detail": "d", "line": 2, "column": 3}).encode(),
            QueryInvalid,
            "d",
        ),
        (404, "text/html", b"<html>", QueryInvalid, "answered 404"),
        (500, "application/json", b"[1]", QueryFailed, "answered 500"),
        (502, "application/json", b"{", QueryFailed, "answered 502"),
        (503, "text/plain", b"", Busy, "answered 503"),
        (504, "text/plain", b"too long", QueryTimeout, "too long"),
        (507, "text/plain", b"too much", QueryMemory, "too much"),
    ],
)
def test_what_other_servers_say(status: int, kind: str, body: bytes, expected: type, words: str) -> None:
    error = failure(status, kind, body, "http://x.example/")
    assert type(error) is expected
    assert words in error.message
