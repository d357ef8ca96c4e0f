from __future__ import annotations

import pytest

from api.negotiation import language, media_type, prefers_html

OFFERED = ["text/turtle", "application/rdf+xml", "text/html"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/*", "text/turtle"),
        ("application/*", "application/rdf+xml"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/html;q=0.5, text/turtle;q=0.4", "text/html"),
        ("text/html;level=1;q=0.9, */*;q=0.1", "text/html"),
        ("text/turtle;q=0, */*", "application/rdf+xml"),
        ("text/*;q=0, */*;q=0.1", "application/rdf+xml"),
        ("text/turtle;q=0.1, text/*;q=0.9", "text/html"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/turtle;q=x", None),
        ("text/turtle;q=7", None),
        (",,;q=1,", None),
        ("application/rdf+xml, text/turtle", "text/turtle"),
    ],
)
def test_media_type(header: str | None, expected: str | None) -> None:
    assert media_type(header, OFFERED) == expected


def test_nothing_offered() -> None:
    assert media_type(None, []) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/turtle, text/html;q=0.9", False),
        ("text/html, application/rdf+xml", True),
        ("application/json", False),
        ("text/html;q=0", False),
    ],
)
def test_prefers_html(header: str | None, expected: bool) -> None:
    assert prefers_html(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de, fr;q=0.5, en;q=0.4", "fr"),
        ("de", "fr"),
        ("en;q=0", "fr"),
    ],
)
def test_language(header: str | None, expected: str) -> None:
    assert language(header, ("fr", "en"), "fr") == expected
