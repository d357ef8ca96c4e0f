"""What travels from a source to a release: records, identities, descriptions, the ledger of a mapping."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from pyoxigraph import RdfFormat, Triple, parse

from vocab.text import Foreign as Foreign
from vocab.text import Text as Text  # the class of every sentence; re-exported for those who build records


class Kind(StrEnum):
    """What a description describes; also the first part of its path under the base IRI, except for a local graph.

    A local graph is one that no source owns and that is written over HTTP: its description is all that it states.
    """

    DATASET = "dataset"
    AGENT = "agent"
    CONCEPT = "concept"
    SERVICE = "service"
    CATALOG = "catalog"
    LOCAL = "local"


class Outcome(StrEnum):
    """What became of one record in one run."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    MERGED = "merged"
    SET_ASIDE = "set aside"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its source gave it.

    `id` is the source's own identifier of it, `payload` the exact bytes, `data` the same parsed, `hash` the SHA-256
    of the payload in a canonical form (key order and spacing do not count), `uid` an identifier that survives a
    rename where the source has one.

    `iri` is the IRI that the source gave the dataset, `identifier` its `dct:identifier` there, `name` what its slug is
    made of; empty where it has none of its own. `claims` are the globally unique names that the record gives the
    dataset, its own and those of the datasets that it says it is a copy of (`catalog.same`). `kind` is the kind of
    source that reads the record, where one source reads several.
    """

    source: str
    id: str
    payload: bytes
    data: Any
    hash: str
    modified: str | None = None
    uid: str | None = None
    iri: str = ""
    identifier: str = ""
    name: str = ""
    claims: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of one dataset, allocated once and never reused.

    `iri` is the dataset's, `record_iri` that of its catalogue record and of the named graph that describes it,
    `identifier` its `dct:identifier`, byte for byte what aggregators already know. `new` says that it was allocated
    just now: nothing is known of the dataset yet.
    """

    slug: str
    iri: str
    record_iri: str
    identifier: str
    new: bool = False


@dataclass(frozen=True)
class Description:
    """The exact statements about one thing: the record that everything published is made from.

    `canonical` is their sorted canonical N-Triples, one statement a line, each ending in a line feed.
    """

    iri: str
    kind: Kind
    slug: str
    canonical: bytes

    @classmethod
    def of(cls, iri: str, kind: Kind, slug: str, triples: Iterable[Triple]) -> Description:
        """The description made of these statements; duplicates count once."""
        lines = sorted({f"{t} .\n" for t in triples})
        return cls(iri, kind, slug, "".join(lines).encode())

    @property
    def lines(self) -> list[str]:
        """The statements of `canonical`, each with its line feed. `str.splitlines` also cuts at U+0085 and U+2028."""
        return [f"{line}\n" for line in self.canonical.decode().split("\n")[:-1]]

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The statements, with their literals exactly as written."""
        return tuple(q.triple for q in parse(self.canonical, format=RdfFormat.N_TRIPLES))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of `canonical`, in hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()


class Fate(StrEnum):
    """What a mapping did with one value."""

    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    IGNORED = "ignored"


class Entry(NamedTuple):
    """One non-empty value of a record and what became of it, by which rule; unmapped and ignored ones say why.

    `field` is the path in the normalised record (`default.theme`, `dcat.accrualperiodicity`), `table` the name of the
    `[mapping]` table in which one line would map the value, where there is one.
    """

    field: str
    value: str
    fate: Fate
    rule: str
    reason: Text | None = None
    table: str | None = None


Note = tuple[Fate, str, Text | None, str | None]
"""A fate, the rule that decided it, why, and the `[mapping]` table in which a line would change it."""


@dataclass(slots=True)
class Ledger:
    """Every non-empty value of one record, each entered exactly once.

    `rows` are the field, the value as the record has it, and what became of it. Most values are mapped, and then only
    counted: what an entry shows of a value is written when it is asked for.
    """

    rows: Sequence[tuple[str, Any, Note]] = ()

    @property
    def entries(self) -> list[Entry]:
        """All values, in the record's order."""
        return [Entry(path, _shown(value), *note) for path, value, note in self.rows]

    def unmapped(self) -> list[Entry]:
        """The values that were not mapped, in the record's order."""
        return [Entry(path, _shown(value), *note) for path, value, note in self.rows if note[0] is Fate.UNMAPPED]

    def counts(self) -> tuple[int, int, int]:
        """How many values were mapped, unmapped and ignored."""
        fates = [note[0] for _, _, note in self.rows]
        return fates.count(Fate.MAPPED), fates.count(Fate.UNMAPPED), fates.count(Fate.IGNORED)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(value)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one record became: its dataset, the agents, concepts and services it names, and the ledger."""

    dataset: Description
    others: tuple[Description, ...]
    ledger: Ledger
