"""What a preview says, in the shape in which the real harvesters say it, and where the two differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from api.preview.model import Held


def udata(held: Held) -> dict[str, Any]:
    """As `judge_udata.py`."""
    found: dict[str, Any] = {"key": held.key or None, "outcome": str(held.outcome), "kind": held.kind}
    if held.outcome != "taken" or held.kind == "service":
        return found
    return found | {
        "iri": held.iri or None,
        "title": held.title,
        "described": bool(held.description),
        "licence": held.licence.id or "notspecified",
        "tags": sorted(held.tags),
        "frequency": held.frequency,
        "temporal": [bound[:10] for bound in held.temporal],
        "spatial": bool(held.spatial),
        "contacts": sorted([c.role, c.name, c.email, c.url] for c in held.contacts),
        "landing": held.landing,
        "modified": bool(held.modified),
        "resources": sorted([r.url, r.title, r.format, r.media_type, r.size, r.kind] for r in held.resources),
    }


def ckan(held: Held) -> dict[str, Any]:
    """As `judge_ckan.py`."""
    return {
        "key": held.key,
        "kind": held.kind,
        "outcome": str(held.outcome),
        "title": held.title,
        "description": held.description,
        "licence": held.licence.id,
        "tags": sorted(held.tags),
        "hvd": sorted(held.hvd),
        "frequency": held.frequency,
        "temporal": list(held.temporal),
        "spatial": bool(held.spatial),
        "contacts": [[c.role, c.name, c.email, c.url] for c in held.contacts],
        "issued": held.issued,
        "modified": held.modified,
        "landing": held.landing,
        "resources": sorted([r.iri, r.title, r.url, r.format, r.media_type, r.size] for r in held.resources),
    }


def differences(
    ours: Iterable[dict[str, Any]], theirs: Iterable[dict[str, Any]]
) -> Iterator[tuple[str, str, Any, Any]]:
    """Key, field, our value and theirs, wherever both speak of a field and do not say the same."""
    mine = list(ours)
    counted = Counter(str(one["key"]) for one in mine)
    known = {str(one["key"]): one for one in mine if counted[str(one["key"])] == 1}
    met: Counter[str] = Counter()
    for one in theirs:
        key = str(one["key"])
        met[key] += 1
        if key not in counted:
            yield key, "there", None, one
        elif key in known:
            for field in known[key].keys() & one.keys():
                if known[key][field] != one[field]:
                    yield key, field, known[key][field], one[field]
    for key, number in counted.items():
        if met[key] != number:
            yield key, "number", number, met[key]
