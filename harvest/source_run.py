"""The records of one source on their way into the draft: taken, mapped, merged, put aside, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from catalog.draft import Draft
from catalog.entered import Known
from catalog.errors import RecordInvalid
from catalog.model import Description, Foreign, Identity, Mapped, Outcome, Record, Text
from catalog.overlaps import Overlaps, Twin, merged
from catalog.settings import Settings, SourceSettings
from catalog.staging import Staging
from catalog.takedown.bans import Bans, refusal
from harvest import guard
from harvest.changed_rules import ChangedRules
from harvest.closing import Closing
from harvest.conformance import Conformance
from harvest.contexts import context
from harvest.incremental import Same
from harvest.loader import Loader
from harvest.mapping.context import Context
from harvest.options import Options
from harvest.progress import Progress
from harvest.renames import Waiting
from harvest.rereading import Rereading
from harvest.source import Rejected, Source, make
from harvest.summary import SourceSummary
from harvest.validation import Validator

TWICE = Text(
    "un autre enregistrement du même catalogue porte le même identifiant\u00a0; seul le premier est publié.",
    "another record of the same catalogue has the same identifier; only the first is published.",
)


@dataclass
class Batch:
    """Changed datasets on their way to the store."""

    new: list[Description] = field(default_factory=list)
    changed: list[Description] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.changed)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A published dataset that its source no longer shows to the public, and why."""

    record: Record
    slug: str
    reason: Text


class Work(Protocol):
    """What a source's run needs of the run it is a part of."""

    settings: Settings
    options: Options
    at: datetime
    draft: Draft
    staging: Staging
    overlaps: Overlaps
    conformance: Conformance
    validator: Validator
    progress: Progress


class SourceRun:
    """The records of one source on their way into the draft."""

    def __init__(self, run: Work, settings: SourceSettings, found: SourceSummary) -> None:
        self.run = run
        self.draft = run.draft
        self.options = run.options
        self.settings = settings
        self.found = found
        self.context: Context = context(run.settings, settings, run.at)
        self.source: Source = make(settings, run.settings.harvest, run.progress.say)
        self.fingerprint = f"{self.context.fingerprint()}:{run.validator.fingerprint}"
        self.rules = ChangedRules(self.fingerprint, run.validator)
        self.reading = Rereading(run, settings, self.source, found, self.fingerprint)
        self.seen: set[str] = set()
        self.unseen: set[str] = set()
        self.changes = guard.Changes(new=not self.draft.harvested(settings.id))
        self.identifiers: set[int] = set()
        self.taken: set[tuple[str, str]] = set()
        self.hidden: list[Hidden] = []
        self.bans = Bans(self.draft.db)
        self.batch = Batch()
        self.waiting = Waiting(run.staging.folder)
        self.mapped = 0
        self.loader: Loader

    @contextmanager
    def loading(self) -> Iterator[None]:
        self.loader = Loader(self.run.staging.workspace, self.run.settings.catalog.base)
        try:
            yield
            self.loader.drain()
        finally:
            self.loader.close()
            self.waiting.close()

    def read(self) -> None:
        """Takes every record, or none where the server says that all are as they were.

        Raises `SourceError` or `Held` when the listing is not to be believed.
        """
        if not self.reading.stands():
            self._read()

    def _read(self) -> None:
        complete = True
        self.unseen = {record for record, _ in self.draft.live(self.settings.id)}
        self.changes.live = len(self.unseen)
        for record in self.reading.records():
            if self.options.limit is not None and self.found.seen >= self.options.limit:
                complete = False
                break
            self._take(record)
            self.keep_up()
        self.flush()
        Closing(self, whole=complete and self.source.complete).settle(cut=not complete)
        self.reading.keep()
        self.draft.commit()
        self.found.redone = self.rules.told()
        self._tick()

    def _saw(self, record: str) -> None:
        self.seen.add(record)
        self.unseen.discard(record)

    def keep_up(self) -> None:
        """Loads a batch that is full, and says how far the run is."""
        if len(self.batch) >= self.run.settings.harvest.batch:
            self.flush()
        self._tick()

    def _tick(self) -> None:
        total = self.source.total if self.options.limit is None else self.options.limit
        self.run.progress.tick(seen=self.found.seen, mapped=self.mapped, total=total)

    def _take(self, record: Record | Rejected | Same) -> None:
        self.found.seen += 1
        if isinstance(record, Same):
            self._same(record.id)
            return
        if isinstance(record, Rejected):
            self.found.put_aside(record.id, record.reason)
            return
        if record.id in self.seen:
            self.found.put_aside(record.id, TWICE)
            self.changes.add("repeated", [record.id])
            return
        self._saw(record.id)
        ban = self.bans.of(record)
        if ban is not None:
            self.found.put_aside(record.id, refusal(ban))
            return
        known = self.draft.known(record.source, record.id)
        self._compare_identifier(record, known)
        twin = self.run.overlaps.better(record)
        if twin is not None:
            self._merge(record, known, twin)
            return
        same = known is not None and (known.hash, known.fingerprint) == (record.hash, self.fingerprint)
        if known and same and known.outcome != Outcome.MERGED and not self.options.full:
            self._unchanged(record.id, known)
            return
        if known and known.hash == record.hash and known.outcome != Outcome.MERGED and not self.options.full:
            self.rules.count(known.fingerprint)
            if self.rules.same_mapping(known.fingerprint):
                self._check_again(record, known)
                return
        if known is None and self._may_be_renamed(record):
            self.waiting.put(record)
            return
        self.settle(record, known)

    def _may_be_renamed(self, record: Record) -> bool:
        """Whether a new record waits for the end of the listing, when it is known what the source no longer has.

        Where the source itself says what a dataset is called for ever, nothing is concluded from the content.
        """
        possible = bool(self.unseen) and self.options.limit is None and not record.uid
        return (
            possible
            and not self.draft.owns(record.source, record.id)
            and self.source.admit(record, self.context) is None
        )

    def settle(self, record: Record, known: Known | None) -> None:
        """A record that is new or changed: published, or put aside with the reason why not."""
        try:
            self._process(record, known)
        except RecordInvalid as e:
            self._put_aside(record, known, Outcome.SET_ASIDE, Text(e.french, f"{e.message} {e.hint}".strip()))
        except Exception as e:
            reason = Text(f"erreur interne\u00a0: {type(e).__name__}: {e}", f"internal error: {type(e).__name__}: {e}")
            self._put_aside(record, known, Outcome.FAILED, reason)

    def _compare_identifier(self, record: Record, known: Known | None) -> None:
        """Enters a new or changed record that bears the identifier of one before it; their hashes are kept."""
        if not record.identifier:
            return
        identifier = hash(record.identifier)
        if identifier in self.identifiers:
            self.changes.duplicates += 1
            if _news(record, known):
                self.changes.add("identifier", [record.id])
        self.identifiers.add(identifier)

    def _same(self, record: str) -> None:
        """A record that the source only names; what another source publishes for it is what it was."""
        known = self.draft.known(self.settings.id, record)
        if known is None or record in self.seen:
            return
        self._saw(record)
        if known.outcome == Outcome.MERGED:
            self.found.count(Outcome.MERGED)
        else:
            self._unchanged(record, known)

    def _unchanged(self, record: str, known: Known) -> None:
        if known.outcome in {Outcome.SET_ASIDE, Outcome.FAILED, Outcome.WITHDRAWN}:
            self.found.put_aside(record, self.draft.reason(self.settings.id, record), Outcome.SET_ASIDE)
        else:
            self.found.count(Outcome.UNCHANGED)
            self.mapped += 1

    def _check_again(self, record: Record, known: Known) -> None:
        """Nothing changed but what it is checked against."""
        self.draft.restamp(record, self.fingerprint)
        if known.content is not None and known.slug:
            self.run.conformance.stale.add(self.draft.iri_of(known.slug))
        self._unchanged(record.id, known)

    def _put_aside(self, record: Record, known: Known | None, outcome: Outcome, reason: Text) -> None:
        self.found.put_aside(record.id, reason, outcome)
        slug = known.slug if known and known.outcome != Outcome.MERGED else None  # not the dataset of the other
        self.draft.put_record(record, slug=slug, fingerprint=self.fingerprint, outcome=outcome, reason=reason)

    def _merge(self, record: Record, known: Known | None, twin: Twin) -> None:
        """A dataset that another source publishes, which comes before this one; out at once if it was ours."""
        if known and (known.outcome, known.hash, known.slug) == (Outcome.MERGED, record.hash, twin.slug):
            self.found.count(Outcome.MERGED)
            return
        reason = merged(twin.source, twin.record)
        refusal = self.source.admit(record, self.context)
        if refusal is not None:
            self._exclude(record, known, refusal)
            return
        if known and known.content is not None and known.slug and known.slug != twin.slug:
            if _news(record, known):
                self.changes.add("merged", [known.slug])
            self.draft.withdraw(known.slug)
            self.loader.put([], [], [known.slug])
        self.run.overlaps.enter(record)
        self.found.count(Outcome.MERGED)
        self.draft.put_record(
            record, slug=twin.slug, fingerprint=self.fingerprint, outcome=Outcome.MERGED, reason=reason
        )

    def _take_over(self, record: Record, known: Known | None) -> None:
        """A dataset that a source after this one publishes, or that nobody does any more, becomes this record's.

        Where it claims several, or has one, the others are merged into it when their sources are harvested.
        """
        if not record.claims:
            return
        twins = self.run.overlaps.worse(record)
        if _news(record, known):
            self._count_taken(twins)
        if self.draft.owns(record.source, record.id):
            return
        if twins:
            self.run.overlaps.take_over(record, twins[0])
        elif (slug := self.run.overlaps.free_slug(record)) is not None:
            self.run.overlaps.inherit(record, slug)

    def _count_taken(self, twins: list[Twin]) -> None:
        for twin in twins:
            if twin.source not in self.changes.others:
                self.changes.others[twin.source] = self.draft.published(twin.source)
            if twin.slug and (twin.source, twin.record) not in self.taken:
                self.taken.add((twin.source, twin.record))
                self.changes.take(twin.source, twin.slug)

    def _process(self, record: Record, known: Known | None) -> None:
        refusal = self.source.admit(record, self.context)
        if refusal is not None:
            self._exclude(record, known, refusal)
            return
        self._take_over(record, known)
        self.run.overlaps.enter(record)
        record = self.named(record)
        identity = self.draft.identity(record, lambda slug: self._identifier(record, slug), self.seen)
        first = known is None and identity.new
        if (known is None or known.outcome == Outcome.MERGED) and not identity.new:
            known = self.draft.known_by_slug(identity.slug)
        mapped = self.source.map(record, identity, self.context)
        self.mapped += 1
        if known and known.content not in {None, mapped.dataset.hash} and known.hash != record.hash:
            self.changes.compare(self.draft.standing(identity.iri), mapped.dataset)
        outcome = self._stage(mapped, identity, known)
        self.found.count(outcome)
        self.draft.put_record(
            record, slug=identity.slug, fingerprint=self.fingerprint, outcome=outcome, ledger=mapped.ledger, new=first
        )

    def named(self, record: Record) -> Record:
        """The record with the IRI that it is to keep, if any."""
        return replace(record, iri="") if self.settings.identity.iri == "minted" and record.iri else record

    def _stage(self, mapped: Mapped, identity: Identity, known: Known | None) -> Outcome:
        """Puts new or changed content into the batch; says which it was."""
        if known and known.content == mapped.dataset.hash:
            self.draft.mention(identity.iri, mapped.others, self.settings.id)
            if self.options.full or known.fingerprint.partition(":")[2] != self.run.validator.fingerprint:
                self.run.conformance.stale.add(identity.iri)
            return Outcome.UNCHANGED
        final = self.draft.put_dataset(mapped, self.settings.id, identity, known)
        fresh = known is None or known.content is None
        (self.batch.new if fresh else self.batch.changed).append(final)
        return Outcome.CREATED if fresh else Outcome.UPDATED

    def _exclude(self, record: Record, known: Known | None, reason: Text) -> None:
        """A record that may not be published: out at once if it was, unless it is the guard's to judge."""
        if known and known.content is not None and known.slug:
            if not isinstance(reason, Foreign):
                self.hidden.append(Hidden(record, known.slug, reason))
            elif _news(record, known):
                self.changes.add("excluded", [known.slug])
            self.draft.withdraw(known.slug)
            self.loader.put([], [], [known.slug])
            self._put_aside(record, known, Outcome.WITHDRAWN, reason)
        else:
            self._put_aside(record, known, Outcome.SET_ASIDE, reason)

    def withdraw_hidden(self) -> None:
        """Takes out what the source hides from the public, though all else of its listing was taken back."""
        self.found.count(Outcome.HELD, -len(self.hidden))
        for one in self.hidden:
            self.draft.withdraw(one.slug)
            self._put_aside(
                one.record, self.draft.known(one.record.source, one.record.id), Outcome.WITHDRAWN, one.reason
            )
            minter, workspace = self.draft.minter, self.run.staging.workspace
            workspace.replace(minter.record(one.slug), [])
            workspace.replace(minter.quality(one.slug), [], merged=False)
        self.draft.commit()

    def _identifier(self, record: Record, slug: str) -> str:
        portal, base = self.context.portal, self.run.settings.catalog.base
        if not self.context.identifier:
            return record.identifier or record.iri or f"{base}dataset/{slug}"
        if not portal and "{url}" in self.context.identifier:
            return f"{base}dataset/{slug}"
        return self.context.identifier.format(url=portal, dataset_id=record.id, slug=slug, base=base)

    def flush(self) -> None:
        """Gives what is in the batch to the store."""
        batch, self.batch = self.batch, Batch()
        if not len(batch):
            return
        self.loader.put(batch.new, batch.changed, [])
        self.draft.commit()


def _news(record: Record, known: Known | None) -> bool:
    """Whether its source changed it: what only our own settings and rules change is believed."""
    return known is None or known.hash != record.hash
