"""The part of Solr's language that harvesters write, and what is told of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ckan.errors import ActionError
from api.ckan.query import condition
from catalog.packages import Condition


def value(field: str, text: str) -> Condition:
    return Condition(f"{field or 'text'}=:x", {"x": text})


def asked(*texts: str) -> str:
    """The condition with its values written in, without the outer parentheses."""
    found = condition(list(texts), value)
    sql = found.sql
    for name, bound in found.values.items():
        sql = sql.replace(f":{name}", f"<{bound}>")
    return sql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("*:*", ""),
        ("arbres", "(((text=<arbres>)))"),
        ("organization:ville", "(((organization=<ville>)))"),
        ("+organization:ville -groups:a", "(((organization=<ville> AND NOT groups=<a>)))"),
        ("organization:a OR organization:b", "(((organization=<a>) OR (organization=<b>)))"),
        ("organization:(a OR b)", "(((((organization=<a>) OR (organization=<b>)))))"),
        ('organization:("a b" OR c)', "(((((organization=<a b>) OR (organization=<c>)))))"),
        ("metadata_modified:[2026-01-01T00:00:00Z TO *]", "(((metadata_modified=<[2026-01-01T00:00:00Z TO *]>)))"),
        ("-organization:a NOT groups:b", "(((NOT organization=<a> AND NOT groups=<b>)))"),
        ("state:active capacity:public", "(((1 AND 1)))"),
        ("private:true", "(((0)))"),
        ("organization:*", "(((1)))"),
        ("a AND (b OR -c)", "(((text=<a> AND ((text=<b>) OR (NOT text=<c>)))))"),
    ],
)
def test_what_is_read(text: str, expected: str) -> None:
    assert asked(text) == expected


def test_several_queries_must_all_hold() -> None:
    assert asked("a", "", "b") == "(((text=<a>))) AND (((text=<b>)))"


@pytest.mark.parametrize(
    "text", ["(", ")", "a)", "(a", "organization:(", "a OR", "OR", "NOT", "(" * 30 + "a" + ")" * 30]
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ActionError, match="cannot be read"):
        asked(text)


@given(st.text(alphabet='ab:()[]{}+-*"OR ANDTO', max_size=40))
def test_nothing_crashes_and_values_are_never_part_of_the_condition(text: str) -> None:
    try:
        found = condition([text], lambda field, given: Condition("x=:y", {"y": given}))
    except ActionError:
        return
    words = set(found.sql.replace("(", " ").replace(")", " ").split())
    assert all(w in {"AND", "OR", "NOT", "1", "0"} or w.startswith("x=:q0_") for w in words)


def test_a_query_without_end_is_refused() -> None:
    with pytest.raises(ActionError, match="characters"):
        asked("a " * 3000)
