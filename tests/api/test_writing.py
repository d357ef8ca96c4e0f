"""Writing over HTTP into a catalogue: by token, only to local graphs, published as releases."""

from __future__ import annotations

import fcntl
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from catalog.commands.releases import roll_back
from catalog.draft import Draft
from catalog.lock import writing
from catalog.releases import Releases
from catalog.settings import Settings
from catalog.store import Workspace, clone
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server

TOKEN = "a token for the tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NOTE = "https://data.example.org/graph/local/notes"
TURTLE = {**BEARER, "Content-Type": "text/turtle"}
EXACT = (
    b"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
    b'<https://data.example.org/dataset/menus> <x:size> "012"^^xsd:nonNegativeInteger ; <x:by> [ <x:name> "A" ] .'
)


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City(settings_in(tmp_path, write={"tokens": [TOKEN]}))
    city.publish(TITLES)
    return city


@pytest.fixture
def running(city: City, tmp_path: Path) -> Iterator[Server]:
    with Server(city.settings, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the requests that change nothing."""
    folder = tmp_path_factory.mktemp("refusing")
    settings = settings_in(folder, write={"tokens": [TOKEN]})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        yield running


def update(running: Server, text: str, headers: dict[str, str] = BEARER) -> Answer:
    return running.ask(
        "POST", "/sparql/update", text.encode(), {"Content-Type": "application/sparql-update", **headers}
    )


def consistent(settings: Settings, folder: Path) -> list[str]:
    """Where the default graph of the current release disagrees with its named graphs."""
    current = Releases(settings.store.path).current()
    assert current is not None
    clone(current.store, folder)
    workspace = Workspace(folder)
    assert workspace.size() == current.manifest.quads
    return workspace.out_of_step()


def test_a_local_graph_is_written_read_changed_and_taken_away(running: Server, city: City, tmp_path: Path) -> None:
    made = running.ask("PUT", f"/graphs?graph={quote(NOTE)}", EXACT, TURTLE)
    assert (made.status, made.headers["location"], made.headers["garonne-release"]) == (201, NOTE, "2")
    assert '"012"^^xsd:nonNegativeInteger' in running.get("/graph/local/notes", "text/turtle").text
    again = running.ask("PUT", "/graph/local/notes", EXACT, TURTLE)
    assert (again.status, again.headers["garonne-release"]) == (204, "2"), "nothing changed, nothing is published"

    changed = update(running, f"INSERT DATA {{ GRAPH <{NOTE}> {{ <x:a> <x:b> 'c' }} }}")
    assert (changed.status, changed.headers["garonne-release"]) == (204, "3")
    text = running.get("/graph/local/notes", "application/n-triples").text
    assert '"012"^^' in text, "what the update did not touch is kept as it was written"
    assert '<x:a> <x:b> "c" .' in text
    before = running.get("/graph/local/notes?release=2", "application/n-triples").text
    assert "<x:a>" not in before
    rows = running.rows(
        f"SELECT ?size {{ GRAPH <{NOTE}> {{ ?d <x:size> ?size }} ?d a <http://www.w3.org/ns/dcat#Dataset> }}"
    )
    assert rows == [{"size": "12"}], "it joins with the catalogue"
    assert not running.rows("SELECT ?s { ?s <x:size> ?o }"), "it is not in the merged catalogue"
    assert consistent(city.settings, tmp_path / "copy") == []

    with writing(city.settings.store.path):
        roll_back(city.settings, 2)
    assert running.get("/graph/local/notes", "application/n-triples").text == before
    assert running.ask("DELETE", "/graph/local/notes", headers=BEARER).status == 204
    assert running.get("/graph/local/notes").status == 404
    assert running.ask("DELETE", "/graph/local/notes", headers=BEARER).status == 404
    assert running.rows("SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }")


def test_a_harvest_keeps_local_graphs_and_its_lock_is_respected(running: Server, city: City) -> None:
    assert running.ask("POST", "/graphs", EXACT, TURTLE).headers["location"].startswith(NOTE.rpartition("/")[0])
    city.publish({"parcs": "Parcs"})
    assert len(running.rows("SELECT ?s { GRAPH ?g { ?s <x:size> ?size } }")) == 1
    with (city.settings.store.path / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = running.ask("PUT", "/graph/local/a", EXACT, TURTLE)
    assert (answer.status, "harvest" in answer.json()["detail"]) == (503, True)
    assert answer.headers["retry-after"]
    assert running.ask("PUT", "/graph/local/a", EXACT, TURTLE).status == 201
    with closing(Draft(city.settings.store.path, 5, city.day, city.base)) as draft:
        assert draft.changed() is False, "nothing half-made is left behind"


def test_an_update_sees_the_catalogue_and_writes_local_graphs_only(running: Server) -> None:
    text = (
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> "
        f"INSERT {{ GRAPH <{NOTE}> {{ ?d <x:seen> true }} }} WHERE {{ ?d a dcat:Dataset }} ; "
        f"COPY <{NOTE}> TO <{NOTE}2> ; DELETE {{ GRAPH <{NOTE}2> {{ ?d ?p ?o }} }} "
        f"WHERE {{ GRAPH <{NOTE}2> {{ ?d ?p ?o }} FILTER(CONTAINS(STR(?d), 'menus')) }}"
    )
    assert update(running, text).status == 204
    counts = running.rows("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?d <x:seen> true } } GROUP BY ?g ORDER BY ?g")
    assert counts == [{"g": NOTE, "n": "3"}, {"g": f"{NOTE}2", "n": "2"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DROP ALL", "all graphs"),
        ("CLEAR DEFAULT", "the default graph"),
        ("INSERT DATA { <x:a> <x:b> 1 }", "the default graph"),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", "a variable"),
        ("CLEAR GRAPH <https://data.example.org/record/menus>", "record/menus"),
        ("INSERT DATA { GRAPH <https://data.example.org/graph/local/../catalog> { <x:a> <x:b> 1 } }", "graph/"),
        (f"MOVE <https://data.example.org/graph/agents> TO <{NOTE}>", "graph/agents"),
    ],
)
def test_other_graphs_are_not_written(refusing: Server, text: str, words: str) -> None:
    answer = update(refusing, text)
    assert answer.status == 403
    assert words in answer.json()["detail"]
    assert "graph/local/" in answer.json()["hint"]
    assert refusing.sparql("ASK {}").headers["garonne-release"] == "1"


def test_a_graph_of_a_source_is_not_written_by_the_graph_store_protocol_either(refusing: Server) -> None:
    for method, path in (("PUT", "/graph/catalog"), ("DELETE", "/graphs?default"), ("POST", "/graphs?graph=x:y")):
        assert refusing.ask(method, path, EXACT, TURTLE).status == 403
    quads = {**BEARER, "Content-Type": "application/n-quads"}
    body = b"<x:a> <x:b> <x:c> <https://data.example.org/graph/catalog> ."
    assert refusing.ask("PUT", "/graph/local/a", body, quads).status == 403
    assert refusing.ask("PUT", "/graphs", body, quads).status == 400


def test_what_the_engine_would_reach_without_our_reading_is_thrown_away(city: City) -> None:
    """The reading of the text is for a clear answer; that other graphs stay as they are does not depend on it."""
    from catalog import local
    from catalog.dataset import Dataset

    class Blind(local.LocalGraphs):
        pass

    original = local.outside
    try:
        local.outside = lambda *_: None  # type: ignore[assignment]
        store = Blind(city.settings)
        store.update(f"CLEAR ALL ; INSERT DATA {{ <x:a> <x:b> 1 . GRAPH <{NOTE}> {{ <x:a> <x:b> 2 }} }}", Dataset())
        assert store.publish() == 2
    finally:
        local.outside = original
    current = Releases(city.settings.store.path).current()
    assert current is not None
    assert current.manifest.datasets == 3
    first = Releases(city.settings.store.path).get(1)
    assert current.manifest.quads == first.manifest.quads + 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic ???"},
        {"Authorization": f"Basic {b64encode(b'someone:wrong').decode()}"},
        {"Authorization": f"Digest {TOKEN}"},
    ],
)
def test_writing_needs_a_token(refusing: Server, headers: dict[str, str]) -> None:
    for answer in (update(refusing, "CLEAR ALL", headers), refusing.ask("DELETE", "/graph/local/a", headers=headers)):
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert TOKEN not in answer.text


def test_a_token_as_a_password_will_do(running: Server) -> None:
    basic = {"Authorization": "Basic " + b64encode(f"anybody:{TOKEN}".encode()).decode()}
    assert update(running, f"CREATE GRAPH <{NOTE}>", basic).status == 204
    assert running.get("/graph/local/notes").status == 200


def test_without_tokens_nobody_writes(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        answer = update(running, "CLEAR ALL")
        assert answer.status == 401
        assert "nobody" in answer.json()["hint"]


@pytest.mark.parametrize(
    ("headers", "body", "status", "words"),
    [
        ({"Content-Type": "text/turtle"}, b"<x:a> <x:b> .", 400, "line 1"),
        ({"Content-Type": "text/plain"}, b"", 415, "text/turtle"),
        ({}, b"<x:a> <x:b> <x:c> .", 415, "text/turtle"),
        ({"Content-Type": "text/turtle; charset=utf-16"}, b"", 415, "utf-8"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"nothing", 400, "multipart"),
        (
            {"Content-Type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhello\r\n--x--\r\n',
            415,
            "text/turtle",
        ),
    ],
)
def test_what_cannot_be_written_is_explained(
    refusing: Server, headers: dict[str, str], body: bytes, status: int, words: str
) -> None:
    answer = refusing.ask("PUT", "/graph/local/a", body, {**BEARER, **headers})
    assert answer.status == status
    assert words in answer.text


def test_requests_that_cannot_be(refusing: Server) -> None:
    for method, path in (("GET", "/sparql/update"), ("PUT", "/sparql/update"), ("PATCH", "/graphs")):
        assert refusing.ask(method, path, b"", BEARER).status == 405
    for path in ("/graphs", "/graphs?graph=a%20b", "/graphs?graph=x:y&default", "/graphs?graph=%FF"):
        assert refusing.get(path).status == 400
    syntax = update(refusing, f"INSERT DATA {{ GRAPH <{NOTE}> {{ <x:a> <x:b> }} }}")
    assert (syntax.status, syntax.json()["line"]) == (400, 1)
    conflict = refusing.ask(
        "POST",
        "/sparql/update",
        urlencode(
            {"update": f"WITH <{NOTE}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", "using-graph-uri": "x:y"}
        ).encode(),
        {**BEARER, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (conflict.status, "twice" in conflict.text) == (400, True)
    fetched = update(refusing, f"LOAD <http://127.0.0.1:9/> INTO GRAPH <{NOTE}>")
    assert (fetched.status, "nothing is fetched" in fetched.text) == (400, True)


def test_the_writer_reaches_nobody(running: Server) -> None:
    """Where LOAD names an address that would answer, nobody is asked; SILENT makes it no error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.ttl"
        loaded = update(running, f"LOAD <{address}> INTO GRAPH <{NOTE}>")
        silent = update(running, f"LOAD SILENT <{address}> INTO GRAPH <{NOTE}>")
        called = update(
            running, f"INSERT {{ GRAPH <{NOTE}> {{ ?s ?p ?o }} }} WHERE {{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}"
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    assert (loaded.status, silent.status, called.status) == (400, 204, 204)
    assert running.get("/graph/local/notes").status in {200, 404}


def test_other_graphs_are_read_by_address_and_by_name(refusing: Server) -> None:
    direct = refusing.get("/graph/agents", "application/n-triples")
    assert direct.status == 200
    assert "Ville de Démo" in direct.text
    assert direct.headers["garonne-release"] == "1"
    named = refusing.get(f"/graphs?graph={quote('https://data.example.org/graph/agents')}", "application/n-triples")
    assert sorted(named.text.splitlines()) == sorted(direct.text.splitlines())
    tag = {"If-None-Match": direct.headers["etag"], "Accept": "application/n-triples"}
    assert refusing.ask("GET", "/graph/agents", headers=tag).status == 304
    assert "dcat:Dataset" in refusing.get("/graphs?default").text
    assert refusing.get("/graph/nothing").status == 404
    assert refusing.get("/graph/agents", "image/png").status == 406
    assert refusing.ask("OPTIONS", "/graphs").headers["allow"] == "GET, HEAD, PUT, POST, DELETE, OPTIONS"


def test_a_write_that_takes_too_long_or_too_much_changes_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, write={"tokens": [TOKEN], "timeout": 5.0}, query={"memory": 300})
    City(settings).publish(TITLES)
    values = " ".join(map(str, range(2000)))
    slow = f"VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} VALUES ?c {{ {values} }} FILTER(?a + ?b + ?c < 0)"
    with Server(settings, tmp_path) as running:
        answer = update(running, f"INSERT {{ GRAPH <{NOTE}> {{ <x:a> <x:b> ?a }} }} WHERE {{ {slow} }}")
        assert answer.status in {504, 507}
        assert "nothing changed" in answer.json()["detail"]
        assert (
            update(running, f"INSERT DATA {{ GRAPH <{NOTE}> {{ <x:a> <x:b> 1 }} }}").headers["garonne-release"] == "2"
        )
    assert not (settings.store.path / "work").exists()
