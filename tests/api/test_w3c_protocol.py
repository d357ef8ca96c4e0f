"""The W3C suites for the SPARQL Protocol, the Graph Store Protocol and the Service Description, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from pyshacl import validate
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from tests.api import w3c
from tests.api.city import settings_in
from tests.api.server import Answer, Server
from tests.shared import shared

SUITE = "data/w3c/w3c__rdf-tests/sparql/sparql11"
BASE = "https://data.example.org/"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A plain store."""
    shared(SUITE)
    folder = tmp_path_factory.mktemp("bare")
    with Server(settings_in(folder), folder, "--bare") as running:
        yield running


def entries(name: str) -> list[object]:
    graph, found = w3c.manifest(name)
    return [pytest.param(graph, entry, id=w3c.name_of(entry)) for entry in found]


def test_the_suites_are_whole() -> None:
    shared(SUITE)
    assert len(w3c.manifest("protocol/manifest.ttl")[1]) == 34
    both = ("graph-store-protocol/manifest-direct.ttl", "graph-store-protocol/manifest-indirect.ttl")
    assert [len(w3c.manifest(name)[1]) for name in both] == [4, 9]
    assert len(w3c.manifest("service-description/manifest.ttl")[1]) == 3


@pytest.mark.parametrize(("graph", "entry"), entries("protocol/manifest.ttl"))
def test_protocol(bare: Server, graph: Graph, entry: Node) -> None:
    w3c.clear(bare)
    for name, file in w3c.graph_data(graph, entry).items():
        kind = {"Content-Type": "application/n-triples"}
        assert bare.ask("PUT", f"/graphs?graph={quote(name, safe='')}", file.read_bytes(), kind).status == 201
    for request in w3c.requests(graph, entry):
        about_update = w3c.name_of(entry).startswith(("update", "bad_update", "bad_multiple_updates"))
        asks = b"ASK" in (request.body or b"") and "update" not in request.headers.get("content-type", "")
        place = "/sparql/update" if about_update and not asks else "/sparql"
        answer = bare.ask(
            request.method, request.path.replace("/sparql/", place, 1), request.body, dict(request.headers)
        )
        assert w3c.status_fits(answer.status, request.statuses), (request, answer)
        _check_content(request, answer)


def _check_content(request: w3c.Request, answer: Answer) -> None:
    wanted = request.expected.get("expectedFormat")
    if wanted == "boolean":
        assert answer.type in {"application/sparql-results+json", "application/sparql-results+xml"}
    elif wanted == "tabular":
        assert answer.type.partition(";")[0] in {
            "application/sparql-results+json",
            "application/sparql-results+xml",
            "text/csv",
            "text/tab-separated-values",
        }
    elif wanted == "RDF":
        Graph().parse(data=answer.body, format=answer.type.partition(";")[0])
    if "expectedBoolean" in request.expected:
        assert json.loads(answer.body)["boolean"] is (request.expected["expectedBoolean"] == "true")


@pytest.mark.parametrize(
    ("graph", "entry"),
    [
        *entries("graph-store-protocol/manifest-direct.ttl"),
        *entries("graph-store-protocol/manifest-indirect.ttl"),
    ],
)
def test_graph_store_protocol(bare: Server, graph: Graph, entry: Node) -> None:
    w3c.clear(bare)
    variables: dict[str, str] = {}
    for request in w3c.requests(graph, entry):
        path, body = request.path.replace("/gsp", "/graphs", 1), request.body
        for name, value in variables.items():
            path = path.replace(name, quote(value, safe=""))
            body = body.replace(name.encode(), value.encode()) if body else body
        answer = bare.ask(request.method, path, body, dict(request.headers))
        assert w3c.status_fits(answer.status, request.statuses), (request, answer)
        if "expectedLocation" in request.expected:
            variables[request.expected["expectedLocation"]] = answer.headers["location"]
        if request.content_type and answer.status == 200:
            assert answer.type.replace(" ", "") == request.content_type.replace(" ", "")
        if request.content:
            kind, expected = request.content
            assert w3c.isomorphic(answer.body, answer.type, expected, kind, BASE)
        if request.method == "HEAD":
            assert answer.body == b""


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
[] a sh:NodeShape ; sh:targetClass sd:Service ;
  sh:property [ sh:path sd:endpoint ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path sd:supportedLanguage ; sh:in ( sd:SPARQL10Query sd:SPARQL11Query sd:SPARQL11Update ) ] ,
    [ sh:path sd:feature ; sh:in ( sd:DereferencesURIs sd:UnionDefaultGraph sd:RequiresDataset sd:EmptyGraphs
      sd:BasicFederatedQuery ) ] ,
    [ sh:path sd:resultFormat ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path sd:inputFormat ; sh:nodeKind sh:IRI ] ,
    [ sh:path sd:defaultDataset ; sh:maxCount 1 ; sh:class sd:Dataset ] ,
    [ sh:path sd:availableGraphs ; sh:class sd:GraphCollection ] .
[] a sh:NodeShape ; sh:targetClass sd:Dataset ;
  sh:property [ sh:path sd:defaultGraph ; sh:maxCount 1 ; sh:class sd:Graph ] ,
    [ sh:path sd:namedGraph ; sh:class sd:NamedGraph ] .
[] a sh:NodeShape ; sh:targetClass sd:NamedGraph ;
  sh:property [ sh:path sd:name ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path sd:graph ; sh:maxCount 1 ; sh:class sd:Graph ] .
"""
"""Domains, ranges and cardinalities of the Service Description vocabulary (sections 3.2 to 3.4), as we read them."""


def described(running: Server) -> Graph:
    answer = running.get("/sparql", "text/turtle")
    assert (answer.status, answer.type) == (200, "text/turtle; charset=utf-8")
    return Graph().parse(data=answer.body, format="turtle")


@pytest.mark.parametrize("which", ["bare", "server"])
def test_service_description(which: str, request: pytest.FixtureRequest) -> None:
    """`returns-rdf`, `has-endpoint-triple` and `conforms-to-schema`, of a plain store and of a catalogue."""
    found = described(request.getfixturevalue(which))
    (service,) = found.subjects(RDF.type, SD.Service)
    assert (service, SD.endpoint, URIRef(BASE + "sparql")) in found
    vocabulary = shared("data/w3c/w3c__ns")
    conforms, _, text = validate(found + _vocabulary(vocabulary), shacl_graph=Graph().parse(data=SHAPES))
    assert conforms, text


def _vocabulary(folder: Path) -> Graph:
    """The W3C's own ontology of the service description, for its class hierarchy."""
    found = Graph()
    for file in folder.glob("sparql-service-description*"):
        found.parse(file)
    return found
