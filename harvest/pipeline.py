"""The way from sources to a release: fetch, map, validate, stage, guard, publish.

Nothing is visible before the last step. A source that fails or is held is taken back whole; the others publish.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog import lock
from catalog.archive import Archive
from catalog.draft import Draft, Known
from catalog.errors import RecordInvalid, SettingsInvalid, SourceError
from catalog.model import Description, Identity, Mapped, Outcome, Record, Text
from catalog.overlaps import Overlaps, Twin, merged, overlaps, provenance
from catalog.publication import content, publish, settle, shared_graphs
from catalog.releases import Releases
from catalog.settings import Settings, SourceSettings
from catalog.staging import Staging
from harvest import guard
from harvest.conformance import Conformance
from harvest.contexts import context
from harvest.gate import HINT, Gate
from harvest.loader import Loader
from harvest.mapping.context import Context
from harvest.progress import Progress
from harvest.runs import run_triples
from harvest.source import Rejected, Source, make
from harvest.summary import SourceSummary, Summary
from harvest.validation import Validator
from harvest.worklist import values, worklist

MUCH = 0.05
"""The share of datasets that must have changed for the store to be optimized."""
_CHANGING = (Outcome.CREATED, Outcome.UPDATED, Outcome.WITHDRAWN)

KEPT = Text(
    "Ses dernières notices bonnes restent publiées ; le prochain moissonnage réessaie.",
    "Its last good records stay published; the next run tries again.",
)

TWICE = Text(
    "un autre enregistrement du même catalogue porte le même identifiant ; seul le premier est publié.",
    "another record of the same catalogue has the same identifier; only the first is published.",
)


@dataclass
class Options:
    """How a run is asked for. `limit` reads only that many records of each source, and withdraws nothing."""

    sources: tuple[str, ...] = ()
    full: bool = False
    dry_run: bool = False
    limit: int | None = None
    validate: bool = True


@dataclass
class Batch:
    """Changed datasets on their way to the store."""

    new: list[Description] = field(default_factory=list)
    changed: list[Description] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.changed)


def run(settings: Settings, options: Options, progress: Progress) -> Summary:
    """One harvest run, whole. Raises `StoreLocked`, `StoreFull`, `StoreDamaged` or `SettingsInvalid`.

    Trouble of a source is not raised: it is in the summary.
    """
    chosen = [settings.source(name) for name in options.sources] or list(settings.sources)
    if not chosen:
        raise SettingsInvalid(
            "no source is configured.", hint="Add a [[source]] to the settings; `garonne init` shows one."
        )
    for source in chosen:  # wrong settings are told before anything is begun
        context(settings, source, datetime.now(UTC))
        make(source, settings.harvest, progress.say)
    with lock.writing(settings.store.path):
        return _Run(settings, options, progress).execute(chosen)


class _Run:
    def __init__(self, settings: Settings, options: Options, progress: Progress) -> None:
        self.settings = settings
        self.options = options
        self.progress = progress
        self.releases = Releases(settings.store.path)
        self.releases.clean()
        current = self.releases.current()
        self.current = current
        number = (current.number if current else 0) + 1
        self.at = _moment(current.manifest.published if current else None)
        self.validator = Validator(settings, active=options.validate)
        self.draft = Draft(settings.store.path, number, self.at, settings.catalog.base)
        self.conformance = Conformance(self.validator, self.draft)
        self.overlaps = Overlaps(self.draft, ranks(settings))
        self.staging = Staging(settings.store.path, current)
        self.clock = time.monotonic()
        self.phases: dict[str, float] = {}

    def execute(self, chosen: list[SourceSettings]) -> Summary:
        n = self.draft.start_run()
        summary = Summary(n, self.at.isoformat(), dry_run=self.options.dry_run)
        status = "failed"
        try:
            for source in sorted(chosen, key=lambda s: self.overlaps.rank(s.id)):
                summary.sources.append(self._source(source))
            self._finish(summary)
            status = self._status(summary)
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        finally:
            if status in {"failed", "interrupted"}:
                self.draft.abandon()
            summary.seconds = time.monotonic() - self.clock
            summary.current = self.releases.pointer()
            self.draft.end_run(n, status, summary.release, datetime.now(UTC), summary.plain())
            self.draft.close()
            self.staging.close()
        return summary

    def _status(self, summary: Summary) -> str:
        if summary.release:
            return "published"
        if not any(s.status == "harvested" for s in summary.sources):
            return "failed"
        return "dry run" if self.options.dry_run else "unchanged"

    # ── one source ───────────────────────────────────────────────────────────────────────────────────────────────

    def _source(self, source: SourceSettings) -> SourceSummary:
        found = SourceSummary(source.id, source.kind)
        self.progress.start(source.id)
        self.staging.checkpoint()
        try:
            harvest = _SourceRun(self, source, found)
            with harvest.loading():
                harvest.read()
            self.progress.end()
        except SourceError as e:
            self._hold(found, "failed", _said(e), Text(e.french_hint or e.hint or KEPT.fr, e.hint or KEPT.en))
        except _Held as e:
            self._hold(found, "held", e.verdict, guard.HINT)
        return found

    def _hold(self, found: SourceSummary, status: Any, reason: Text, hint: Text) -> None:
        """The source keeps its last good records; what it contributed to this run is taken back."""
        self.draft.revert(found.id)
        self.staging.revert()
        found.status, found.reason, found.hint = status, reason, hint
        found.outcomes.clear()
        found.count(Outcome.HELD, sum(1 for _ in self.draft.live(found.id)))
        self.progress.say(f"{status}: {reason.en}")

    # ── the release ──────────────────────────────────────────────────────────────────────────────────────────────

    def _finish(self, summary: Summary) -> None:
        settle(self.settings, self.draft)
        if any(s.status == "harvested" for s in summary.sources):
            began = time.monotonic()
            self.conformance.settle(self.staging.workspace, self.progress)
            self.phases["conformance"] = time.monotonic() - began
            self._gate(summary)
            summary.notes = list(self.validator.notes)
        if self._worth_optimizing(summary):
            self.staging.workspace.optimize()
        self.staging.workspace.size()  # counted and synced while loading, so that publishing need not
        self.staging.sync()
        self.phases["sources"] = time.monotonic() - self.clock
        began = time.monotonic()
        summary.counts = self.draft.counts()
        summary.values = values(self.draft.db)
        summary.worklist = worklist(self.draft.db, limit=20)
        if self.options.dry_run:
            summary.events = self.draft.record_events()
            self.draft.abandon()
        elif not any(s.status == "harvested" for s in summary.sources) or self._empty(summary):
            self.draft.abandon()
        elif not self.draft.changed():
            self.draft.absorb()
        else:
            said = content(self.draft)
            shared_graphs(self.settings, self.draft, self.staging.workspace)
            if self.validator.profiles:
                rules = self.validator.rules()
                self.staging.workspace.replace(self.draft.minter.graph("shapes"), rules, merged=False)
            runs = run_triples(self.settings.catalog.base, Archive(self.settings.store.path).runs(100), summary)
            self.staging.workspace.replace(self.draft.minter.graph("runs"), runs, merged=False)
            told = provenance(self.settings.catalog.base, overlaps(self.draft.db, self.draft.number))
            self.staging.workspace.replace(self.draft.minter.graph("provenance"), told, merged=False)
            self.phases["shared"] = time.monotonic() - began
            self.phases["last_write"] = time.time()
            began = time.monotonic()
            release = publish(self.settings, self.draft, self.staging, run=summary.run, said=said)
            summary.release, summary.events = release.number, release.manifest.events
        self.phases["publish"] = time.monotonic() - began
        summary.phases = self.phases

    def _gate(self, summary: Summary) -> None:
        """Holds what the operator's gate does not let pass; everything is settled again without it."""
        gate = Gate(self.settings.gate, self.validator, self.draft, self.staging.workspace)
        regressions = gate.regressions()
        if not regressions:
            return
        summary.gate = gate.told(regressions)
        if self.settings.gate.hold == "release":
            for source in summary.sources:
                if source.status == "harvested":
                    new = summary.gate["regressions"]
                    self._hold(source, "held", Text(f"{new} constats de plus.", f"{new} new findings."), HINT)
            return
        summary.gate["held"] = gate.hold(regressions, summary)
        settle(self.settings, self.draft)
        self.conformance.settle(self.staging.workspace, self.progress)

    def _worth_optimizing(self, summary: Summary) -> bool:
        """Whether so much changed that rewriting all of the store pays."""
        changed = sum(s.outcomes[o.value] for s in summary.sources for o in _CHANGING)
        return not self.options.dry_run and changed > MUCH * self.draft.counts()["dataset"]

    def _empty(self, summary: Summary) -> bool:
        """Whether this would be a first release of nothing."""
        return self.current is None and not summary.counts["dataset"]


class _Held(Exception):
    """The listing is not believed; `verdict` says why."""

    def __init__(self, verdict: Text) -> None:
        super().__init__(verdict.en)
        self.verdict = verdict


def _said(error: SourceError) -> Text:
    """What an error says, after the name of what it is about; where it has no French words, its English ones."""
    head = Text(f"{error.what} : ", f"{error.what}: ") if error.what else Text("", "")
    return Text(head.fr + (error.french or error.message), head.en + error.message)


class _SourceRun:
    """The records of one source on their way into the draft."""

    def __init__(self, run: _Run, settings: SourceSettings, found: SourceSummary) -> None:
        self.run = run
        self.draft = run.draft
        self.options = run.options
        self.settings = settings
        self.found = found
        self.context: Context = context(run.settings, settings, run.at)
        self.source: Source = make(settings, run.settings.harvest, run.progress.say)
        self.fingerprint = f"{self.context.fingerprint()}:{run.validator.fingerprint}"
        self.seen: set[str] = set()
        self.batch = Batch()
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

    def read(self) -> None:
        """Takes every record; raises `SourceError` or `_Held` when the listing is not to be believed."""
        complete = True
        for record in self.source.records():
            if self.options.limit is not None and self.found.seen >= self.options.limit:
                complete = False
                break
            self._take(record)
            if len(self.batch) >= self.run.settings.harvest.batch:
                self._flush()
            self._tick()
        self._flush()
        if complete and self.source.complete:
            self._withdraw_missing()
        elif complete:
            self._keep_missing()
        self._tick()

    def _tick(self) -> None:
        total = self.source.total if self.options.limit is None else self.options.limit
        self.run.progress.tick(seen=self.found.seen, mapped=self.mapped, total=total)

    def _take(self, record: Record | Rejected) -> None:
        self.found.seen += 1
        if isinstance(record, Rejected):
            self.found.put_aside(record.id, record.reason)
            return
        if record.id in self.seen:
            self.found.put_aside(record.id, TWICE)
            return
        self.seen.add(record.id)
        known = self.draft.known(record.source, record.id)
        twin = self.run.overlaps.better(record)
        if twin is not None:
            self._merge(record, known, twin)
            return
        same = known is not None and (known.hash, known.fingerprint) == (record.hash, self.fingerprint)
        if known and same and known.outcome != Outcome.MERGED and not self.options.full:
            self._unchanged(record, known)
            return
        try:
            self._process(record, known)
        except RecordInvalid as e:
            self._put_aside(record, known, Outcome.SET_ASIDE, Text(e.french, f"{e.message} {e.hint}".strip()))
        except Exception as e:
            reason = Text(f"erreur interne : {type(e).__name__}: {e}", f"internal error: {type(e).__name__}: {e}")
            self._put_aside(record, known, Outcome.FAILED, reason)

    def _unchanged(self, record: Record, known: Known) -> None:
        if known.outcome in {Outcome.SET_ASIDE, Outcome.FAILED, Outcome.WITHDRAWN}:
            self.found.put_aside(record.id, self.draft.reason(record), Outcome.SET_ASIDE)
        else:
            self.found.count(Outcome.UNCHANGED)
            self.mapped += 1

    def _put_aside(self, record: Record, known: Known | None, outcome: Outcome, reason: Text) -> None:
        self.found.put_aside(record.id, reason, outcome)
        slug = known.slug if known else None
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
            self.draft.withdraw(known.slug)
            self.loader.put([], [], [known.slug])
        self.run.overlaps.enter(record)
        self.found.count(Outcome.MERGED)
        self.draft.put_record(
            record, slug=twin.slug, fingerprint=self.fingerprint, outcome=Outcome.MERGED, reason=reason
        )

    def _take_over(self, record: Record) -> None:
        """A dataset that a source after this one publishes, or that nobody does any more, becomes this record's."""
        held = self.draft.db.execute(
            "SELECT 1 FROM slugs WHERE source = ? AND record = ?", (record.source, record.id)
        ).fetchone()
        if held is not None or not record.claims:
            return
        twin = self.run.overlaps.worse(record)
        if twin is not None:
            self.run.overlaps.take_over(record, twin)
        elif (slug := self.run.overlaps.free_slug(record)) is not None:
            self.run.overlaps.inherit(record, slug)

    def _process(self, record: Record, known: Known | None) -> None:
        refusal = self.source.admit(record, self.context)
        if refusal is not None:
            self._exclude(record, known, refusal)
            return
        self._take_over(record)
        self.run.overlaps.enter(record)
        if self.settings.identity.iri == "minted" and record.iri:
            record = replace(record, iri="")
        identity = self.draft.identity(record, lambda slug: self._identifier(record, slug), self.seen)
        first = known is None and identity.new
        if known is None and not identity.new:
            known = self.draft.known_by_slug(identity.slug)
        mapped = self.source.map(record, identity, self.context)
        self.mapped += 1
        outcome = self._stage(mapped, identity, known)
        self.found.count(outcome)
        self.draft.put_record(
            record, slug=identity.slug, fingerprint=self.fingerprint, outcome=outcome, ledger=mapped.ledger, new=first
        )

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
        """A record that may not be published: out at once if it was."""
        if known and known.content is not None and known.slug:
            self.draft.withdraw(known.slug)
            self.loader.put([], [], [known.slug])
            self._put_aside(record, known, Outcome.WITHDRAWN, reason)
        else:
            self._put_aside(record, known, Outcome.SET_ASIDE, reason)

    def _identifier(self, record: Record, slug: str) -> str:
        portal, base = self.context.portal, self.run.settings.catalog.base
        if not self.context.identifier:
            return record.identifier or record.iri or f"{base}dataset/{slug}"
        if not portal and "{url}" in self.context.identifier:
            return f"{base}dataset/{slug}"
        return self.context.identifier.format(url=portal, dataset_id=record.id, slug=slug, base=base)

    def _flush(self) -> None:
        batch, self.batch = self.batch, Batch()
        if not len(batch):
            return
        self.loader.put(batch.new, batch.changed, [])
        self.draft.commit()

    def _keep_missing(self) -> None:
        """A part of the listing could not be read: what was not seen keeps its last good version."""
        missing = sum(record not in self.seen for record, _ in self.draft.live(self.settings.id))
        self.found.count(Outcome.HELD, missing)
        self.found.reason = Text(
            "une partie de la liste n’a pas pu être lue.", "a part of the listing could not be read."
        )
        self.found.hint = Text(
            f"Rien n’est retiré ; {missing} jeux de données qui n’ont pas été vus restent comme ils étaient.",
            f"Nothing was withdrawn; {missing} datasets that were not seen stay as they were.",
        )

    def _withdraw_missing(self) -> None:
        live = list(self.draft.live(self.settings.id))
        missing = [(record, slug) for record, slug in live if record not in self.seen]
        verdict = guard.verdict(self.settings.guard, live=len(live), seen=len(self.seen), missing=len(missing))
        if verdict is not None:
            raise _Held(verdict)
        for record, slug in missing:
            self.draft.withdraw(slug)
            self.draft.forget(self.settings.id, record)
            self.found.count(Outcome.WITHDRAWN)
        self.loader.put([], [], [slug for _, slug in missing])
        self.draft.commit()


def ranks(settings: Settings) -> dict[str, int]:
    """The sources in the order in which they publish a dataset that several of them have: producers first."""
    ordered = sorted(settings.sources, key=lambda s: s.role == "aggregator")
    return {source.id: place for place, source in enumerate(ordered)}


def _moment(last: datetime | None) -> datetime:
    """The time of the release being made: now, in whole seconds, but after the one before whatever the clock says."""
    now = datetime.now(UTC).replace(microsecond=0)
    return now if last is None else max(now, last + timedelta(seconds=1))
