"""Tokens: made and revoked by command, kept as digests, each with its scope, and the service obeys at once."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.errors import NotFound, StoreDamaged, UsageError
from catalog.tokens import FILE, Tokens
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server

GRAPH = "/graph/local/essai"
INSERT = "INSERT DATA { GRAPH <https://data.example.org/graph/local/essai> { <urn:a> <urn:b> <urn:c> } }"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("tokens")
    settings = settings_in(place)
    City(settings).publish(TITLES)
    with Server(settings, place) as running:
        yield running


def put(server: Server, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "text/turtle"}
    return server.ask("PUT", GRAPH, headers=headers, body=b"<urn:x> <urn:y> <urn:z> .").status


def update(server: Server, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sparql-update"}
    return server.ask("POST", "/sparql/update", headers=headers, body=INSERT.encode()).status


def tokens_of(server: Server) -> Tokens:
    return Tokens(Path(server.log.name).parent / "var")


def test_only_digests_are_kept_and_only_the_owner_reads_them(folder: Path) -> None:
    secret = Tokens(folder).create("portail", "publish")
    text = (folder / FILE).read_text()
    assert secret not in text
    assert hashlib.sha256(secret.encode()).hexdigest() in text
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert len(secret) > 43


def test_find_knows_the_valid_ones(folder: Path) -> None:
    tokens = Tokens(folder)
    secret, ended = tokens.create("a", "update"), tokens.create("b", "admin", days=1e-9)
    found = Tokens(folder).find(secret)
    assert found is not None
    assert (found.name, found.may("publish"), found.may("update"), found.may("admin")) == ("a", True, True, False)
    for wrong in ("", "x", secret[:-1], secret + "x", ended, "é\ud800"):
        assert tokens.find(wrong) is None
    with pytest.raises(UsageError, match="already"):
        tokens.create("a", "publish")
    tokens.create("b", "publish")
    tokens.revoke("a")
    assert tokens.find(secret) is None
    with pytest.raises(NotFound, match="Valid: b"):
        tokens.revoke("a")
    assert tokens.create("a", "publish") != secret
    assert tokens.all()[0].valid(datetime.now(UTC) - timedelta(days=1)) is False


def test_configured_tokens_may_be_digests(folder: Path) -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    tokens = Tokens(folder, ["plain", f"sha256:{digest}", ""])
    assert tokens.find("plain")
    assert tokens.find("secret")
    assert not tokens.find(f"sha256:{digest}")
    assert not tokens.find(digest)


@pytest.mark.parametrize(
    "text", ["{", "[]x", '[{"name": 1}]', '[{"name": "a", "scope": "root", "digest": "", "made": ""}]']
)
def test_a_damaged_file_opens_nothing(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / FILE).write_text(text)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        Tokens(folder).find("x")


def test_scopes_and_revocation_while_the_service_runs(server: Server) -> None:
    assert put(server, "grn_x") == 401
    tokens = tokens_of(server)
    publish, updates, admin = (tokens.create(scope, scope) for scope in ("publish", "update", "admin"))
    assert put(server, publish) in {201, 204}
    assert update(server, publish) == 403
    assert update(server, updates) == 204 or update(server, updates) == 200
    assert put(server, admin) in {201, 204}
    tokens.revoke("publish")
    assert put(server, publish) == 401
    away = {"X-Forwarded-For": "192.0.2.1"}
    assert server.get("/metrics", **away).status == 404
    assert server.get("/metrics", **away, Authorization=f"Bearer {updates}").status == 404
    assert server.get("/metrics", **away, Authorization=f"Bearer {admin}").status == 200
    refused = server.ask("PUT", GRAPH, headers={"Authorization": "Bearer grn_nope"}, body=b"")
    assert refused.status == 401
    assert "www-authenticate" in refused.headers


def test_the_commands(tmp_path: Path) -> None:
    config = tmp_path / "garonne.toml"
    config.write_text('[store]\npath = "var"\n')

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "catalog.commands", "--config", str(config), "tokens", *arguments]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    secret = run("create", "portail", "--scope", "update", "--days", "30").stdout.strip()
    assert Tokens(tmp_path / "var").find(secret)
    listed = json.loads(run("list", "--json").stdout)
    assert [(t["name"], t["scope"], t["state"]) for t in listed] == [("portail", "update", "valid")]
    assert "digest" not in listed[0]
    assert run("revoke", "portail").returncode == 0
    assert Tokens(tmp_path / "var").find(secret) is None
    assert run("revoke", "portail").returncode == 3
    assert run("create", "x", "--scope", "root").returncode == 2
