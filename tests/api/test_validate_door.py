"""`/validate`, as people, programs and attackers meet it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from catalog import sandbox
from catalog.settings_table import ValidationSettings
from shapes import profiles
from shapes.registry import Given, Registry
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.api.test_pages import Outline
from tests.shapes.catalogues import CORRECT
from vocab.text import Text

FAULTY = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<http://example.org/d> a dcat:Dataset ; dct:title "<script>alert(1)</script>"@fr ; dct:issued "<b>hier</b>" .
"""
LIMITS = "[check]\nmemory = 300\nqueue = 2\nmax_bytes = 8000000\n"
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a small catalogue, with the limits that these tests reach."""
    folder = tmp_path_factory.mktemp("check")
    settings = settings_in(folder)
    City(settings).publish(TITLES)
    with Server(settings, folder, more=LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives a check four seconds, for what would take as long as it may."""
    folder = tmp_path_factory.mktemp("hurried")
    with Server(settings_in(folder), folder, more=f"{LIMITS}timeout = 4.0\n") as running:
        yield running


def post(server: Server, body: bytes | str, query: str = "", **headers: str) -> Answer:
    """A document posted as it is, Turtle unless the headers say otherwise."""
    given = TURTLE | {name.replace("_", "-"): value for name, value in headers.items()}
    return server.ask("POST", f"/validate{query}", body.encode() if isinstance(body, str) else body, given)


def form(server: Server, *fields: tuple[str, str, str], accept: str = "text/html") -> Answer:
    """A form as a browser sends it: (name, value, file name)."""
    body = b""
    for name, value, file in fields:
        extra = f'; filename="{file}"\r\nContent-Type: application/octet-stream' if file else ""
        body += f'--XyZ\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'.encode()
    headers = {"Content-Type": "multipart/form-data; boundary=XyZ", "Accept": accept, "Accept-Language": "fr"}
    return server.ask("POST", "/validate", body + b"--XyZ--\r\n", headers)


def checks(server: Server) -> set[int]:
    """The processes that check documents at this moment."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    found = set()
    for pid in children:
        try:
            if b"api.checker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
        except OSError:
            continue
    return found


# ── the form ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_form_is_well_made(checker: Server, lang: str) -> None:
    answer = checker.get("/validate", "text/html", **{"Accept-Language": lang})
    outline = Outline(answer.text)
    assert outline.all("html") == [{"lang": lang}]
    assert not outline.all("script")
    labelled = {a["for"] for a in outline.all("label")}
    fields = [a for t, a in outline.elements if t in {"input", "select", "textarea"} and a.get("type") != "hidden"]
    assert all(a["id"] in labelled for a in fields)
    boxes = [a for a in outline.all("input") if a.get("type") == "checkbox"]
    assert {a["value"] for a in boxes} == set(profiles.names())
    assert [a["value"] for a in boxes if "checked" in a] == sorted(ValidationSettings().profiles)
    assert outline.all("form")[0]["enctype"] == "multipart/form-data"
    head = checker.ask("HEAD", "/validate")
    assert (head.status, head.body) == (200, b"")
    assert checker.ask("OPTIONS", "/validate").headers["allow"] == "GET, HEAD, POST, OPTIONS"
    refused = checker.ask("PUT", "/validate", b"x")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize(
    "fields",
    [
        [("document", FAULTY, ""), ("file", "", "")],
        [("document", "", ""), ("file", FAULTY, "catalogue <1>.ttl"), ("url", "", "")],
    ],
)
def test_a_form_gives_a_page(checker: Server, fields: list[tuple[str, str, str]]) -> None:
    answer = form(checker, *fields, ("profile", "dcat-ap-3", ""), ("format", "html", ""), ("lang", "fr", ""))
    assert answer.status == 200, answer.text
    assert answer.type == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Description (dct:description)" in answer.text
    assert "<b>hier" not in answer.text
    assert "&lt;b&gt;hier" in answer.text
    outline = Outline(answer.text)
    assert not outline.all("script")
    assert not outline.all("link"), "a report needs nothing else"
    assert answer.headers["garonne-conforms"] == "false"
    if fields[1][1]:
        assert "catalogue &lt;1&gt;.ttl" in answer.text


def test_a_plain_form_is_a_form(checker: Server) -> None:
    body = urlencode({"document": FAULTY, "format": "json", "lang": "en"})
    answer = post(checker, body, Content_Type="application/x-www-form-urlencoded")
    assert answer.json()["counts"]["violation"] >= 2
    assert "text" in answer.json()["findings"][0]["message"]


# ── programs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("format_", "content_type", "expected"),
    [
        ("json", "application/json", '"conforms": false'),
        ("text", "text/plain", "violation"),
        ("csv", "text/csv", "severity,"),
        ("ttl", "text/turtle", "sh:ValidationReport"),
        ("html", "text/html", "<!doctype html>"),
        ("sarif", "application/sarif+json", '"version": "2.1.0"'),
        ("junit", "application/xml", "<testsuite"),
    ],
)
def test_every_form_of_a_report(checker: Server, format_: str, content_type: str, expected: str) -> None:
    answer = post(checker, FAULTY, f"?format={format_}&lang=en")
    assert answer.status == 200
    assert answer.type == f"{content_type}; charset=utf-8"
    assert expected in answer.text
    assert int(answer.headers["content-length"]) == len(answer.body)
    if format_ != "json":
        assert post(checker, FAULTY, Accept=content_type).type == answer.type
    if format_ == "ttl":
        assert list(parse(answer.body, format=RdfFormat.TURTLE))


def test_without_a_preference_it_is_json(checker: Server) -> None:
    answer = post(checker, FAULTY, Accept="*/*")
    assert answer.type == "application/json; charset=utf-8"
    assert answer.json()["profiles"][0]["name"] == "dcat-ap-3"


def test_a_conforming_document_conforms(checker: Server) -> None:
    answer = post(checker, CORRECT, "?format=json")
    assert answer.json()["findings"] == []
    assert answer.headers["garonne-conforms"] == "true"
    rdf = serialize(parse(CORRECT, format=RdfFormat.TURTLE), format=RdfFormat.RDF_XML) or b""
    assert post(checker, rdf, Content_Type="application/rdf+xml").headers["garonne-conforms"] == "true"


def test_an_address_is_fetched(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path, more="[check]\nallow_private = true\n") as running:
        here = running.address.rstrip("/")
        answer = post(running, b"", "?" + urlencode({"url": f"{here}/catalog.ttl", "format": "json"}))
        assert answer.status == 200, answer.text
        assert answer.json()["inputs"] == [f"{here}/catalog.ttl"]
        assert answer.json()["statements"] > 30
        none = post(running, b"", "?" + urlencode({"url": f"{here}/nothing.ttl"}))
        assert none.status == 422
        assert "404" in none.json()["detail"]
        page = post(running, b"", "?" + urlencode({"url": f"{here}/status"}))
        assert "not RDF" in page.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:1/x", "http://localhost/x", "http://169.254.169.254/latest/meta-data", "http://[::1]/"),
        *("file:///etc/passwd", "ftp://example.org/x", "http://0.0.0.0/", "http://10.0.0.1/", "x", "http://"),
    ],
)
def test_no_private_address_is_fetched(checker: Server, url: str) -> None:
    answer = post(checker, b"", "?" + urlencode({"url": url}))
    assert answer.status == 422, answer.text
    assert "root:" not in answer.text
    assert "allow_private" not in answer.text


# ── what cannot be checked ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "query", "content_type", "status", "expected"),
    [
        ("", "", "text/turtle", 400, "nothing to check"),
        ("hello world", "", "text/turtle", 422, "not correct"),
        ("<!doctype html><p>x", "", "text/plain", 422, "web page"),
        ("PK\x03\x04zip", "", "application/octet-stream", 422, "compressed"),
        (FAULTY[:150], "", "text/turtle", 422, "line"),
        (FAULTY, "", "image/png", 415, "text/turtle"),
        (FAULTY, "?profile=dcat", "text/turtle", 400, "dcat-ap-3"),
        (FAULTY, "?format=pdf", "text/turtle", 400, "html"),
        (FAULTY, "?url=http://example.org/", "text/turtle", 400, "Several"),
        ('{"@context": "http://169.254.169.254/x", "a": 1}', "", "application/ld+json", 422, "context"),
        ("--X\r\nno form", "", "multipart/form-data; boundary=X", 400, "form"),
        ("--X", "", "multipart/form-data", 400, "form"),
        ("document=%FF%FE", "", "application/x-www-form-urlencoded", 400, "form"),
    ],
)
def test_what_is_wrong_is_told(
    checker: Server, body: str, query: str, content_type: str, status: int, expected: str
) -> None:
    answer = post(checker, body, query, Content_Type=content_type, Accept_Language="en")
    assert answer.status == status, answer.text
    assert answer.type == "application/problem+json"
    problem = answer.json()
    assert expected in problem["detail"] + problem.get("hint", "")
    page = post(checker, body, query, Content_Type=content_type, Accept="text/html", Accept_Language="fr")
    assert page.status == status
    assert page.type == "text/html; charset=utf-8"


def test_packed_bodies_are_refused(checker: Server) -> None:
    assert post(checker, b"\x1f\x8b", Content_Encoding="gzip").status == 415


# ── attacks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

DOCTYPE = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
LAUGHS = f"""<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY a0 "ha">{DOCTYPE}]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">
<rdf:Description rdf:about="http://example.org/x"><d:title>&a11;</d:title></rdf:Description></rdf:RDF>"""
OUTSIDE = LAUGHS.replace('<!ENTITY a0 "ha">', '<!ENTITY a0 SYSTEM "file:///etc/passwd">').replace("&a11;", "&a0;")
DEEP = 200_000
ATTACKS = {
    "billion laughs": (LAUGHS, "application/rdf+xml"),
    "outside entity": (OUTSIDE, "application/rdf+xml"),
    "nested turtle": (f"<http://e.org/a> <http://e.org/p> {'[ <http://e.org/p> ' * DEEP}", "text/turtle"),
    "nested lists": (f"<http://e.org/a> <http://e.org/p> {'(' * DEEP}{')' * DEEP} .", "text/turtle"),
    "nested json": ('{"http://e.org/p":' * DEEP + "1" + "}" * DEEP, "application/ld+json"),
    "nested arrays": ("[" * DEEP + "]" * DEEP, "application/ld+json"),
    "long literal": (f'<http://e.org/a> <http://purl.org/dc/terms/title> "{"x" * 7_000_000}" .', "text/turtle"),
    "long line": (
        "<http://e.org/a> <http://e.org/p> " + ", ".join(f"<e:{n}>" for n in range(400_000)) + ".",
        "text/turtle",
    ),
    "huge number": (
        '<http://e.org/a> <http://e.org/p> "1e999999999"^^<http://www.w3.org/2001/XMLSchema#decimal> .',
        "",
    ),
    "cycle": ("<http://e.org/a> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://e.org/a> .", "text/turtle"),
    "nul bytes": ("\x00" * 1000, "text/turtle"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_harms_only_itself(hurried: Server, attack: str) -> None:
    body, content_type = ATTACKS[attack]
    begun = time.monotonic()
    answer = post(hurried, body, "?format=json", Content_Type=content_type)
    assert answer.status in {200, 422, 504, 507}, answer.text
    assert time.monotonic() - begun < 20
    assert "root:" not in answer.text
    if answer.status != 200:
        assert answer.json()["detail"]
    assert hurried.get("/health/live").status == 200
    assert checks(hurried) == set()


def many(datasets: int) -> bytes:
    """A document that takes long to check."""
    head = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
    lines = (f'<http://e.org/{n}> a dcat:Dataset ; dct:issued "x" , "y" ; dct:title 1 .\n' for n in range(datasets))
    return (head + "".join(lines)).encode()


def test_time_and_memory_are_limited(tmp_path: Path) -> None:
    with Server(settings_in(tmp_path), tmp_path, more="[check]\ntimeout = 0.2\n") as running:
        answer = post(running, many(20_000), Accept_Language="fr")
        assert answer.status == 504, answer.text
        assert "0.2 s" in answer.json()["detail"]
    memory = tmp_path / "memory"
    memory.mkdir()
    with Server(settings_in(memory), memory, more="[check]\nmemory = 60\n") as running:
        answer = post(running, many(60_000))
        assert answer.status == 507, answer.text
        assert "60 MiB" in answer.json()["detail"]


def resident(server: Server) -> int:
    return sandbox.resident(server.process.pid)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_upload_is_refused_in_words(checker: Server, chunked: bool) -> None:
    before = resident(checker)
    connection = http.client.HTTPConnection(checker.host, timeout=60)
    piece = b"# nothing but a comment\n" * 40_000
    body = (piece for _ in range(300_000_000 // len(piece)))
    headers = TURTLE if chunked else TURTLE | {"Content-Length": str(300_000_000 // len(piece) * len(piece))}
    connection.request("POST", "/validate", body, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    assert answer.status == 413
    assert "8 MB" in json.loads(answer.read())["detail"]
    connection.close()
    assert resident(checker) - before < 60_000_000
    assert checker.get("/health/live").status == 200


def test_who_asks_first_is_told_at_once(checker: Server) -> None:
    with socket.create_connection(checker.host.split(":"), timeout=10) as raw:  # type: ignore[arg-type]  # host, port
        head = "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nExpect: 100-continue\r\n"
        raw.sendall(f"{head}Content-Length: 300000000\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def dribble(server: Server) -> socket.socket:
    """A connection whose body never comes."""
    host, port = server.host.split(":")
    raw = socket.create_connection((host, int(port)), timeout=30)
    raw.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nContent-Length: 5000000\r\n\r\n#")
    return raw


def test_slow_uploads_do_not_stop_the_others(checker: Server) -> None:
    slow = [dribble(checker) for _ in range(4)]
    try:
        time.sleep(0.3)
        busy = post(checker, FAULTY)
        assert busy.status == 503
        assert int(busy.headers["retry-after"]) > 0
        begun = time.monotonic()
        assert checker.get("/datasets", "text/html").status == 200
        assert checker.sparql("ASK {}").status == 200
        assert time.monotonic() - begun < 5
    finally:
        for one in slow:
            one.close()
    deadline = time.monotonic() + 5
    while (answer := post(checker, FAULTY)).status == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer.status == 200, "who left gave the place back"


def test_checks_wait_for_each_other_and_pages_do_not(checker: Server) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(post(checker, many(1000)).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    most, slowest = 0, 0.0
    while any(t.is_alive() for t in threads):
        begun = time.monotonic()
        assert checker.get("/datasets", "text/html").status == 200
        slowest = max(slowest, time.monotonic() - begun)
        most = max(most, len(checks(checker)))
    for thread in threads:
        thread.join()
    assert most <= 2
    assert slowest < 5
    assert set(statuses) == {200, 503}
    assert len(statuses) == 8


def test_who_leaves_stops_the_check(checker: Server) -> None:
    body = many(30_000)
    host, port = checker.host.split(":")
    raw = socket.create_connection((host, int(port)), timeout=30)
    head = f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nContent-Length: {len(body)}\r\n\r\n"
    raw.sendall(head.encode() + body)
    deadline = time.monotonic() + 10
    while not checks(checker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert checks(checker), "it has begun"
    raw.close()
    left = time.monotonic()
    while checks(checker) and time.monotonic() - left < 10:
        time.sleep(0.02)
    assert not checks(checker)
    assert time.monotonic() - left < 3


def test_a_parser_s_error_is_in_the_reader_s_language(checker: Server) -> None:
    half = FAULTY[: len(FAULTY) // 2] + " dct:title nope:x"
    answer = post(checker, half, "?lang=fr", Accept="text/html")
    assert answer.status == 422
    assert "ce n’est pas du Turtle correct" in answer.text
    assert "En anglais" not in answer.text
    assert "Check the document" not in answer.text


def test_noise_is_asked_for(checker: Server) -> None:
    for wanted, status in (("apart", 200), ("show", 200), ("never", 400)):
        assert post(checker, FAULTY, f"?noise={wanted}").status == status


def test_a_registered_profile_is_offered_and_used(checker: Server) -> None:
    body = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
    <urn:shape> sh:targetClass dcat:Dataset ; sh:property [ sh:path dcat:version ; sh:minCount 1 ; sh:MinCount 2 ] ."""
    registry = Registry.beside(Path(checker.log.name).parent / "var")
    registry.add("of-a-city", Text("D’une ville", "Of a city"), [Given("city.ttl", "urn:city", body, ".ttl")])
    try:
        assert "D’une ville" in checker.ask("GET", "/validate", b"", {"Accept-Language": "fr"}).text
        found = post(checker, FAULTY, "?profile=of-a-city&format=json&lang=en").json()
        assert [one["path"] for one in found["findings"]] == ["http://www.w3.org/ns/dcat#version"]
        assert ["sh:MinCount is no term of SHACL" in note for note in found["notes"]] == [True]
    finally:
        registry.remove("of-a-city")
    assert post(checker, FAULTY, "?profile=of-a-city").status == 400
