"""Inventories of datasets kept as tables: the SCDL's « Catalogue » (CSV) and free ones (CSV, XLSX)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, unknown_choice
from catalog.identifiers import slugify
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import identity as names
from harvest.documents import spreadsheets, tables
from harvest.documents.text import decoded
from harvest.fetching import client_of
from harvest.inventory import FIELDS, Line, lines
from harvest.mapping import scdl as mapping
from harvest.mapping.context import Context
from harvest.source import Check, Rejected, canonical_hash

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
_UNPACKED = 1 << 28
"""Bytes that a spreadsheet may unpack to."""
_TELLING = ("COLL_NOM", "COLL_SIRET", "FREQ_MAJ", "MOTS_CLES", "COUV_SPAT_MAILLE", "FORMAT_RESSOURCES")
NO_TITLE = Text("la ligne n’a pas de titre.", "the line has no title.")


class Scdl:
    """One inventory by its address, or those in a file or folder.

    `options.columns` says what the columns of the fields are called, `options.sheet` which sheet of a book it is.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url and settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` needs a `url` or a `path`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.client = client_of(settings, harvest, notify)
        self.columns = _columns(settings)
        self.sheet = settings.options.get("sheet", "")
        if not isinstance(self.sheet, str):
            raise SettingsInvalid(f"source `{settings.id}`: options.sheet is the name of a sheet.")

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset of the inventory. A file on disk that cannot be read is rejected; nothing is then withdrawn."""
        if self.settings.path is None:
            body, _ = self.client.get_bytes(self.settings.url, accept="text/csv, */*;q=0.5")
            yield from self._records(body, self.settings.url)
            return
        for file in self._files():
            try:
                yield from self.saved(file)
            except (ResponseInvalid, OSError) as e:
                self.complete = False
                why = e.message if isinstance(e, ResponseInvalid) else str(e.strerror or e)
                yield Rejected(file.name, Text(f"fichier illisible\u00a0: {why}", f"unreadable file: {why}"))

    def _files(self) -> list[Path]:
        path = self.settings.path
        if path is None or path.is_file():
            return [path] if path else []
        found = sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
        if not found:
            raise ResponseInvalid(f"there is no inventory ({', '.join(SUFFIXES)}) here.", what=str(path))
        return found

    def check(self) -> Check:
        """Reads the inventory and counts its datasets."""
        try:
            found = list(self.records())
        except (SourceError, OSError) as e:
            told = e if isinstance(e, SourceError) else ResponseInvalid(str(e))
            return Check(ok=False, message=f"{told.what}: {told.message}", hint=told.hint)
        datasets = sum(isinstance(one, Record) for one in found)
        aside = len(found) - datasets
        message = "an inventory" + (f"; {aside} line{'s' if aside > 1 else ''} cannot be read" if aside else "")
        return Check(ok=datasets > 0, message=message, datasets=datasets)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Whatever an inventory lists is public."""
        return None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return mapping.map_record(record, identity, context)

    # ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether the first lines of a table hold the SCDL's headings."""
        if head.startswith(spreadsheets.MAGIC) and file.suffix.lower() == ".xlsx":
            try:
                found = spreadsheets.rows(file.read_bytes(), what=file.name, limit=_UNPACKED)
                words = {cell.strip().upper() for row, _ in zip(found, range(40), strict=False) for cell in row.cells}
            except ResponseInvalid:
                return False
            return _is_scdl(words)
        if file.suffix.lower() not in SUFFIXES or b"TITRE" not in head.upper():
            return False
        for line in decoded(head).splitlines()[:40]:
            if _is_scdl({cell.strip().strip('"').upper() for cell in line.translate(_CUT).split(";")}):
                return True
        return False

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The datasets of a saved inventory."""
        if file.stat().st_size > self.harvest.max_bytes:
            raise ResponseInvalid(
                f"the file is larger than the {self.harvest.max_bytes:,} bytes allowed.",
                what=str(file),
                hint="Raise [harvest] max_bytes if it is right.",
            )
        yield from self._records(file.read_bytes(), file.name)

    def _records(self, body: bytes, what: str) -> Iterator[Record | Rejected]:
        for line in lines(self._rows(body, what), what=what, mapping=self.columns):
            made = record_of(self.settings.id, line) if isinstance(line, Line) else line
            if isinstance(made, Rejected):
                self.complete = False  # which dataset it was is unknown: none is withdrawn
                made = Rejected(made.id if made.id != "-" else f"{what}:{getattr(line, 'number', '')}", made.reason)
            yield made

    def _rows(self, body: bytes, what: str) -> Iterator[tables.Row]:
        if body.startswith((spreadsheets.MAGIC, spreadsheets.OLD)):
            return spreadsheets.rows(body, what=what, limit=_UNPACKED, sheet=self.sheet)
        if body[:500].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
            raise ResponseInvalid(
                "a web page or XML came instead of a table.", what=what, hint="Give the address of the file itself."
            )
        if not body.strip():
            raise ResponseInvalid("it is empty.", what=what)
        return tables.rows(body, what=what)


_CUT = str.maketrans({",": ";", "\t": ";", "|": ";"})


def _is_scdl(headings: set[str]) -> bool:
    return "TITRE" in headings and sum(name in headings for name in _TELLING) > 1


def record_of(source: str, line: Line) -> Record | Rejected:
    """The record of one line. An `ID` is a bare word that two communes may use: it is theirs with their SIRET."""
    title, given = line.get("TITRE"), line.get("ID")
    if not title:
        return Rejected("-", NO_TITLE)
    number = line.get("COLL_SIRET") or line.get("PRODUCTEUR_SIRET")
    name = line.get("COLL_NOM")
    body = "".join(number.split()) if mapping.is_siret(number) else slugify(name) if name else ""
    own = given or slugify(title)
    unique = bool(names.unique(own))
    data = {"number": line.number, "cells": line.cells, "fields": dict(line.fields), "mended": line.mended}
    who = name or line.get("PRODUCTEUR_NOM")
    return Record(
        source,
        own if unique or not body else f"{body}:{own}",
        json.dumps(line.cells, ensure_ascii=False).encode("utf-8", "replace"),
        data,
        canonical_hash({"cells": line.cells, "fields": dict(line.fields)}),
        line.get("DATE_MAJ") or None,
        iri=own if names.persistent(own) else "",
        identifier=own if unique or not body else f"{body}:{own}",
        name=names.last_part(own) if unique or not who else f"{who} {own}",
        claims=names.claims([own]),
        kind="scdl",
    )


def _columns(settings: SourceSettings) -> dict[str, str]:
    given = settings.options.get("columns", {})
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise SettingsInvalid(
            f"source `{settings.id}`: options.columns says what the columns of the fields are called, "
            'as in { TITRE = "Nom du jeu" }.'
        )
    for field in given:
        if field.upper() not in FIELDS:
            raise unknown_choice(f"source `{settings.id}`: column", field, list(FIELDS))
    return {field.upper(): heading for field, heading in given.items()}
