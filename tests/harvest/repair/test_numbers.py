"""Numbers as sources write them."""

from __future__ import annotations

import pytest

from harvest.repair.numbers import byte_size, metres


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", 12),
        ("12.0", 12),
        ("1 234", 1234),
        ("1,234", 1234),
        ("3,5 Mo", 3670016),
        ("12KB", 12288),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("abc", None),
        ("1.5", None),
    ],
)
def test_sizes(value: str, expected: int | None) -> None:
    assert byte_size(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("10 m", "10"), ("1,5 km", "1500"), ("30", "30"), ("1:25000", None)])
def test_metres(value: str, expected: str | None) -> None:
    assert metres(value) == expected
