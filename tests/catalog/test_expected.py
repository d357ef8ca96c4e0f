"""Where a text breaks off, and what should be there."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from catalog.expected import BETWEEN, CONDITION, NUMBER, OBJECT, PROPERTY, broken, unclosed
from tests.shared import shared


@pytest.mark.parametrize(
    ("text", "token", "expected"),
    [
        ("SELECT * { ?d a <x:y>  ?e <b:c> 3 }", "?e", BETWEEN.en),
        ("SELECT * { ?d <p:p> 'x'@fr ?e <b:c> 3 }", "?e", BETWEEN.en),
        ("SELECT * { ?d <p:p> '1'^^<x:y> ?e <b:c> 3 }", "?e", BETWEEN.en),
        ("SELECT * { ?s <p:p> }", "}", OBJECT.en),
        ("SELECT * { ?s . ?a ?b ?c }", ".", PROPERTY.en),
        ("SELECT * { ?s <p:p> . ?a ?b ?c }", ".", OBJECT.en),
        ("SELECT * { FILTER ?x > 3 }", "?x", CONDITION.en),
        ("SELECT * { OPTIONAL ?s ?p ?o }", "?s", "`{`"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", "ten", NUMBER.en),
        ("SELECT * { ?s ?p ?o } ORDER ?s", "?s", "the word BY"),
        ("PREFIX ex <http://x> ASK {}", "ex", "a prefix with a colon, as in dct:"),
        ("SELECT * { ?s ?p ?o . OPTIONAL { ?s <p:q> ?x ?y } }", "?y", BETWEEN.en),
        ("SELECT * { ?s ?p [ <a:b> ?x ?y ] }", "?y", BETWEEN.en),
        ("SELECT * { ?s ?p ?o FILTER(?o > 3) ?a ?b }", "}", OBJECT.en),
    ],
)
def test_the_place_and_what_should_be_there(text: str, token: str, expected: str) -> None:
    with pytest.raises(SyntaxError):
        Store().query(text)
    found = broken(text, len(text))
    assert found is not None
    assert (found.token, found.expected.en) == (token, expected)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o , 'x'@fr , -3 ; <a:b>/<c:d>* ?x ; ^<a:b>|!<c:d> ?y . ?a <b:c>+ ?d }",
        "SELECT * { ?s ?p '1'^^<x:y> . [] ?p ( 1 2 [ <a:b> 3 ] ) . [ <a:b> 1 ; <c:d> 2 ] . [ <a:b> 1 ] <c:d> 3 }",
        "SELECT * { { ?s ?p ?o } UNION { ?a ?b ?c } FILTER(?o > 3 && EXISTS { ?s ?p ?x }) BIND(1 AS ?z) ?q ?r ?t }",
        "SELECT * { VALUES (?a ?b) { (1 2) (UNDEF 'x') } ?s ?p ?o . GRAPH ?g { ?s ?p ?o } FILTER regex(?o, 'x') }",
        "SELECT * { ?s ?p ?o MINUS { ?s a <x:y> } ?q a <x:y> FILTER NOT EXISTS { ?a ?b ?c } ?e ?f ?g }",
        "SELECT (COUNT(*) AS ?n) { { SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING(COUNT(*) > 1) } ?s ?p true }",
        "CONSTRUCT { ?s ?p ?o . ?o a <x:y> } WHERE { ?s ?p ?o ; a <x:z> . }",
        "ASK { ?s <p:p>? ?o . ?s (<a:b>|<c:d>)+ ?x . ?s ?p ?q . }",
    ],
)
def test_nothing_is_found_in_what_is_well_written(text: str) -> None:
    Store().query(text)
    assert broken(text, len(text)) is None


def test_nothing_is_found_in_the_queries_of_real_users_and_of_the_w3c() -> None:
    files = [*shared("queries").glob("*.rq"), *shared("data/w3c/w3c__rdf-tests/sparql").rglob("*.rq")]
    wrong = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        try:
            Store().query(text, base_iri="http://example.org/")
        except (SyntaxError, RuntimeError, ValueError, OSError):
            continue
        found = broken(text, len(text))
        if found is not None:
            wrong.append((file.name, found.token, found.expected.en))
    assert wrong == []
    assert len(files) > 300


@pytest.mark.parametrize(
    ("text", "sign"),
    [("SELECT * { ?s ?p ?o", "{"), ("ASK { FILTER(?x > 3 }", "("), ("ASK { ?s ?p '}' }", ""), ("ASK {} # {", "")],
)
def test_a_bracket_that_is_not_closed(text: str, sign: str) -> None:
    assert unclosed(text)[0] == sign
