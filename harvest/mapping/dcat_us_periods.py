"""Intervals of ISO 8601 as DCAT-US has them: two dates, or a date and how long it lasts."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def interval(words: str) -> tuple[str, str] | None:
    """The first and the last day of `start/duration` or `R/start/duration`; of a repetition, those of its first turn.

    Two dates, and what is no interval, are left to the rules of every source.
    """
    parts = [p.strip() for p in words.split("/")]
    if parts and re.fullmatch(r"R\d*", parts[0], re.IGNORECASE):
        parts = parts[1:]
    if len(parts) == 2 and parts != [p.strip() for p in words.split("/")] and not parts[1].upper().startswith("P"):
        return parts[0], parts[1]
    lasts = _DURATION.match(parts[1]) if len(parts) == 2 else None
    begins = _DAY.match(parts[0]) if lasts else None
    if not lasts or not begins or not any(lasts.groups()):
        return None
    years, months, weeks, days = (int(n or 0) for n in lasts.groups())
    try:
        first = date(int(begins[1]), int(begins[2] or 1), int(begins[3] or 1))
        after = _later(first, years * 12 + months) + timedelta(days=weeks * 7 + days - 1)
    except (ValueError, OverflowError):
        return None
    return parts[0], after.isoformat()


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
