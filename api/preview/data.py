"""What the pages of previews show, as JSON values for programs: the same part of the list, every field of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.preview.aggregators import Aggregator
from api.preview.comparison import Pair
from api.preview.model import Harvest, Held, sums
from api.preview.report import plain_held, plain_note, plain_pairs
from api.preview.rules import Rule


def aggregators(found: Iterable[Aggregator], lang: str) -> dict[str, Any]:
    """Who can be previewed, and what is to be known of each."""
    return {"aggregators": [{"name": one.name, **_about(one, lang)} for one in found]}


def listing(
    who: Aggregator, harvest: Harvest, listed: Sequence[Held], lang: str, *, page: int, following: bool, whole: bool
) -> dict[str, Any]:
    """A page of the list. `whole` says whether sums and rules are of the whole feed, or of this page of it alone."""
    return {
        "aggregator": who.name,
        "about": _about(who, lang),
        "whole": whole,
        "page": page,
        "next": page + 1 if following else None,
        "abandoned": harvest.abandoned,
        "notes": [plain_note(n, lang) for n in harvest.notes],
        "sums": sums(harvest.items),
        "datasets": [plain_held(h, lang) for h in listed if h.kind == "dataset"],
        "services": [plain_held(h, lang) for h in listed if h.kind == "service"],
    }


def rules(found: Iterable[tuple[Rule, int]], lang: str) -> list[dict[str, Any]]:
    """The rules that applied, each with the number of datasets that it concerns."""
    return [
        {
            "rule": rule.name,
            "effect": str(rule.effect),
            "repair": rule.repair.of(lang),
            "source": rule.source,
            "number": number,
        }
        for rule, number in found
    ]


def since(release: int, changes: Sequence[Pair]) -> dict[str, Any]:
    """What changes for the aggregator since an earlier release."""
    return {"since": {"release": release, **plain_pairs(changes)}}


def card(who: Aggregator, held: Held | None, beside: Iterable[tuple[str, str, str]], lang: str) -> dict[str, Any]:
    """One dataset: as the aggregator will hold it, None where it does not, and field by field beside what is here."""
    return {
        "aggregator": who.name,
        "about": _about(who, lang),
        "dataset": plain_held(held, lang) if held is not None else None,
        "beside": [{"field": name, "here": here, "there": there} for name, here, there in beside],
    }


def _about(who: Aggregator, lang: str) -> dict[str, str]:
    return {name: words.of(lang) for name, words in who.about.items()}
