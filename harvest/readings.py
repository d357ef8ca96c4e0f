"""How a source was last read, and whether it can be spared the same again.

A run is the same as the one before where every answer that it would read is the same, the settings and rules are, and
so are the names that sources which come before it have in common with it. Servers tell the first by validators.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.draft import Draft
from catalog.packing import Packer, unpack
from catalog.settings import SourceSettings
from catalog.validators import Address, Answers, Validator
from catalog.web import Client

_SHARED = """
SELECT c.claim, c.source, c.id, s.slug FROM claims mine
CROSS JOIN claims c ON c.claim = mine.claim AND c.until IS NULL
    AND c.source IN (SELECT value FROM json_each(?))
LEFT JOIN slugs s ON s.source = c.source AND s.record = c.id
    AND EXISTS (SELECT 1 FROM descriptions d WHERE d.iri = s.iri AND d.until IS NULL)
WHERE mine.source = ? AND mine.until IS NULL ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Reading:
    """One reading of a source. `whole` is when the last one of everything began, `begun` when this one did.

    `answers` are what it read, as far as all of it can be asked for on condition; `account` is what it came to.
    """

    fingerprint: str
    whole: datetime
    begun: datetime
    answers: Mapping[Address, Validator]
    account: Mapping[str, Any]

    def recent(self, now: datetime, days: float) -> bool:
        """Whether everything was read within so many days; a time to come, of a clock set back, is not recent."""
        return timedelta(0) <= now - self.whole < timedelta(days=days)

    def stands(self, client: Client) -> bool:
        """Whether the server says of every answer that it is still the same; the first that is not ends the question.

        Raises `SourceError` as a reading would.
        """
        found = bool(self.answers) and not any(client.changed(a, v) for a, v in self.answers.items())
        client.answers = Answers()  # what is read now need not be what was asked for
        return found


class Readings:
    """The readings of one source in the bookkeeping. `rules` are all that mapping and validation depend on."""

    def __init__(self, draft: Draft, settings: SourceSettings, rules: str, order: Mapping[str, int]) -> None:
        self.draft = draft
        self.settings = settings
        self.rules = json.dumps([rules, repr(settings), sorted(order.items())])
        self.before = json.dumps([name for name, rank in order.items() if rank < order[settings.id]])

    def fingerprint(self) -> str:
        """Changes with whatever a reading depends on besides the source's own answers."""
        digest = hashlib.sha256(self.rules.encode())
        for row in self.draft.db.execute(_SHARED, (self.before, self.settings.id)):
            digest.update(json.dumps(tuple(row)).encode())
        for row in self.draft.db.execute("SELECT kind, value FROM banned ORDER BY 1, 2"):
            digest.update(json.dumps(tuple(row)).encode())
        return digest.hexdigest()

    def last(self) -> Reading | None:
        """The last reading that was believed; None where it no longer says anything of the next."""
        row = self.draft.db.execute(
            "SELECT fingerprint, whole, begun, answers, account FROM readings WHERE source = ? AND until IS NULL",
            (self.settings.id,),
        ).fetchone()
        if row is None or row["fingerprint"] != self.fingerprint():
            return None
        answers = {Address(url, accept): Validator(*v) for url, accept, *v in json.loads(unpack(row["answers"]))}
        whole, begun = (datetime.fromisoformat(row[name]) for name in ("whole", "begun"))
        return Reading(row["fingerprint"], whole, begun, answers, json.loads(row["account"]))

    def keep(self, whole: datetime, answers: Mapping[Address, Validator], account: Mapping[str, Any]) -> None:
        """Enters this draft's reading in the place of the last."""
        self.forget()
        body = json.dumps([[*address, v.etag, v.modified] for address, v in answers.items()]).encode()
        self.draft.write(
            "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            *(self.settings.id, self.fingerprint(), whole.isoformat(), self.draft.at, Packer().pack(body)),
            *(json.dumps(account, ensure_ascii=False), self.draft.number),
        )

    def forget(self) -> None:
        """The next run reads everything."""
        forget(self.draft, self.settings.id)


def forget(draft: Draft, source: str) -> None:
    """The next run reads everything of this source."""
    draft.close_rows("readings", "source = ?", source)
