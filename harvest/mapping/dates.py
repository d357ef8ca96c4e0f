"""Dates and periods as portals write them, as typed literals of the precision that was given."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harvest.mapping.statements import Term, literal
from vocab.namespaces import XSD
from vocab.terms import normalise


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time with its precision: `term` is the literal, `first` and `last` the days that it may stand for.

    `instant` is set for a date with a time of day.
    """

    term: Term
    first: date
    last: date
    instant: datetime | None = None

    def is_after(self, now: datetime) -> bool:
        """Whether it lies in the future of `now`; a day that has begun anywhere on earth does not."""
        if self.instant is not None:
            return self.instant > now
        return self.first > (now.astimezone(UTC) + timedelta(hours=14)).date()


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both included; either may be open."""

    start: Moment | None
    end: Moment | None


_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
_YEAR = re.compile(r"(1\d{3}|20\d{2}|21\d{2})\Z")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?\Z")


@cache
def zone(name: str) -> ZoneInfo | None:
    """The time zone of this IANA name, or `None`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=8192)
def moment(value: str, zone_name: str, *, vague: bool = False) -> Moment | None:
    """The date or time in `value`; `None` for what is none, or no day of the calendar.

    ISO 8601, and day/month/year. A time without a zone is one of `zone_name`. With `vague`, a year or a month is
    enough. What is already a valid lexical form stays byte for byte as it is.
    """
    value = value.strip()
    if found := _TIME.match(value):
        return _with_time(found, zone_name)
    if found := _DATE.match(value):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _FRENCH.match(value):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if vague and (found := _MONTH.match(value)):
        return _month(int(found[1]), int(found[2]))
    if vague and (found := _YEAR.match(value)):
        return _year(int(found[1]))
    return None


def _with_time(found: re.Match[str], zone_name: str) -> Moment | None:
    day, minutes, seconds, fraction, offset = found.groups()
    stem = f"{day}T{minutes}{seconds or ':00'}"
    try:
        read = datetime.fromisoformat(stem)
        read = read.replace(microsecond=int(((fraction or ".0")[1:] + "000000")[:6]))
        suffix = _offset(offset) if offset else _local_offset(read, zone_name)
        instant = datetime.fromisoformat(read.isoformat() + suffix)
    except ValueError:
        return None
    # The last guard: XSD takes no year 0 and no offset beyond 14 hours.
    if abs(instant.utcoffset() or timedelta()) > timedelta(hours=14):
        return None
    return Moment(literal(stem + (fraction or "") + suffix, XSD.dateTime), read.date(), read.date(), instant)


def _offset(given: str) -> str:
    if given in "zZ":
        return "Z"
    digits = given[1:].replace(":", "").ljust(4, "0")
    return f"{given[0]}{digits[:2]}:{digits[2:]}"


def _local_offset(read: datetime, zone_name: str) -> str:
    """The offset that holds in the zone at this local time; of the two readings of a repeated hour, the first."""
    aware = read.replace(tzinfo=zone(zone_name) or UTC)
    return aware.isoformat()[len(read.isoformat()) :]


def _day(year: int, month: int, day: int) -> Moment | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Moment(literal(found.isoformat(), XSD.date), found, found)


def _month(year: int, month: int) -> Moment | None:
    if not (1 <= month <= 12 and year):
        return None
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if year < 9999 else date.max
    return Moment(literal(f"{year:04}-{month:02}", XSD.gYearMonth), date(year, month, 1), last)


def _year(year: int) -> Moment | None:
    return Moment(literal(f"{year:04}", XSD.gYear), date(year, 1, 1), date(year, 12, 31))


# ── periods in words ─────────────────────────────────────────────────────────────────────────────────────────────────

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january jan",
            "fevrier february feb fev",
            "mars march mar",
            "avril april avr apr",
            "mai may",
            "juin june jun",
            "juillet july jul juil",
            "aout august aug",
            "septembre september sept sep",
            "octobre october oct",
            "novembre november nov",
            "decembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_POINT = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|(?:\d{{1,2}}(?:er)? )?(?:{_NAMES})\.? \d{{4}}|\d{{4}})"
)
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str]]], ...] = (
    (re.compile(rf"(?:annees? |en )?({_POINT})"), lambda m: (m[1], m[1])),
    (
        re.compile(
            rf"(?:(?:periode )?(?:de |du |entre |d'|from |between )?(?:le )?)({_POINT})"
            rf"(?: ?- ?| ?/ ?| a | au | et | to | and | jusqu'a | jusqu'au | jusqu'en )(?:le )?({_POINT})"
        ),
        lambda m: (m[1], m[2]),
    ),
    (re.compile(rf"(?:depuis|a partir de|a partir du|since) (?:le |l'annee )?({_POINT})"), lambda m: (m[1], "")),
    (re.compile(rf"(?:jusqu'en|jusqu'a|jusqu'au|until) (?:le )?({_POINT})"), lambda m: ("", m[1])),
)


@lru_cache(maxsize=4096)
def period_in_words(value: str) -> Period | None:
    """The period that `value` states: a year, two dates, « depuis … », « jusqu’en … ». `None` unless it is certain.

    The whole text must be understood; years have four digits; the end is not before the start.
    """
    bare = normalise(value)
    for pattern, ends in _FORMS:
        if found := pattern.fullmatch(bare):
            first, last = ends(found)
            start, end = _point(first), _point(last)
            sure = (start or not first) and (end or not last) and not is_reversed(start, end)
            return Period(start, end) if sure else None
    return None


def is_reversed(start: Moment | None, end: Moment | None) -> bool:
    """Whether `end` is before `start`, by the instant where both have one, else by the day."""
    if start is None or end is None:
        return False
    if start.instant and end.instant:
        return end.instant < start.instant
    return end.last < start.first


def _point(value: str) -> Moment | None:
    if not value or (value[0].isdigit() and (found := moment(value, "UTC", vague=True))):
        return found if value else None
    words = value.replace(".", "").removesuffix(" ").split(" ")
    month = _MONTHS.get(words[-2]) if len(words) > 1 else None
    if month is None or not _YEAR.match(words[-1]):
        return None
    if len(words) == 2:
        return _month(int(words[1]), month)
    return _day(int(words[2]), month, int(words[0].removesuffix("er")))
