"""What a run did, as values: shown to people, given to programs, and kept with the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.model import Outcome, Text
from catalog.settings import SourceSettings

NOTHING = Text("", "")
Status = Literal["harvested", "held", "failed"]
SHOWN = 50
"""Records set aside that the summary names; all are in the bookkeeping."""


@dataclass
class SourceSummary:
    """One source in one run. `reason` says why it was held or failed; `guard` is what the listing changes.

    `notes` are how it was read where that is not record by record, `redone` why unchanged records were taken again.
    """

    id: str
    kind: str
    status: Status = "harvested"
    reason: Text = NOTHING
    hint: Text = NOTHING
    seen: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    set_aside: list[dict[str, str]] = field(default_factory=list)
    guard: dict[str, Any] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    redone: list[Text] = field(default_factory=list)

    def count(self, outcome: Outcome, times: int = 1) -> None:
        """One more record with this outcome."""
        self.outcomes[outcome.value] += times

    def put_aside(self, record: str, reason: Text, outcome: Outcome = Outcome.SET_ASIDE) -> None:
        """A record that is not published as it came, and why."""
        self.count(outcome)
        if len(self.set_aside) < SHOWN:
            self.set_aside.append({"record": record, "outcome": outcome.value, "fr": reason.fr, "en": reason.en})

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "reason": self.reason.en,
            "hint": self.hint.en,
            "reason_fr": self.reason.fr,
            "hint_fr": self.hint.fr,
            "seen": self.seen,
            "outcomes": {o.value: self.outcomes.get(o.value, 0) for o in Outcome},
            "set_aside": self.set_aside,
            "guard": self.guard,
            "notes": [note._asdict() for note in self.notes],
            "redone": [why._asdict() for why in self.redone],
        }


@dataclass
class Summary:
    """One run. `release` is the number it published, None when it published nothing; `gate` is what a gate held.

    `notes` are what the shapes ask and was not checked.
    """

    run: int
    started: str
    dry_run: bool = False
    release: int | None = None
    current: int = 0
    seconds: float = 0.0
    sources: list[SourceSummary] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    worklist: list[dict[str, Any]] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)

    def broke_off(self, sources: Iterable[SourceSettings], reason: Text, hint: Text) -> None:
        """The run has failed as a whole: of each source that it was to take, what it had harvested came to nothing."""
        found = {source.id: source for source in self.sources}
        for source in sources:
            told = found.get(source.id) or SourceSummary(source.id, source.kind)
            if told.status == "harvested":
                told.status, told.reason, told.hint = "failed", reason, hint
                told.outcomes.clear()
            if source.id not in found:
                self.sources.append(told)

    @property
    def exit_code(self) -> int:
        """0 done and conforming; 1 findings, or records or sources that failed; 3 when no source could be read."""
        if self.sources and all(s.status != "harvested" for s in self.sources):
            return 3 if all(s.status == "failed" for s in self.sources) else 1
        troubled = any(
            s.status != "harvested" or s.outcomes[Outcome.SET_ASIDE.value] or s.outcomes[Outcome.FAILED.value]
            for s in self.sources
        )
        return 1 if troubled or self.gate or self.counts.get("violations") else 0

    def plain(self) -> dict[str, Any]:
        """The same as JSON values: what `--json` prints."""
        return {
            "run": self.run,
            "started": self.started,
            "dry_run": self.dry_run,
            "release": self.release,
            "current": self.current,
            "seconds": round(self.seconds, 3),
            "sources": [s.plain() for s in self.sources],
            "counts": self.counts,
            "events": self.events,
            "values": self.values,
            "worklist": self.worklist,
            "gate": self.gate,
            "notes": [note._asdict() for note in self.notes],
            "phases": {k: round(v, 3) for k, v in self.phases.items()},
        }
