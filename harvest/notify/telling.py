"""Tells what is to be told, once: after a harvest, or when somebody asks. What goes wrong here stops no harvest."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog import schedule
from catalog.errors import SettingsInvalid, StoreLocked
from catalog.schedule import Turn
from catalog.settings import NotifySettings, Settings
from harvest.notify.conditions import conditions
from harvest.notify.digest import DAY, digests
from harvest.notify.messages import Message
from harvest.notify.notes import FILE, Notes
from harvest.notify.ways import Mail, NotSent, Webhook, trying

log = logging.getLogger("garonne.notify")
PATIENCE = 120.0
"""Seconds for everything that is told at one time; what is left waits for the next."""


@dataclass(frozen=True)
class Told:
    """One message on one way; `error` says why it did not get through."""

    way: str
    message: Message
    error: str = ""


def ways(settings: NotifySettings) -> dict[str, Mail | Webhook]:
    """The ways that are configured, by name."""
    found: dict[str, Mail | Webhook] = {}
    if settings.mail_host:
        found["mail"] = Mail(settings)
    if settings.webhook:
        found["webhook"] = Webhook(settings)
    return found


def required(settings: Settings) -> None:
    """Raises `SettingsInvalid` where there is no way to tell anybody anything."""
    if not ways(settings.notify):
        raise SettingsInvalid(
            "[notify] names nobody to tell.", hint="Set mail_host, mail_from and mail_to, or webhook, under [notify]."
        )


def tell(settings: Settings, now: datetime | None = None, *, wrong: Exception | None = None) -> list[Told]:
    """Sends what is new, and notes it. Raises nothing: what did not get through is logged, and tried the next time.

    `wrong` is what has just shown that the store is damaged, full or read-only.
    """
    return Teller(settings).tell(now, wrong=wrong)


class Teller:
    """Tells each thing once. It sends nothing that it could not remember to have sent.

    `lasting` is a process that goes on: where the disk takes no notes, it remembers them itself.
    """

    def __init__(self, settings: Settings, *, lasting: bool = False) -> None:
        self.settings = settings
        self.folder = settings.store.path
        self.lasting = lasting
        self._notes = Notes()
        self._answer: OSError | None = None
        self._kept = True

    def tell(
        self, now: datetime | None = None, *, turns: Mapping[str, Turn] | None = None, wrong: Exception | None = None
    ) -> list[Told]:
        """As the function; `turns` are the scheduler's, which its notes may not have."""
        if not ways(self.settings.notify) or not self.folder.is_dir():
            return []
        known = schedule.read(self.folder) if turns is None else turns
        try:
            return list(self._tell(now or datetime.now(UTC), known, wrong))
        except StoreLocked as e:
            log.warning("notifications wait: %s", e)
        except Exception:
            log.exception("notifications could not be worked out")
        return []

    def _tell(self, now: datetime, turns: Mapping[str, Turn], wrong: Exception | None) -> Iterator[Told]:
        if self._kept:
            self._notes = Notes.read(self.folder)
        until = time.monotonic() + PATIENCE
        self._keep()  # which shows, too, whether the disk takes anything
        found = conditions(self.settings, now, turns, wrong or self._answer)
        if found.whole:
            self._notes.over({message.key for message in found.messages})
        for name, way in ways(self.settings.notify).items():
            if name == "webhook" or self.settings.notify.mail_to:
                yield from self._conditions(name, way, found.messages, now, until)
        if found.whole and self.settings.notify.publishers and self.settings.notify.mail_host:
            yield from self._digests(now, until)
        self._keep()

    def _keep(self) -> bool:
        """Whether what is told is remembered: beside the store, or by this process for as long as it lives."""
        try:
            self._answer, self._kept = self._notes.write(self.folder), True
        except OSError as e:
            self._answer, self._kept = e, False
        return self._kept or self.lasting

    def _forgetful(self, name: str, message: Message) -> Told:
        why = f"{FILE} cannot be written ({self._answer}), and it would be sent again and again"
        log.warning("%s: «%s» was not sent: %s", name, message.subject, why)
        return Told(name, message, why)

    def _conditions(
        self, name: str, way: Mail | Webhook, messages: list[Message], now: datetime, until: float
    ) -> Iterator[Told]:
        """To one way what it was not told, or so long ago that it is reminded.

        While it is being sent it counts as told until tomorrow: who is stopped meanwhile repeats it once.
        """
        again = timedelta(days=self.settings.notify.remind)
        due = {f"{name} {message.key}": message for message in messages}
        due = {key: message for key, message in due.items() if self._notes.due(key, now, again)}
        if not due:
            return
        before = dict(self._notes.told)
        self._notes.told |= dict.fromkeys(due, (now - max(again - DAY, timedelta(0))).isoformat())
        kept = self._keep()
        for key, message in due.items():
            told = _sent(name, way, message, until) if kept else self._forgetful(name, message)
            if not told.error:
                self._notes.told[key] = now.isoformat()
            elif key in before:
                self._notes.told[key] = before[key]
            else:
                del self._notes.told[key]
            yield told
        self._keep()

    def _digests(self, now: datetime, until: float) -> Iterator[Told]:
        """To each publisher what is new; while it is being sent, it counts as written to today."""
        mail, notes = Mail(self.settings.notify), self._notes.publishers
        for one in digests(self.settings, self._notes, now):
            if one.message is None:
                notes[one.publisher] = {"release": one.release, "sent": notes.get(one.publisher, {}).get("sent", "")}
                continue
            before = notes[one.publisher]
            notes[one.publisher] = {**before, "sent": now.isoformat()}
            told = _sent("mail", mail, one.message, until) if self._keep() else self._forgetful("mail", one.message)
            notes[one.publisher] = before if told.error else {"release": one.release, "sent": now.isoformat()}
            self._keep()
            yield told


def _sent(name: str, way: Mail | Webhook, message: Message, until: float) -> Told:
    if time.monotonic() > until:
        return Told(name, message, "no time was left")
    try:
        trying(lambda: way.send(message), until)
    except NotSent as e:
        log.warning("%s: «%s» was not sent: %s", name, message.subject, e)
        return Told(name, message, str(e))
    log.info("%s: «%s» was sent", name, message.subject)
    return Told(name, message)


def _trial_message(settings: Settings) -> Message:
    """What is sent to see whether it arrives."""
    return Message(
        key="test",
        subject="[Garonne] message d’essai",
        body=f"Ce message d’essai vient du catalogue {settings.catalog.base}\nIl n’appelle aucune réponse.\n",
        data={"event": "test"},
    )


def trial(settings: Settings) -> list[Told]:
    """Sends a test message on every way that is configured."""
    until = time.monotonic() + PATIENCE
    return [_sent(name, way, _trial_message(settings), until) for name, way in ways(settings.notify).items()]
