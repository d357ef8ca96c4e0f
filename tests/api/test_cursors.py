"""Pages of a SELECT: together they are the whole, each row once, whatever the values."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store

from api.cursors import Cursor, Paged
from api.errors import BadRequest
from catalog.ordering import key
from catalog.ordering import write as sort_and_write
from catalog.rewriting import plan
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server

XSD = "http://www.w3.org/2001/XMLSchema#"
P = NamedNode("x:p")


def evaluated(store: Store, query: str) -> bytes:
    """As a worker does it."""
    planned = plan(query)
    results = store.query(planned.query)
    out = io.BytesIO()
    if planned.order is None:
        results.serialize(out, QueryResultsFormat.JSON)  # type: ignore[union-attr]
    else:
        sort_and_write(results, planned.order, out, QueryResultsFormat.JSON)  # type: ignore[arg-type]
    return out.getvalue()


def read(store: Store, query: str) -> tuple[list[dict[str, object]], int]:
    """All rows, page by page, and how many pages there were."""
    paged = Paged(query)
    rows: list[dict[str, object]] = []
    cursor, pages = None, 0
    while True:
        body, following = paged.page(evaluated(store, paged.text(cursor)), 1, cursor)
        rows += json.loads(body)["results"]["bindings"]
        pages += 1
        if following is None:
            return rows, pages
        cursor = Cursor.decoded(following.encoded())


def as_set(rows: list[dict[str, object]]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


TERMS = st.one_of(
    st.sampled_from([NamedNode("x:a"), NamedNode("x:b"), NamedNode("x:é")]),
    st.sampled_from(["", "a", "b", "é", 'a"b\\', "a\nb"]).map(Literal),
    st.builds(lambda t, g: Literal(t, language=g), st.sampled_from("ab"), st.sampled_from(["en", "fr"])),
    st.integers(-2, 12).map(Literal),
    st.sampled_from([Literal(True), Literal("2020-01-01", datatype=NamedNode(XSD + "date"))]),
    st.sampled_from([Literal("2019-05-05T00:00:00Z", datatype=NamedNode(XSD + "dateTime")), Literal(1.5)]),
    st.sampled_from([Literal("z", datatype=NamedNode("x:other")), Literal("x", datatype=NamedNode(XSD + "date"))]),
)
DATA = st.lists(st.tuples(st.sampled_from([NamedNode(f"x:s{n}") for n in range(5)]), TERMS), max_size=25)
QUERIES = (
    "SELECT ?s ?o { ?s <x:p> ?o }",
    "SELECT ?s ?o { ?s <x:p> ?o } ORDER BY ?o",
    "SELECT ?o { ?s <x:p> ?o } ORDER BY DESC(?o)",
    "SELECT DISTINCT ?o { ?s <x:p> ?o } ORDER BY ?o",
    "SELECT ?s ?o ?n { ?s <x:p> ?o OPTIONAL { ?s <x:p> ?n FILTER(?n > 5) } } ORDER BY ?n DESC(?s)",
    "SELECT * { ?s <x:p> ?o } ORDER BY ?s",
    "SELECT ?s (COUNT(*) AS ?n) { ?s <x:p> ?o } GROUP BY ?s ORDER BY DESC(?n)",
    "SELECT (STR(?o) AS ?t) { ?s <x:p> ?o } ORDER BY ?t",
)


@given(DATA, st.sampled_from(QUERIES), st.integers(1, 7))
@settings(max_examples=150, deadline=None)
def test_the_pages_are_the_whole_in_order(data: list[tuple[NamedNode, Literal]], query: str, size: int) -> None:
    store = Store()
    store.extend(Quad(s, P, o) for s, o in data)
    rows, pages = read(store, f"{query} LIMIT {size}")
    whole = json.loads(evaluated(store, query))["results"]["bindings"]
    assert as_set(rows) == as_set(whole)
    assert pages == max(1, -(-len(whole) // size))
    for name, down in Paged(f"{query} LIMIT 1").keys[:1]:
        keys = [key(row.get(name)) for row in rows]  # type: ignore[arg-type]
        assert keys == sorted(keys, reverse=down)


def test_a_page_begins_by_a_condition_where_values_are_texts_or_iris() -> None:
    store = Store()
    store.extend(Quad(NamedNode(f"x:s{n}"), P, Literal(f"t{n % 3}", language="fr")) for n in range(9))
    for query in ("SELECT ?s ?o { ?s <x:p> ?o } ORDER BY ?o LIMIT 4", "SELECT ?s { ?s <x:p> ?o } LIMIT 2"):
        paged = Paged(query)
        _, cursor = paged.page(evaluated(store, paged.text(None)), 1, None)
        assert cursor is not None
        assert "FILTER(" in paged.text(cursor)
        assert paged.text(cursor).endswith("OFFSET 1")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ASK { ?s ?p ?o }", "no SELECT"),
        ("SELECT * { ?s ?p ?o }", "needs a LIMIT"),
        ("SELECT * { ?s ?p ?o } LIMIT 20000", "needs a LIMIT"),
        ("SELECT ?s { ?s ?p ?o } ORDER BY ?o LIMIT 5", "ORDER BY"),
        ("SELECT ?s { ?s ?p ?o } ORDER BY STR(?s) LIMIT 5", "ORDER BY"),
        ("SELECT", "not understood"),
    ],
)
def test_what_cannot_be_read_in_pages_says_why(query: str, words: str) -> None:
    with pytest.raises(BadRequest) as raised:
        Paged(query)
    assert words in raised.value.text.en


@pytest.mark.parametrize("text", ["x", "!!!", "eJwDAAAAAAE", Cursor(1, "q", 1, {}, 0).encoded()[:-4]])
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(BadRequest):
        Cursor.decoded(text)


def test_over_http_all_pages_come_from_one_release(tmp_path: Path) -> None:
    city = City(settings_in(tmp_path))
    city.publish({**TITLES, **{f"d{n}": f"Titre {n:02}" for n in range(12)}})
    query = (
        "PREFIX dct: <http://purl.org/dc/terms/> PREFIX dcat: <http://www.w3.org/ns/dcat#> "
        "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?t LIMIT 4"
    )
    with Server(city.settings, tmp_path) as running:
        rows: list[str] = []
        path = "/sparql?" + urlencode({"query": query, "cursor": "", "format": "csv"})
        while path:
            answer = running.get(path)
            assert (answer.status, answer.headers["garonne-release"]) == (200, "1"), answer.text
            rows += answer.text.split("\r\n")[1:-1]
            if len(rows) == 4:
                city.publish({"menus": "Autre titre", "d3": "Aaa"})
            link = answer.headers.get("link", "")
            parts = urlsplit(link[1 : link.index(">")]) if 'rel="next"' in link else None
            path = f"{parts.path}?{parts.query}" if parts else ""
        assert len(rows) == len(set(rows)) == 15
        assert not any("Aaa" in row for row in rows)
        other = running.get(
            "/sparql?" + urlencode({"query": query + " ", "cursor": Cursor(1, "q", 4, {}, 0).encoded()})
        )
        assert (other.status, "another query" in other.text) == (400, True)
        gone = Cursor(9, Paged(query).digest, 4, {}, 0).encoded()
        assert running.get("/sparql?" + urlencode({"query": query, "cursor": gone})).status == 404
        broken = running.get("/sparql?" + urlencode({"query": "SELECT ?x { ?x ?x } LIMIT 3", "cursor": ""}))
        assert broken.status == 400
