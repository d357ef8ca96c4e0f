"""What is said of a query beforehand, from its text and the statistics of the release."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from catalog import advice
from catalog.advice import doubtful, nearest, notices, quiet, slow
from catalog.statistics import Partition, Statistics
from tests.shared import shared
from vocab.namespaces import DCAT, DCT, FOAF, RDF, XSD

BASE = "https://data.example.org/"
HEAD = (
    "PREFIX sh: <http://www.w3.org/ns/shacl#> "
    "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
    "PREFIX dc: <http://purl.org/dc/elements/1.1/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
STATISTICS = Statistics(
    1_000_000,
    1,
    1,
    1,
    1,
    {},
    {
        RDF.type.value: Partition(50_000, 1, 1),
        DCT.title.value: Partition(30_000, 1, 1),
        DCT.modified.value: Partition(10, 1, 1, {XSD.date.value: 9, XSD.dateTime.value: 1}),
        DCT.issued.value: Partition(10, 1, 1, {XSD.dateTime.value: 10}),
        DCAT.byteSize.value: Partition(10, 1, 1, {XSD.integer.value: 10}),
        FOAF.name.value: Partition(5, 1, 1),
    },
    {DCAT.Dataset.value: 10, DCAT.Distribution.value: 20},
)


def told(query: str) -> list[str]:
    return [text.en for text in notices(HEAD + query, BASE, STATISTICS)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * { ?d dc:title ?t }", "property <http://purl.org/dc/elements/1.1/title>; the nearest is dct:title"),
        ("SELECT * { ?d dct:titel ?t }", "the nearest is dct:title"),
        ("SELECT * { ?d dct:title/dct:nothing ?t }", "property <http://purl.org/dc/terms/nothing>."),
        ("SELECT * { ?d a dcat:DataSet }", "class <http://www.w3.org/ns/dcat#DataSet>; the nearest is dcat:Dataset"),
        ("SELECT * { ?d a dcat:Dataset OPTIONAL { ?d <x:y> ?z } }", "property <x:y>."),
        ("SELECT * { { SELECT ?d { ?d dct:titre ?t } } }", "dct:title"),
        ("SELECT * { ?d a dcat:Dataset FILTER NOT EXISTS { ?d dct:titre ?t } }", "dct:title"),
    ],
)
def test_a_term_that_nothing_uses_is_said_with_the_nearest(query: str, words: str) -> None:
    (said,) = told(query)
    assert words in said


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?d a dcat:Dataset ; dct:title ?t . ?d ?p <x:y> }",
        "SELECT * { GRAPH ?g { ?d <x:y> ?z } }",
        "SELECT * FROM <x:g> { ?d <x:y> ?z }",
        "not a query",
        "SELECT * { ?d dct:title ?t } # " + "x" * 30_000,
    ],
)
def test_nothing_is_said_of_what_is_used_or_not_known(query: str) -> None:
    assert told(query) == []


@pytest.mark.parametrize("query", ["SELECT * { GRAPH ?g { ?d PROP ?z } }", "SELECT * FROM <x:g> { ?d PROP ?z }"])
def test_of_named_graphs_it_is_said_where_neither_they_nor_the_catalogue_use_a_term(query: str) -> None:
    known = replace(STATISTICS, named=["http://www.w3.org/ns/shacl#result", DCT.title.value])
    for term, words in (("sh:result", ""), ("dct:title", ""), ("dct:titel", "the nearest is dct:title")):
        found = notices(HEAD + query.replace("PROP", term), BASE, known)
        assert (words in found[0].en) if words else not found
    plain = HEAD + "SELECT * { ?d sh:result ?z }"
    assert notices(plain, BASE, known)
    assert not notices(plain, BASE, known, graphs=True)


def test_statistics_are_worked_out_only_where_they_might_be_needed() -> None:
    store = Store()
    store.add(Quad(NamedNode("x:d"), DCT.title, Literal("t")))
    store.add(Quad(NamedNode("x:d"), RDF.type, DCAT.Dataset, NamedNode("x:g")))
    for query, doubt in (
        ("SELECT * { ?d dct:title ?t }", False),
        ("SELECT * { ?d dct:titel ?t }", True),
        ("SELECT * { GRAPH ?g { ?d a dcat:Dataset } }", False),
        ("SELECT * { ?d a dcat:DataSet }", True),
        ("SELECT * { ?d dct:title ?t FILTER(?t > NOW()) }", True),
        ("SELECT * { ?d dct:title ?t FILTER(isLiteral(?t)) }", False),
        ("not a query", False),
    ):
        assert doubtful(HEAD + query, BASE, store) is doubt, query
    found = Statistics.in_store(store, BASE)
    assert (found.triples, found.graphs, list(found.named or ())) == (1, 1, [RDF.type.value, DCAT.Dataset.value])
    assert Statistics.decoded(found.encoded()) == found


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('?m > "2026-01-01T00:00:00Z"^^xsd:dateTime', "xsd:date in 9 statements"),
        ("?m > NOW()", "xsd:date in 9 statements"),
        ('xsd:dateTime("2026-01-01T00:00:00") <= ?m', ""),
        ('?m >= "2026-01-01"^^xsd:date', "xsd:dateTime in 1 statements"),
        ('?m >= "2026-01-01"', "compared with xsd:string"),
        ('?i >= "2026-01-01"^^xsd:date', "xsd:dateTime in 10 statements"),
        ('?i >= "2026-01-01T00:00:00Z"^^xsd:dateTime', ""),
        ("?b > 3", ""),
        ("STR(?m) > '2026'", ""),
    ],
)
def test_a_date_compared_with_a_moment_is_said(condition: str, said: str) -> None:
    query = f"SELECT * {{ ?d dct:modified ?m ; dct:issued ?i ; dcat:byteSize ?b FILTER({condition}) }}"
    found = told(query)
    assert (said in found[0]) if said else not found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * { ?a dct:title ?b . ?c dct:title ?d }", "Nothing links ?a to ?c"),
        ("SELECT * { ?a ?p ?b }", "all statements"),
        ("SELECT * { ?a dct:relation* ?b }", "neither end"),
        (
            "SELECT * { ?a dct:title ?t FILTER EXISTS { ?a dct:x ?y . ?y dct:z ?w . ?w a dcat:Dataset } }",
            "EXISTS with 3",
        ),
        ("SELECT * { ?a dct:title ?t FILTER(REGEX(?t, 'x')) }", "REGEX reads"),
        ("SELECT * { ?a dct:title ?t } ORDER BY ?t", "without LIMIT"),
        ("SELECT * { ?a dct:title ?t }", "dct:title 30000"),
    ],
)
def test_what_makes_a_query_slow(query: str, words: str) -> None:
    assert any(words in text.en for text in slow(HEAD + query, BASE, STATISTICS)), slow(HEAD + query, BASE, STATISTICS)


def test_a_query_that_is_well_made_has_nothing_of_the_kind() -> None:
    assert slow(HEAD + "SELECT ?m { <x:d> dct:modified ?m } ORDER BY ?m LIMIT 3", BASE, STATISTICS) == []


def test_nearest() -> None:
    known = [DCT.title.value, "http://schema.org/title", DCAT.Dataset.value]
    assert nearest("http://purl.org/dc/elements/1.1/title", known) == "dct:title"
    assert nearest("http://www.w3.org/ns/dcat#dataset", known) == "dcat:Dataset"
    assert nearest("http://example.org/wholly-different", known) == ""


def test_the_queries_of_real_users_are_read() -> None:
    for file in sorted(shared("queries").glob("*.rq")):
        for text in (*notices(file.read_text(), BASE, STATISTICS), *slow(file.read_text(), BASE, STATISTICS)):
            assert text.fr != text.en


@pytest.mark.parametrize(
    ("query", "at_once"),
    [
        ("SELECT * { <http://e/1> ?p ?o }", True),
        ("SELECT * { <http://e/1> dct:title ?o . <http://e/2> ?p ?o } LIMIT 5", True),
        ("SELECT * { ?d a dcat:Dataset ; dct:title ?t }", True),
        ("SELECT * { ?d a dct:title }", False),
        ("SELECT * { ?d dcat:Dataset ?t }", False),
        ("SELECT * { ?d ^dct:titre ?t }", False),
        ("SELECT * { ?d dct:title ?t ; dct:titre ?t }", False),
        ("SELECT * { ?d dct:modified ?t FILTER(?t > ?u) }", False),
        ("SELECT * { ?d undeclared:title ?t }", False),
    ],
)
def test_most_queries_need_no_reading(query: str, at_once: bool) -> None:
    assert quiet(HEAD + query, BASE, STATISTICS) == at_once


def test_a_glance_overlooks_nothing_in_the_reference_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = [file.read_text() for file in sorted(shared("queries").glob("q*.rq"))]
    used = Statistics(1, 1, 1, 1, 1, {}, {DCT.title.value: Partition(1, 1, 1)}, {DCAT.Dataset.value: 1})
    seen = [quiet(query, BASE, statistics) for query in queries for statistics in (used, STATISTICS)]
    found = [notices(query, BASE, statistics) for query in queries for statistics in (used, STATISTICS)]
    assert any(seen)
    monkeypatch.setattr(advice, "quiet", lambda *_: False)
    assert found == [notices(query, BASE, statistics) for query in queries for statistics in (used, STATISTICS)]
