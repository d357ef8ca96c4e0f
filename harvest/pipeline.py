"""The way from sources to a release: fetch, map, validate, stage, guard, publish.

Nothing is visible before the last step. A source that fails or is held is taken back whole; the others publish.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog import lock, logs, mending, traces
from catalog.archive import Archive
from catalog.draft import Draft
from catalog.errors import SettingsInvalid, SourceError, StoreDamaged
from catalog.history import forget_runs, prune
from catalog.model import Outcome, Text
from catalog.overlaps import Overlaps, overlaps, provenance
from catalog.publication import content, publish, settle, shared_graphs
from catalog.releases import Release, Releases
from catalog.replica import replica
from catalog.runs import TOLD
from catalog.settings import Settings, SourceSettings
from catalog.staging import Staging
from catalog.tally import Tally
from harvest import guard
from harvest.changed_rules import reason
from harvest.closing import Held
from harvest.conformance import Conformance
from harvest.contexts import context
from harvest.display import STATUS
from harvest.gate import HINT, Gate
from harvest.options import Options
from harvest.progress import Progress
from harvest.readings import forget
from harvest.runs import run_triples
from harvest.source import make
from harvest.source_run import SourceRun
from harvest.summary import SourceSummary, Summary
from harvest.validation import Validator
from harvest.worklist import values, worklist
from vocab.errors import GaronneError

log = logging.getLogger("garonne.harvest")

MUCH = 0.05
"""The share of datasets that must have changed for the store to be optimized."""
_CHANGING = (Outcome.CREATED, Outcome.UPDATED, Outcome.WITHDRAWN)

KEPT = Text(
    "Ses dernières notices bonnes restent publiées\u00a0; le prochain moissonnage réessaie.",
    "Its last good records stay published; the next run tries again.",
)


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
        try:
            return _Run(settings, options, progress, mending.sound(settings)).execute(chosen)
        except (StoreDamaged, OSError, RuntimeError) as e:
            before = Releases(settings.store.path).stamp()
            current = mending.sound(settings, deep=True)
            if Releases(settings.store.path).stamp() == before:
                raise  # it is not the current release that is damaged
            progress.say(_mended(str(e)))
            return _Run(settings, options, progress, current).execute(chosen)


class _Run:
    def __init__(self, settings: Settings, options: Options, progress: Progress, current: Release | None) -> None:
        self.settings = settings
        self.options = options
        self.progress = progress
        self.releases = Releases(settings.store.path)
        self.releases.clean()
        if (elsewhere := replica(settings)) is not None:
            elsewhere.recover()  # an engine that does not answer is told before anything is fetched
        self.current = current
        number = (current.number if current else 0) + 1
        self.at = _moment(current.manifest.published if current else None)
        self.validator = Validator(settings, active=options.validate)
        self.draft = Draft(settings.store.path, number, self.at, settings.catalog.base)
        if len(self.releases.numbers()) > settings.store.keep:  # a run was killed that had published, and not pruned
            prune(self.draft, self.releases.prune(settings.store.keep))
        self.conformance = Conformance(self.validator, self.draft)
        self.overlaps = Overlaps(self.draft, ranks(settings))
        self.staging = Staging(settings.store.path, current)
        self.clock = time.monotonic()
        self.phases: dict[str, float] = {}

    def execute(self, chosen: list[SourceSettings]) -> Summary:
        forget_runs(self.draft, self.releases, self.settings.store.runs)
        n = self.draft.start_run()
        summary = Summary(n, self.at.isoformat(), dry_run=self.options.dry_run)
        status = "failed"
        try:
            with logs.doing(f"run-{n}"), traces.span("run", run=n):
                self._take(chosen, summary)
            status = self._status(summary)
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        except Exception as e:
            summary.broke_off(chosen, *_explained(e))
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

    def _take(self, chosen: list[SourceSettings], summary: Summary) -> None:
        for source in sorted(chosen, key=lambda s: self.overlaps.rank(s.id)):
            summary.sources.append(self._source(source))
            told = summary.sources[-1].plain()
            log.info("%s: %s", source.id, told["status"], extra={k: told[k] for k in ("status", "reason", "outcomes")})
        self._finish(summary)

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
            harvest = SourceRun(self, source, found)
            with traces.span("source", source=source.id, kind=source.kind) as told, harvest.loading():
                harvest.read()
                self.phases["fetched"] = harvest.reading.fetched
                told |= {"records": found.seen, **found.outcomes}
            self.phases["fetch"] = self.phases.get("fetch", 0.0) + harvest.reading.fetching
            self.progress.end()
        except SourceError as e:
            self._hold(found, "failed", e.told, Text(e.french_hint or e.hint or KEPT.fr, e.hint or KEPT.en))
        except Held as e:
            self._hold(found, "held", e.verdict, guard.hint(e.changes))
            harvest.withdraw_hidden()
        return found

    def _hold(self, found: SourceSummary, status: Any, reason: Text, hint: Text) -> None:
        """The source keeps its last good records; what it contributed to this run is taken back."""
        self.draft.revert(found.id)
        self.staging.revert()
        found.status, found.reason, found.hint = status, reason, hint
        found.outcomes.clear()
        found.redone.clear()
        found.count(Outcome.HELD, sum(1 for _ in self.draft.live(found.id)))
        self.progress.say(Text(f"{STATUS[status].fr}\u00a0: {reason.fr}", f"{status}: {reason.en}"))

    # ── the release ──────────────────────────────────────────────────────────────────────────────────────────────

    def _finish(self, summary: Summary) -> None:
        settle(self.settings, self.draft)
        if any(s.status == "harvested" for s in summary.sources):
            began = time.monotonic()
            with traces.span("conformance"):
                self.conformance.settle(self.staging.workspace, self.progress)
            self.phases["conformance"] = time.monotonic() - began
            self._gate(summary)
            summary.notes = list(self.validator.notes)
        tally = self.draft.tally()
        summary.counts = dict(tally.counts)
        if self._worth_optimizing(summary):
            self.staging.workspace.optimize()
        self.staging.workspace.size()  # counted and synced while loading, so that publishing need not
        self.staging.sync()
        self.phases["sources"] = time.monotonic() - self.clock
        began = time.monotonic()
        if self._publishable(summary):
            self._publish(summary, tally, began)
            self._words(summary)  # afterwards: nobody waits for them
        else:
            self._words(summary)
            self._keep_or_drop(summary)
            self.phases["publish"] = time.monotonic() - began
        summary.phases = self.phases

    def _publishable(self, summary: Summary) -> bool:
        """Whether there is something that readers should see."""
        return _believed(summary) and not self.options.dry_run and not self._empty(summary) and self.draft.changed()

    def _words(self, summary: Summary) -> None:
        """What the summary says of values that were mapped, and of words that no rule knows."""
        summary.values = values(self.draft.db)
        summary.worklist = worklist(self.draft.db, limit=20)

    def _keep_or_drop(self, summary: Summary) -> None:
        """The draft is not published: what was learnt of the records is kept where all went well."""
        if self.options.dry_run:
            summary.events = self.draft.record_events()
            self.draft.abandon()
        elif not _believed(summary) or self._empty(summary):
            self.draft.abandon()
        else:
            self.draft.absorb()

    def _publish(self, summary: Summary, tally: Tally, began: float) -> None:
        said = content(self.draft, tally)
        shared_graphs(self.settings, self.draft, self.staging.workspace)
        if self.validator.profiles:
            rules = self.validator.rules()
            self.staging.workspace.replace(self.draft.minter.graph("shapes"), rules, merged=False)
        runs = run_triples(self.settings.catalog.base, Archive(self.settings.store.path).runs(TOLD), summary)
        self.staging.workspace.replace(self.draft.minter.graph("runs"), runs, merged=False)
        told = provenance(self.settings.catalog.base, overlaps(self.draft.db, self.draft.number))
        self.staging.workspace.replace(self.draft.minter.graph("provenance"), told, merged=False)
        self.phases["shared"] = time.monotonic() - began
        self.phases["last_write"] = time.time()
        began = time.monotonic()
        with traces.span("publish", release=self.draft.number):
            why = reason(told for source in summary.sources for told in source.redone)
            release = publish(self.settings, self.draft, self.staging, run=summary.run, said=said, reason=why)
        summary.release, summary.events = release.number, release.manifest.events
        self.phases["publish"] = time.monotonic() - began

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
        for source in summary.sources:
            forget(self.draft, source.id)  # what is held is taken again
        settle(self.settings, self.draft)
        self.conformance.settle(self.staging.workspace, self.progress)

    def _worth_optimizing(self, summary: Summary) -> bool:
        """Whether so much changed that rewriting all of the store pays."""
        changed = sum(s.outcomes[o.value] for s in summary.sources for o in _CHANGING)
        return not self.options.dry_run and changed > MUCH * summary.counts["dataset"]

    def _empty(self, summary: Summary) -> bool:
        """Whether this would be a first release of nothing."""
        return self.current is None and not summary.counts["dataset"]


def _explained(error: Exception) -> tuple[Text, Text]:
    """Why a run failed as a whole, and what to do."""
    if isinstance(error, GaronneError):
        hint = Text(error.french_hint or error.hint or KEPT.fr, error.hint or KEPT.en)
        return error.told, hint
    return Text(str(error), str(error)), KEPT


def _believed(summary: Summary) -> bool:
    """Whether anything that the sources said is to be kept."""
    return any(s.status == "harvested" or s.outcomes[Outcome.WITHDRAWN.value] for s in summary.sources)


def _mended(why: str) -> Text:
    return Text(
        f"L’instantané de l’édition publiée était endommagé ({why})\u00a0; il a été refait, et le moissonnage reprend.",
        f"The snapshot of the published release was damaged ({why}); it was made again, and the harvest starts over.",
    )


def ranks(settings: Settings) -> dict[str, int]:
    """The sources in the order in which they publish a dataset that several of them have: producers first."""
    ordered = sorted(settings.sources, key=lambda s: s.role == "aggregator")
    return {source.id: place for place, source in enumerate(ordered)}


def _moment(last: datetime | None) -> datetime:
    """The time of the release being made: now, in whole seconds, but after the one before whatever the clock says."""
    now = datetime.now(UTC).replace(microsecond=0)
    return now if last is None else max(now, last + timedelta(seconds=1))
