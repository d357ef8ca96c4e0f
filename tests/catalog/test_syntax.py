"""What the engine's own messages become."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from catalog.syntax import Explanation, explained, function_missing


def explanation(query: str) -> Explanation:
    with pytest.raises(SyntaxError) as raised:
        Store().query(query)
    return explained(str(raised.value), query)


@pytest.mark.parametrize(
    ("query", "line", "column", "advice"),
    [
        ("SELECT * { ?s ?p ?o", 1, 20, "A bracket `{` is not closed."),
        ("ASK { FILTER((1) }", 1, 19, "A bracket `(` is not closed."),
        (
            "SELECT *\n{ ?é dct:title ?o }",
            2,
            6,
            "Prefix not declared: dct: (PREFIX). Add at the beginning: PREFIX dct: <",
        ),
        ("SELECT *\n{ ?é nowhere:title ?o }", 2, 6, "Prefix not declared: nowhere: (PREFIX)."),
        ("SELECT ?a (COUNT(?b) AS ?c) {?a ?b ?c}", 1, None, "A variable of the SELECT is neither grouped"),
        ("SELECT * { ?s ?p <a b> }", 1, None, "An IRI between < and >"),
        ("SELCT * { ?s ?p ?o }", 1, None, "There is no SELECT, ASK,"),
        ("ASK { ?s ?p ?o ?x }", 1, 16, "There should be a full stop, a semicolon or `}`."),
        ("ASK { ?s ?p ?o } LIMIT x", 1, 24, "There should be a whole number."),
        ("", 1, 1, "There is no SELECT, ASK,"),
    ],
)
def test_place_and_advice(query: str, line: int, column: int | None, advice: str) -> None:
    found = explanation(query)
    assert found.line == line
    assert f"line {line}, column {found.column}" in found.text.en
    assert f"ligne {line}, colonne {found.column}" in found.text.fr
    assert found.column == column or column is None
    assert found.advice.en.startswith(advice)


def test_what_stands_there_is_shown_in_short() -> None:
    found = explanation("ASK {\n ?s ?p ?o }  and then there is more, much more than is worth showing")
    assert ", before `" in found.text.en
    assert found.text.en.endswith("…`.")


def test_a_message_without_a_place() -> None:
    found = explained("whatever", "ASK {}")
    assert (found.line, found.column, found.text.en) == (0, 0, "The query is not valid SPARQL.")


def test_functions() -> None:
    with pytest.raises((RuntimeError, SyntaxError)) as raised:
        list(Store().query("SELECT (<http://e.org/f>(1) AS ?x) {}"))  # type: ignore[arg-type]  # a SELECT: solutions
    found = function_missing(str(raised.value))
    assert found is not None
    assert "<http://e.org/f>" in found.text.en
    assert function_missing("another message") is None


def test_a_very_long_query_is_explained_by_the_place_alone() -> None:
    values = " ".join(f"<x:{n}>" for n in range(30_000))
    found = explanation(f"SELECT * {{\n VALUES ?d {{ {values} }}\n ?d a <x:y> ?z }}")
    assert found.line == 3
    assert "line 3" in found.text.en
