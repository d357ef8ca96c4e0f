"""What is read and written again is the same query to the engine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import Store

from catalog.rewriting.parser import parse
from catalog.rewriting.tokens import NotUnderstood, tokens
from tests.shared import shared


def files() -> list[Path]:
    return [*sorted(shared("queries").glob("*.rq")), *sorted(shared("data/w3c").rglob("*.rq"))]


def test_every_query_that_the_engine_reads_is_read_the_same_or_left_alone() -> None:
    store, understood = Store(), 0
    for file in files():
        query = file.read_text(errors="replace")
        try:
            written = parse(query).text
        except NotUnderstood:
            continue
        understood += 1
        try:
            store.query(query, base_iri="http://x/")
        except SyntaxError:
            continue
        except (RuntimeError, ValueError):
            pass
        with suppress(RuntimeError, ValueError):
            store.query(written, base_iri="http://x/")
        assert parse(written).text == written, file
    assert understood > 380


def test_the_reference_queries_are_all_understood() -> None:
    for file in sorted(shared("queries").glob("*.rq")):
        parse(file.read_text())


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { FILTER(?a<?b&&?c>?d) }",
        "SELECT * { ?a <p> ?b }",
        "BASE <http://e/> SELECT * { ?a ?b ?c }",
        "SELECT * { SERVICE <http://e/> { ?a ?b ?c } }",
        "SELECT * { [] ?p ?o }",
        "SELECT * { _:a ?p [ ?q ?r ] }",
        "SELECT ?a { ?a ?b",
        "SELECT ?a { ?a ?b ?c ] }",
        "INSERT DATA { <http://a> <http://b> 1 }",
        "SELECT * " + "{" * 50 + "}" * 50,
        "",
        "SELECT * { ?a ?b \N{SNOWMAN} }",
        "SELECT * { << ?a ?b ?c >> ?d ?e }",
    ],
)
def test_what_is_doubtful_is_refused(query: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(query)


def test_a_literal_is_one_token_with_its_language_or_datatype() -> None:
    found = tokens('"a"@fr \'b\' ^^ <http://e/t> """c\n"""^^xsd:date # end')
    assert [t.text for t in found] == ['"a"@fr', "'b'^^<http://e/t>", '"""c\n"""^^xsd:date']


def test_long_queries_end_quickly() -> None:
    assert len(tokens("?a " * 30_000)) == 30_000
    with pytest.raises(NotUnderstood):
        tokens("?a " * 100_000)
