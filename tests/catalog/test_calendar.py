"""Calendars: cron's, in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.calendar import Calendar

PARIS = "Europe/Paris"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_and_the_last_moment() -> None:
    nightly = Calendar("0 3 * * *", PARIS)
    assert nightly.after(at("2026-01-10T12:00")) == at("2026-01-11T02:00")
    assert nightly.before(at("2026-01-10T12:00")) == at("2026-01-10T02:00")
    assert nightly.after(at("2026-07-10T12:00")) == at("2026-07-11T01:00")


def test_sunday_is_zero_as_in_cron() -> None:
    assert Calendar("0 0 * * 0", "UTC").after(at("2026-11-26T00:00")).strftime("%A") == "Sunday"
    assert Calendar("@weekly", "UTC").after(at("2026-11-26T00:00")).strftime("%A") == "Sunday"


def test_a_moment_that_the_clocks_skip_or_repeat_falls_due_once() -> None:
    nightly = Calendar("30 2 * * *", PARIS)
    spring = nightly.after(at("2026-03-28T12:00"))
    assert spring == at("2026-03-29T01:00")
    assert nightly.after(spring) == at("2026-03-30T00:30")
    autumn = nightly.after(at("2026-10-24T12:00"))
    assert autumn == at("2026-10-25T00:30")
    assert nightly.after(autumn) == at("2026-10-26T01:30")


@pytest.mark.parametrize("wrong", ["", "every night", "0 3 * *", "61 3 * * *", "0 3 31 2 *", "0 3 * * mon#9"])
def test_what_is_no_calendar(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Calendar(wrong, PARIS)
