"""What follows when a listing has been read: it is known what was renamed, the guard judges, and what is gone goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog import takes
from catalog.absences import Absences, Grace
from catalog.archive import Archive
from catalog.model import Description, Identity, Outcome, Record, Text
from harvest import guard
from harvest.renames import Waiting, renamed

if TYPE_CHECKING:
    from harvest.source_run import SourceRun

Missing = list[tuple[str, str]]
"""Record id and slug of published datasets that were not seen."""


class Held(Exception):
    """The listing is not believed; `verdict` says why, `changes` what it would change."""

    def __init__(self, verdict: Text, changes: guard.Changes) -> None:
        super().__init__(verdict.en)
        self.verdict = verdict
        self.changes = changes


class Closing:
    """The end of one source's listing, which is `whole` when it had everything that the source has."""

    def __init__(self, taken: SourceRun, *, whole: bool) -> None:
        self.taken = taken
        self.source = taken.settings.id
        self.draft = taken.draft
        self.found = taken.found
        self.changes = taken.changes
        self.whole = whole
        self.absences = Absences(taken.draft, self.source)

    def settle(self, *, cut: bool) -> None:
        """Publishes, withdraws or keeps what is left; a listing that was `cut` short says nothing of the rest.

        Raises `Held` where the listing changes more than the guard believes.
        """
        self._wait_no_more()
        missing = self.missing()
        gone = [] if cut else self._gone(missing)
        self._judge(gone)
        self._withdraw(gone)
        if not self.whole and not cut:
            self._keep(len(gone), len(missing) - len(gone))

    def missing(self) -> Missing:
        """Of the published datasets those that were not seen, under the names that they have by now."""
        return list(self.draft.live(self.source, self.taken.unseen)) if self.taken.unseen else []

    def _wait_no_more(self) -> None:
        """New records are taken: as known datasets under other names, or as what they are."""
        waiting = self.taken.waiting
        names = self._renamed(waiting) if self.whole and len(waiting) else {}
        for record in waiting:
            if record.id in names:
                self.draft.rename(record, names[record.id])
            self.taken.settle(record, None)
            self.taken.keep_up()
        self.taken.flush()

    def _renamed(self, waiting: Waiting) -> dict[str, str]:
        gone = [slug for _, slug in self.missing()]
        return renamed(self.draft, self.source, gone, waiting, self._described) if gone else {}

    def _described(self, record: Record, identity: Identity) -> Description:
        return self.taken.source.map(self.taken.named(record), identity, self.taken.context).dataset

    def _gone(self, missing: Missing) -> Missing:
        """What is to be withdrawn: all that a whole listing lacks, else what incomplete ones have lacked for long."""
        if self.whole:
            self.absences.clear()
            return missing
        if not self.taken.seen:
            return []  # nothing could be read: that says nothing of anything
        limits = self.taken.settings.guard
        over = self.absences.enter(
            (record for record, _ in missing), self.taken.run.at, Grace(limits.grace_runs, limits.grace_days)
        )
        return [one for one in missing if one[0] in over]

    def _judge(self, gone: Missing) -> None:
        self.changes.seen = len(self.taken.seen)
        self.changes.add("renamed", self.draft.renamed(self.source))
        self.changes.add("withdrawn", [slug for _, slug in gone])
        if not self.whole and not self.taken.seen:
            return
        self.found.guard = self.changes.plain()
        verdict = guard.verdict(self.taken.settings.guard, self.changes, self._accepted())
        if verdict is not None:
            raise Held(verdict, self.changes)
        self.found.notes += [Text(f"{one.fr}.", f"{one.en}.") for one in self.changes.told()]

    def _accepted(self) -> dict[str, int]:
        """What the operator let through, and the repetitions that there were before."""
        accepted = dict(self.taken.options.accepted.get(self.source, {}))
        if self.changes.counts["repeated"].count or self.changes.counts["identifier"].count:
            earlier = takes.of(Archive(self.draft.folder), self.source)
            before: dict[str, Any] = next((t.found.get("guard", {}) for t in earlier if t.status == "harvested"), {})
            repeated = before.get("changes", {}).get("repeated", {}).get("count", 0)
            for kind, count in (("repeated", repeated), ("identifier", before.get("duplicates", 0))):
                accepted[kind] = max(count, accepted.get(kind, 0))
        return accepted

    def _withdraw(self, gone: Missing) -> None:
        for record, slug in gone:
            self.draft.withdraw(slug)
            self.draft.forget(self.source, record)
        self.found.count(Outcome.WITHDRAWN, len(gone))
        if gone:
            self.taken.loader.put([], [], [slug for _, slug in gone])
        self.draft.commit()

    def _keep(self, gone: int, kept: int) -> None:
        """A part of the listing could not be read: what was not seen keeps its last good version, for a while."""
        self.found.count(Outcome.HELD, kept)
        self.found.reason = Text(
            "une partie de la liste n’a pas pu être lue.", "a part of the listing could not be read."
        )
        hint = Text(
            f"{kept} jeux de données qui n’ont pas été vus restent comme ils étaient.",
            f"{kept} datasets that were not seen stay as they were.",
        )
        if not gone:
            self.found.hint = Text(f"Rien n’est retiré\u00a0; {hint.fr}", f"Nothing was withdrawn; {hint.en}")
            return
        limits = self.taken.settings.guard
        self.found.hint = Text(
            f"{hint.fr} {gone} sont retirés, absents depuis au moins {limits.grace_runs} listes et "
            f"{limits.grace_days} jours.",
            f"{hint.en} {gone} were withdrawn: {limits.grace_runs} listings or more, over {limits.grace_days} days or "
            "more, did not have them.",
        )
