"""What is wrong now: sources held, failed or not harvested for long, a disk or a bookkeeping that does not do."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import takes
from catalog.archive import Archive
from catalog.errors import StoreLocked
from catalog.schedule import Turn
from catalog.settings import Settings, SourceSettings
from harvest.notify.messages import Message, line, subject
from harvest.notify.trouble import trouble
from vocab.errors import GaronneError
from vocab.text import Text

log = logging.getLogger("garonne.notify")
_WORDS = {
    "held": Text("source retenue", "source held"),
    "failed": Text("moissonnage en échec", "harvest failed"),
    "stale": Text("source plus moissonnée", "source not harvested any more"),
}


@dataclass(frozen=True)
class _Take:
    """How a source was last taken, by a run or by the scheduler's notes: the later of the two counts."""

    status: str
    at: str
    reason: Text
    hint: Text


@dataclass(frozen=True)
class Conditions:
    """What is wrong; `whole` where everything could be looked at, so that what is not among it is over."""

    messages: list[Message]
    whole: bool = True


def conditions(
    settings: Settings, now: datetime, turns: Mapping[str, Turn], wrong: Exception | None = None
) -> Conditions:
    """A message for each thing that is wrong and that [notify] asks to be told of, in the catalogue's language.

    `wrong` is what is known to be wrong with the store. Raises `StoreLocked`.
    """
    whole = True
    try:
        found = [*_sources(settings, now, turns)]
    except StoreLocked:
        raise
    except (GaronneError, ValueError, TypeError, KeyError) as e:
        log.warning("how the sources are cannot be read from the bookkeeping: %s", e)
        found, whole, wrong = [], False, wrong or e
    if wrong is not None and "store" in settings.notify.on:
        found.insert(0, trouble(settings, wrong, turns.values()))
    return Conditions(found, whole)


def _sources(settings: Settings, now: datetime, turns: Mapping[str, Turn]) -> Iterator[Message]:
    archive = Archive(settings.store.path)
    lang = "en" if settings.catalog.languages[0] == "en" else "fr"
    for source in settings.sources:
        last = _last(next(takes.of(archive, source.id), None), turns.get(source.id))
        if last is not None and last.status in {"held", "failed"} and last.status in settings.notify.on:
            yield _message(settings, source, last, lang)
        since = _stale(archive, settings, source, now)
        if since is not None:
            reason = Text(
                f"Dernier moissonnage réussi\u00a0: {since or 'aucun'}.", f"Last successful harvest: {since or 'none'}."
            )
            hint = Text("`garonne harvest status` montre les derniers.", "`garonne harvest status` shows the latest.")
            yield _message(settings, source, _Take("stale", since, reason, hint), lang)


def _last(take: takes.Take | None, turn: Turn | None) -> _Take | None:
    taken = None
    if take is not None:
        found = take.found
        reason, hint = Text(found["reason_fr"], found["reason"]), Text(found["hint_fr"], found["hint"])
        taken = _Take(take.status, take.ended or take.started, reason, hint)
    if turn is not None and turn.ending == "failed" and (taken is None or turn.begun > taken.at):
        return _Take("failed", turn.ended, Text(turn.reason_fr, turn.reason_en), Text("", ""))
    return taken


def _stale(archive: Archive, settings: Settings, source: SourceSettings, now: datetime) -> str | None:
    """When the source was last harvested, if that is too long ago; empty for never; None where all is well."""
    patience = takes.patience(settings, source)
    if "stale" not in settings.notify.on or not patience:
        return None
    good = takes.successes(archive).get(source.id, "")
    first = good or takes.beginnings(archive).get(source.id, "")
    if not first or now - datetime.fromisoformat(first) < timedelta(seconds=patience):
        return None
    return good


def _message(settings: Settings, source: SourceSettings, take: _Take, lang: str) -> Message:
    word = _WORDS[take.status]
    reason, hint = (Text(line(text.fr), line(text.en)) for text in (take.reason, take.hint))
    base = settings.catalog.base
    said = [
        f"{source.id} ({source.kind}{f', {line(source.url)}' if source.url else ''})",
        reason.of(lang),
        hint.of(lang),
        Text(
            "Ce qui est publié reste en place\u00a0; le service continue de répondre.",
            "What is published stays; the service goes on answering.",
        ).of(lang),
        f"{base}status",
    ]
    return Message(
        key=f"{take.status} {source.id}",
        subject=subject(Text(f"[Garonne] {source.id}\u00a0: {word.fr}", f"[Garonne] {source.id}: {word.en}").of(lang)),
        body="\n\n".join(part for part in said if part) + "\n",
        data={
            "event": take.status,
            "source": source.id,
            "kind": source.kind,
            "at": take.at,
            "reason": reason._asdict(),
            "hint": hint._asdict(),
        },
    )
