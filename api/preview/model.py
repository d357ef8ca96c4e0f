"""What a preview says: the datasets as an aggregator will hold them, and the rules that took something from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from api.preview.rules import Effect, Note


class Outcome(StrEnum):
    """What becomes of one description: it is taken, the harvester passes over it, or rejects it with an error."""

    TAKEN = "taken"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence an aggregator recognises: its own name for it, and what in the feed it was recognised by.

    Both names are empty where none is recognised; `given` is then what was given in vain.
    """

    id: str = ""
    title: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ask, with the role in which the aggregator shows them."""

    role: str
    name: str = ""
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file or an interface as an aggregator will hold it; `key` is what it knows it by the next time."""

    key: str
    title: str
    url: str
    format: str = ""
    media_type: str = ""
    size: str = ""
    kind: str = "main"
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A dataset or a data service as an aggregator will hold it. `key` is what it knows it by the next time."""

    key: str
    iri: str
    kind: str = "dataset"
    outcome: Outcome = Outcome.TAKEN
    title: str = ""
    description: str = ""
    licence: Licence = Licence()
    tags: tuple[str, ...] = ()
    hvd: tuple[str, ...] = ()
    """The categories of high-value datasets that it recognises; empty: no badge."""
    frequency: str = ""
    temporal: tuple[str, str] = ("", "")
    spatial: str = ""
    contacts: tuple[Contact, ...] = ()
    issued: str = ""
    modified: str = ""
    landing: str = ""
    resources: tuple[Resource, ...] = ()
    notes: tuple[Note, ...] = ()
    identifier: str = ""
    aliases: tuple[str, ...] = ()
    """Other names that the description gives itself (`adms:identifier`, `owl:sameAs`): they show what is the same."""
    page: int = 1

    @property
    def worst(self) -> Effect | None:
        """The gravest thing that happens to it; None when nothing does."""
        return min((n.rule.effect for n in self.notes), default=None, key=list(Effect).index)


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one aggregator makes of one feed.

    `notes` are about the feed as a whole. Where one of them abandons the harvest, `items` is what was read up to there
    and nothing of it is taken.
    """

    items: tuple[Held, ...]
    notes: tuple[Note, ...] = ()
    pages: int = 0

    @property
    def abandoned(self) -> bool:
        """Whether the aggregator gives the whole harvest up."""
        return any(n.rule.effect is Effect.ABANDON for n in self.notes)

    @property
    def taken(self) -> dict[str, Held]:
        """What it will hold, by key."""
        return {} if self.abandoned else {h.key: h for h in self.items if h.outcome is Outcome.TAKEN}

    @property
    def present(self) -> set[str]:
        """The keys that the aggregator meets, also of what it rejects: it deletes none of these."""
        return {h.key for h in self.items if h.outcome is not Outcome.SKIPPED or _named(h)}


@dataclass(slots=True)
class Notes:
    """Notes on one description while it is read."""

    found: list[Note] = field(default_factory=list)

    def add(self, note: Note) -> None:
        """Adds one, unless it was said already."""
        if note not in self.found:
            self.found.append(note)

    def sorted(self) -> tuple[Note, ...]:
        """The gravest first."""
        order = list(Effect)
        return tuple(sorted(self.found, key=lambda n: order.index(n.rule.effect)))


def _named(held: Held) -> bool:
    """Whether it was passed over after its key had been noted."""
    return any(n.rule.name == "title-missing" for n in held.notes)


def sums(items: Iterable[Held]) -> dict[str, int]:
    """How many datasets came to which end, and how many of those taken lose something."""
    datasets = [h for h in items if h.kind == "dataset"]
    found = {str(outcome): sum(h.outcome is outcome for h in datasets) for outcome in Outcome}
    lossy = sum(h.outcome is Outcome.TAKEN and h.worst in {Effect.DROP, Effect.LOSE} for h in datasets)
    return {"datasets": len(datasets), **found, "losing": lossy, "hvd": sum(bool(h.hvd) for h in datasets)}
