"""What a kind of source is: it yields records, says whether its listing was complete, and maps a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from catalog import plugins
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.mapping.context import Context


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something in a source that is not even a record: a file that is no JSON, a row without an identifier."""

    id: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Check:
    """What `garonne sources check` found: whether the source can be harvested, and what it offers."""

    ok: bool
    message: str
    datasets: int | None = None
    hint: str = ""


class Source(Protocol):
    """One kind of source, made for one configured source.

    `total` is None until the source has said how many records it has. `complete` is False once a part of the listing
    could not be read: nothing is then withdrawn for being absent.
    """

    total: int | None
    complete: bool

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None: ...

    def records(self) -> Iterator[Record | Rejected]:
        """Every record, in a stream.

        Raises `SourceError` when the listing cannot be completed; the records given before it are then not believed.
        """
        ...

    def check(self) -> Check:
        """Asks the source for as little as tells whether it can be harvested."""
        ...

    def admit(self, record: Record, context: Context) -> Text | None:
        """None when the record may be published, else why it may not.

        What is not public is out at once, however much it is. What is public and does not belong here is `Foreign`:
        that counts with the guard.
        """
        ...

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record's description; pure. Raises `RecordInvalid`."""
        ...


class ReadsSaved(Protocol):
    """What a kind offers besides, so that `files` can read its saved responses."""

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether a file, of which `head` are the first 64 KiB, is a response of this kind of source."""
        ...

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The records in a saved response. Raises `ResponseInvalid` for a file that cannot be read at all."""
        ...


def make(settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> Source:
    """The source that these settings describe, of an installed kind."""
    cls = plugins.load(plugins.SOURCES, settings.kind, kind="source kind")
    source: Source = cls(settings, harvest, notify)
    return source


def canonical_hash(data: Any) -> str:
    """SHA-256 of JSON data in a canonical form: sorted keys, no spaces."""
    try:
        text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number beyond 64 bits, or half a surrogate pair: rare, and slower to write
        text = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest()
