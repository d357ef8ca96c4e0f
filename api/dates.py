"""Moments and dates as people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def day(lang: str) -> Callable[[datetime | str], str]:
    """A function that writes a moment for people, in Paris time: `3 mars 2026 à 14:05`."""

    def written(given: datetime | str) -> str:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else given
        local = moment.astimezone(ZoneInfo("Europe/Paris"))
        between = " à " if lang == "fr" else " "
        return f"{_calendar(local, lang)}{between}{local:%H:%M}"

    return written


def date(lang: str) -> Callable[[str], str]:
    """A function that writes a date of a source for people; what is not a date it leaves as it is."""

    def written(given: str) -> str:
        try:
            return _calendar(datetime.fromisoformat(given), lang)
        except ValueError:
            return given

    return written


def _calendar(moment: datetime, lang: str) -> str:
    if lang != "fr":
        return f"{moment:%Y-%m-%d}"
    first = "1ᵉʳ" if moment.day == 1 else str(moment.day)
    return f"{first} {_MONTHS[moment.month - 1]} {moment.year}"
