"""Harvests every source when its schedule falls due, one at a time, for as long as it is let.

A turn that came due while nobody attended is made up for at once; a failed one is tried again, with growing waits; one
that found another writer waits for it. Each is a process of its own (`harvest.turn`): whatever happens to it, the
scheduler goes on.
"""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from catalog import schedule, takes
from catalog.archive import Archive
from catalog.calendar import Calendar
from catalog.errors import GaronneError, SettingsInvalid
from catalog.schedule import Turn
from catalog.settings import Settings, SourceSettings
from harvest.notify.telling import Teller
from harvest.turn import Running, failed
from harvest.turns import Turns

log = logging.getLogger("garonne.scheduler")
BUSY = timedelta(seconds=60)
"""Until a turn that found another writer is tried again."""
NOTIFY = timedelta(hours=1)
"""Until it is looked again whether there is something to tell, where no turn has ended meanwhile."""
LOOK = 30
"""Seconds between two looks at the clock: it may have been set meanwhile, or the machine may have slept.

They are counted by the clock that nobody sets."""


class Scheduler:
    """The scheduler of one catalogue. Raises `SettingsInvalid` where no source has a schedule."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.calendars = {s.id: calendar(settings, s) for s in settings.sources if s.schedule}
        if not self.calendars or settings.file is None:
            raise SettingsInvalid(
                "no source has a schedule.", hint='Add one under its [[source]], such as schedule = "0 3 * * *".'
            )
        self.config: Path = settings.file
        self.folder = settings.store.path
        self._ended = Event()
        self._running: Running | None = None
        self._missing: set[str] = set()
        self.turns = Turns(self.folder)
        self._teller = Teller(settings, lasting=True)
        self._jobs = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(1) for name in ("default", "notify")},
            # Each executor does one thing at a time; what falls due while its last turn is still ending waits, and is
            # not skipped, as a second instance would be.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def run(self) -> None:
        """Attends to the schedule until `stop`. Raises `StoreLocked` where another scheduler does already."""
        with schedule.attending(self.folder):
            now = datetime.now(UTC)
            for turn in self.planned(now).values():
                self._put(turn)
            self._tell_later(NOTIFY)
            self._jobs.start()
            try:
                while not self._ended.wait(LOOK):
                    self._look(datetime.now(UTC))
            finally:
                self._jobs.shutdown(wait=True)

    def stop(self) -> None:
        """Lets `run` end; a turn under way is stopped, and publishes nothing."""
        self._ended.set()
        if self._running is not None:
            self._running.stop()

    def planned(self, now: datetime) -> dict[str, Turn]:
        """Every scheduled source with its next turn: at once where one was missed, or none was ever taken."""
        kept = self.turns.all()
        return {name: self._planned(kept.get(name, Turn(name)), now) for name in self.calendars}

    def _planned(self, turn: Turn, now: datetime) -> Turn:
        dates = self.calendars[turn.source]
        turn = replace(turn, schedule=dates.expression)
        known = (turn.begun, self._last_harvest(turn.source))
        last = max((m for m in known if m and datetime.fromisoformat(m) <= now), default="")
        if not last or datetime.fromisoformat(last) < dates.before(now):
            return self._due(turn, now)
        if turn.ending in {"failed", "busy", "stopped"} and turn.due_at is not None:
            return self._due(turn, min(max(now, turn.due_at), dates.after(now)))
        return self._due(turn, dates.after(now))

    def _due(self, turn: Turn, moment: datetime) -> Turn:
        return replace(turn, due=moment.isoformat("T", "seconds"))

    def _last_harvest(self, source: str) -> str:
        """As the runs tell it; a bookkeeping that cannot be read stops no schedule, but tells nothing."""
        try:
            return last_harvest(Archive(self.folder), source)
        except GaronneError as e:
            log.warning("%s: when it was last harvested is not known: %s", source, e)
            return ""

    def _put(self, turn: Turn) -> None:
        """Has the turn taken when it is due, and notes it."""
        late = timedelta(seconds=random.uniform(0, self.settings.schedule.jitter))  # noqa: S311  no secret
        self._jobs.add_job(
            self._take,
            "date",
            args=[turn],
            run_date=(turn.due_at or datetime.now(UTC)) + late,
            id=turn.source,
            replace_existing=True,
        )
        log.info("%s: next turn at %s", turn.source, turn.due)
        self.turns.note(turn)

    def _look(self, now: datetime) -> None:
        """Has what is due taken, and plans anew what is further away than any turn: the clock was set back."""
        schedule.look(self.folder)
        self.turns.catch_up()
        for turn in self.turns.all().values():
            dates = self.calendars.get(turn.source)
            if dates is None or turn.due_at is None or self._jobs.get_job(turn.source) is None:
                continue
            if turn.due_at > (latest := dates.after(now)):
                self._put(self._due(turn, latest))
        self._recover(now)
        told = self._jobs.get_job("notify")
        if told is not None and told.next_run_time > now + NOTIFY:
            self._tell_later(NOTIFY)
        self._jobs.wakeup()

    def _recover(self, now: datetime) -> None:
        """Plans anew the sources that no turn awaits: at two looks in a row, while none is being taken."""
        idle = self._running is None
        missing = {name for name in self.calendars if self._jobs.get_job(name) is None} if idle else set()
        again = missing & self._missing
        for name, turn in self.planned(now).items() if again else ():
            if name in again:
                log.warning("%s: had no next turn; it is planned anew", name)
                self._put(turn)
        self._missing = missing - again

    def _take(self, turn: Turn) -> None:
        if self._ended.is_set():
            return
        log.info("%s: turn begins", turn.source)
        self._running = Running(self.config, self.settings.schedule.limit)
        try:
            turn = self._running.take(turn)
        except Exception as e:  # no process could be started, or no memory is left: it is tried again like any other
            log.warning("%s: the turn could not be taken", turn.source, exc_info=not isinstance(e, OSError))
            turn = failed(turn, e)
        finally:
            self._running = None
        level = logging.WARNING if turn.ending in {"failed", "held"} else logging.INFO
        log.log(level, "%s: %s%s", turn.source, turn.ending, f": {turn.reason_en}" if turn.reason_en else "")
        turn = self._due(turn, self.next(turn, datetime.now(UTC)))
        if not self._ended.is_set():
            self._put(turn)
            self._tell_later(timedelta(0))
        else:
            self.turns.note(turn)

    def _tell_later(self, wait: timedelta) -> None:
        """Tells whom [notify] names, beside the turns; and again every so often, for what lasts without one."""
        if not self._ended.is_set():
            when = datetime.now(UTC) + wait
            self._jobs.add_job(self._tell, "date", run_date=when, id="notify", executor="notify", replace_existing=True)

    def _tell(self) -> None:
        self._teller.tell(turns=self.turns.all())
        self._tell_later(NOTIFY)

    def next(self, turn: Turn, now: datetime) -> datetime:
        """When a source has its next turn after this one."""
        due = self.calendars[turn.source].after(now)
        if turn.ending == "busy":
            return min(due, now + BUSY)
        if turn.ending == "failed":
            limits = self.settings.schedule
            wait = min(limits.retry * 2.0 ** min(turn.failures - 1, 30), limits.retry_most)
            return min(due, now + timedelta(seconds=wait))
        return now if turn.ending == "stopped" else due


def calendar(settings: Settings, source: SourceSettings) -> Calendar:
    """The calendar of a source that has a schedule."""
    return Calendar(source.schedule, source.timezone or settings.harvest.timezone)


def last_harvest(archive: Archive, source: str) -> str:
    """When the last run began that harvested this source, or held it; empty where there is none."""
    return next((take.started for take in takes.of(archive, source) if take.status != "failed"), "")
