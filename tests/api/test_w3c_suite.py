"""The W3C suites for queries, updates, syntax and result formats, asked of `garonne serve --bare` over HTTP.

What fails is listed with its reason in w3c_failures.csv; a listed test that begins to pass fails here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.query import Result
from rdflib.term import Node

from tests.api import w3c
from tests.api.city import settings_in
from tests.api.server import Answer, Server
from tests.api.w3c import MF, QT, UT
from tests.shared import shared

SUITE = "data/w3c/w3c__rdf-tests/sparql/sparql11"
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
ROW = Namespace("urn:row:")
FAILURES = Path(__file__).with_name("w3c_failures.csv")
OTHERS = ("protocol/", "graph-store-protocol/", "service-description/")  # in test_w3c_protocol.py
ACCEPT = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
}
FORMAT = {"srx": "xml", "srj": "json", "csv": "csv", "tsv": "tsv"}


@cache
def failures() -> dict[str, str]:
    """The tests that are known to fail, and why."""
    with FAILURES.open(encoding="utf-8") as file:
        return {row["test"]: row["reason"] for row in csv.DictReader(file)}


def suite() -> Iterator[object]:
    graph = Graph()
    if not (w3c.FOLDER / "manifest-all.ttl").exists():
        return
    graph.parse(w3c.FOLDER / "manifest-all.ttl")
    for included in Collection(graph, next(graph.objects(None, MF.include))):
        name = str(included).removeprefix(f"{w3c.FOLDER.as_uri()}/")
        if name.startswith(OTHERS):
            continue
        for entry in w3c.manifest(name)[1]:
            yield pytest.param(name, entry, id=f"{name.partition('/')[0]}/{w3c.name_of(entry)}")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    shared(SUITE)
    folder = tmp_path_factory.mktemp("suite")
    with Server(settings_in(folder, query={"timeout": 10.0}), folder, "--bare") as running:
        yield running


def test_what_is_listed_is_in_the_suites() -> None:
    shared(SUITE)
    found = {param.id for param in suite()}  # type: ignore[attr-defined]
    assert len(found) > 550
    assert failures().keys() <= found
    assert all(failures().values())


@pytest.mark.parametrize(("manifest", "entry"), list(suite()))
def test_w3c(bare: Server, manifest: str, entry: Node) -> None:
    name = f"{manifest.partition('/')[0]}/{w3c.name_of(entry)}"
    graph, _ = w3c.manifest(manifest)
    kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
    try:
        RUN[kind](bare, graph, entry)
    except AssertionError:
        if name not in failures():
            raise
    else:
        assert name not in failures(), f"{name} is listed as failing, and passes: take it off the list"


# ── one kind of test each ────────────────────────────────────────────────────────────────────────────────────────────


def query(server: Server, graph: Graph, entry: Node) -> None:
    action = graph.value(entry, MF.action)
    text, base = read(graph.value(action, QT.query))
    data = {"": list(graph.objects(action, QT.data))}
    for node in graph.objects(action, QT.graphData):
        named, name = _named(graph, node)
        data.setdefault(name, []).append(named)
    if "FROM" in text:
        data |= {str(node): [node] for node in data[""]}
    fill(server, data)
    result = file(graph.value(entry, MF.result))
    suffix = result.suffix[1:]
    if suffix == "ttl" and "ResultSet" in result.read_text():
        suffix = "srj"
    answer = ask(server, f"BASE <{base}>\n{text}", ACCEPT[suffix])
    assert answer.status == 200, answer.text
    if suffix == "ttl":
        assert same(Graph().parse(data=answer.body, format="turtle"), Graph().parse(result)), answer.text
        return
    if result.suffix == ".ttl":
        rows = from_rdf(Graph().parse(result))
    else:
        rows = table(Result.parse(io.BytesIO(result.read_bytes()), format=FORMAT[suffix]))
    assert same(table(Result.parse(io.BytesIO(answer.body), format=FORMAT[suffix])), rows), answer.text


def update(server: Server, graph: Graph, entry: Node) -> None:
    action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
    fill(server, dataset(graph, action))
    text, base = read(graph.value(action, UT.request))
    answer = ask_update(server, f"BASE <{base}>\n{text}")
    assert answer.status == 204, answer.text
    expected = {name: merged(files) for name, files in dataset(graph, result).items()}
    expected = {name: found for name, found in expected.items() if len(found) or not name}
    rows = server.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert {row["g"] for row in rows} == set(expected) - {""}
    for name, wanted in expected.items():
        address = f"/graphs?graph={quote(name, safe='')}" if name else "/graphs?default"
        got = Graph().parse(data=server.get(address, "application/n-triples").body, format="nt")
        assert same(got, wanted), name


def positive_query(server: Server, graph: Graph, entry: Node) -> None:
    """Accepted as syntax: answered, or refused for a function that is not there."""
    text, base = read(graph.value(entry, MF.action))
    answer = ask(server, f"BASE <{base}>\n{text}", "*/*")
    assert answer.status == 200 or "There is no function" in answer.text, answer.text


def negative_query(server: Server, graph: Graph, entry: Node) -> None:
    text, _ = read(graph.value(entry, MF.action))
    answer = ask(server, text, "*/*")
    assert answer.status == 400, answer.status


def positive_update(server: Server, graph: Graph, entry: Node) -> None:
    """Accepted as syntax: done, or refused for what it would do (there is no such graph, nothing is fetched)."""
    text, base = read(graph.value(entry, MF.action))
    answer = ask_update(server, f"BASE <{base}>\n{text}")
    assert answer.status == 204 or "not valid SPARQL" not in answer.text, answer.text


def negative_update(server: Server, graph: Graph, entry: Node) -> None:
    text, _ = read(graph.value(entry, MF.action))
    answer = ask_update(server, text)
    assert answer.status == 400, answer.status
    assert "not valid SPARQL" in answer.text


RUN = {
    "QueryEvaluationTest": query,
    "CSVResultFormatTest": query,
    "UpdateEvaluationTest": update,
    "PositiveSyntaxTest11": positive_query,
    "NegativeSyntaxTest11": negative_query,
    "PositiveUpdateSyntaxTest11": positive_update,
    "NegativeUpdateSyntaxTest11": negative_update,
}

# ── data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

_filled: dict[int, bytes] = {}


def fill(server: Server, data: dict[str, list[Node]]) -> None:
    """Have the server hold these documents, by graph; nothing is sent when it does."""
    quads = b"".join(
        str(line).encode() for graph, nodes in data.items() for node in nodes for line in _quads(file(node), graph)
    )
    if _filled.get(id(server)) == quads:
        return
    answer = server.ask("PUT", "/graphs", quads, {"Content-Type": "application/n-quads"})
    assert answer.status == 204, answer.text
    _filled[id(server)] = quads


def _quads(path: Path, graph: str) -> Iterator[str]:
    kind = RdfFormat.RDF_XML if path.suffix == ".rdf" else RdfFormat.TURTLE
    for quad in parse(path=str(path), format=kind, base_iri=path.as_uri(), rename_blank_nodes=True):
        yield f"{quad.triple} <{graph}> .\n" if graph else f"{quad.triple} .\n"


def dataset(graph: Graph, action: Node | None) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {"": list(graph.objects(action, UT.data))}
    for node in graph.objects(action, UT.graphData):
        named, name = _named(graph, node)
        found.setdefault(name, []).append(named)
    return found


def _named(graph: Graph, node: Node) -> tuple[Node, str]:
    inner = graph.value(node, UT.graph) or graph.value(node, QT.graph)
    if inner is None:
        return node, str(node)
    label = graph.value(node, w3c.RDFS.label)
    return inner, str(label or inner)


def merged(nodes: list[Node]) -> Graph:
    found = Graph()
    for node in nodes:
        found.parse(file(node), publicID=file(node).as_uri())
    return found


def file(node: Node | None) -> Path:
    assert isinstance(node, URIRef)
    return Path(str(node).removeprefix("file://"))


def read(node: Node | None) -> tuple[str, str]:
    return file(node).read_text(encoding="utf-8"), str(node)


def ask(server: Server, text: str, accept: str) -> Answer:
    return server.ask("POST", "/sparql", text.encode(), {"Content-Type": "application/sparql-query", "Accept": accept})


def ask_update(server: Server, text: str) -> Answer:
    _filled.pop(id(server), None)
    return server.ask("POST", "/sparql/update", text.encode(), {"Content-Type": "application/sparql-update"})


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def table(result: Result) -> Graph:
    """A table or a boolean as a graph, one blank node a row, so that blank nodes are compared by what they do."""
    found = Graph()
    if result.type == "ASK":
        found.add((ROW.answer, ROW.boolean, Literal(bool(result.askAnswer))))
        return found
    for variable in result.vars or ():
        found.add((ROW.answer, ROW.variable, Literal(str(variable))))
    for row in result.bindings:
        node = BNode()
        found.add((ROW.answer, ROW.row, node))
        for variable, value in row.items():
            if value is not None:
                found.add((node, ROW[str(variable)], value))
    return found


def from_rdf(expected: Graph) -> Graph:
    """The same of a result that the suite gives as RDF."""
    found = Graph()
    for variable in expected.objects(None, RS.resultVariable):
        found.add((ROW.answer, ROW.variable, Literal(str(variable))))
    for solution in expected.objects(None, RS.solution):
        node = BNode()
        found.add((ROW.answer, ROW.row, node))
        for binding in expected.objects(solution, RS.binding):
            variable = expected.value(binding, RS.variable)
            value = expected.value(binding, RS.value)
            assert value is not None
            found.add((node, ROW[str(variable)], value))
    for answer in expected.objects(None, RS.boolean):
        found.add((ROW.answer, ROW.boolean, Literal(answer.toPython())))  # type: ignore[attr-defined]
    return found


def same(got: Graph, expected: Graph) -> bool:
    """Whether two graphs say the same, numbers compared by value: the store keeps them in a canonical form."""
    return by_value(got).isomorphic(by_value(expected))


def by_value(graph: Graph) -> Graph:
    found = Graph()
    for s, p, o in graph:
        found.add((s, p, canonical(o)))
    return found


def canonical(term: Node) -> Node:
    if (
        isinstance(term, Literal)
        and term.datatype
        and isinstance(term.value, int | float)
        and not isinstance(term.value, bool)
    ):
        return Literal(f"{float(term.value):.12g}", datatype=term.datatype)
    if isinstance(term, Literal) and term.datatype and type(term.value).__name__ == "Decimal":
        return Literal(f"{float(term.value):.12g}", datatype=term.datatype)
    return term
