"""What is wrong with the place where the catalogue is kept, told with what little is known then."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from catalog.errors import StoreDamaged, StoreFull
from catalog.releases import Releases
from catalog.schedule import Turn
from catalog.settings import Settings
from harvest.notify.messages import Message, line, subject
from vocab.errors import GaronneError
from vocab.text import Text

_GIGABYTE = 1e9
_OF_A_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_DISK = Text("le disque ne prend plus rien", "the disk takes nothing any more")
_BOOKKEEPING = Text("les registres ne se lisent plus", "the bookkeeping cannot be read any more")
_DISK_HINT = Text(
    "Libérez de la place, ou voyez pourquoi il n’accepte pas d’écriture\u00a0; le moissonnage suivant reprend de"
    " lui-même.",
    "Free some space, or see why it takes no writing; the next harvest goes on by itself.",
)
_BOOKKEEPING_HINT = Text(
    "`garonne doctor` dit quoi\u00a0; `garonne restore` remet la dernière sauvegarde.",
    "`garonne doctor` says what; `garonne restore` brings the last backup back.",
)


def is_trouble(error: Exception) -> bool:
    """Whether a run ended with this because the store is damaged, full or read-only: somebody has to see to it."""
    return isinstance(error, StoreFull | StoreDamaged) or (isinstance(error, OSError) and error.errno in _OF_A_DISK)


def trouble(settings: Settings, why: Exception, turns: Iterable[Turn] = ()) -> Message:
    """The message about a disk that takes nothing, or else about a bookkeeping that cannot be read.

    It names the release that is published, the room on the disk, and how each source's last turn went.
    """
    disk = isinstance(why, StoreFull | OSError)
    word, hint = (_DISK, _DISK_HINT) if disk else (_BOOKKEEPING, _BOOKKEEPING_HINT)
    reason = _reason(why)
    lang = "en" if settings.catalog.languages[0] == "en" else "fr"
    said = [
        str(settings.store.path),
        line(reason.of(lang)),
        hint.of(lang),
        *(line(text.of(lang)) for text in _state(settings, turns)),
        f"{settings.catalog.base}status",
    ]
    return Message(
        key="store disk" if disk else "store bookkeeping",
        subject=subject(Text(f"[Garonne] {word.fr}", f"[Garonne] {word.en}").of(lang)),
        body="\n\n".join(said) + "\n",
        data={
            "event": "store",
            "source": "",
            "kind": "disk" if disk else "bookkeeping",
            "at": datetime.now(UTC).isoformat("T", "seconds"),
            "reason": reason._asdict(),
            "hint": hint._asdict(),
        },
    )


def _reason(why: Exception) -> Text:
    if isinstance(why, GaronneError):
        return why.told
    text = (why.strerror if isinstance(why, OSError) else None) or str(why) or type(why).__name__
    return Text(text, text)


def _state(settings: Settings, turns: Iterable[Turn]) -> Iterable[Text]:
    with suppress(GaronneError, OSError, ValueError):
        number = Releases(settings.store.path).pointer()
        if number:
            yield Text(
                f"L’édition {number} reste publiée.",
                f"Release {number} stays published.",
            )
    with suppress(OSError):
        room = shutil.disk_usage(settings.store.path)
        free, whole = room.free / _GIGABYTE, room.total / _GIGABYTE
        yield Text(f"Place libre\u00a0: {free:.2f} Go sur {whole:.2f}.", f"Free space: {free:.2f} GB of {whole:.2f}.")
    for turn in turns:
        if turn.ended:
            yield Text(
                f"{turn.source}\u00a0: dernier tour à {turn.ended}, {turn.ending}. {turn.reason_fr}",
                f"{turn.source}: last turn at {turn.ended}, {turn.ending}. {turn.reason_en}",
            )
