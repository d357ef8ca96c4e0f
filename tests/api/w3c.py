"""The W3C's SPARQL test suites, as they are asked of a server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rdflib import RDF, RDFS, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.api.server import Server
from tests.shared import ROOT

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
DAWGT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#")
FOLDER = ROOT.parent / "shared" / "data" / "w3c" / "w3c__rdf-tests" / "sparql" / "sparql11"
"""The suites; tests skip where they are absent."""

CODES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}


@cache
def manifest(name: str) -> tuple[Graph, list[Node]]:
    """A manifest's graph and its entries, in their order; empty where the suites are absent."""
    graph = Graph()
    if not (FOLDER / name).exists():
        return graph, []
    graph.parse(FOLDER / name)
    (node,) = graph.subjects(RDF.type, MF.Manifest)
    entries = graph.value(node, MF.entries)
    return graph, list(Collection(graph, entries)) if entries is not None else []


def name_of(entry: Node) -> str:
    """The short name of an entry."""
    return str(entry).rpartition("#")[2]


@dataclass
class Request:
    """One request of a protocol test, and what must come back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: list[str]
    expected: dict[str, str] = field(default_factory=dict)
    content: tuple[str, bytes] | None = None
    content_type: str = ""


def requests(graph: Graph, entry: Node) -> Iterator[Request]:
    """The requests of an entry of a protocol manifest."""
    action = graph.value(entry, MF.action)
    listed = graph.value(action, HT.requests)
    assert listed is not None
    for node in Collection(graph, listed):
        response = graph.value(node, HT.resp)
        expected = {
            name: str(value)
            for name in ("expectedBoolean", "expectedFormat", "expectedLocation")
            if (value := graph.value(response, MF[name])) is not None
        }
        body = _content(graph, graph.value(response, HT.body))
        kind = _headers(graph, response).get("content-type", "")
        yield Request(
            str(graph.value(node, HT.methodName)),
            str(graph.value(node, HT.absolutePath)),
            _headers(graph, node),
            _content(graph, graph.value(node, HT.body)),
            [str(status).rpartition("#")[2] for status in graph.objects(response, MF.expectedStatus)],
            expected,
            (kind, body) if body is not None else None,
            kind,
        )


def _content(graph: Graph, node: Node | None) -> bytes | None:
    if node is None:
        return None
    charset = str(graph.value(node, CNT.characterEncoding) or "UTF-8")
    return str(graph.value(node, CNT.chars)).encode(charset)


def _headers(graph: Graph, node: Node | None) -> dict[str, str]:
    listed = graph.value(node, HT.headers)
    if listed is None:
        return {}
    found = Collection(graph, listed)
    return {str(graph.value(h, HT.fieldName)): str(graph.value(h, HT.fieldValue)) for h in found}


def status_fits(status: int, expected: list[str]) -> bool:
    """Whether a status is one of those that a manifest names (`Created`, `StatusCode2xx`)."""
    classes = {f"StatusCode{status // 100}xx"}
    return any(name in classes or CODES.get(name) == status for name in expected)


def graph_data(graph: Graph, entry: Node) -> dict[str, Path]:
    """The named graphs that must be there before a protocol test: IRI and file."""
    found = {}
    for node in graph.objects(entry, UT.graphData):
        found[str(graph.value(node, RDFS.label))] = _file(graph.value(node, UT.graph))
    return found


def _file(node: Node | None) -> Path:
    assert isinstance(node, URIRef)
    return Path(str(node).removeprefix("file://"))


def clear(server: Server) -> None:
    """Empty a bare server."""
    answer = server.ask("PUT", "/graphs", b"", {"Content-Type": "application/n-quads"})
    assert answer.status == 204, answer.text


def isomorphic(given: bytes, kind: str, expected: bytes, expected_kind: str, base: str) -> bool:
    """Whether two documents say the same."""
    first, second = (
        Graph().parse(data=data, format=media.partition(";")[0], publicID=base)
        for data, media in ((given, kind), (expected, expected_kind))
    )
    return first.isomorphic(second)


__all__ = ["BNode", "Request", "clear", "graph_data", "isomorphic", "manifest", "name_of", "requests", "status_fits"]
