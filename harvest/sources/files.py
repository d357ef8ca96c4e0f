"""Saved responses in a file or a folder: what a portal once answered, read as that portal's records.

Every `*.json` and `*.jsonl` file below the path is read, in the order of their names: one record, a list of records,
a page of results (`results` or `datasets`), or one record a line. Any OpenDataSoft shape is known (v1, v2.0, v2.1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import json_stream
from harvest.mapping import opendatasoft as mapping
from harvest.mapping.context import Context
from harvest.ods_record import normalise
from harvest.source import Check, Rejected
from harvest.sources.opendatasoft import read_record

SUFFIXES = {".json", ".jsonl"}
LISTS = ("results", "datasets")


class Files:
    """A file or folder of saved responses."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[str], None]) -> None:
        if settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` reads files and has no `path`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.path = settings.path
        self.total: int | None = None
        self.complete = True

    def files(self) -> list[Path]:
        """The files that will be read; raises `SourceRefused` when there are none."""
        if not self.path.exists():
            raise SourceRefused("there is no such file or folder.", what=str(self.path))
        if self.path.is_file():
            return [self.path]
        found = sorted(f for f in self.path.rglob("*") if f.suffix in SUFFIXES and f.is_file())
        if not found:
            raise SourceRefused("the folder has no .json or .jsonl file.", what=str(self.path))
        return found

    def records(self) -> Iterator[Record | Rejected]:
        """Every record of every file; a file that cannot be read is rejected, and the listing is then incomplete."""
        for file in self.files():
            try:
                yield from self._file(file)
            except (ResponseInvalid, OSError) as e:
                self.complete = False
                why = e.message if isinstance(e, ResponseInvalid) else str(e.strerror or e)
                yield Rejected(file.name, Text(f"fichier illisible : {why}", f"unreadable file: {why}"))

    def _file(self, file: Path) -> Iterator[Record | Rejected]:
        if file.suffix == ".jsonl":
            yield from self._lines(file)
        elif self._begins_with(file, b"["):
            with file.open("rb") as f:
                chunks = iter(lambda: f.read(1 << 18), b"")
                for text, data in json_stream.elements(chunks, what=str(file), limit=self.harvest.max_record):
                    yield read_record(self.settings.id, data, text)
        else:
            for data in _listed(self._document(file)):
                yield read_record(self.settings.id, data, json.dumps(data, ensure_ascii=False))

    def _begins_with(self, file: Path, sign: bytes) -> bool:
        with file.open("rb") as f:
            return f.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == sign

    def _lines(self, file: Path) -> Iterator[Record | Rejected]:
        with file.open("rb") as f:
            for number, line in enumerate(f, 1):
                if line.strip():
                    data = self._parse(line, f"{file}, line {number}")
                    yield read_record(self.settings.id, data, line.decode("utf-8-sig").strip())

    def _document(self, file: Path) -> Any:
        if file.stat().st_size > self.harvest.max_bytes:
            raise ResponseInvalid(
                f"the file is larger than the {self.harvest.max_bytes:,} bytes allowed.",
                what=str(file),
                hint="Raise [harvest] max_bytes if it is right.",
            )
        return self._parse(file.read_bytes(), str(file))

    def _parse(self, body: bytes, what: str) -> Any:
        try:
            return json.loads(body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as e:
            raise ResponseInvalid(f"it is not valid JSON ({e}).", what=what) from e

    def check(self) -> Check:
        """Counts the files, without reading them."""
        try:
            files = self.files()
        except SourceRefused as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message=f"{len(files)} file{'s' if len(files) > 1 else ''} of saved responses")

    def admit(self, record: Record, context: Context) -> Text | None:
        """As the portal that the responses came from."""
        return mapping.admission(normalise(record.data), context)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """As the portal that the responses came from."""
        return mapping.map_record(record, identity, context)


def _listed(document: Any) -> list[Any]:
    """The records of a document: the members of its list, else itself."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for name in LISTS:
            if isinstance(document.get(name), list):
                return list(document[name])
    return [document]
