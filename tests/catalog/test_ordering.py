"""ORDER BY outside the engine."""

from __future__ import annotations

import io
import json
import random

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, RdfFormat, Store

from catalog import ordering
from catalog.rewriting import Plan, plan
from tests.api.test_workers import mixed
from tests.catalog.rewriting.compare import answer

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = """
@prefix : <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :n 3 ; :t "é" ; :d "2020-01-02"^^xsd:date . :b :n 1.5 ; :t "a", "Z"@fr ; :d "2019-12-31T23:00:00Z"^^xsd:dateTime .
:c :n 1e1 ; :t "" ; :d "2020-01-01T01:00:00+05:00"^^xsd:dateTime . :d :n 3 . :e :t "a,b\\"c\\nd" . :f :n "x" .
:g :n true . :h :n :a . :i :n [] .
"""
PREFIX = "PREFIX : <http://e/> "


@pytest.fixture
def store() -> Store:
    found = Store()
    found.load(DATA, RdfFormat.TURTLE)
    return found


def bytes_of(store: Store, query: str, format_: QueryResultsFormat) -> bytes:
    planned = plan(query)
    assert planned.order is not None
    out = io.BytesIO()
    results = store.query(planned.query)
    assert isinstance(results, QuerySolutions)
    ordering.write(results, planned.order, out, format_)
    return out.getvalue()


def ask(store: Store, query: str) -> list[dict[str, str]]:
    found = json.loads(bytes_of(store, PREFIX + query, QueryResultsFormat.JSON))["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?n { ?s :n ?n FILTER(isNumeric(?n)) } ORDER BY DESC(?n) ?s",
        "SELECT ?s ?n { ?s :n ?n FILTER(isNumeric(?n)) } ORDER BY ?n DESC(?s) LIMIT 2 OFFSET 1",
        "SELECT ?s { ?s :n ?n FILTER(isNumeric(?n)) } ORDER BY (-?n) DESC(STR(?s))",
        "SELECT * { ?s :t ?t } ORDER BY STRLEN(?t) DESC(STR(?t)) ?s",
        "SELECT DISTINCT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3",
        "SELECT ?p (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?c) ?p",
        "SELECT ?p { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(COUNT(?s)) ?p",
        "SELECT (STR(?s) AS ?x) { ?s :t ?t } ORDER BY ?x ?t",
        "SELECT ?s ?t { ?s :n ?n OPTIONAL { ?s :t ?t } FILTER(isNumeric(?n)) } ORDER BY BOUND(?t) ?n ?s",
        "SELECT ?nothing ?s { ?s :t ?t } ORDER BY ?nothing ?s",
        "SELECT ?s { ?s :t ?t } ORDER BY ?s LIMIT 0",
        "SELECT ?s { ?s :none ?t } ORDER BY ?s",
    ],
)
@pytest.mark.parametrize("format_", ["json", "xml", "csv", "tsv"])
def test_where_the_order_is_defined_the_bytes_are_the_engine_s(store: Store, query: str, format_: str) -> None:
    kind = {
        "json": QueryResultsFormat.JSON,
        "xml": QueryResultsFormat.XML,
        "csv": QueryResultsFormat.CSV,
        "tsv": QueryResultsFormat.TSV,
    }[format_]
    assert bytes_of(store, PREFIX + query, kind) == store.query(PREFIX + query).serialize(format=kind)


def test_kinds_come_in_the_order_of_the_specification(store: Store) -> None:
    store.add(Quad(NamedNode("http://e/j"), NamedNode("http://e/t"), Literal("j")))
    rows = ask(store, "SELECT ?s ?n { { ?s :n ?n } UNION { ?s :t 'j' } } ORDER BY ?n DESC(?s)")
    assert [row["s"][-1] for row in rows] == ["j", "i", "h", "b", "d", "a", "c", "g", "f"]


def test_dates_and_times_are_by_instant(store: Store) -> None:
    assert [r["s"][-1] for r in ask(store, "SELECT ?s { ?s :d ?d } ORDER BY ?d")] == ["c", "b", "a"]


def test_a_key_that_is_not_projected_does_not_double_distinct_rows(store: Store) -> None:
    rows = ask(store, "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY DESC(STR(?s))")
    assert [r["p"][-1] for r in rows] == ["n", "t", "d"]
    rows = ask(store, "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY DESC(STR(?s)) LIMIT 1 OFFSET 1")
    assert [r["p"][-1] for r in rows] == ["t"]


@pytest.mark.parametrize("seed", range(3))
def test_values_of_any_types_are_sorted(seed: int) -> None:
    rows = answer(Store(), plan(mixed(seed)))[1]
    expected = answer(Store(), Plan(mixed(seed).replace("ORDER BY ?x", "")))[1]
    assert sorted(rows) == sorted(expected)
    keys = [ordering.key(json.loads(row)["x"]) for row in rows]
    assert keys == sorted(keys)


def test_random_literals_compare_as_the_engine_compares_them() -> None:
    """Wherever the engine says `<`, so does the key."""
    dice = random.Random(1)  # noqa: S311  repeatable, not secret
    values = [Literal(str(dice.randrange(-50, 50)), datatype=NamedNode(XSD + "integer")) for _ in range(10)]
    values += [Literal(f"{dice.uniform(-50, 50):.3f}", datatype=NamedNode(XSD + "decimal")) for _ in range(10)]
    values += [Literal(str(dice.uniform(-50, 50)), datatype=NamedNode(XSD + "double")) for _ in range(10)]
    values += [Literal(text) for text in ("", "a", "B", "é", "ab", "\N{GRINNING FACE}")]
    values += [Literal(text, datatype=NamedNode(XSD + "boolean")) for text in ("true", "false")]
    for _ in range(20):
        zone = dice.choice(("", "Z", "+05:30", "-11:00"))
        moment = f"{dice.choice((1999, 2000, 2001))}-0{dice.randrange(1, 9)}-1{dice.randrange(9)}"
        clock = f"T{dice.randrange(24):02}:00:0{dice.randrange(9)}.5{zone}"
        values.append(Literal(moment + clock, datatype=NamedNode(XSD + "dateTime")))
        values.append(Literal(moment + zone, datatype=NamedNode(XSD + "date")))
    store = Store()
    for n, value in enumerate(values):
        store.add(Quad(NamedNode(f"http://e/{n}"), NamedNode("http://e/v"), value))
    less = "SELECT ?a ?b { ?x <http://e/v> ?a . ?y <http://e/v> ?b FILTER(?a < ?b) }"
    found = json.loads(store.query(less).serialize(format=QueryResultsFormat.JSON))["results"]["bindings"]
    assert len(found) > 500
    for row in found:
        assert ordering.key(row["a"]) < ordering.key(row["b"]), row


def test_the_first_rows_of_many_are_kept_without_the_others() -> None:
    store = Store()
    store.load("".join(f'<http://e/{n}> <http://e/p> "{n:06}" .\n' for n in range(20_000)), RdfFormat.N_TRIPLES)
    planned = plan("SELECT ?o { ?s <http://e/p> ?o } ORDER BY DESC(?o) LIMIT 5")
    assert planned.order is not None
    rows = ordering.Rows(planned.order)
    most = 0
    results = store.query(planned.query)
    for piece in _pieces(results.serialize(format=QueryResultsFormat.JSON)):
        rows.write(piece)
        most = max(most, len(rows._rows))
    assert [json.loads(r)["o"]["value"] for r in rows.sorted()] == [f"{n:06}" for n in range(19_999, 19_994, -1)]
    assert most < 9000


def _pieces(data: bytes) -> list[bytes]:
    return [data[n : n + 1000] for n in range(0, len(data), 1000)]
