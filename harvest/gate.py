"""The operator's gate: what would make the metadata worse than they are published stays as it is.

A regression is a finding that a changed dataset has and its published description has not, judged by the same rules:
what only new rules find is none. Validation alone never holds anything (DESIGN: "unless the operator's gate says so").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog import findings
from catalog.archive import Archive
from catalog.comparison import only
from catalog.draft import Draft, title_of
from catalog.findings import Found
from catalog.model import Description, Kind, Outcome, Text
from catalog.quality_graph import quality_triples
from catalog.settings_table import GateSettings
from catalog.store import Workspace
from harvest.loader import Loader
from harvest.lookups import Lookups
from harvest.summary import Summary
from harvest.validation import Validator
from shapes.finding import Severity

HINT = Text(
    "Le prochain moissonnage réessaie ; réparez à la source, ou changez [gate] dans les réglages.",
    "The next run tries again; repair at the source, or change [gate] in the settings.",
)
BATCH = 200
"""Published descriptions judged again at a time."""
TOLD = 3
"""Findings that a reason quotes."""


@dataclass(frozen=True)
class Changed:
    """A dataset whose description differs from the published one. `old` is None for one that is new."""

    iri: str
    slug: str
    source: str
    publisher: str
    old: Description | None
    new: tuple[Found, ...] = ()


class Gate:
    """The gate over one settled and judged draft."""

    def __init__(self, settings: GateSettings, validator: Validator, draft: Draft, workspace: Workspace) -> None:
        self.settings = settings
        self.validator = validator
        self.draft = draft
        self.workspace = workspace
        self.published = Archive(draft.folder).at(draft.number - 1)
        self._heaviest = Severity(settings.fail_on).rank
        self._names = {d.iri: title_of(d) for d in draft.shared(Kind.AGENT)}

    # ── what is worse ────────────────────────────────────────────────────────────────────────────────────────────

    def regressions(self) -> list[Changed]:
        """The changed datasets with something new; none where the gate holds nothing, or nothing is published yet."""
        if self.settings.hold == "nothing" or self.validator.engine is None or self.draft.number == 1:
            return []
        worse = [one for row in self._judged() if (one := self._compared(row)).new and self._concerns(one)]
        return self._by_the_same_rules(worse)

    def _judged(self) -> list[Any]:
        """Changed datasets whose findings differ from the published ones."""
        sql = (
            "SELECT d.iri, d.slug, d.source, f.publisher, f.body FROM descriptions d JOIN findings f ON f.iri = d.iri"
            " WHERE d.kind = 'dataset' AND d.since = :n AND d.until IS NULL AND f.since = :n AND f.until IS NULL"
            " AND f.violations + f.warnings > 0 ORDER BY d.iri"
        )
        return self.draft.db.execute(sql, {"n": self.draft.number}).fetchall()

    def _compared(self, row: Any) -> Changed:
        causes = self._causes(row["body"])
        found = [f for f in findings.unpack(row["body"], row["iri"], causes) if self._weighs(f)]
        before = self.published.findings(row["iri"]) or []
        old = self.published.get(row["iri"])
        return Changed(row["iri"], row["slug"], row["source"], row["publisher"], old, tuple(only(found, before)))

    def _causes(self, body: bytes) -> Mapping[str, findings.Cause]:
        """The causes of a body that this draft wrote: the published view may not know them yet."""
        wanted = findings.causes_in(body)
        rows = self.draft.db.execute(f"SELECT * FROM causes WHERE id IN ({','.join('?' * len(wanted))})", [*wanted])  # noqa: S608  placeholders
        return {row["id"]: findings.cause(row) for row in rows}

    def _weighs(self, found: Found) -> bool:
        return not found.cause.noise and found.cause.severity.rank <= self._heaviest

    def _concerns(self, one: Changed) -> bool:
        wanted = self.settings.publishers
        return not wanted or one.publisher in wanted or self._names.get(one.publisher) in wanted

    def _by_the_same_rules(self, worse: list[Changed]) -> list[Changed]:
        """Those that the published description has not either when the present rules judge it."""
        look = Lookups(self.draft, self.workspace)
        kept: list[Changed] = []
        for start in range(0, len(worse), BATCH):
            part = worse[start : start + BATCH]
            before = self.validator.findings([one.old for one in part if one.old is not None], look)
            for one in part:
                new = tuple(only(one.new, before.get(one.iri, [])))
                if new:
                    kept.append(Changed(one.iri, one.slug, one.source, one.publisher, one.old, new))
        return kept

    def told(self, regressions: Iterable[Changed]) -> dict[str, Any]:
        """The regressions as JSON values."""
        regressions = list(regressions)
        by = Counter(self._names.get(one.publisher, one.publisher) or "–" for one in regressions)
        return {
            "datasets": len(regressions),
            "regressions": sum(len(one.new) for one in regressions),
            "publishers": [name for name, _ in by.most_common()],
            "held": 0,
        }

    # ── what is held ─────────────────────────────────────────────────────────────────────────────────────────────

    def hold(self, regressions: list[Changed], summary: Summary) -> int:
        """Takes these changes back, or all of their publishers; how many datasets are held.

        Each keeps its published description; a new one waits. The next run maps and judges them again.
        """
        held = {one.iri: one for one in regressions}
        if self.settings.hold == "publishers":
            blocked = {one.publisher for one in regressions}
            held = {one.iri: one for one in self._changes() if one.publisher in blocked} | held
        loader = Loader(self.workspace, self.draft.minter.base)
        try:
            for one in held.values():
                self._restore(one, loader)
                self._enter(one, summary)
            loader.drain()
        finally:
            loader.close()
        self.draft.commit()
        return len(held)

    def _changes(self) -> list[Changed]:
        """Every changed dataset, whatever was found on it."""
        sql = (
            "SELECT d.iri, d.slug, d.source, f.publisher FROM descriptions d JOIN findings f ON f.iri = d.iri"
            " WHERE d.kind = 'dataset' AND d.since = :n AND d.until IS NULL AND f.until IS NULL ORDER BY d.iri"
        )
        rows = self.draft.db.execute(sql, {"n": self.draft.number}).fetchall()
        return [Changed(r["iri"], r["slug"], r["source"], r["publisher"], self.published.get(r["iri"])) for r in rows]

    def _restore(self, one: Changed, loader: Loader) -> None:
        """The published state of a dataset, in the bookkeeping and in the store."""
        for table, column in (("descriptions", "iri"), ("mentions", "dataset"), ("findings", "iri")):
            self.draft.write(f"DELETE FROM {table} WHERE since = ? AND {column} = ?", self.draft.number, one.iri)  # noqa: S608
            self.draft.write(
                f"UPDATE {table} SET until = NULL WHERE until = ? AND {column} = ?",  # noqa: S608  constant names
                *(self.draft.number, one.iri),
            )
        if one.old is None:
            loader.put([], [], [one.slug])
            return
        loader.put([], [one.old], [])
        found = self.published.findings(one.iri) or []
        loader.put_findings({}, {one.slug: quality_triples(self.draft.minter.base, one.slug, one.iri, found)})

    def _enter(self, one: Changed, summary: Summary) -> None:
        """That the record is held, and why; its fingerprint is forgotten, so that the next run takes it again."""
        reason = _reason(one)
        self.draft.write(
            "UPDATE records SET outcome = ?, reason_fr = ?, reason_en = ?, fingerprint = ''"
            " WHERE source = ? AND slug = ? AND until IS NULL",
            *(Outcome.HELD, reason.fr, reason.en, one.source, one.slug),
        )
        record = self.draft.db.execute("SELECT record FROM slugs WHERE slug = ?", (one.slug,)).fetchone()[0]
        for source in summary.sources:
            if source.id == one.source:
                source.outcomes[(Outcome.UPDATED if one.old else Outcome.CREATED).value] -= 1
                source.put_aside(record, reason, Outcome.HELD)


def _reason(one: Changed) -> Text:
    """Why a dataset is held, with the findings that are new."""
    kept = Text("sa dernière version publiée reste en place", "its last published version stays")
    if one.old is None:
        kept = Text("il n’est pas encore publié", "it is not published yet")
    if not one.new:
        return Text(
            f"retenu avec les autres changements de son producteur ; {kept.fr}.",
            f"held with the other changes of its publisher; {kept.en}.",
        )
    quoted = {lang: " ".join(f.message(lang) for f in one.new[:TOLD]) for lang in ("fr", "en")}
    more = len(one.new) - TOLD
    return Text(
        f"retenu par [gate], {kept.fr}. Nouveau : {quoted['fr']}{f' (et {more} de plus)' if more > 0 else ''}",
        f"held by [gate], {kept.en}. New: {quoted['en']}{f' (and {more} more)' if more > 0 else ''}",
    )
