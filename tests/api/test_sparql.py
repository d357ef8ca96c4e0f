"""The SPARQL protocol at /sparql, as clients speak it."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from urllib.parse import quote, urlencode

import pytest
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from api.queries import named_queries
from tests.api.graphs import strict, with_rdflib
from tests.api.server import Server

DCAT = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
SELECT = DCAT + "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY STR(?t)"
ASK = DCAT + "ASK { ?d a dcat:Dataset }"
CONSTRUCT = DCAT + "CONSTRUCT { ?s ?p ?o } { ?d a dcat:Dataset . ?d (dcat:distribution|dct:temporal)? ?s . ?s ?p ?o }"
TITLES = ["Arbres d’alignement", "Compteurs de vélos", "Menus des cantines"]
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


def titles(body: bytes) -> list[str]:
    return [row["t"]["value"] for row in json.loads(body)["results"]["bindings"]]


@pytest.mark.parametrize("method", ["GET", "form", "direct", "direct with charset", "URL and empty POST", "QUERY"])
def test_every_way_to_ask(server: Server, method: str) -> None:
    encoded = urlencode({"query": SELECT}).encode()
    path = f"/sparql?query={quote(SELECT)}"
    answer = {
        "GET": lambda: server.get(path),
        "form": lambda: server.ask("POST", "/sparql", encoded, {"Content-Type": FORM}),
        "direct": lambda: server.ask("POST", "/sparql", SELECT.encode(), {"Content-Type": DIRECT}),
        "direct with charset": lambda: server.ask(
            "POST", "/sparql?", SELECT.encode(), {"Content-Type": f"{DIRECT}; charset=UTF-8"}
        ),
        "URL and empty POST": lambda: server.ask("POST", path),
        "QUERY": lambda: server.ask("QUERY", "/sparql", SELECT.encode(), {"Content-Type": DIRECT}),
    }[method]()
    assert answer.status == 200, answer.text
    assert answer.type == "application/sparql-results+json"
    assert titles(answer.body) == TITLES
    assert answer.headers["garonne-release"] == "2"


RESULTS = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/json": "application/json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "application/xml": "application/xml; charset=utf-8",
    "text/csv": "text/csv; charset=utf-8",
    "text/tab-separated-values": "text/tab-separated-values; charset=utf-8",
    "*/*": "application/sparql-results+json",
    "text/csv;q=0.5, application/sparql-results+xml;q=0.9, */*;q=0.1": "application/sparql-results+xml",
    "text/turtle, text/csv;q=0.2": "text/csv; charset=utf-8",
    "application/sparql-results+json,application/json,text/javascript": "application/sparql-results+json",
    "application/sparql-results+json;q=0, */*": "application/json",
}


@pytest.mark.parametrize("accept", RESULTS)
def test_tables_by_accept(server: Server, accept: str) -> None:
    answer = server.sparql(SELECT, accept)
    assert (answer.status, answer.type) == (200, RESULTS[accept])
    assert "Accept" in answer.headers["vary"]
    if "json" in answer.type:
        assert titles(answer.body) == TITLES
    elif "xml" in answer.type:
        space = "{http://www.w3.org/2005/sparql-results#}"
        found = [e.text for e in ET.fromstring(answer.body).iter(space + "literal")]  # noqa: S314  our own answer
        assert found == TITLES
    else:
        rows = list(csv.reader(io.StringIO(answer.text), delimiter="\t" if "tab" in answer.type else ","))
        assert [row[1].removesuffix("@fr").strip('"') for row in rows[1:]] == TITLES


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_ask(server: Server, accept: str) -> None:
    assert "true" in server.sparql(ASK, accept).text


GRAPHS = {
    "text/turtle": "text/turtle; charset=utf-8",
    "application/n-triples": "application/n-triples; charset=utf-8",
    "application/ld+json": "application/ld+json",
    "application/rdf+xml": "application/rdf+xml; charset=utf-8",
    "application/trig": "application/trig; charset=utf-8",
    "application/n-quads": "application/n-quads; charset=utf-8",
    "*/*": "text/turtle; charset=utf-8",
    "application/rdf+xml;q=0.4, application/ld+json;q=0.6": "application/ld+json",
    "text/csv, text/turtle;q=0.1": "text/turtle; charset=utf-8",
}


@pytest.mark.parametrize("accept", GRAPHS)
def test_graphs_by_accept_are_one_graph(server: Server, accept: str) -> None:
    expected = strict(server.sparql(CONSTRUCT, "application/n-triples"))
    assert len(expected) > 50
    answer = server.sparql(CONSTRUCT, accept)
    assert (answer.status, answer.type) == (200, GRAPHS[accept])
    assert strict(answer) == expected
    assert with_rdflib(answer) == expected


def test_construct_and_describe_restore_the_datatypes_that_the_store_rewrites(server: Server) -> None:
    size = DCAT + "CONSTRUCT WHERE { ?d dcat:byteSize ?n }"
    assert (
        '"1006"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'
        in server.sparql(size, "application/n-triples").text
    )
    described = server.sparql("DESCRIBE <https://data.example.org/dataset/arbres>", "application/n-triples").text
    assert 'temporalResolution> "P1D"^^<http://www.w3.org/2001/XMLSchema#duration>' in described
    checksum = "PREFIX spdx: <http://spdx.org/rdf/terms#> CONSTRUCT WHERE { ?c spdx:checksumValue ?v }"
    assert "#hexBinary>" in server.sparql(checksum, "application/n-triples").text


@pytest.mark.parametrize(
    ("parameters", "query", "expected"),
    [
        ({"format": "csv"}, SELECT, "text/csv; charset=utf-8"),
        ({"output": "xml"}, SELECT, "application/sparql-results+xml"),
        ({"format": "xml"}, CONSTRUCT, "application/rdf+xml; charset=utf-8"),
        ({"format": "json"}, CONSTRUCT, "application/ld+json"),
        ({"format": "application/n-triples"}, CONSTRUCT, "application/n-triples; charset=utf-8"),
        ({"format": "turtle"}, SELECT, "application/sparql-results+json"),
        ({"format": "", "timeout": "", "debug": "on", "should-sponge": ""}, SELECT, "application/sparql-results+json"),
    ],
)
def test_format_and_output_override_accept(
    server: Server, parameters: dict[str, str], query: str, expected: str
) -> None:
    answer = server.sparql(query, None, **parameters)
    assert (answer.status, answer.type) == (200, expected)


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_tables(server: Server, method: str, form: str) -> None:
    client = SPARQLWrapper(server.address + "sparql", returnFormat=form)
    client.setMethod(method)
    client.setQuery(SELECT)
    result = client.query().convert()
    if form == JSON:
        assert [row["t"]["value"] for row in result["results"]["bindings"]] == TITLES
    else:
        text = result.toxml() if form == XML else result.decode()
        assert all(title in text for title in TITLES)


# SPARQLWrapper still uses a class that rdflib has deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("form", [TURTLE, RDFXML, JSONLD, N3])
@pytest.mark.parametrize("way", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_graphs(server: Server, form: str, way: str) -> None:
    client = SPARQLWrapper(server.address + "sparql", returnFormat=form)
    client.setMethod(POST)
    client.setRequestMethod(way)
    client.setQuery(CONSTRUCT)
    result = client.query().convert()
    if isinstance(result, bytes):
        import rdflib

        result = rdflib.Graph().parse(data=result, format="turtle")
    assert len(result) == len(strict(server.sparql(CONSTRUCT, "application/n-triples")))


def test_sparqlwrapper_recognises_a_syntax_error(server: Server) -> None:
    client = SPARQLWrapper(server.address + "sparql", returnFormat=JSON)
    client.setQuery("SELECT * { ?s ?p")
    with pytest.raises(QueryBadFormed):
        client.query()


def test_rdflibs_remote_store(server: Server) -> None:
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    for method in ("GET", "POST", "POST_FORM"):
        store = SPARQLStore(server.address + "sparql", method=method)
        assert [str(row[1]) for row in store.query(SELECT)] == TITLES


def test_graphs_of_the_protocol(server: Server) -> None:
    record = "https://data.example.org/record/arbres"
    count = "SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?d a <http://www.w3.org/ns/dcat#Dataset> } }"

    def number(query: str, **parameters: str) -> str:
        answer = server.sparql(query, None, **parameters)
        return str(answer.json()["results"]["bindings"][0]["n"]["value"])

    assert (number(count), number(named)) == ("3", "3")
    given = {"default-graph-uri": record}
    assert number(count, **given) == "1"
    assert number(named, **given) == "0"
    assert number(named, **{"named-graph-uri": record}) == "1"
    assert number(count, **{"named-graph-uri": record}) == "0"
    assert server.sparql(count, None, **{"default-graph-uri": "not an IRI"}).status == 400


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT * { ?s ?p ?o", 1, 20, "not closed"),
        ("SELECT *\n{ ?s dct:title ?o }", 2, None, "dct:"),
        ("SELECT ?a (COUNT(?b) AS ?c) {?a ?b ?c}", 1, None, "GROUP BY"),
        ("SELECT * { ?s ?p <a b> }", 1, None, "IRI"),
        ("SELCT * { ?s ?p ?o }", 1, None, ""),
        ("SELECT * { ?s ?p 'é' . oops }", 1, None, ""),
        ("", 1, 1, ""),
        ("SELECT (<http://example.org/f>(1) AS ?x) {}", None, None, "SPARQL 1.1"),
    ],
)
def test_a_query_that_does_not_parse_is_explained(
    server: Server, query: str, line: int | None, column: int | None, words: str
) -> None:
    answer = server.sparql(query)
    problem = answer.json()
    assert (answer.status, answer.type) == (400, "application/problem+json")
    assert problem.get("line") == line
    if column:
        assert problem["column"] == column
    assert words in problem["hint"] + problem["detail"]
    assert "expected one of" not in answer.text
    assert "u{" not in answer.text


def test_what_stands_there_and_what_should_be_members_of_the_problem(server: Server) -> None:
    problem = server.sparql("SELECT * {\n ?s a ?o ?x }").json()
    assert (problem["line"], problem["column"], problem["token"]) == (2, 10, "?x")
    assert problem["expected"] == "a full stop, a semicolon or `}`"
    prefixes = server.sparql("SELECT * { ?s dct:title ?t ; foaf:name ?n }").json()["prefixes"]
    assert prefixes == {"dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/"}
    french = server.get(f"/sparql?query={quote('SELECT * { ?s a ?o ?x }')}", **{"Accept-Language": "fr"}).json()
    assert french["expected"] == "un point, un point-virgule ou «\u00a0}\u00a0»"


def test_the_explanation_in_french(server: Server) -> None:
    path = "/sparql?query=SELECT"
    assert "ligne 1, colonne" in server.get(path, **{"Accept-Language": "fr"}).json()["detail"]
    page = server.get(path, "text/html")
    assert page.type == "text/html; charset=utf-8"
    assert "ligne 1, colonne" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "PREFIX ex: <http://127.0.0.1/> ASK{?s ?p 1SERVICEex:a{?s ?p ?o}}",
    ],
)
def test_service_is_refused_in_words(server: Server, query: str) -> None:
    answer = server.sparql(query)
    assert answer.status == 400
    assert "SERVICE" in answer.json()["detail"]


@pytest.mark.parametrize("update", ["INSERT DATA { <a:a> <b:b> <c:c> }", "DROP ALL", "LOAD <http://127.0.0.1/>"])
def test_updates_are_refused_in_words(server: Server, update: str) -> None:
    assert "changes nothing" in server.sparql(update).json()["detail"]
    body = urlencode({"update": update}).encode()
    answer = server.ask("POST", "/sparql", body, {"Content-Type": FORM})
    assert (answer.status, "changes nothing" in answer.text) == (400, True)
    direct = server.ask("POST", "/sparql", update.encode(), {"Content-Type": "application/sparql-update"})
    assert direct.status == 415
    assert "application/sparql-query" in direct.text


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/sparql", SELECT.encode(), {"Content-Type": "text/plain"}, 415),
        ("POST", "/sparql", SELECT.encode(), {}, 415),
        ("POST", "/sparql", "SELECT * {}".encode("utf-16"), {"Content-Type": f"{DIRECT}; charset=utf-16"}, 415),
        ("POST", "/sparql", b"\xff\xfe", {"Content-Type": DIRECT}, 400),
        ("POST", "/sparql", b"query=%FF", {"Content-Type": FORM}, 400),
        ("POST", "/sparql", b"", {}, 400),
        ("POST", "/sparql", b"", {"Content-Type": FORM}, 400),
        ("GET", "/sparql?query=%FF", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D&format=ttlx", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=soon", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=nan", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=-1", None, {}, 400),
        ("GET", "/sparql?query=ASK%7B%7D", None, {"Accept": "image/png"}, 406),
        ("GET", "/sparql?query=ASK%7B%7D", None, {"Accept": "text/turtle"}, 406),
        ("GET", f"/sparql?query={quote(CONSTRUCT)}", None, {"Accept": "text/csv"}, 406),
        ("PUT", "/sparql", b"", {}, 405),
        ("DELETE", "/sparql", None, {}, 405),
        ("PATCH", "/sparql", b"", {}, 405),
    ],
)
def test_what_cannot_be_is_a_problem(
    server: Server, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    answer = server.ask(method, path, body, headers)
    assert answer.status == status, answer.text
    assert answer.type == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    if status == 405:
        assert answer.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    if status == 406:
        assert "text/turtle" in problem["offered"]
        assert "text/csv" in problem["hint"]


def test_a_body_beyond_the_limit_is_413(server: Server) -> None:
    answer = server.ask("POST", "/sparql", b"#" * (11 << 20), {"Content-Type": DIRECT})
    assert answer.status == 413


def test_a_long_query_is_fine(server: Server) -> None:
    values = " ".join(f"<https://data.example.org/dataset/{n}>" for n in range(20_000))
    answer = server.sparql_post(
        SELECT.replace("{", "{ VALUES ?d { <https://data.example.org/dataset/menus> " + values + " }", 1)
    )
    assert titles(answer.body) == ["Menus des cantines"]


def test_head_has_the_headers_of_get(server: Server) -> None:
    path = f"/sparql?query={quote(SELECT)}"
    get, head = server.get(path, "text/csv"), server.ask("HEAD", path, headers={"Accept": "text/csv"})
    assert (head.status, head.body) == (200, b"")
    assert head.type == get.type
    assert head.headers["etag"] == get.headers["etag"]


def test_cors(server: Server) -> None:
    answer = server.ask(
        "OPTIONS", "/sparql", headers={"Origin": "https://x.example", "Access-Control-Request-Method": "POST"}
    )
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert DIRECT in answer.headers["accept-post"]
    assert DIRECT in server.get("/sparql", "text/turtle").headers["accept-query"]
    assert server.sparql(ASK).headers["access-control-allow-origin"] == "*"


def test_the_same_question_on_the_same_release_is_a_304(server: Server) -> None:
    path = f"/sparql?query={quote(SELECT)}"
    tag = server.get(path).headers["etag"]
    again = server.ask("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert server.ask("GET", path, headers={"If-None-Match": tag, "Accept": "text/csv"}).status == 200
    assert server.ask("GET", path, headers={"If-None-Match": "*"}).status == 200
    assert "etag" not in server.sparql("SELECT (NOW() AS ?t) {}").headers


def test_an_older_release_that_is_kept_can_be_asked(server: Server) -> None:
    before = server.sparql(SELECT, "text/csv", release="1")
    assert before.headers["garonne-release"] == "1"
    assert "Fontaines" in before.text
    now = server.sparql(SELECT, "text/csv")
    assert now.headers["garonne-release"] == "2"
    assert "Fontaines" not in now.text
    assert before.headers["etag"] != now.headers["etag"]
    assert server.sparql(SELECT, release="3").status == 404
    assert server.sparql(SELECT, release="two").status == 400


def test_several_default_graphs_are_merged(server: Server) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = "https://data.example.org/graph/catalog"

    def number(*names: str) -> int:
        path = "/sparql?" + urlencode([("query", count), *(("default-graph-uri", name) for name in names)])
        return int(server.get(path).json()["results"]["bindings"][0]["n"]["value"])

    record = "https://data.example.org/record/menus"
    assert number(graph, graph) == number(graph)
    assert number(graph, record) <= number(graph) + number(record)


def test_without_a_query_it_describes_itself(server: Server) -> None:
    page = server.get("/sparql", "text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.type == "text/html; charset=utf-8"
    assert '<textarea id="query" name="query"' in page.text
    assert page.text.count("<details>") == len(named_queries("https://data.example.org/"))
    assert "<script" not in page.text
    for accept in ("text/turtle", "application/rdf+xml", "*/*"):
        answer = server.get("/sparql", accept)
        described = strict(answer)
        assert with_rdflib(answer) == described
        assert any(
            "sparql-service-description#endpoint" in line and "https://data.example.org/sparql>" in line
            for line in described
        )


def test_the_example_queries_answer(server: Server) -> None:
    for name, query in named_queries("https://data.example.org/").items():
        answer = server.sparql(query.text)
        assert answer.status == 200, name
        if name in {"titles", "formats", "publishers", "summary", "changed-since", "mqa-findability"}:
            assert answer.json()["results"]["bindings"], name


def test_the_queries_of_real_users_have_the_right_shape(server: Server) -> None:
    """Every query of the collected workload parses here and is answered, stopped or refused with a reason."""
    from tests.shared import shared

    for file in sorted(shared("queries").glob("*.rq")):
        answer = server.sparql_post(file.read_text())
        assert answer.status in {200, 504}, (file.name, answer.text)
