"""Parts of files, as clients ask for them."""

from __future__ import annotations

import pytest

from api.errors import RangeRefused
from api.ranges import byte_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=90-", (90, 10)),
        ("bytes=90-1000", (90, 10)),
        ("bytes=-10", (90, 10)),
        ("bytes=-1000", (0, 100)),
        ("BYTES = 5-9", (5, 5)),
        ("bytes=5-9,", (5, 5)),
        ("bytes=9-5", None),
        ("bytes=a-b", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes", None),
        ("lines=0-5", None),
        ("bytes=٣-٤", None),
        ("bytes=0-5-9", None),
        ("bytes=99999999999999999999-", None),
    ],
)
def test_one_range_or_none(header: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=0-1,5-6", "bytes=0-,0-,0-"])
def test_what_there_is_not(header: str) -> None:
    with pytest.raises(RangeRefused):
        byte_range(header, 100)


def test_of_nothing_there_is_no_part() -> None:
    with pytest.raises(RangeRefused):
        byte_range("bytes=0-", 0)
