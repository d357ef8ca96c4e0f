"""Whether a listing is believed: DESIGN.md, promise 2.

A source that suddenly lists far fewer datasets, calls them otherwise, moves their files, repeats its identifiers, loses
a property everywhere or claims the datasets of others is held at its last good records. Each kind of change is measured
against a share and a number: beyond both, the source is held. What the operator accepted is taken off first, so that
only what came since counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.model import Description
from catalog.settings import GuardSettings
from vocab.namespaces import DCAT, DCT
from vocab.text import Text

_ACCEPT = Text(
    "«\u00a0garonne sources accept\u00a0» montre ce qui changerait et le laisse passer\u00a0; "
    "sinon, réparez à la source.",
    "`garonne sources accept` shows what would change and lets it through; otherwise, repair at the source.",
)
_CHECK = Text(
    "Vérifiez l’adresse et les réglages de la source\u00a0; «\u00a0garonne sources check\u00a0» l’interroge.",
    "Check the address and the settings of the source; `garonne sources check` asks it.",
)
WATCHED = {
    DCT.license.value: Text("la licence", "the licence"),
    DCT.publisher.value: Text("le producteur", "the publisher"),
    DCT.description.value: Text("la description", "the description"),
    DCT.spatial.value: Text("la couverture géographique", "the spatial coverage"),
    DCAT.theme.value: Text("le thème", "the theme"),
    DCAT.keyword.value: Text("les mots-clés", "the keywords"),
    DCAT.contactPoint.value: Text("le point de contact", "the contact point"),
    DCAT.distribution.value: Text("toutes les distributions", "all distributions"),
}
"""The properties whose loss is told, with what they are called."""
EXAMPLES = 5
"""Datasets that are named for each kind of change."""
_PREDICATE = re.compile(rb"^(?:<[^>]*>|_:\S+) <([^>]*)>", re.MULTILINE)
_ADDRESSES = tuple(
    re.compile(rb"^\S+ <(?:%b)> (<[^>]*>)" % re.escape(p.value.encode()), re.MULTILINE)
    for p in (DCAT.downloadURL, DCAT.accessURL)
)
MOVED = 0.5
"""The share of its addresses that a dataset has lost when it counts as moved: a file of many comes and goes."""
_TAKEN = "taken "
_LEAVING = frozenset(("withdrawn", "excluded", "merged"))


@dataclass
class Count:
    """How many datasets changed in one way, and the first of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """One more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(name)


@dataclass
class Changes:
    """What one listing would change about the datasets that its source has published, kind by kind.

    Kinds are `withdrawn`, `excluded` (still listed, but as not belonging here), `merged` (listed as copies of another
    source's), `renamed`, `moved` (at least half of the download addresses are gone), `repeated` (records of one
    name), `identifier` (new or changed records that bear the identifier of another), `lost PROPERTY`, and
    `taken SOURCE` for the datasets of another source that this one claims.

    `live` counts the published datasets, `seen` the records of the listing, `others` the published datasets of each
    source that loses some, `duplicates` the records with the identifier of another, new or not. Nothing was ever
    harvested of a source that is `new`.
    """

    live: int = 0
    seen: int = 0
    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    others: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    new: bool = False

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Datasets that changed in this way."""
        for name in names:
            self.counts[kind].add(name)

    def compare(self, before: Description, after: Description) -> None:
        """Enters what a dataset, whose record changed at the source, would lose."""
        had, has = _predicates(before.canonical), _predicates(after.canonical)
        for predicate in WATCHED:
            if predicate in had and predicate not in has:
                self.counts[f"lost {predicate}"].add(before.slug)
        files = _addresses(before.canonical)
        if files and len(files - _addresses(after.canonical)) >= MOVED * len(files):
            self.counts["moved"].add(before.slug)

    def take(self, source: str, slug: str) -> None:
        """Enters a dataset of another source that this one claims; `others` must have that source."""
        self.counts[_TAKEN + source].add(slug)

    def of(self, kind: str) -> int:
        """What a kind of change is a share of."""
        if kind.startswith(_TAKEN):
            return self.others[kind.removeprefix(_TAKEN)]
        return self.seen if kind in {"repeated", "identifier"} else self.live

    def told(self) -> list[Text]:
        """The datasets of others that this source claims, in words."""
        return [
            told(kind, c.count, self.of(kind)) for kind, c in sorted(self.counts.items()) if kind.startswith(_TAKEN)
        ]

    def plain(self) -> dict[str, Any]:
        """The same as JSON values, the kinds that were met."""
        kinds = {
            kind: {"count": c.count, "of": self.of(kind), "examples": c.examples}
            for kind, c in sorted(self.counts.items())
            if c.count
        }
        return {"live": self.live, "seen": self.seen, "duplicates": self.duplicates, "changes": kinds}


def verdict(guard: GuardSettings, changes: Changes, accepted: Mapping[str, int] | None = None) -> Text | None:
    """None when the listing is believed, else the sentences that say why the source is held.

    `accepted` are counts by kind that the operator let through, or that there were before; an empty listing passes only
    where all that is published was accepted to go.
    """
    taken = accepted or {}
    if changes.seen == 0 and not 0 < changes.live <= taken.get("withdrawn", 0):
        return Text(
            "la source ne liste aucun jeu de données"
            + (f"\u00a0; {changes.live} sont publiés." if changes.live else "."),
            "the source lists no dataset at all" + (f"; {changes.live} are published." if changes.live else "."),
        )
    reasons = []
    for kind, counted in sorted(changes.counts.items()):
        most, least = limits(guard, kind)
        safe = changes.new if kind.startswith(_TAKEN) else not changes.live  # what was never published is not lost
        new = 0 if safe else counted.count - taken.get(kind, 0)
        of = changes.of(kind)
        if new >= least and new > most * of:
            reasons.append(_reason(kind, counted.count, of, most))
    if not reasons:
        return None
    return Text(" ".join(r.fr for r in reasons), " ".join(r.en for r in reasons))


def hint(changes: Changes) -> Text:
    """What the operator can do about a source that is held."""
    return _ACCEPT if changes.live else _CHECK


def limits(guard: GuardSettings, kind: str) -> tuple[float, int]:
    """The share and the number beyond which a kind of change is not believed."""
    if kind in _LEAVING:
        return guard.max_withdrawn, guard.min_withdrawn
    if kind.startswith(_TAKEN):
        return guard.max_taken, guard.min_taken
    return guard.max_changed, guard.min_changed


def told(kind: str, count: int, of: int) -> Text:
    """A kind of change with its figures, as the beginning of a sentence."""
    share = f"{count / of:.0%}" if of else "–"
    if kind.startswith(_TAKEN):
        loser = kind.removeprefix(_TAKEN)
        return Text(
            f"{count} des {of} jeux de données publiés depuis «\u00a0{loser}\u00a0» deviendraient ceux de cette source "
            f"({share})",
            f"{count} of {of} datasets published from `{loser}` would become this source's ({share})",
        )
    shares = Text(f"{count} des {of} jeux de données publiés", f"{count} of {of} published datasets")
    if kind == "withdrawn":
        return Text(f"{shares.fr} ne sont plus listés ({share})", f"{shares.en} are no longer listed ({share})")
    if kind == "excluded":
        return Text(
            f"{shares.fr} n’y sont plus que comme copies ou objets d’une autre nature ({share})",
            f"{shares.en} are now listed as copies from elsewhere, or as no datasets ({share})",
        )
    if kind == "merged":
        return Text(
            f"{shares.fr} se disent désormais ceux d’une autre source ({share})",
            f"{shares.en} now say that they are those of another source ({share})",
        )
    if kind == "renamed":
        return Text(f"{shares.fr} ont changé de nom ({share})", f"{shares.en} are called otherwise ({share})")
    if kind == "moved":
        return Text(
            f"{shares.fr} ont perdu la moitié de leurs adresses de téléchargement ou plus ({share})",
            f"{shares.en} have lost half of their download addresses or more ({share})",
        )
    if kind == "repeated":
        return Text(
            f"{count} des {of} notices répètent l’identifiant d’une autre ({share})",
            f"{count} of {of} records repeat the identifier of another ({share})",
        )
    if kind == "identifier":
        return Text(
            f"{count} des {of} notices, nouvelles ou modifiées, portent l’identifiant d’une autre ({share})",
            f"{count} of {of} records, new or changed, bear the identifier of another ({share})",
        )
    what = WATCHED[kind.removeprefix("lost ")]
    return Text(f"{shares.fr} perdraient {what.fr} ({share})", f"{shares.en} would lose {what.en} ({share})")


def _reason(kind: str, count: int, of: int, most: float) -> Text:
    said = told(kind, count, of)
    return Text(f"{said.fr}\u00a0; la garde en permet {most:.0%}.", f"{said.en}; the guard allows {most:.0%}.")


def _addresses(canonical: bytes) -> set[bytes]:
    """The download addresses; where there is none, the access addresses, which are all that one has."""
    return next((found for pattern in _ADDRESSES if (found := set(pattern.findall(canonical)))), set())


def _predicates(canonical: bytes) -> set[str]:
    return {found.decode() for found in _PREDICATE.findall(canonical)}
