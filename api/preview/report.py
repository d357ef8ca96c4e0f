"""A preview for programs and, as text, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.preview.aggregators import Aggregator
from api.preview.comparison import Fate, Pair, counts, resource_counts
from api.preview.model import Harvest, Held, Outcome, Resource, sums
from api.preview.phrases import phrase
from api.preview.rules import Effect, Note, Rule
from shapes.text import visible

FEW = 20
"""Datasets that the text lists under one heading; the rest is counted."""


@dataclass(frozen=True)
class Report:
    """One preview: who reads what, what comes of it, and what it is compared with."""

    aggregator: Aggregator
    feed: str
    harvest: Harvest
    release: int = 0
    since: int = 0
    changes: Sequence[Pair] = field(default_factory=tuple)
    against: str = ""
    pairs: Sequence[Pair] = field(default_factory=tuple)
    chosen: Held | None = None

    @property
    def clean(self) -> bool:
        """Whether everything is taken and nothing is lost sight of."""
        if self.chosen is not None:
            return self.chosen.outcome is Outcome.TAKEN and not self.harvest.abandoned
        rejected = any(h.outcome is not Outcome.TAKEN for h in self.harvest.items if h.kind == "dataset")
        lost = any(p.fate in {Fate.DOUBLED, Fate.GONE, Fate.STUCK} for p in self.pairs)
        pieces = resource_counts(self.pairs)
        return not (rejected or lost or self.harvest.abandoned or pieces["doubled"] or pieces["gone"])


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def plain(report: Report, lang: str) -> dict[str, Any]:
    """The preview as JSON values."""
    harvest = report.harvest
    about = {name: words.of(lang) for name, words in report.aggregator.about.items()}
    found: dict[str, Any] = {
        "aggregator": report.aggregator.name,
        "about": about,
        "feed": report.feed,
        "release": report.release or None,
        "pages": harvest.pages,
        "abandoned": harvest.abandoned,
        "notes": [plain_note(n, lang) for n in harvest.notes],
        "sums": sums(harvest.items),
    }
    chosen = harvest.items if report.chosen is None else (report.chosen,)
    found["datasets"] = [plain_held(h, lang) for h in chosen if h.kind == "dataset"]
    found["services"] = [plain_held(h, lang) for h in chosen if h.kind == "service"]
    if report.since:
        found["since"] = {"release": report.since, **plain_pairs(report.changes)}
    if report.against:
        found["against"] = {"feed": report.against, **plain_pairs(report.pairs)}
    return found


def plain_note(note: Note, lang: str) -> dict[str, str]:
    """A note with everything that its rule says."""
    rule = note.rule
    return {
        "rule": rule.name,
        "effect": str(rule.effect),
        "sentence": note.of(lang),
        "repair": rule.repair.of(lang),
        "value": note.value,
        "where": note.where,
        "source": rule.source,
    }


def plain_held(held: Held, lang: str) -> dict[str, Any]:
    """A dataset as the aggregator will hold it."""
    return {
        "key": held.key,
        "iri": held.iri,
        "outcome": str(held.outcome),
        "title": held.title,
        "description": held.description,
        "licence": {"id": held.licence.id, "title": held.licence.title, "given": held.licence.given},
        "tags": list(held.tags),
        "hvd": list(held.hvd),
        "frequency": held.frequency,
        "temporal": {"start": held.temporal[0], "end": held.temporal[1]},
        "spatial": held.spatial,
        "contacts": [{"role": c.role, "name": c.name, "email": c.email, "url": c.url} for c in held.contacts],
        "issued": held.issued,
        "modified": held.modified,
        "landing_page": held.landing,
        "resources": [plain_resource(r) for r in held.resources],
        "notes": [plain_note(n, lang) for n in held.notes],
        "page": held.page,
    }


def plain_resource(resource: Resource) -> dict[str, str]:
    """A resource as the aggregator will hold it."""
    names = ("key", "title", "url", "format", "media_type", "size", "kind", "iri")
    return {name: getattr(resource, name) for name in names}


def plain_pairs(pairs: Iterable[Pair]) -> dict[str, Any]:
    """A comparison: sums, then every pair that is not the same on both sides."""
    listed = list(pairs)
    return {
        "datasets": counts(p for p in listed if p.either.kind == "dataset"),
        "resources": resource_counts(listed),
        "differences": [_plain_pair(p) for p in listed if p.fate is not Fate.SAME],
    }


def _plain_pair(pair: Pair) -> dict[str, Any]:
    return {
        "fate": str(pair.fate),
        "kind": pair.either.kind,
        "title": pair.either.title,
        "before": pair.before.key if pair.before else None,
        "after": pair.after.key if pair.after else None,
        "because": pair.because,
        "changed": list(pair.changed),
        "resources": [
            {
                "fate": str(r.fate),
                "before": r.before.key if r.before else None,
                "after": r.after.key if r.after else None,
            }
            for r in pair.resources
            if r.fate is not Fate.SAME
        ],
    }


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(report: Report, lang: str) -> Iterator[str]:
    """The preview as text."""
    if report.chosen is not None:
        yield from card(report.chosen, report.aggregator, lang)
        return
    yield from _head(report, lang)
    yield from _by_rule(report.harvest, lang)
    if report.since:
        yield ""
        yield phrase("since", lang).format(number=report.since)
        yield from _pairs(report, report.changes, lang)
    if report.against:
        yield ""
        yield phrase("against", lang).format(feed=visible(report.against))
        yield report.aggregator.about["matching"].of(lang)
        yield from _pairs(report, report.pairs, lang)


def _head(report: Report, lang: str) -> Iterator[str]:
    harvest, about = report.harvest, report.aggregator.about
    found = sums(harvest.items)
    yield phrase("head", lang).format(
        title=about["title"].of(lang), feed=visible(report.feed), pages=harvest.pages, **found
    )
    yield phrase("abandoned" if harvest.abandoned else "sums", lang).format(**found)
    yield phrase("organisation", lang).format(words=about["organisation"].of(lang))
    for note in harvest.notes:
        yield f"{phrase(note.rule.effect, lang)}: {visible(note.of(lang))} {note.rule.repair.of(lang)}".rstrip()


def _by_rule(harvest: Harvest, lang: str) -> Iterator[str]:
    """The rules that applied, the gravest first: how often, to whom, and what to do."""
    met: dict[Rule, dict[str, list[Note]]] = {}
    for held in harvest.items:
        for note in held.notes:
            met.setdefault(note.rule, {}).setdefault(held.title or held.key or held.iri, []).append(note)
    order = list(Effect)
    for rule, whom in sorted(met.items(), key=lambda item: (order.index(item[0].effect), -len(item[1]), item[0].name)):
        first = next(iter(whom.values()))[0]
        yield ""
        yield f"{phrase(rule.effect, lang)} × {len(whom)} · {visible(first.of(lang))}"
        if rule.repair.of(lang):
            yield f"  → {rule.repair.of(lang)}"
        yield f"  [{rule.source}]"
        names = list(whom)
        if rule.effect in {Effect.FAIL, Effect.SKIP, Effect.DROP}:
            yield from (f"  - {visible(name)}" for name in names[:FEW])
            if len(names) > FEW:
                yield "  " + phrase("more", lang).format(number=len(names) - FEW)


def _pairs(report: Report, pairs: Sequence[Pair], lang: str) -> Iterator[str]:
    about = report.aggregator.about
    found = counts(p for p in pairs if p.either.kind == "dataset")
    yield phrase("fates", lang).format(**found)
    pieces = resource_counts(pairs)
    yield phrase("resource_fates", lang).format(**pieces, words=about["resource_gone"].of(lang))
    for fate in (Fate.DOUBLED, Fate.GONE, Fate.STUCK, Fate.NEW, Fate.CHANGED):
        listed = [p for p in pairs if p.fate is fate]
        if not listed:
            continue
        yield ""
        yield phrase(f"fate_{fate}", lang).format(number=len(listed), words=about["gone"].of(lang))
        for pair in listed[:FEW]:
            yield f"  - {visible(pair.either.title or pair.either.key)}{_detail(pair, lang)}"
        if len(listed) > FEW:
            yield "  " + phrase("more", lang).format(number=len(listed) - FEW)


def _detail(pair: Pair, lang: str) -> str:
    if pair.fate is Fate.DOUBLED and pair.before and pair.after:
        words = phrase("doubled_because", lang)
        return ": " + visible(words.format(before=pair.before.key, after=pair.after.key, because=pair.because))
    if pair.fate is Fate.CHANGED:
        return f" ({', '.join(phrase(f'field_{name}', lang) for name in pair.changed)})"
    return f" ({visible(pair.either.key)})"


def card(held: Held, aggregator: Aggregator, lang: str) -> Iterator[str]:
    """One dataset as the aggregator will show it, then what becomes of it and why."""
    yield visible(held.title or held.key or held.iri)
    yield phrase(f"outcome_{held.outcome}", lang).format(title=aggregator.about["title"].of(lang))
    yield ""
    for name, value in facts(held, aggregator, lang):
        yield f"{name}: {visible(value)}"
    for resource in held.resources:
        about = " · ".join(part for part in (resource.format or resource.media_type, resource.kind) if part)
        yield f"  - {visible(resource.title or resource.url)} [{visible(about)}] {visible(resource.url)}"
    for note in held.notes:
        yield ""
        where = f" ({visible(note.where)})" if note.where else ""
        yield f"{phrase(note.rule.effect, lang)}: {visible(note.of(lang))}{where}"
        if note.rule.repair.of(lang):
            yield f"  → {note.rule.repair.of(lang)}"
        yield f"  [{note.rule.source}]"


def facts(held: Held, aggregator: Aggregator, lang: str) -> Iterator[tuple[str, str]]:
    """What is held, line by line: the name of a field and its value; an empty one is said to be empty."""
    none = phrase("nothing", lang)
    licence = held.licence
    known = f"{licence.title} ({licence.id})" if licence.id else none
    period = " → ".join(bound or "…" for bound in held.temporal) if any(held.temporal) else none
    hvd = ", ".join(held.hvd) or none
    values = {
        "key": held.key,
        "description": " ".join(held.description.split()),
        "licence": known,
        "hvd": hvd,
        "tags": ", ".join(held.tags),
        "frequency": held.frequency,
        "temporal": period,
        "spatial": held.spatial,
        "organisation": aggregator.about["organisation"].of(lang),
        "contacts": "; ".join(
            f"{phrase(f'role_{c.role}', lang)}: " + ", ".join(p for p in (c.name, c.email, c.url) if p)
            for c in held.contacts
        ),
        "issued": held.issued,
        "modified": held.modified,
        "landing": held.landing,
        "resources": str(len(held.resources)),
    }
    for name, value in values.items():
        yield phrase(f"field_{name}", lang), value or none
