"""A database behind a business application, or a folder of files: one dataset for each table, view or file.

Only metadata leave: names, types, comments, keys, counts, extents, dates of change. No value of a row does.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import quote

from catalog.errors import RecordInvalid, SettingsInvalid, SourceError, SourceRefused, unknown_choice
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.documents.text import decoded
from harvest.mapping import tables as mapping
from harvest.mapping.context import Context
from harvest.source import Check, Rejected, canonical_hash
from harvest.tables import delimited, geojson, names, parquet
from harvest.tables.model import Table

KIND = "table"
READ_BYTES = 256_000_000
"""Bytes of a CSV file that are read; the rows of a larger one are estimated."""
_OPTIONS: Mapping[str, Any] = {
    "database": str,
    "database_env": str,
    "password_env": str,
    "schemas": list,
    "include": list,
    "exclude": list,
    "timeout": int,
    "exact_rows": int,
    "read_bytes": int,
    "personal": str,
}
_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".geojson": "geojson", ".json": "json"}
_SQLITE = b"SQLite format 3\0"


class TableSource:
    """One database or folder. `options` are explained in docs/sources/table.md."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.options = _checked(settings)
        self.titles = _titles(settings)
        self.database = self._database()
        if self.database is None and settings.path is None:
            raise SettingsInvalid(
                f"source `{settings.id}` needs a `path`, or options.database or options.database_env.",
                hint="`path` is a folder, a file, or an SQLite database.",
            )

    def _database(self) -> Any:
        """The database, if this source is one."""
        text = self.options.get("database", "")
        if name := self.options.get("database_env"):
            text = _secret(self.settings.id, name)
        path = self.settings.path
        if not text and not (path is not None and path.is_file() and _begins(path, _SQLITE)):
            return None
        try:
            from harvest.tables.database import Database, Limits, address
        except ImportError as e:
            raise SettingsInvalid(
                f"source `{self.settings.id}`: reading databases needs SQLAlchemy, which is not installed.",
                hint="pip install 'garonne[database]'",
            ) from e
        password = _secret(self.settings.id, n) if (n := self.options.get("password_env")) else ""
        url = address(text or f"sqlite:///{path}", password, source=self.settings.id)
        if self.options.get("database") and address(text, "", source=self.settings.id).password:
            raise SettingsInvalid(
                f"source `{self.settings.id}`: a password does not belong in the settings file.",
                hint="Name an environment variable that holds it: options.password_env, or options.database_env "
                "for the whole address.",
            )
        given = {"timeout": float(self.options.get("timeout", 30)), "exact": self.options.get("exact_rows", 1_000_000)}
        return Database(url, Limits(**given), self.settings.timezone or self.harvest.timezone)

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def records(self) -> Iterator[Record | Rejected]:
        """Every table, view or file that the patterns take. Raises `SourceError` when they cannot be listed."""
        described = self._tables() if self.database is not None else self._files()
        for one in described:
            yield self._record(one)

    def _record(self, found: Table | RecordInvalid) -> Record:
        if isinstance(found, RecordInvalid):
            fault = {"en": found.message, "fr": found.french, "hint": found.hint}
            data: dict[str, Any] = {"name": found.what, "kind": "fault", "fault": fault}
        else:
            looks = names.personal(c.name for c in found.columns)
            if looks:
                found.findings["personal"] = looks
                self.notify(
                    Text(
                        f"{found.name}\u00a0: ces colonnes semblent personnelles\u00a0: {', '.join(looks)}",
                        f"{found.name}: these columns look personal: {', '.join(looks)}",
                    )
                )
            self._name(found)
            data = found.plain()
            data |= {"access": access} if (access := self._access(found)) else {}
        name = data["name"]
        body = json.dumps(data, ensure_ascii=False, sort_keys=True)
        return Record(
            self.settings.id,
            name,
            body.encode("utf-8", "replace"),
            data,
            canonical_hash(data),
            data.get("modified") or None,
            name=name.rpartition("/")[2].rpartition(".")[0] or name if data["kind"] in _SUFFIXES.values() else name,
            kind=KIND,
        )

    def _name(self, found: Table) -> None:
        """The title: the operator's, else the first line of the comment if it is short, else made of the name."""
        bare = Path(found.name).stem if self.database is None else found.name.rpartition(".")[2]
        title, description = self.titles.get(found.name) or self.titles.get(bare) or ("", "")
        first, _, rest = found.comment.strip().partition("\n")
        short = first.strip() if len(first.strip()) <= 120 else ""
        found.title = title or short.rstrip(".") or names.humanised(bare)
        found.comment = description or (found.comment.strip() if title or not short else rest.strip())

    def _access(self, found: Table) -> str:
        """Where people reach it: the file below the source's `url`, or that page for a database."""
        url = self.settings.url
        if not url or self.database is not None:
            return url
        return f"{url.rstrip('/')}/{quote(found.name)}"

    def wanted(self, name: str) -> bool:
        """Whether the patterns take a table or file of this name."""
        bare = name.rpartition("/")[2] if self.database is None else name.rpartition(".")[2]
        include, exclude = self.options.get("include") or ["*"], self.options.get("exclude") or []
        one = any(fnmatchcase(n, p) for p in include for n in (name, bare))
        return one and not any(fnmatchcase(n, p) for p in exclude for n in (name, bare))

    # ── databases ────────────────────────────────────────────────────────────────────────────────────────────────

    def _listed(self, connected: Any) -> list[tuple[str | None, str, str, str]]:
        """Schema, name, kind and identifier of what is wanted."""
        found = [
            (schema, name, kind, f"{schema}.{name}" if schema else name)
            for schema, name, kind in connected.names(self.options.get("schemas") or [])
        ]
        return [one for one in found if self.wanted(one[3])]

    def _tables(self) -> Iterator[Table | RecordInvalid]:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        with self.database.open() as connected:
            listed = self._listed(connected)
            self.total = len(listed)
            for schema, name, kind, id_ in listed:
                try:
                    found: Table | RecordInvalid = connected.describe(schema, name, kind, id_=id_)
                except SQLAlchemyError as e:
                    if isinstance(e, DBAPIError) and e.connection_invalidated:
                        raise
                    why = self.database.told(e)
                    connected.connection.rollback()
                    found = RecordInvalid(
                        f"The table cannot be described: {why}.",
                        french=f"La table ne peut être décrite\u00a0: {why}.",
                        what=id_,
                        hint="Give the account the right to read it, or exclude it.",
                    )
                yield found

    # ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────

    def files(self) -> list[Path]:
        """The files that will be described, sorted; raises `SourceRefused` when there is no such folder."""
        root = self.settings.path
        if root is None or not root.exists():
            raise SourceRefused("there is no such file or folder.", what=str(root))
        if root.is_file():
            return [root]
        inside = root.resolve()
        found, others = [], Counter[str]()
        for file in sorted(root.rglob("*")):
            if not file.is_file() or any(part.startswith((".", "~")) for part in file.relative_to(root).parts):
                continue
            if not file.resolve().is_relative_to(inside) or not self.wanted(file.relative_to(root).as_posix()):
                continue
            kind = _SUFFIXES.get(file.suffix.lower())
            if kind is None or (kind == "json" and not geojson.is_geojson(_head(file))):
                others[file.suffix.lower() or "(none)"] += 1
                continue
            found.append(file)
        if others:
            told = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
            self.notify(
                Text(
                    f"fichiers d’autres types, qui ne sont pas décrits\u00a0: {told}",
                    f"files of other kinds, which are not described: {told}",
                )
            )
        return found

    def _files(self) -> Iterator[Table | RecordInvalid]:
        listed = self.files()
        self.total = len(listed)
        root = self.settings.path
        for file in listed:
            name = file.name if root is None or root.is_file() else file.relative_to(root).as_posix()
            try:
                yield self._file(file, name)
            except RecordInvalid as e:
                yield RecordInvalid(e.message, french=e.french, what=name, hint=e.hint)
            except OSError as e:
                why = e.strerror or type(e).__name__
                yield RecordInvalid(
                    f"The file cannot be opened: {why}.",
                    french=f"Le fichier ne peut être ouvert\u00a0: {why}.",
                    what=name,
                )

    def _file(self, file: Path, name: str) -> Table:
        kind = _SUFFIXES.get(file.suffix.lower(), "csv")
        if kind == "parquet":
            found = parquet.describe(file, name)
        elif kind == "csv":
            found = delimited.describe(file, name, most=self.options.get("read_bytes", READ_BYTES))
        else:
            found = geojson.describe(file, name, limit=self.harvest.max_record)
        about = file.stat()
        found.modified = datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds")
        found.size = about.st_size
        return found

    # ── the rest of a source ─────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Check:
        """Lists the tables or files, and describes none."""
        try:
            if self.database is not None:
                with self.database.open() as connected:
                    count = len(self._listed(connected))
                message, thing = f"{self.database.where}, read only", "tables and views"
            else:
                files = self.files()
                count, message, thing = len(files), str(self.settings.path), "files"
                if any(f.suffix.lower() == ".parquet" for f in files):
                    parquet.library()
        except (SourceError, RecordInvalid) as e:
            return Check(ok=False, message=f"{e.what}: {e.message}" if e.what else e.message, hint=e.hint)
        if not count:
            hint = "See options.include and options.exclude"
            hint += "; the schemas that are read are options.schemas." if self.database is not None else "."
            return Check(ok=False, message=f"{message}: no {thing}", hint=hint)
        address = "" if self.settings.url else "Without a `url` the datasets have no distribution."
        return Check(ok=True, message=f"{message} ({thing})", datasets=count, hint=address)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: tables with columns that look personal, where `options.personal` is `exclude`."""
        looks = (record.data.get("findings") or {}).get("personal")
        if looks and self.options.get("personal") == "exclude":
            told = ", ".join(looks)
            return Text(
                f"des colonnes semblent contenir des données personnelles\u00a0: {told}.",
                f"columns look personal: {told}.",
            )
        return None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The table as DCAT-AP 3, with a CSVW schema of its columns."""
        return mapping.map_record(record, identity, context)


def _checked(settings: SourceSettings) -> dict[str, Any]:
    """The options, each of its type."""
    for name, value in settings.options.items():
        if name not in _OPTIONS:
            raise unknown_choice(f"source `{settings.id}`: option", name, list(_OPTIONS))
        wanted = _OPTIONS[name]
        good = type(value) is wanted and (wanted is not list or all(isinstance(v, str) for v in value))
        if not good or (wanted is int and value < 1):
            shown = {str: "a text", list: "a list of texts", int: "a number from 1 on"}[wanted]
            raise SettingsInvalid(f"source `{settings.id}`: options.{name} is {shown}.")
    if (personal := settings.options.get("personal", "tell")) not in ("tell", "exclude"):
        raise unknown_choice(f"source `{settings.id}`: options.personal", personal, ["tell", "exclude"])
    return settings.options


def _secret(source: str, name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingsInvalid(f"source `{source}`: the environment variable {name} is not set.")
    return value


def _titles(settings: SourceSettings) -> dict[str, tuple[str, str]]:
    """Title and description by name: those of the CSV, and before them those of the settings file."""
    found: dict[str, tuple[str, str]] = {}
    if settings.titles_file is not None:
        what = str(settings.titles_file)
        try:
            lines = decoded(settings.titles_file.read_bytes()).splitlines()
        except OSError as e:
            raise SettingsInvalid(f"the titles cannot be read: {e.strerror}.", what=what) from e
        rows = list(csv.reader(lines, delimiter=delimited.separator_of([f"{line}\n" for line in lines])))
        head = [c.strip().lower() for c in rows[0]] if rows else []
        if not {"name", "title"} <= set(head):
            raise SettingsInvalid("its columns must be name, title and, if you like, description.", what=what)
        for row in rows[1:]:
            cells = {h: c.strip() for h, c in zip(head, row, strict=False)}
            if cells.get("name"):
                found[cells["name"]] = (cells.get("title", ""), cells.get("description", ""))
    for name, title in settings.titles.items():
        found[name] = (title, found.get(name, ("", ""))[1])
    return found


def _head(file: Path) -> bytes:
    with file.open("rb") as f:
        return f.read(1 << 16)


def _begins(file: Path, with_: bytes) -> bool:
    try:
        with file.open("rb") as f:
            return f.read(len(with_)) == with_
    except OSError:
        return False
