"""The description of the service is true: it is read by schemathesis, which asks every operation accordingly.

What comes is a status, a media type and a content that the description has; what cannot be answered is no crash.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from api.app import create_app
from api.doors import RAW
from api.openapi.document import document, operations
from api.openapi.model import Operation
from api.protocol import QUERY_TYPE, UPDATE_TYPE
from catalog import copies
from catalog.graph_store import TYPES as DOCUMENTS
from catalog.tokens import Tokens
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.fakes.endpoint import free_port
from tests.fuzz import EXAMPLES, bounded

NAMES = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
MEANT = ["2xx", "3xx", "4xx", "504", "507"]
"""Statuses of no failure of ours: a query may be too long, or want too much. Whether an operation may answer them is in
the description. 503 is none: everything is published, and made."""
DEAR = {"check", "update", "queryByPost"}
"""What starts a process or publishes a release."""


@schemathesis.serializer(QUERY_TYPE, UPDATE_TYPE, *DOCUMENTS)
def as_it_is(_: object, value: object) -> bytes:
    """Bodies that are texts of their own kind."""
    return str(value).encode("utf-8", "replace")


class Described:
    """A service of which everything can be asked, and its description as schemathesis reads it."""

    def __init__(self, server: Server, token: str) -> None:
        self.server = server
        self.token = token
        self.address = f"http://{server.host}"
        config = SchemathesisConfig.from_dict({"checks": {"not_a_server_error": {"expected-statuses": MEANT}}})
        self.schema: Any = schemathesis.openapi.from_url(f"{self.address}/openapi.json", config=config)

    def ask(self, operation: Operation, case: Case[Any]) -> int:
        """Ask, and compare the answer with the description; its status."""
        headers = {"Authorization": f"Bearer {self.token}"} if operation.scope else {}
        checks: Any = CHECKS.get_by_names(NAMES)
        return case.call_and_validate(self.address, headers=headers, checks=checks, timeout=30).status_code


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    folder = tmp_path_factory.mktemp("described")
    port = free_port()
    configured = settings_in(
        folder,
        catalog={"base": f"http://127.0.0.1:{port}/", "title": {"fr": "Données", "en": "Data"}},
        query={"standing": True, "timeout": 5.0, "budget": 1e6, "errors": 100_000},
        serve={"port": port, "workers": 1, "work": 0, "requests": 0, "dumps": True},
    )
    city = City(configured)
    city.publish({**TITLES, "fontaines": "Fontaines"})
    release = city.publish({}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")], summary={"sources": []})
    token = Tokens(configured.store.path).create("fuzz", "update")
    with Server(configured, folder) as running:
        for made in (release.path / copies.ANSWERS / "runs.json", release.path / "dumps"):
            made_in_time(made)
        yield Described(running, token)


def made_in_time(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.1)


def test_the_description_is_one(described: Described) -> None:
    told = described.server.get("/openapi.json")
    assert list(OpenAPIV31SpecValidator(told.json()).iter_errors()) == []
    assert described.server.get("/openapi.json", If_None_Match=told.headers["etag"]).status == 304


def test_it_has_every_route_and_no_other(tmp_path: Path) -> None:
    routes = {getattr(route, "path", "") for route in create_app(settings_in(tmp_path)).others.routes} - {"/static"}
    assert {one.path for one in operations()} == routes | RAW | {"/static/{name}"}


def test_a_plain_store_describes_what_it_has(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path), bare=True).others
    paths = document(settings_in(tmp_path), {getattr(route, "path", "") for route in app.routes})["paths"]
    assert "/sparql" in paths
    assert "/catalog.{suffix}" not in paths


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
def test_it_answers_as_described(described: Described, operation: Operation) -> None:
    found = described.schema[operation.template][operation.method.upper()]
    strategy = st.one_of(
        *found.get_strategies_from_examples(),
        found.as_strategy(generation_mode=GenerationMode.POSITIVE),
        found.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        bounded(6), max_examples=(EXAMPLES // 50 or 3) if operation.name in DEAR or operation.scope else EXAMPLES or 6
    )
    @given(strategy)
    def asked(case: Case[Any]) -> None:
        described.ask(operation, case)

    asked()


@pytest.mark.parametrize(
    ("name", "path", "query", "body", "kind"),
    [
        *(("namedQuery", {"name": f"formats.{suffix}"}, {}, None, None) for suffix in ("json", "csv", "rq")),
        *(("qualityAs", {"suffix": "json"}, {"by": by}, None, None) for by in ("cause", "publisher", "dataset")),
        *(("qualityOfDataset", {"rest": f"arbres.{suffix}"}, {}, None, None) for suffix in ("json", "csv", "jsonld")),
        *(("query", {}, {"query": "ASK {}", "format": name}, None, None) for name in ("json", "xml", "csv")),
        ("query", {}, {"query": "DESCRIBE <http://www.w3.org/ns/dcat#Dataset>", "format": "jsonld"}, None, None),
        ("query", {}, {"query": "SELECT ?s { ?s ?p ?o } LIMIT 2", "cursor": ""}, None, None),
        ("action", {"name": "package_search"}, {"rows": "2"}, None, None),
        ("actionByPost", {"name": "package_show"}, {}, {"id": "arbres"}, "application/json"),
        ("check", {}, {"format": "json"}, "<urn:a> a <http://www.w3.org/ns/dcat#Dataset> .", "text/turtle"),
        ("check", {}, {}, {"document": "<urn:a> a <urn:b> .", "format": "sarif"}, "multipart/form-data"),
        ("oaiByPost", {}, {}, {"verb": "Identify"}, "application/x-www-form-urlencoded"),
        ("putGraphByAddress", {"name": "local/mine"}, {}, "<urn:a> a <urn:b> .", "text/turtle"),
        ("deleteGraphByAddress", {"name": "local/mine"}, {}, None, None),
    ],
)
def test_answers_that_chance_does_not_meet(
    described: Described, name: str, path: dict[str, str], query: dict[str, str], body: object, kind: str | None
) -> None:
    operation = next(one for one in operations() if one.name == name)
    if operation.method.upper() == "DELETE":  # there has to be one
        put = described.schema[operation.template]["PUT"].Case(
            path_parameters=path, body="<urn:a> a <urn:b> .", media_type="text/turtle"
        )
        assert described.ask(operation, put) in {200, 201, 204}
    more = {"body": body, "media_type": kind} if kind else {}
    found = described.schema[operation.template][operation.method.upper()]
    assert described.ask(operation, found.Case(path_parameters=path, query=query, **more)) in {200, 201, 204}


def test_receipts_are_as_described(described: Described) -> None:
    operation = next(one for one in operations() if one.name == "receipt")
    answer = described.server.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    name = answer.headers["link"].partition(">")[0].rpartition("/")[2]
    case = described.schema[operation.template]["GET"].Case(path_parameters={"name": name})
    assert described.ask(operation, case) == 200
