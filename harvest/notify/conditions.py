"""What is wrong with the sources now: held, failed, or not harvested for long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import schedule, takes
from catalog.archive import Archive
from catalog.settings import Settings, SourceSettings
from harvest.notify.messages import Message, line, subject
from vocab.text import Text

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


def conditions(settings: Settings, now: datetime) -> Iterator[Message]:
    """A message for each thing that is wrong and that [notify] asks to be told of, in the catalogue's language."""
    archive = Archive(settings.store.path)
    turns = schedule.read(settings.store.path)
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


def _last(take: takes.Take | None, turn: schedule.Turn | None) -> _Take | None:
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
