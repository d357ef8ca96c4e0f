"""When a schedule falls due: five fields as in cron, in a time zone, with its summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}


class Calendar:
    """The moments of one expression, such as `0 3 * * *`: minute, hour, day of month, month, day of week (0 is Sunday).

    A moment that the clocks jump over in spring falls due right after the jump; one that they repeat in autumn, once.
    Raises `ValueError` with the reason for what is no such expression, or one that never falls due.
    """

    def __init__(self, expression: str, zone: str) -> None:
        self.expression = expression
        self.zone = ZoneInfo(zone)
        try:
            self.after(datetime(2024, 1, 1, tzinfo=UTC))
        except CronSimError as e:
            raise ValueError(str(e) or "five fields are expected, as in cron") from e

    def after(self, moment: datetime) -> datetime:
        """The first moment after this one, in UTC."""
        return self._first(moment, reverse=False)

    def before(self, moment: datetime) -> datetime:
        """The last moment before this one, in UTC."""
        return self._first(moment, reverse=True)

    def _first(self, moment: datetime, *, reverse: bool) -> datetime:
        fields = _SHORT.get(self.expression.strip(), self.expression)
        try:
            return next(CronSim(fields, moment.astimezone(self.zone), reverse=reverse)).astimezone(UTC)
        except StopIteration as e:
            raise ValueError("it never falls due") from e


@lru_cache(256)
def longest_wait(expression: str, zone: str) -> timedelta:
    """The longest time between two moments of a schedule; at least a day."""
    dates, longest = Calendar(expression, zone), timedelta(days=1)
    midnight, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    while midnight < end:  # a wait of more than a day has a midnight in it
        following = dates.after(midnight)
        longest = max(longest, following - dates.before(following))
        midnight = max(midnight, following.replace(hour=0, minute=0, second=0)) + timedelta(days=1)
    return longest
