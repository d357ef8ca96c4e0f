"""Clients that people use, put to the service: rdflib's stores, the native Oxigraph server's SERVICE, JavaScript ones.

Those of JavaScript are installed by `.ci/run` into a folder that GARONNE_CLIENTS names; where Node.js or the folder is
absent their tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus
from urllib.request import Request, urlopen

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.fakes import endpoint

SOURCES = Path(__file__).resolve().parents[1] / "clients"
DCT = "http://purl.org/dc/terms/"
SELECT = f"SELECT ?d ?t WHERE {{ ?d a <http://www.w3.org/ns/dcat#Dataset> ; <{DCT}title> ?t }}"
EXPECTED = sorted(TITLES.values())


# ── rdflib ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["xml", "json", "csv"])
def test_rdflib_reads(server: Server, method: str, returned: str) -> None:
    store = SPARQLStore(f"{server.address}sparql", method=method, returnFormat=returned)
    graph = Graph(store)
    assert sorted(str(row.t) for row in graph.query(SELECT)) == EXPECTED  # type: ignore[union-attr]
    menus = URIRef("https://data.example.org/dataset/menus")
    assert [str(o) for o in graph.objects(menus, URIRef(f"{DCT}title"))] == ["Menus des cantines"]
    if returned != "csv":
        assert graph.query("ASK { ?s ?p ?o }").askAnswer
    if returned == "xml":  # with the others it accepts no format that a graph has
        built = graph.query(f"CONSTRUCT {{ ?d <{DCT}title> ?t }} WHERE {{ ?d <{DCT}title> ?t }}")
        assert Literal("Menus des cantines", lang="fr") in {o for _, _, o in built}  # type: ignore[misc]


def test_rdflib_writes_a_local_graph(tmp_path: Path) -> None:
    city = City(settings_in(tmp_path, write={"tokens": ["secret"]}))
    city.publish(TITLES)
    name = URIRef("https://data.example.org/graph/local/rdflib")
    with Server(city.settings, tmp_path) as running:
        address = f"{running.address}sparql"
        store = SPARQLUpdateStore(address, f"{address}/update", auth=("anybody", "secret"))
        graph = Graph(store, identifier=name)
        graph.add((URIRef("x:a"), URIRef("x:b"), Literal("c")))
        assert [str(o) for o in graph.objects(URIRef("x:a"))] == ["c"]
        graph.remove((URIRef("x:a"), None, None))
        assert len(graph) == 0
        assert running.sparql("ASK {}").headers["garonne-release"] == "3"


# ── Oxigraph's own server ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[str]:
    """The address of a native Oxigraph server that holds one triple."""
    with endpoint.oxigraph(b'<https://data.example.org/dataset/menus> <x:note> "mine" .') as address:
        yield address


def test_a_service_call_of_the_native_oxigraph_server(server: Server, oxigraph: str) -> None:
    query = f"SELECT ?t ?n {{ ?d <x:note> ?n SERVICE <{server.address}sparql> {{ ?d <{DCT}title> ?t }} }}"
    request = Request(f"{oxigraph}/query?query={quote(query)}", headers={"Accept": "application/sparql-results+json"})
    with urlopen(request, timeout=20) as answer:
        (row,) = json.load(answer)["results"]["bindings"]
    assert (row["t"]["value"], row["n"]["value"]) == ("Menus des cantines", "mine")


# ── Virtuoso ─────────────────────────────────────────────────────────────────────────────────────────────────────────

VIRTUOSO = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 2000
MaxDirtyBuffers = 1000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
"""
GRANTS = (
    'grant select on "DB.DBA.SPARQL_SINV_2" to "SPARQL"; grant execute on "DB.DBA.SPARQL_SINV_IMP" to "SPARQL"; '
    'SPARQL INSERT DATA { GRAPH <x:g> { <https://data.example.org/dataset/menus> <x:note> "mine" } };'
)


def test_a_service_call_of_virtuoso(server: Server, tmp_path: Path) -> None:
    if not (shutil.which("virtuoso-t") and shutil.which("isql-vt")):
        pytest.skip("Virtuoso is not installed")
    sql, http = endpoint.free_port(), endpoint.free_port()
    settings = tmp_path / "virtuoso.ini"
    settings.write_text(VIRTUOSO.format(folder=tmp_path, sql=sql, http=http))

    def isql(statement: str) -> bool:
        command = ["isql-vt", str(sql), "dba", "dba", f"exec={statement}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    process = subprocess.Popen(
        ["virtuoso-t", "-f", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
    )
    try:
        deadline = time.monotonic() + 90
        while not isql("status();"):
            assert time.monotonic() < deadline, "Virtuoso did not come up"
            time.sleep(0.3)
        assert isql(GRANTS)
        service = f"SERVICE <{server.address}sparql> {{ ?d <{DCT}title> ?t }}"
        query = f"SELECT ?t ?n {{ GRAPH <x:g> {{ ?d <x:note> ?n }} {service} }}"
        address = f"http://127.0.0.1:{http}/sparql?query={quote(query)}&format=application%2Fsparql-results%2Bjson"
        with urlopen(address, timeout=60) as answer:
            (row,) = json.load(answer)["results"]["bindings"]
        assert (row["t"]["value"], row["n"]["value"]) == ("Menus des cantines", "mine")
    finally:
        process.kill()
        process.wait(20)


# ── JavaScript ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def javascript() -> Path:
    """The script that asks, beside the clients that it uses."""
    folder = os.environ.get("GARONNE_CLIENTS")
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    if not folder or not (Path(folder) / "node_modules").exists():
        pytest.skip("GARONNE_CLIENTS names no folder with the JavaScript clients installed")
    script = Path(folder) / f"ask-{os.getpid()}.mjs"
    shutil.copy(SOURCES / "ask.mjs", script)
    return script


def asked(script: Path, client: str, query: str, *endpoints: str) -> Any:
    done = subprocess.run(
        ["node", str(script), client, query, *endpoints], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("client", ["comunica", "fetcher", "http_client", "http_client_post"])
def test_javascript_clients_select(server: Server, javascript: Path, client: str) -> None:
    rows = asked(javascript, client, SELECT, f"{server.address}sparql")
    assert sorted(row["t"] for row in rows) == EXPECTED


@pytest.mark.parametrize("client", ["fetcher_triples", "http_client_stream"])
def test_javascript_clients_construct(server: Server, javascript: Path, client: str) -> None:
    query = f"CONSTRUCT {{ ?d <{DCT}title> ?t }} WHERE {{ ?d a <http://www.w3.org/ns/dcat#Dataset> ; <{DCT}title> ?t }}"
    assert len(asked(javascript, client, query, f"{server.address}sparql")) == len(TITLES)


def test_javascript_clients_ask_and_hear_of_errors(server: Server, javascript: Path) -> None:
    address = f"{server.address}sparql"
    assert asked(javascript, "fetcher_ask", "ASK { ?s ?p ?o }", address) is True
    for client in ("fetcher", "http_client"):
        assert "error" in asked(
            javascript, client, "SELECT ?x { ?x <x:y> ?z . OPTIONAL { SERVICE <x:z> {} } }", address
        )


def test_comunica_federates_our_endpoint_with_another(server: Server, javascript: Path, oxigraph: str) -> None:
    """Every pattern may be answered by either; the limits of a client leave room for the many small requests."""
    query = f"SELECT ?t ?n {{ ?d a <http://www.w3.org/ns/dcat#Dataset> ; <{DCT}title> ?t ; <x:note> ?n }}"
    rows = asked(javascript, "comunica", query, f"{server.address}sparql", f"{oxigraph}/query")
    assert rows == [{"t": "Menus des cantines", "n": "mine"}]


def test_comunica_finds_out_by_itself_what_our_endpoint_is(server: Server, javascript: Path) -> None:
    rows = asked(javascript, "comunica_discovering", SELECT, f"{server.address}sparql")
    assert sorted(row["t"] for row in rows) == EXPECTED


class Recorder(ThreadingHTTPServer):
    """Passes requests on to a server, and keeps what was asked."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.port = port
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Passing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Recorder)
        self.server.asked.append(unquote_plus(self.path))
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request("GET", self.path, headers={"Accept": self.headers["Accept"]})
        response = connection.getresponse()
        body = response.read()
        self.send_response(response.status)
        self.send_header("Content-Type", response.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_comunica_needs_no_count_requests_where_it_reads_the_statistics(
    tmp_path: Path, javascript: Path, oxigraph: str
) -> None:
    port = endpoint.free_port()
    recorder = Recorder(port)
    serving = {"port": port, "workers": 2}
    settings = settings_in(
        tmp_path, catalog={"base": recorder.base}, query={"standing": True, "timeout": 10.0}, serve=serving
    )
    release = City(settings).publish(TITLES)
    query = f"SELECT ?t {{ ?d a <http://www.w3.org/ns/dcat#Dataset> ; <{DCT}title> ?t }}"
    with Server(settings, tmp_path):
        while not (release.path / "answers" / "statistics.json").exists():
            time.sleep(0.1)
        rows = asked(javascript, "comunica_estimating", query, f"{recorder.base}sparql", f"{oxigraph}/query")
    recorder.shutdown()
    recorder.server_close()
    assert sorted(row["t"] for row in rows) == EXPECTED
    assert len(recorder.asked) > 1
    assert not [path for path in recorder.asked if "COUNT" in path]
