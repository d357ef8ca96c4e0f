"""`data.json`: the catalogues of DCAT-US 1.1 and 3, as ArcGIS Hub and others publish them, read as a stream.

A document is read twice, from disk where it is large: what is a series shows only in the datasets that are parts of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import json_stream
from harvest.dcat_us_record import LISTS, Names, record_of, shaped
from harvest.documents.saved_json import looks_like_json
from harvest.documents.text import encoding
from harvest.fetching import client_of
from harvest.mapping import dcat_us as mapping
from harvest.mapping.context import Context
from harvest.source import Check, Rejected

IN_MEMORY = 16_000_000
"""Bytes of a document beyond which it waits on disk."""
_CHUNK = 1 << 18
_MARKS = (b'"accessLevel"', b"project-open-data.cio.gov", b'"bureauCode"', b"dcat-us", b'"isPartOf"')
_HUB = (b'"hubType"', b'"itemModified"')


class DcatUs:
    """One `data.json`, by its address."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url and settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` needs a `url`, that of its data.json.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.client = client_of(settings, harvest, notify)

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset of the document. Raises `SourceError`, also in the middle of a document that breaks off."""
        with SpooledTemporaryFile(IN_MEMORY) as spool:
            with self.client.stream(self.settings.url, accept="application/json") as (chunks, _):
                for chunk in chunks:
                    spool.write(chunk)
            yield from self._records(spool, self.settings.url)

    def check(self) -> Check:
        """Reads the document as far as its first dataset."""
        try:
            with self.client.stream(self.settings.url, accept="application/json") as (chunks, _):
                for name, _, data in self._members(chunks, self.settings.url):
                    if name in ("", *LISTS) and shaped(data):
                        return Check(ok=True, message="data.json")
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=False, message=f"{self.settings.url}: the document lists no dataset.")

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: what its `accessLevel` keeps from the public."""
        return mapping.admission(record.data)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return mapping.map_record(record, identity, context)

    # ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is JSON that lists datasets as DCAT-US does, or items of ArcGIS Hub."""
        if not looks_like_json(head):
            return False
        return (b'"dataset"' in head and any(m in head for m in _MARKS)) or any(m in head for m in _HUB)

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The datasets of a saved document."""
        if file.stat().st_size > self.harvest.max_bytes:
            raise ResponseInvalid(
                f"the file is larger than the {self.harvest.max_bytes:,} bytes allowed.",
                what=str(file),
                hint="Raise [harvest] max_bytes if it is right.",
            )
        with file.open("rb") as f:
            yield from self._records(f, file.name)

    def _records(self, document: IO[bytes], what: str) -> Iterator[Record | Rejected]:
        names = Names(own=self.settings.identity.iri == "source")
        count = 0
        try:
            for _, _, data in self._datasets(document, what):
                names.note(shaped(data))
                count += 1
        except ResponseInvalid:
            pass  # what comes before the fault is read below, and the fault told then
        else:
            self.total = count
        for number, text, data in self._datasets(document, what):
            made = record_of(self.settings.id, data, text, names)
            yield made if isinstance(made, Record) else Rejected(f"{what}: dataset {number}", made.reason)

    def _datasets(self, document: IO[bytes], what: str) -> Iterator[tuple[int, str, Any]]:
        """Number, text and value of everything that the document lists; a document of one dataset is that."""
        document.seek(0)
        alone: dict[str, Any] = {}
        number = 0
        for name, text, data in self._members(_chunks(document), what):
            if name in ("", *LISTS):
                number += 1
                yield number, text, data
            else:
                alone[name] = data
        if not number and shaped(alone) and (alone.get("title") or "properties" in alone or "attributes" in alone):
            yield 1, json.dumps(alone, ensure_ascii=False), alone

    def _members(self, chunks: Iterator[bytes], what: str) -> Iterator[tuple[str, str, Any]]:
        return json_stream.members(chunks, what=what, limit=self.harvest.max_record, names=LISTS)


def _chunks(document: IO[bytes]) -> Iterator[bytes]:
    """The document piece by piece in UTF-8, whatever it is written in."""
    name = encoding(document.read(1 << 16))
    document.seek(0)
    if name in ("utf-8", "utf-8-sig"):
        yield from iter(lambda: document.read(_CHUNK), b"")
        return
    yield document.read().decode(name, "replace").removeprefix("\ufeff").encode()
