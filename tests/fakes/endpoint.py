"""SPARQL endpoints with data in them: the native Oxigraph server, Virtuoso, and one in this process that has moods."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, parse, serialize

from tests.fakes.server import Answer, Running, serving

GRAPH = "https://data.example.org/graph/catalogue"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def oxigraph(turtle: bytes, *, graph: str = "") -> Iterator[str]:
    """The address of the native server, with these statements in its default graph, or in a named one."""
    program = Path(sys.executable).parent / "oxigraph"
    if not program.exists():
        pytest.skip("the native Oxigraph server is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="garonne-oxigraph-") as folder:
        command = [str(program), "serve", "--location", folder, "--bind", f"127.0.0.1:{port}"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            _put(f"{address}/store?{f'graph={graph}' if graph else 'default'}", turtle)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _put(address: str, turtle: bytes) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urlopen(Request(address, turtle, {"Content-Type": "text/turtle"}, method="PUT"), timeout=30):
                return
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


_INI = """[Database]
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
DirsAllowed = {folder}
NumberOfBuffers = 2000
MaxDirtyBuffers = 1000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
[SPARQL]
ResultSetMaxRows = {most}
"""


@contextmanager
def virtuoso(turtle: bytes, *, most: int) -> Iterator[str]:
    """The address of Virtuoso's endpoint: it has the statements in `GRAPH` and cuts answers after `most` rows."""
    if not (shutil.which("virtuoso-t") and shutil.which("isql-vt")):
        pytest.skip("Virtuoso is not installed (Debian: apt install virtuoso-opensource)")
    sql, http = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="garonne-virtuoso-") as name:
        folder = Path(name)
        (folder / "virtuoso.ini").write_text(_INI.format(folder=folder, sql=sql, http=http, most=most))
        (folder / "data.ttl").write_bytes(turtle)

        def isql(statement: str) -> bool:
            command = ["isql-vt", str(sql), "dba", "dba", f"exec={statement}"]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

        command = ["virtuoso-t", "-f", "-c", str(folder / "virtuoso.ini")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            deadline = time.monotonic() + 120
            while not isql("status();"):
                assert time.monotonic() < deadline, "Virtuoso did not come up"
                time.sleep(0.3)
            assert isql(f"DB.DBA.TTLP(file_to_string_output('{folder}/data.ttl'), '', '{GRAPH}');")
            yield f"http://127.0.0.1:{http}/sparql"
        finally:
            process.kill()
            process.wait(20)


@dataclass
class Moody:
    """An endpoint in this process. It cuts answers after `most` rows or statements without a word, refuses queries with
    more than `values` bound IRIs, answers with `moods` first, ignores OFFSET, or counts `more` than there is."""

    store: Store
    most: int | None = None
    values: int | None = None
    deaf: bool = False
    more: int = 0
    moods: list[Answer] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, turtle: bytes) -> Moody:
        """One that holds these statements."""
        store = Store()
        store.load(turtle, RdfFormat.TURTLE)
        return cls(store)

    def get(self, path: str) -> Answer:
        """The answer to a GET."""
        self.methods.add("GET")
        return Answer(status=414) if len(path) > 8000 else self._answer(parse_qs(urlsplit(path).query)["query"][0])

    def post(self, _path: str, body: bytes) -> Answer:
        """The answer to a POST."""
        self.methods.add("POST")
        return self._answer(parse_qs(body.decode())["query"][0])

    def _answer(self, query: str) -> Answer:
        if self.moods:
            return self.moods.pop(0)
        if self.values is not None and query.partition("VALUES ?s {")[2].partition("}")[0].count("<") > self.values:
            return Answer(b"Virtuoso 42000 Error The estimated execution time exceeds the limit", status=500)
        if self.deaf:
            query = re.sub(r"OFFSET \d+", "OFFSET 0", query)
        found = self.store.query(query)
        if isinstance(found, QueryTriples):
            triples = list(found)[: self.most]
            return Answer(serialize(triples, format=RdfFormat.N_TRIPLES), kind="application/n-triples")
        assert isinstance(found, QuerySolutions)
        body = found.serialize(format=QueryResultsFormat.JSON)
        return Answer(self._cut(body), kind="application/sparql-results+json")

    def _cut(self, body: bytes) -> bytes:
        data = json.loads(body)
        rows = data["results"]["bindings"]
        data["results"]["bindings"] = rows[: self.most]
        for row in rows:
            if "n" in row:
                row["n"]["value"] = str(int(row["n"]["value"]) + self.more)
        return json.dumps(data).encode()


@contextmanager
def running(state: Moody) -> Iterator[Running]:
    """Runs it on a free loopback port."""
    with serving(state.get, state.post) as server:
        yield server


def lines(file: Path) -> bytes:
    """The statements of an RDF document as N-Triples, which every server reads."""
    return serialize([q.triple for q in parse(path=file)], format=RdfFormat.N_TRIPLES)
