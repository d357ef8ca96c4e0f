"""Short names of publishers, themes and categories."""

from __future__ import annotations

import pytest

from api.short_names import short_name

BASE = "https://data.example.org/"


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        (f"{BASE}agent/ville", "ville"),
        (f"{BASE}concept/theme/nature", "theme.nature"),
        ("http://publications.europa.eu/resource/authority/data-theme/ENVI", "ENVI"),
        ("http://data.europa.eu/bna/c_b79e35eb", "c_b79e35eb"),
        (f"{BASE}agent/à côté", "a-cote-"),
        ("https://ville.example.org/", "ville-example-org-"),
        ("https://ville.example.org/#moi", "moi-"),
    ],
)
def test_a_name_is_readable_or_unique(iri: str, expected: str) -> None:
    found = short_name(BASE, iri)
    assert found == expected or (expected.endswith("-") and found.startswith(expected) and len(found) > len(expected))


def test_two_things_have_two_names() -> None:
    assert short_name(BASE, "https://a.example/x") != short_name(BASE, "https://b.example/x")
