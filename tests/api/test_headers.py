"""The headers that every answer has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.city import settings_in
from tests.api.server import Server


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", p) for p in ("/", "/datasets", "/dataset/arbres", "/dataset/none", "/catalog.ttl", "/sparql")),
        *(
            ("GET", p)
            for p in ("/graphs?default", "/validate", "/oai?verb=Identify", "/ldes", "/health/live", "/static/x")
        ),
        *(("GET", p) for p in ("/quality.csv", "/preview", "/api/3/action/x", "/%2e%2e/%2e%2e/etc/passwd")),
        *(("POST", p) for p in ("/sparql/update", "/graphs", "/validate", "/datasets", "/oai")),
        *(("PUT", p) for p in ("/graphs?default", "/graph/local/x", "/sparql")),
    ],
)
def test_every_answer_has_them(server: Server, method: str, path: str) -> None:
    headers = server.ask(method, path, b"" if method != "GET" else None).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "access-control-allow-credentials" not in headers
    writes = path == "/sparql/update" or (method != "GET" and path.startswith("/graph"))
    assert headers.get("access-control-allow-origin") == (None if writes else "*")
    assert headers["cross-origin-resource-policy"] == ("same-origin" if writes else "cross-origin")


@pytest.mark.parametrize(
    ("path", "asked", "allowed"),
    [
        ("/sparql", "POST", True),
        ("/catalog.ttl", "GET", True),
        ("/api/3/action/package_search", "POST", True),
        ("/sparql/update", "POST", False),
        ("/graphs?default", "PUT", False),
        ("/graph/local/x", "DELETE", False),
        ("/graph/local/x", "GET", True),
    ],
)
def test_a_preflight_allows_reading_and_no_writing(server: Server, path: str, asked: str, allowed: bool) -> None:
    given = {"Origin": "https://x.example", "Access-Control-Request-Method": asked}
    headers = server.ask("OPTIONS", path, headers=given).headers
    everybody = headers.get("access-control-allow-origin") == "*"
    assert (everybody and asked in headers.get("access-control-allow-methods", "")) is allowed
    assert "authorization" not in headers.get("access-control-allow-headers", "").lower()


def test_a_page_of_another_site_writes_nothing_to_a_store_without_tokens(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path, "--bare") as server:
        update = b"update=INSERT+DATA+%7B+%3Cx%3As%3E+%3Cx%3Ap%3E+1+%7D"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[", "file://"):
            refused = server.ask("POST", "/sparql/update", update, form | {"Origin": origin})
            assert refused.status == 403, origin
        assert server.ask("POST", "/sparql/update", update, form).status == 204
        assert server.ask("POST", "/sparql/update", update, form | {"Origin": f"http://{server.host}"}).status == 204
