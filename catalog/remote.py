"""A SPARQL engine elsewhere, spoken to by the three protocols of SPARQL 1.1: queries, updates, the graph store.

The operator names its addresses, so that it may be on a private network. What is known of engines stands here: that
some refuse literals which are no values of their type, cut answers after so many rows, or answer ASK with a table.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from catalog.access import PIECE, Access, Late, Refused
from catalog.errors import StoreError

BYTES = 4_000_000
"""Bytes of one request, at about."""
CUT = "X-SPARQL-MaxRows"
"""The header with which Virtuoso says that it gave as many rows as it gives at most."""
LATE = "X-SQL-State"
"""The header with which Virtuoso says that it gives a part of the result, because its time was over."""
_CONNECT = 20.0
_TURTLE = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
"""How a document begins: Virtuoso believes what it sees, and takes a long literal for a text without it."""


class _Bearer(AuthBase):
    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


@dataclass
class Answer:
    """An answer as it comes: its media type, the rows that it is cut after where it says so, and its bytes."""

    media_type: str
    cut: int
    raw: Iterator[bytes]

    def file(self, held: object = None) -> io.BufferedReader:
        """The bytes as a file, which keeps what is `held` from going."""
        return io.BufferedReader(_Pieces(self.raw, held), 1 << 16)

    def read(self) -> bytes:
        """All of them."""
        return b"".join(self.raw)


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes], held: object) -> None:
        self._pieces = pieces
        self._held = held
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


class Remote:
    """One conversation with an engine elsewhere.

    `patience` is the longest silence in seconds, 0 for ever; `limit` is what a query may take where the engine heeds
    that, 0 for any time. `server` is what it calls itself, once it has answered a query.
    """

    def __init__(self, access: Access, *, patience: float, limit: float = 0) -> None:
        self.access = access
        self.patience = patience
        self.limit = limit
        self.server = ""
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy or netrc that the operator did not name here
        self.session.headers["User-Agent"] = f"Garonne/{version('garonne')}"
        self.session.auth = _authentication(access)

    @contextmanager
    def query(
        self, text: str, accept: str, *, default: Sequence[str] = (), named: Sequence[str] = ()
    ) -> Iterator[Answer]:
        """The answer to a query on this data set, or on the engine's own where it is empty.

        Virtuoso goes on with a query that nobody waits for any more; it is told the `limit`, in seconds. Raises
        `Refused` with the engine's word, `Late` when it gave a part only, `StoreError` when it does not answer.
        """
        graphs = [("default-graph-uri", default), ("named-graph-uri", named)]  # Oxigraph reads one named twice twice
        form = [("query", text), *((name, g) for name, all_ in graphs for g in dict.fromkeys(all_))]
        if self.limit:
            form.append(("timeout", str(int(self.limit * 1000))))
        with self._asked("POST", self.access.query, data=form, headers={"Accept": accept}, stream=True) as response:
            if response.headers.get(LATE):
                raise Late(f"the engine stopped the query after {self.limit:g} s, its time limit.", hint="Narrow it.")
            self.server = response.headers.get("Server", "")
            cut = response.headers.get(CUT, "")
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
            yield Answer(media_type, int(cut) if cut.isdigit() else 0, self._pieces(response))

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_content(1 << 16)
        except requests.exceptions.RequestException as e:
            raise StoreError(f"the engine broke off its answer ({type(e).__name__}).", what=self._host) from e

    def rows(self, text: str, *, default: Sequence[str] = ()) -> list[dict[str, str]]:
        """The rows of a small table, values only."""
        with self.query(text, "application/sparql-results+json", default=default) as answer:
            bindings = json.loads(answer.read())["results"]["bindings"]
        return [{name: str(cell["value"]) for name, cell in row.items()} for row in bindings]

    def count(self, graph: str) -> int:
        """How many statements a graph has."""
        return int(self.rows(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")[0]["n"])

    def update(self, text: str) -> None:
        """Does an update. Raises `Refused` or `StoreError`."""
        with self._asked(
            "POST", self.access.update, data=text.encode(), headers={"Content-Type": "application/sparql-update"}
        ):
            pass

    def drop(self, graph: str) -> None:
        """Removes a graph, if it is there."""
        self.update(f"DROP SILENT GRAPH <{graph}>")

    def put(self, graph: str, lines: Sequence[str]) -> int:
        """Makes a graph state exactly these N-Triples; see `add`."""
        if not lines:
            self.drop(graph)
            return 0
        return self._send("PUT", graph, lines[:PIECE]) + self.add(graph, lines[PIECE:])

    def add(self, graph: str, lines: Sequence[str]) -> int:
        """Adds N-Triples to a graph; how many of them had to be changed.

        A literal that the engine refuses is kept there as a plain text, so that no statement is lost.
        """
        return sum(self._send("POST", graph, lines[start : start + PIECE]) for start in range(0, len(lines), PIECE))

    def _send(self, method: str, graph: str, lines: Sequence[str]) -> int:
        """Sends lines in one request; halves that are refused are halved again until one line is to blame."""
        if sum(map(len, lines)) > BYTES and len(lines) > 1:
            return self._halves(method, graph, lines)
        body = "\n".join([_TURTLE, *lines, ""]).encode()
        try:
            with self._asked(
                method,
                self.access.graphs,
                params={"graph": graph},
                data=body,
                headers={"Content-Type": "text/turtle"},
            ):
                return 0
        except Refused:
            if len(lines) > 1:
                return self._halves(method, graph, lines)
            plain = as_text(lines[0])
            if plain == lines[0]:
                raise
            self._send(method, graph, [plain])
            return 1

    def _halves(self, method: str, graph: str, lines: Sequence[str]) -> int:
        middle = len(lines) // 2
        return self._send(method, graph, lines[:middle]) + self._send("POST", graph, lines[middle:])

    @property
    def _host(self) -> str:
        return urlsplit(self.access.query).netloc

    @contextmanager
    def _asked(self, method: str, url: str, **more: Any) -> Iterator[requests.Response]:
        try:
            response = self.session.request(
                method, url, timeout=(_CONNECT, self.patience or None), allow_redirects=False, **more
            )
        except requests.exceptions.RequestException as e:
            raise StoreError(
                f"the engine cannot be reached ({_reason(e)}).",
                what=self._host,
                hint="Check that it runs, and [store] query, update and graphs.",
            ) from e
        with response:
            if response.status_code >= 300:
                raise self._failure(response, url)
            yield response

    def _failure(self, response: requests.Response, url: str) -> Exception:
        status = response.status_code
        if status in {401, 403}:
            return StoreError(
                f"the engine answered {status} at {urlsplit(url).path}: user and password are not accepted.",
                what=self._host,
                hint="Check [store] user, auth, and GARONNE_STORE_PASSWORD or password_file; Virtuoso wants `digest`.",
            )
        if status in {404, 405, 502, 503, 504} or status < 400:
            return StoreError(
                f"the engine answered {status} at {urlsplit(url).path}.",
                what=self._host,
                hint="Check [store] query, update and graphs.",
            )
        return Refused(_word(response), what=self._host)


def _reason(error: requests.exceptions.RequestException) -> str:
    if isinstance(error, requests.exceptions.Timeout):
        return "it did not answer in time"
    return "no connection" if isinstance(error, requests.exceptions.ConnectionError) else type(error).__name__


def _word(response: requests.Response) -> str:
    """The engine's first words on why, in one line."""
    try:
        text = next(response.iter_content(4000), b"").decode("utf-8", "replace")
    except requests.exceptions.RequestException:
        text = ""
    lines = [line.strip() for line in _untagged(text).splitlines() if line.strip()]
    told = next((line for line in lines if "Error" in line and "HTTP/" not in line), lines[0] if lines else "")
    return f"the engine answered {response.status_code}: {told[:200]}"


def _untagged(text: str) -> str:
    parts = text.split("<")
    return parts[0] + "\n".join(part.partition(">")[2] for part in parts[1:]) if "<html" in text.lower() else text


def as_text(line: str) -> str:
    """The N-Triple with its typed literal as a plain text; any other as it is."""
    at = line.rfind('"^^<')
    return f"{line[: at + 1]} ." if at > 0 and line.endswith("> .") and " " not in line[at:-2] else line


def _authentication(access: Access) -> AuthBase | None:
    """As the library takes it."""
    if access.auth == "bearer" and access.secret:
        return _Bearer(access.secret)
    if not access.user:
        return None
    return (HTTPDigestAuth if access.auth == "digest" else HTTPBasicAuth)(access.user, access.secret)
