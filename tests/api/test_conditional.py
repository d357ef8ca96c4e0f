from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.conditional import entity_tag, http_date, not_modified

TAG = entity_tag("a", 1)
MOMENT = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"if-none-match": TAG}, True),
        ({"if-none-match": f'"x", W/{TAG}'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"x"'}, False),
        ({"if-none-match": '"x"', "if-modified-since": http_date(MOMENT)}, False),
        ({"if-modified-since": http_date(MOMENT)}, True),
        ({"if-modified-since": "Sun, 01 Mar 2026 11:59:59 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
    ],
)
def test_not_modified(headers: dict[str, str], expected: bool) -> None:
    assert not_modified(headers, TAG, MOMENT) is expected


def test_tags() -> None:
    assert entity_tag("a", 1) == entity_tag("a", 1) != entity_tag("a1")
    assert entity_tag("a", weak=True) == "W/" + entity_tag("a")
    assert entity_tag("a", "b") != entity_tag("ab", "")


def test_http_date() -> None:
    assert http_date(MOMENT) == "Sun, 01 Mar 2026 12:00:00 GMT"
