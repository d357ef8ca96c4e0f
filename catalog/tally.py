"""What a release says in sum: how many descriptions and findings, and a digest of all of them.

Every row that holds has a number, and a release has the sum of them: whatever the order, equal releases have equal
sums, and that of a release is that of the one before it, less what ended, plus what began. So nothing is read again
that did not change. The numbers have 2048 bits, for which nobody finds other rows of the same sum.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.model import Kind

LIVE = "until IS NULL"
"""The rows that hold."""
_BYTES = 256
_MODULUS = 1 << (8 * _BYTES)
_FOUND = ("violations", "warnings")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of descriptions by kind and of findings by severity, and the sum of what all of them say."""

    counts: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, db: sqlite3.Connection, where: str, **values: Any) -> Tally:
        """That of the rows of descriptions and findings that `where` picks."""
        counts: Counter[str] = Counter()
        total = 0
        for kind, iri, said in db.execute(f"SELECT kind, iri, hash FROM descriptions WHERE {where}", values):  # noqa: S608
            counts[str(kind)] += 1
            total += _number(b"description", iri, said.encode())
        sql = f"SELECT violations, warnings, iri, body FROM findings WHERE {where}"  # noqa: S608  constant text
        for violations, warnings, iri, said in db.execute(sql, values):
            counts.update(violations=violations, warnings=warnings)
            total += _number(b"findings", iri, said)
        return cls(_complete(counts), total % _MODULUS)

    @classmethod
    def noted(cls, counts: Mapping[str, int], encoded: str) -> Tally | None:
        """One that was written down; None where it was not."""
        return cls(_complete(counts), int(encoded, 16)) if encoded else None

    @property
    def encoded(self) -> str:
        """The sum, to be written down."""
        return f"{self.total:0{2 * _BYTES}x}"

    @property
    def fingerprint(self) -> str:
        """A digest of everything that was counted, equal for equal releases."""
        return hashlib.sha256(self.total.to_bytes(_BYTES, "big")).hexdigest()

    def changed(self, began: Tally, ended: Tally) -> Tally:
        """What it becomes by rows that began and rows that ended."""
        counts = {name: self.counts[name] + began.counts[name] - ended.counts[name] for name in self.counts}
        return Tally(counts, (self.total + began.total - ended.total) % _MODULUS)


def _complete(counts: Mapping[str, int]) -> dict[str, int]:
    names: Iterable[str] = (*(str(kind) for kind in Kind), *_FOUND)
    return {name: int(counts.get(name, 0)) for name in names}


def _number(what: bytes, iri: str, said: bytes) -> int:
    name = iri.encode()
    digest = hashlib.shake_256(b"%b %d %b%b" % (what, len(name), name, said))
    return int.from_bytes(digest.digest(_BYTES), "big")
