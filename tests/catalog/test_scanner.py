"""What the scanner sees, compared with what the engine does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies
from pyoxigraph import Store

from catalog.scanner import normalised, plain, prefixes_missing, scan, tokens

PORT_1 = "<http://127.0.0.1:1/>{?s ?p ?o}}"  # the engine refuses port 1 in words: a call that left no process

CALLS = [
    "ASK {SERVICE" + PORT_1,
    "ASK {service silent" + PORT_1,
    "PREFIX : <http://127.0.0.1:1/> ASK {SERVICE:a{?s ?p ?o}}",
    "PREFIX ex: <http://127.0.0.1:1/> ASK {SERVICEex:a{?s ?p ?o}}",
    "prefix ex: <http://127.0.0.1:1/> ASK{?s ?p ex:.SERVICE " + PORT_1,
    "ASK {?s ?p 1SERVICE" + PORT_1,
    "ASK {?s ?p 1.5e3SERVICE" + PORT_1,
    "ASK {?s ?p trueSERVICE" + PORT_1,
    "ASK {?s ?p <a:a>SERVICE" + PORT_1,
    "ASK {FILTER(1<2)SERVICE" + PORT_1,
    "ASK {FILTER(1<3#>\n)SERVICE" + PORT_1,
    "ASK {FILTER(?a<'>'&&?a<'a')SERVICE <http://127.0.0.1:1/>{?s ?p ?o}#'\n}",
    "ASK {FILTER(?a<3#>'''\n)SERVICE <http://127.0.0.1:1/>{?s ?p ?o}#'''\n}",
    "PREFIX ex: <http://e/> ASK {?s ?p ex:a\\# . SERVICE" + PORT_1,
    "ASK {?s ?p ?o # comment\nSERVICE" + PORT_1,
]


@pytest.mark.parametrize("query", CALLS)
def test_every_call_that_the_engine_reads_is_seen(query: str) -> None:
    try:
        Store().query(query, base_iri="http://b/")
        left = "silent" in query or "?s ?p" in query  # nothing to join with: the call was not made
    except OSError as e:
        left = "port 1" in str(e)
    assert left, "the engine does not read this as a call any more"
    assert scan(query).service
    assert not plain(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service a <http://example.org/SERVICE> }",
        "PREFIX service: <http://s#> SELECT * { ?s service:endpoint ?o }",
        "SELECT * { ?s ?p 'SERVICE', \"SERVICE\", '''a 'SERVICE' ''', \"\"\"a \"SERVICE\" \"\"\" }",
        "SELECT * { ?s ?p ?o # SERVICE\n}",
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT * { ?s dcat:accessService ?o ; dcat:servesDataset ?d }",
        "SELECT * { ?s <http://example.org/a#b> '''\nservice public\n''' }",
    ],
)
def test_the_word_elsewhere_is_no_call(query: str) -> None:
    Store().query(query)
    assert not scan(query).service


@pytest.mark.parametrize(
    ("query", "form", "update", "volatile"),
    [
        ("SELECT * {}", "SELECT", False, False),
        ("# INSERT\nPREFIX insert: <http://insert/> CONSTRUCT WHERE { ?s insert:x ?o }", "CONSTRUCT", False, False),
        ("PREFIX a: <http://delete/> DELETE WHERE { ?s ?p ?o }", "DELETE", True, False),
        ("LOAD <http://x/>", "LOAD", True, False),
        ("SELECT (now() AS ?t) (Rand() AS ?r) {}", "SELECT", False, True),
        ("SELECT ?now { ?now ?rand 'NOW()' }", "SELECT", False, False),
        ("", "", False, False),
    ],
)
def test_form_update_and_volatility(query: str, form: str, update: bool, volatile: bool) -> None:
    seen = scan(query)
    assert (seen.form, seen.update, seen.volatile) == (form, update, volatile)
    assert not plain(query) or not (seen.update or seen.volatile or seen.service)


PIECES = [
    *("SELECT", "?a", "ex:a", "ex:a\\#b", "<http://e/#x>", "<", "1", "'a b'", '"#"', "'''a\n\"b'''", "{", "}", "."),
    *("# c\n", " ", "\n", "\t ", "@fr", "^^", "\\", "'", '"', ";", "SERVICE", "_:b", "*", "&&"),
]


GAPS = strategies.sampled_from(["", " ", "\n", "# c\n"])


@settings(max_examples=500, deadline=None)
@given(strategies.lists(strategies.tuples(strategies.sampled_from(PIECES), GAPS, GAPS)))
def test_texts_with_the_same_normal_form_have_the_same_tokens(pieces: list[tuple[str, str, str]]) -> None:
    one, other = ("".join(gap for piece in pieces for gap in (piece[0], piece[n])) for n in (1, 2))
    if normalised(one) == normalised(other):
        assert [t.text for t in tokens(one)] == [t.text for t in tokens(other)]


def test_comments_and_white_space_make_no_difference_to_the_normal_form() -> None:
    assert normalised("SELECT ?a{?a ex:a\\#b <x#y>}") == normalised("SELECT # c\n ?a {\n?a  ex:a\\#b<x#y> } # '")
    assert normalised("ASK { ?s ?p 'a  b' }") != normalised("ASK { ?s ?p 'a b' }")


@pytest.mark.parametrize(
    "piece", ["(", "a.-", '"""\\\\', "<a", ":", "a", "'\\", "'''a", "ex:a.", '"a', ":.", ":a-.", "?", "\\", "<'>"]
)
def test_no_text_takes_long(piece: str) -> None:
    begun = time.monotonic()
    scan("SELECT * {" + piece * 50_000 + "}")
    assert time.monotonic() - begun < 2


def test_prefixes_missing() -> None:
    query = "PREFIX a: <http://a/> SELECT * { ?s a:b c:d ; e:f _:g ; :h 'x:y' }"
    assert prefixes_missing(query) == ["c", "e", ""]
