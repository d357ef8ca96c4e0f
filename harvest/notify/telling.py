"""Tells what is to be told, once: after a harvest, or when somebody asks. What goes wrong here stops no harvest."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.errors import SettingsInvalid
from catalog.settings import NotifySettings, Settings
from harvest.notify.conditions import conditions
from harvest.notify.digest import digests
from harvest.notify.messages import Message
from harvest.notify.notes import Notes
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


def tell(settings: Settings, now: datetime | None = None) -> list[Told]:
    """Sends what is new, and notes it. Raises nothing: what did not get through is logged, and tried the next time."""
    if not ways(settings.notify):
        return []
    try:
        return list(_tell(settings, now or datetime.now(UTC)))
    except Exception:
        log.exception("notifications could not be worked out")
        return []


def _tell(settings: Settings, now: datetime) -> Iterator[Told]:
    notes = Notes.read(settings.store.path)
    until = time.monotonic() + PATIENCE
    try:
        yield from _conditions(settings, notes, now, until)
        if settings.notify.publishers and settings.notify.mail_host:
            yield from _digests(settings, notes, now, until)
    finally:
        notes.write(settings.store.path)


def _conditions(settings: Settings, notes: Notes, now: datetime, until: float) -> Iterator[Told]:
    """To each way what it was not told, or so long ago that it is reminded."""
    found = list(conditions(settings, now))
    notes.over({message.key for message in found})
    again = timedelta(days=settings.notify.remind)
    for name, way in ways(settings.notify).items():
        if name == "mail" and not settings.notify.mail_to:
            continue
        for message in found:
            key = f"{name} {message.key}"
            if notes.due(key, now, again):
                told = _sent(name, way, message, until)
                if not told.error:
                    notes.told[key] = now.isoformat()
                yield told


def _digests(settings: Settings, notes: Notes, now: datetime, until: float) -> Iterator[Told]:
    mail = Mail(settings.notify)
    for one in digests(settings, notes, now):
        sent = notes.publishers.get(one.publisher, {}).get("sent", "")
        if one.message is not None:
            told = _sent("mail", mail, one.message, until)
            yield told
            if told.error:
                continue
            sent = now.isoformat()
        notes.publishers[one.publisher] = {"release": one.release, "sent": sent}


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
