"""What becomes of saved responses, counted: files, records, mapped, set aside and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from catalog.errors import RecordInvalid
from catalog.identifiers import Minter, slugify
from catalog.model import Fate, Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.mapping.context import Context
from harvest.source import Rejected
from harvest.sources.files import NO_KIND, Files, kind_of

BASE = "https://catalogue.example.org/"
NONE = "none"
"""The name under which files of no kind are counted."""


@dataclass
class Tally:
    """What became of the records of one kind. `named` counts those that have a title and an identifier."""

    kind: str
    files: int = 0
    records: int = 0
    mapped: int = 0
    values: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Result:
    """One record of one file: its description, or why there is none. `failed` is a fault of ours."""

    file: Path
    kind: str
    record: Record | Rejected
    mapped: Mapped | None
    reason: Text | None
    failed: bool = False


def results(folder: Path, *, kind: str = "", now: datetime | None = None) -> Iterator[Result]:
    """What becomes of every record of every file below a folder, each by itself; nothing is stored."""
    options = {"kind": kind} if kind else {}
    settings = SourceSettings(id="saved", kind="files", path=folder, options=options, federated=True)
    source = Files(settings, HarvestSettings(), lambda _message: None)
    context = Context(base=BASE, source="saved", portal="", now=now or datetime.now(UTC), federated=True)
    for file in _files(source):
        name = kind or kind_of(file)
        for record in source.read(file):
            yield _result(source, context, file, name or NONE, record)


def _files(source: Files) -> Iterator[Path]:
    """Every file, also those that a harvest would not look at: the account is of all."""
    if source.path.is_file():
        yield source.path
        return
    yield from sorted(f for f in source.path.rglob("*") if f.is_file() and not f.name.startswith("."))


def _result(source: Files, context: Context, file: Path, kind: str, record: Record | Rejected) -> Result:
    if isinstance(record, Rejected):
        return Result(file, kind, record, None, record.reason)
    try:
        refusal = source.admit(record, context)
        if refusal is not None:
            return Result(file, kind, record, None, refusal)
        return Result(file, kind, record, source.map(record, identity(record), context), None)
    except RecordInvalid as e:
        return Result(file, kind, record, None, Text(e.french, e.message))
    except Exception as e:
        why = f"{type(e).__name__}: {e}"
        return Result(
            file, kind, record, None, Text(f"erreur interne\u00a0: {why}", f"internal error: {why}"), failed=True
        )


def identity(record: Record) -> Identity:
    """The identity that a record would have in an empty catalogue."""
    slug = slugify(record.name or record.id)
    iri = record.iri or Minter(BASE).dataset(slug)
    return Identity(slug, iri, Minter(BASE).record(slug), record.identifier or iri, new=True)


def tally(found: Iterator[Result]) -> dict[str, Tally]:
    """The results counted by kind."""
    tallies: dict[str, Tally] = {}
    files: set[tuple[str, Path]] = set()
    for one in found:
        here = tallies.setdefault(one.kind, Tally(one.kind))
        if (one.kind, one.file) not in files:
            files.add((one.kind, one.file))
            here.files += 1
        if one.kind == NONE:
            here.set_aside[NO_KIND.en if one.reason == NO_KIND else _general(one.reason)] += 1
            continue
        here.records += 1
        if one.mapped is not None:
            here.mapped += 1
            here.values.update(e.fate.value for e in one.mapped.ledger.entries)
            here.rules.update(r for e in one.mapped.ledger.entries if e.fate is Fate.MAPPED for r in e.rule.split("+"))
        elif one.failed:
            here.failed[_general(one.reason)] += 1
        else:
            here.set_aside[_general(one.reason)] += 1
    return tallies


def _general(reason: Text | None) -> str:
    """A reason without what is particular to one record, so that equal reasons are counted together."""
    words = reason.en if reason else ""
    words = re.sub(r"«[^»]*»|`[^`]*`|'[^']*'", "…", words)
    return re.sub(r"\(line \d[^)]*\)|\bline \d+.*|\d[\d,.]*", "…", words)[:160].strip()


def markdown(tallies: dict[str, Tally]) -> str:
    """The tallies as two tables."""
    rows = ["| kind | files | records | mapped | set aside | failed |", "|---|---:|---:|---:|---:|---:|"]
    for name, one in sorted(tallies.items()):
        aside, failed = sum(one.set_aside.values()), sum(one.failed.values())
        rows.append(f"| {name} | {one.files} | {one.records} | {one.mapped} | {aside} | {failed} |")
    rows += ["", "| kind | set aside because | records |", "|---|---|---:|"]
    for name, one in sorted(tallies.items()):
        for reason, count in sorted((one.set_aside + one.failed).items(), key=lambda r: (-r[1], r[0])):
            rows.append(f"| {name} | {reason.replace('|', '/')} | {count} |")
    return "\n".join(rows) + "\n"


def plain(tallies: dict[str, Tally]) -> dict[str, dict[str, object]]:
    """The tallies for a program."""
    fields = ("files", "records", "mapped", "values", "rules", "set_aside", "failed")
    return {name: {f: _plain(getattr(one, f)) for f in fields} for name, one in sorted(tallies.items())}


def _plain(value: object) -> object:
    return dict(sorted(value.items())) if isinstance(value, Counter) else value
