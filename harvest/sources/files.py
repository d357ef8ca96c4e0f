"""Saved responses in a file or a folder: what a source of any kind once answered, read as that source's records."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from catalog import plugins
from catalog.errors import ResponseInvalid, SettingsInvalid, SourceRefused, unknown_choice
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.documents import saved_json
from harvest.mapping.context import Context
from harvest.source import Check, Rejected

HEAD = 1 << 16
SUFFIXES = frozenset(
    [
        ".json",
        ".jsonl",
        ".jsonld",
        ".geojson",
        ".rdf",
        ".xml",
        ".ttl",
        ".n3",
        ".nt",
        ".nq",
        ".trig",
        ".owl",
        ".csv",
        ".tsv",
        ".xlsx",
        ".gz",
        ".parquet",
    ]
)
"""Suffixes of what is looked at in a folder; a file that is named itself is read whatever it is called."""
NO_KIND = Text(
    "fichier illisible\u00a0: ce n’est la réponse d’aucun type de source connu.",
    "unreadable file: it is the response of no kind of source that is known.",
)


class Files:
    """A file or folder of saved responses. `options.kind` says of which kind they are; else each file is looked at."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` reads files and has no `path`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.path = settings.path
        self.total: int | None = None
        self.complete = True
        self._made: dict[str, Any] = {}
        self.fixed = settings.options.get("kind", "")
        if self.fixed and self.fixed not in readers():
            raise unknown_choice("kind of saved responses", str(self.fixed), list(readers()))

    def files(self) -> list[Path]:
        """The files that will be read; raises `SourceRefused` when there are none."""
        if not self.path.exists():
            raise SourceRefused(
                "there is no such file or folder.", what=str(self.path), french="ce fichier ou ce dossier n’existe pas."
            )
        if self.path.is_file():
            return [self.path]
        found = sorted(f for f in self.path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
        if not found:
            raise SourceRefused(
                "the folder has no file of a kind that is read.",
                what=str(self.path),
                french="le dossier n’a aucun fichier d’une sorte qui soit lue.",
            )
        return found

    def records(self) -> Iterator[Record | Rejected]:
        """Every record of every file; a file that cannot be read is rejected, and the listing is then incomplete."""
        for file in self.files():
            yield from self.read(file)

    def read(self, file: Path) -> Iterator[Record | Rejected]:
        """The records of one file."""
        try:
            kind = self.fixed or kind_of(file)
            if not kind:
                self.complete = False
                if file.suffix.lower() in {".json", ".jsonl"}:  # is it even JSON?
                    deque(saved_json.values(file, self.harvest, lists=()), maxlen=0)
                yield Rejected(file.name, NO_KIND)
                return
            for one in self.kind(kind).saved(file):
                yield replace(one, kind=kind) if isinstance(one, Record) else one
        except (ResponseInvalid, OSError) as e:
            self.complete = False
            why = e.message if isinstance(e, ResponseInvalid) else str(e.strerror or e)
            yield Rejected(file.name, Text(f"fichier illisible\u00a0: {why}", f"unreadable file: {why}"))

    def kind(self, name: str) -> Any:
        """The source of a kind, made for these settings."""
        if name not in self._made:
            cls = plugins.load(plugins.SOURCES, name, kind="source kind")
            self._made[name] = cls(replace(self.settings, kind=name), self.harvest, self.notify)
        return self._made[name]

    def check(self) -> Check:
        """Counts the files, without reading them."""
        try:
            files = self.files()
        except SourceRefused as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message=f"{len(files)} file{'s' if len(files) > 1 else ''} of saved responses")

    def admit(self, record: Record, context: Context) -> Text | None:
        """As the source that the responses came from."""
        found: Text | None = self.kind(record.kind).admit(record, context)
        return found

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """As the source that the responses came from."""
        mapped: Mapped = self.kind(record.kind).map(record, identity, context)
        return mapped


@cache
def readers() -> dict[str, Any]:
    """The installed kinds that read saved responses, by name."""
    found = {}
    for name, entry in plugins.installed(plugins.SOURCES).items():
        if name != "files" and hasattr(cls := entry.load(), "saved"):
            found[name] = cls
    return found


def kind_of(file: Path) -> str:
    """The kind of source that a file is a response of; empty for none. Of several, the last word is `dcat`'s."""
    with file.open("rb") as f:
        head = f.read(HEAD)
    ordered = sorted(readers().items(), key=lambda one: (one[0] == "dcat", one[0]))
    return next((name for name, cls in ordered if cls.recognises(file, head)), "")
