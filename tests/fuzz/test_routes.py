"""Every route, with addresses, parameters, headers and bodies that nobody means well with.

Whatever comes, the answer is one that is meant: never 500, never anything of the inside, a problem document or a page,
with the headers that every answer has, and soon.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Mount, Route

from api.app import create_app
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.fuzz import EXAMPLES, bounded

HOSTILE = [
    *("..", "%2e%2e", "..%2f..%2f..%2fetc%2fpasswd", "..%5c..%5c", "%00", "%0d%0aX-Bad:%201", "%ff%fe", "%", "%zz"),
    *("%E2%80%AE", "a" * 300, "a/b/c", "-1", "0", "1e9", "99999999999999999999", "%F0%9F%92%A9", "%27%20OR%201=1--"),
    *(
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "//evil.example",
        "https://evil.example/",
        "%2f%2fevil.example",
        "$%7B7*7%7D",
    ),
    *(
        "{{7*7}}",
        "*",
        "?",
        ";",
        "arbres",
        "arbre",
        "fontaines",
        "ville",
        "ttl",
        "csv",
        "json",
        "1",
        "2",
        "1.ttl",
        "csv.gz",
    ),
    *(
        "arbres%00.ttl",
        "arbres.ttl%20",
        ".ttl",
        ".",
        "%2e",
        "arbres/%2e%2e/menus",
        "arbres%2fdistribution%2fcsv",
        "\\..\\",
    ),
]
NAMES = [
    *(
        "page",
        "release",
        "q",
        "lang",
        "by",
        "cause",
        "publisher",
        "since",
        "format",
        "query",
        "cursor",
        "timeout",
        "graph",
    ),
    *(
        "modified_since",
        "theme",
        "hvd",
        "verb",
        "metadataPrefix",
        "from",
        "until",
        "set",
        "identifier",
        "resumptionToken",
    ),
    *("fq", "rows", "start", "sort", "id", "limit", "offset", "url", "profile", "noise", "named-graph-uri", "default"),
    *("default-graph-uri", "facet.field", "callback", "output", "update", "using-graph-uri", "fl", "extras"),
]
HEADERS = [
    *("Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range", "If-Range"),
    *("Content-Type", "Content-Encoding", "Host", "X-Forwarded-For", "X-Forwarded-Host", "Origin", "Authorization"),
    *("Expect", "Prefer", "Access-Control-Request-Method", "Cookie", "Referer", "X-Request-Id", "traceparent"),
]
VALUES = [
    *("text/html", "text/turtle", "*/*;q=nan", "application/ld+json", "application/sparql-query", "ListRecords"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "bytes=0-0", "bytes=5-1,0-", "Bearer x"),
    *(
        "Basic !!!",
        "evil.example",
        "gzip",
        "*",
        'W/"x"',
        "Thu, 31 Feb 2026 99:99:99 GMT",
        "9999-12-31",
        "oai_dc",
        "2026-02-30",
    ),
    *(
        "SELECT * { ?s ?p ?o } LIMIT 1",
        "NOT " * 500,
        "(" * 900,
        "a:[b TO",
        "null",
        "true",
        "[1]",
        "9" * 400,
        "é\x80",
        "-",
    ),
]
BODIES = [
    *(
        b"",
        b"{",
        b"[" * 5000,
        b'{"a":' * 3000,
        b'{"rows":1e999}',
        b'{"id":["a"]}',
        b'{"q":' + b"9" * 5000 + b"}",
        b"null",
    ),
    *(
        b"verb=Identify&verb=x",
        b"&" * 5000,
        b"--b\r\n\r\n--b--",
        b"<a/>",
        b"\xff\x00",
        b"query=ASK%7B%7D",
        b'{"fq":"NOT NOT NOT"}',
    ),
]
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "TRACE", "get", "FOO"]
INSIDE = re.compile(
    rb"Traceback|File \"/|site-packages|sqlite3|OperationalError|RecursionError|Exception|/garonne\.toml"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service of the module's own: it is asked for everything."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = settings_in(
        folder,
        query={"timeout": 2.0, "memory": 300, "budget": 1e6, "errors": 100_000},
        serve={"work": 0, "requests": 0, "workers": 1},
    )
    city = City(settings)
    city.publish({**TITLES, "fontaines": "Fontaines"})
    city.publish({}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")])
    with Server(settings, folder) as running:
        yield running


def paths() -> list[str]:
    """The addresses of all routes, as the service has them, and of the doors before them."""
    app = create_app(settings_in(Path("/nowhere")), confined=False).others
    found = [route.path for route in app.routes if isinstance(route, Route | Mount)]
    return [*found, "/sparql", "/sparql/update", "/graphs", "/graph/{name}", "/static/{name}", "/{name}", "//{name}"]


def ask(
    server: Server, method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """One request, written to the socket as it is: clients check too much."""
    host, port = server.host.split(":")
    lines = [f"{method} {target} HTTP/1.1", "Connection: close", f"Content-Length: {len(body)}"]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.append("Host: x")
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
        answer = bytearray()
        while piece := raw.recv(1 << 16):
            answer += piece
    head, _, rest = bytes(answer).partition(b"\r\n\r\n")
    first, *more = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in more)}, rest


def checked(server: Server, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> None:
    """Ask, and look at the answer."""
    began = time.monotonic()
    status, answered, content = ask(server, method, target, headers, body)
    seconds = time.monotonic() - began
    told = f"{method} {target[:300]} {headers} {body[:100]!r} -> {status} {answered} {content[:300]!r}"
    assert seconds < 25, told
    assert not INSIDE.search(content), told
    if "x-request-id" not in answered:  # what the server itself cannot read never comes to the service
        assert status in {400, 505}, told
        return
    assert status not in {500, 502}, told
    assert answered["x-content-type-options"] == "nosniff", told
    assert "content-security-policy" in answered, told
    assert "x-bad" not in answered, told
    for name, value in answered.items():
        assert "evil.example" not in value or name in {"link", "location"}, told
    if 300 <= status < 304:
        assert answered["location"].startswith(("https://data.example.org/", "/")), told
        assert not answered["location"].startswith("//"), told
    if status >= 400 and method != "HEAD":
        kind = answered["content-type"].partition(";")[0]
        assert kind in {"application/problem+json", "text/html", "application/json", "text/plain"}, told
        if kind == "application/problem+json":
            assert json.loads(content.partition(b"\r\n")[2] if b"\r\n{" in content else content)["status"] == status, (
                told
            )


def raw(text: str) -> str:
    """A text as it may stand in the first line of a request."""
    return re.sub(r"[\x00-\x20\x7f]", "+", text).encode("latin-1", "replace").decode("latin-1")


PATHS = paths()
NAME = st.sampled_from(HOSTILE) | st.text(max_size=12).map(raw)


def filled(template: str, names: list[str]) -> str:
    """A route's address with these names for its parameters."""
    left = iter(names)
    return re.sub(r"\{[^}]*\}", lambda _: next(left, "x"), template)


PATH = st.tuples(st.sampled_from(PATHS), st.lists(NAME, min_size=3, max_size=3)).map(lambda given_: filled(*given_))
QUERY = st.lists(
    st.tuples(st.sampled_from(NAMES), NAME | st.sampled_from(VALUES).map(raw)).map("=".join) | NAME, max_size=4
).map("&".join)


@bounded(400)
@given(
    st.sampled_from(METHODS),
    PATH,
    QUERY,
    st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(VALUES)), max_size=4),
    st.sampled_from(BODIES),
)
def test_whatever_is_asked(
    hostile: Server, method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    checked(
        hostile, method, f"{path}?{query}" if query else path, headers, body if method not in {"GET", "HEAD"} else b""
    )


@pytest.mark.parametrize("path", PATHS)
def test_every_route_with_everything_hostile(hostile: Server, path: str) -> None:
    """In the suite, with a share of it, another one for each route."""
    requests = list(everything(path))
    step = 1 if EXAMPLES else 13
    for method, target, headers, body in requests[PATHS.index(path) % step :: step]:
        checked(hostile, method, target, headers, body)


def everything(path: str) -> Iterator[tuple[str, str, list[tuple[str, str]], bytes]]:
    """The requests to a route: each name in it, each parameter, each header, each body."""
    plain = filled(path, ["arbres"] * 3)
    for name in HOSTILE:
        yield "GET", filled(path, [name] * 3), [], b""
    for number, parameter in enumerate(NAMES):
        for value in (VALUES[number % len(VALUES)], HOSTILE[number % len(HOSTILE)]):
            yield "GET", f"{plain}?{parameter}={raw(value)}&lang=en", [], b""
    for header in HEADERS:
        for value in ("evil.example", "9" * 400, "é\x80", '"' * 50):
            yield "GET", plain, [(header, value)], b""
    for body in BODIES:
        for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
            yield "POST", plain, [("Content-Type", kind)], body
