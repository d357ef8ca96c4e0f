"""The operator's gate: what would make the metadata worse than they are published stays as it is.

A regression is a finding that a dataset has and its published description has not, judged by the same rules: what only
new rules find is none. It may come from the dataset's own change, or from an agent, concept or service that it shares
with others; then those that describe it anew are held as well. Validation alone never holds anything (DESIGN: "unless
the operator's gate says so").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    "Le prochain moissonnage réessaie\u00a0; réparez à la source, ou changez [gate] dans les réglages.",
    "The next run tries again; repair at the source, or change [gate] in the settings.",
)
BATCH = 200
"""Published descriptions judged again at a time."""
TOLD = 3
"""Findings that a reason quotes."""


@dataclass(frozen=True)
class Changed:
    """A dataset that differs from the published one, or whose findings do. `old` is None for one that is new.

    `itself` says whether its own description changed, `elsewhere` that something new on it comes from what others say,
    `shared` that it is held for what it says of others.
    """

    iri: str
    slug: str
    source: str
    publisher: str
    old: Description | None
    new: tuple[Found, ...] = ()
    itself: bool = True
    elsewhere: bool = False
    shared: bool = False


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
        """The datasets with something new; none where the gate holds nothing, or nothing is published yet."""
        if self.settings.hold == "nothing" or self.validator.engine is None or self.draft.number == 1:
            return []
        worse = [one for row in self._judged() if (one := self._compared(row)).new and self._concerns(one)]
        return self._by_the_same_rules(worse)

    def _judged(self) -> list[Any]:
        """Datasets whose findings differ from the published ones."""
        sql = (
            "SELECT d.iri, d.slug, d.source, d.since, f.publisher, f.body"
            " FROM findings f JOIN descriptions d ON d.iri = f.iri"
            " WHERE d.kind = 'dataset' AND d.until IS NULL AND f.since = :n AND f.until IS NULL"
            " AND f.violations + f.warnings > 0 ORDER BY d.iri"
        )
        return self.draft.db.execute(sql, {"n": self.draft.number}).fetchall()

    def _compared(self, row: Any) -> Changed:
        causes = self._causes(row["body"])
        found = [f for f in findings.unpack(row["body"], row["iri"], causes) if self._weighs(f)]
        before = self.published.findings(row["iri"]) or []
        old = self.published.get(row["iri"])
        new, itself = tuple(only(found, before)), row["since"] == self.draft.number
        return Changed(row["iri"], row["slug"], row["source"], row["publisher"], old, new, itself)

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
        """Those with something that the published description has not when the present rules judge it, beside what is
        said of agents, concepts and services now; or that it had not when the same rules judged it in its release.
        """
        look = Lookups(self.draft, self.workspace)
        kept: list[Changed] = []
        for start in range(0, len(worse), BATCH):
            part = worse[start : start + BATCH]
            before = self.validator.findings([one.old for one in part if one.old is not None], look)
            for one in part:
                own = tuple(only(one.new, before.get(one.iri, [])))
                elsewhere = len(own) < len(one.new) and self._same_rules(one)
                if own or elsewhere:
                    kept.append(replace(one, new=one.new if elsewhere else own, elsewhere=elsewhere))
        return kept

    def _same_rules(self, one: Changed) -> bool:
        """Whether the published findings of a dataset were made by the present rules."""
        row = self.draft.db.execute(
            "SELECT fingerprint FROM records WHERE source = ? AND slug = ? AND since < ? ORDER BY since DESC LIMIT 1",
            (one.source, one.slug, self.draft.number),
        ).fetchone()
        return row is not None and row[0].partition(":")[2] == self.validator.fingerprint

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

        Each keeps its published description; a new one waits. The next run maps and judges them again. Agents, concepts
        and services are as published until the draft is settled again.
        """
        held = {one.iri: one for one in self._describing(regressions)} | {one.iri: one for one in regressions}
        if self.settings.hold == "publishers":
            blocked = {one.publisher for one in regressions}
            held = {one.iri: one for one in self._changes() if one.publisher in blocked} | held
        loader = Loader(self.workspace, self.draft.minter.base)
        count = 0
        try:
            for one in held.values():
                entered = one.itself or one.shared or self._mentions_anew(one.iri)
                self._restore(one, loader)
                if entered:
                    self._enter(one, summary)
                    count += 1
            loader.drain()
        finally:
            loader.close()
        self._restore_shared()
        self.draft.commit()
        return count

    def _describing(self, regressions: Iterable[Changed]) -> Iterator[Changed]:
        """The datasets that newly describe what one of these names, where that is why something is new on it."""
        sql = (
            "SELECT DISTINCT d.iri, d.slug, d.source, d.since FROM mentions own"
            " JOIN mentions m ON m.iri = own.iri AND m.since = :n AND m.until IS NULL"
            " JOIN descriptions d ON d.iri = m.dataset AND d.until IS NULL"
            " WHERE own.dataset = :iri AND own.until IS NULL AND EXISTS"
            " (SELECT 1 FROM descriptions s WHERE s.iri = own.iri AND s.since = :n) ORDER BY d.iri"
        )
        for one in regressions:
            rows = (
                ()
                if not one.elsewhere
                else self.draft.db.execute(sql, {"n": self.draft.number, "iri": one.iri}).fetchall()
            )
            for row in rows:
                old, itself = self.published.get(row["iri"]), row["since"] == self.draft.number
                yield Changed(row["iri"], row["slug"], row["source"], "", old, (), itself, shared=True)

    def _mentions_anew(self, iri: str) -> bool:
        sql = "SELECT 1 FROM mentions WHERE dataset = ? AND since = ? LIMIT 1"
        return self.draft.db.execute(sql, (iri, self.draft.number)).fetchone() is not None

    def _restore_shared(self) -> None:
        """The published agents, concepts and services; settling changes again what the other datasets change."""
        for sql in (
            "DELETE FROM descriptions WHERE since = ? AND kind NOT IN ('dataset', 'local')",
            "UPDATE descriptions SET until = NULL WHERE until = ? AND kind NOT IN ('dataset', 'local')",
        ):
            self.draft.write(sql, self.draft.number)

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
        """That the record is held, and why. Its fingerprint loses the mapping's part: the next run takes it again."""
        reason, outcome = _reason(one), self._outcome(one)
        rules = f":{self.validator.fingerprint}" if self._same_rules(one) else ""
        self.draft.write(
            "UPDATE records SET outcome = ?, reason_fr = ?, reason_en = ?, fingerprint = ?"
            " WHERE source = ? AND slug = ? AND until IS NULL",
            *(Outcome.HELD, reason.fr, reason.en, rules, one.source, one.slug),
        )
        record = self.draft.db.execute("SELECT record FROM slugs WHERE slug = ?", (one.slug,)).fetchone()[0]
        for source in summary.sources:
            if source.id == one.source:
                source.outcomes[outcome] -= 1
                source.put_aside(record, reason, Outcome.HELD)

    def _outcome(self, one: Changed) -> str:
        """What the run entered of its record."""
        sql = "SELECT outcome FROM records WHERE source = ? AND slug = ? AND until IS NULL"
        return str(self.draft.db.execute(sql, (one.source, one.slug)).fetchone()[0])


def _reason(one: Changed) -> Text:
    """Why a dataset is held, with the findings that are new."""
    kept = Text("sa dernière version publiée reste en place", "its last published version stays")
    if one.old is None:
        kept = Text("il n’est pas encore publié", "it is not published yet")
    if one.shared:
        return Text(
            f"retenu\u00a0: ce qu’il dit d’un agent ou d’un service rendrait d’autres jeux de données "
            f"moins bons\u00a0; {kept.fr}.",
            f"held: what it says of an agent or a service would make other datasets worse; {kept.en}.",
        )
    if not one.new:
        return Text(
            f"retenu avec les autres changements de son producteur\u00a0; {kept.fr}.",
            f"held with the other changes of its publisher; {kept.en}.",
        )
    quoted = {lang: " ".join(f.message(lang) for f in one.new[:TOLD]) for lang in ("fr", "en")}
    more = len(one.new) - TOLD
    return Text(
        f"retenu par [gate], {kept.fr}. Nouveau\u00a0: {quoted['fr']}{f' (et {more} de plus)' if more > 0 else ''}",
        f"held by [gate], {kept.en}. New: {quoted['en']}{f' (and {more} more)' if more > 0 else ''}",
    )
