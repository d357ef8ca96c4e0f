"""Terms and statements in canonical N-Triples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, parse

from harvest.mapping.statements import Statements, below, blank, iri, is_language_tag, literal, segment, text
from vocab.namespaces import XSD

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_texts_are_written_as_pyoxigraph_writes_them(value: str) -> None:
    assert text(value) == str(Literal(value))
    assert text(value, "fr") == str(Literal(value, language="fr"))


@given(ANY_TEXT, ANY_TEXT)
def test_segments_are_valid_and_distinct(one: str, other: str) -> None:
    if one and other:
        assert iri(below("https://example.org/d", one)[1:-1]).startswith("<https://example.org/d/")
        assert (segment(one) == segment(other)) == (one == other)


def test_statements_are_sorted_and_unique() -> None:
    made = Statements()
    made.add("<http://b>", "<http://p>", text("x"))
    made.add("<http://a>", "<http://p>", literal("1", XSD.integer))
    made.add("<http://b>", "<http://p>", text("x"))
    assert made.canonical.count(b"\n") == 2
    assert made.canonical.startswith(b"<http://a>")
    assert len(list(parse(made.canonical, format=RdfFormat.N_TRIPLES))) == 2


def test_dots_are_no_path_steps() -> None:
    assert below("http://a/b", "..") == "<http://a/b/%2E%2E>"


def test_bad_iri() -> None:
    with pytest.raises(ValueError, match="IRI"):
        iri("http://a/b c")


def test_language_tags() -> None:
    assert [t for t in ("fr", "pt-br", "gsw", "FR", "f", "fr_FR", "français", "") if is_language_tag(t)] == [
        "fr",
        "pt-br",
        "gsw",
    ]


def test_blank_labels_follow_from_content() -> None:
    assert blank("a", "b") == blank("a", "b") != blank("ab", "")
