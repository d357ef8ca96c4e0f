"""Links in headers."""

from __future__ import annotations

import pytest

from api.links import alternates, ascii_uri, link


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://e.org/a", "https://e.org/a"),
        (
            "https://e.org/životní-prostředí?x=1&y=%20#f",
            "https://e.org/%C5%BEivotn%C3%AD-prost%C5%99ed%C3%AD?x=1&y=%20#f",
        ),
        ("https://e.org/a>; rel=x", "https://e.org/a%3E;%20rel=x"),
        ("https://e.org/a\r\nSet-Cookie: b", "https://e.org/a%0D%0ASet-Cookie:%20b"),
    ],
)
def test_an_iri_can_neither_break_a_header_nor_leave_its_brackets(iri: str, expected: str) -> None:
    assert ascii_uri(iri) == expected
    assert link(iri, "describes") == f'<{expected}>; rel="describes"'
    link(iri, "describes").encode("latin-1")


def test_each_form_has_its_type() -> None:
    found = alternates("https://e.org/", "dataset/a", "?release=3", "alternate", ("ttl", "nt"))
    assert found == [
        '<https://e.org/dataset/a.ttl?release=3>; rel="alternate"; type="text/turtle"',
        '<https://e.org/dataset/a.nt?release=3>; rel="alternate"; type="application/n-triples"',
    ]
