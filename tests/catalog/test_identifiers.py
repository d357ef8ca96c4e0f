"""Slugs and IRIs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from catalog.identifiers import Minter, slugify


@given(st.text(), st.integers(1, 120))
def test_any_text_becomes_a_slug(text: str, limit: int) -> None:
    slug = slugify(text, limit=limit)
    assert slug == "sans-nom" or (re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) and len(slug) <= limit)
    if len(slug) <= limit:
        assert slugify(slug, limit=limit) == slug
    NamedNode(Minter("https://x.org/").dataset(slug))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Élections à Toulouse : 2ᵉ tour", "elections-a-toulouse-2e-tour"),
        ("Œuvres d'art & cætera", "oeuvres-d-art-caetera"),
        ("ŒUVRES", "oeuvres"),
        ("arbres_d_alignement", "arbres-d-alignement"),
        ("  --a--  ", "a"),
        ("", "sans-nom"),
        ("日本", "sans-nom"),
        ("!!!", "sans-nom"),
        ("ÆON straße", "aeon-strasse"),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_cut_slug_does_not_end_in_a_hyphen() -> None:
    assert slugify("ab cd", limit=3) == "ab"
    assert len(slugify("x" * 500)) == 100


def test_iris() -> None:
    mint = Minter("https://data.example.org/")
    assert mint.catalog == "https://data.example.org/catalog"
    assert mint.dataset("a") == "https://data.example.org/dataset/a"
    assert mint.record("a") == "https://data.example.org/record/a"
    assert mint.quality("a") == "https://data.example.org/quality/a"
    assert mint.run(3) == "https://data.example.org/run/3"
    assert mint.graph("agents") == "https://data.example.org/graph/agents"
