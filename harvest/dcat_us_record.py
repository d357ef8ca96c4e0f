"""Datasets of a `data.json` (DCAT-US 1.1 and 3) and of ArcGIS Hub, in one shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from catalog.model import Record, Text
from harvest import identity
from harvest.documents.text import whole
from harvest.source import Rejected, canonical_hash

KIND = "dcat-us"
LISTS = ("dataset", "service", "datasetSeries", "data")
"""The members of a document that list what it describes; `data` is ArcGIS Hub's."""
NO_DATASET = Text(
    "ce n’est pas un jeu de données DCAT-US (il n’a ni «\u00a0title\u00a0» ni «\u00a0identifier\u00a0»).",
    "it is no DCAT-US dataset (it has neither `title` nor `identifier`).",
)
NO_IDENTIFIER = Text(
    "le jeu de données n’a ni «\u00a0identifier\u00a0» ni «\u00a0landingPage\u00a0»\u00a0: rien ne "
    "le reconnaîtrait d’un moissonnage à l’autre.",
    "the dataset has neither `identifier` nor `landingPage`: nothing would tell it from one harvest to the next.",
)


@dataclass
class Names:
    """What the datasets of one document are called, by their identifiers, and which are parts of which.

    `own` says whether they keep the IRIs that the document gives them.
    """

    own: bool = True
    of: dict[str, str] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)

    def note(self, data: Any) -> None:
        """Remembers one dataset."""
        if isinstance(data, dict):
            given = identifier(data)
            if given:
                self.of.setdefault(given, (iri(data) if self.own else "") or slug(data))
            if isinstance(data.get("isPartOf"), str) and data["isPartOf"].strip():
                self.series.add(data["isPartOf"].strip())


def shaped(data: Any) -> dict[str, Any] | None:
    """A dataset as DCAT-US has it; one of ArcGIS Hub's is written so first. `None` for what is none."""
    if not isinstance(data, dict):
        return None
    for inner in ("attributes", "properties"):
        item = data.get(inner)
        if isinstance(item, dict) and ("hubType" in item or "itemModified" in item):
            return _of_hub(item, data)
    return data if data.get("title") or data.get("identifier") or data.get("@type") else None


def record_of(source: str, data: Any, text: str, names: Names) -> Record | Rejected:
    """The record of one dataset, under its `identifier`, else its landing page."""
    made = shaped(data)
    if made is None:
        return Rejected("-", NO_DATASET)
    given = identifier(made)
    id_ = given or iri(made) or _text(made.get("landingPage"))
    if not id_:
        title = made.get("title")
        return Rejected(str(title)[:100] if title else "-", NO_IDENTIFIER if title else NO_DATASET)
    part_of = _text(made.get("isPartOf"))
    more: dict[str, Any] = {"series": names.of.get(part_of, "")} if part_of else {}
    if given in names.series:
        more["isSeries"] = True
    own = iri(made)
    return Record(
        source,
        id_,
        text.encode("utf-8", "replace"),
        {**made, **more},
        canonical_hash({**made, **more}),
        _text(made.get("modified")) or None,
        iri=own,
        identifier=given or id_,
        name=slug(made),
        claims=identity.claims([own, given]),
        kind=KIND,
    )


def identifier(data: Mapping[str, Any]) -> str:
    """`identifier`: a text or number; in DCAT-US 3 also an object with the text as its notation."""
    value = data.get("identifier")
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("notation") or value.get("@id") or value.get("@value")
    return whole(str(value)).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def iri(data: Mapping[str, Any]) -> str:
    """`@id`, if it lasts."""
    own = _text(data.get("@id"))
    return own if identity.persistent(own) else ""


def slug(data: Mapping[str, Any]) -> str:
    """What the slug is made of: the page's own name at ArcGIS Hub, the item's number, else the identifier."""
    page = _text(data.get("landingPage"))
    if "/datasets/" in page and "::" in page:
        return identity.last_part(page)
    given = identifier(data) or iri(data) or page
    if not given.lower().startswith(("http://", "https://")):
        return given
    try:
        asked = parse_qs(urlsplit(given).query)
    except ValueError:
        asked = {}
    number = [asked[key][0] for key in ("id", "sublayer", "layer") if asked.get(key)]
    return "-".join(number) if "id" in asked else identity.last_part(given)


def _text(value: Any) -> str:
    return whole(value).strip() if isinstance(value, str) else ""


# ── ArcGIS Hub ───────────────────────────────────────────────────────────────────────────────────────────────────────

GEO_SERVICE = "ArcGIS GeoServices REST API"
"""What ArcGIS Hub calls the format of its services."""
_TAKEN = frozenset(
    (
        *("id", "name", "description", "snippet", "searchDescription", "tags", "created", "modified", "access", "url"),
        *("licenseInfo", "structuredLicense", "extent", "source", "orgContactEmail", "culture", "slug"),
    )
)


def _of_hub(item: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """An item of ArcGIS Hub's own API in the terms of DCAT-US; what these lack stays under `attributes`."""
    links = whole.get("links")
    page = _text(links.get("itemPage")) if isinstance(links, dict) else ""
    licence = item.get("licenseInfo")
    structured = item.get("structuredLicense")
    if isinstance(structured, dict):
        licence = structured.get("url") or structured.get("text") or licence
    extent = item.get("extent")
    found = {
        "identifier": item.get("id"),
        "title": item.get("name"),
        "description": item.get("description") or item.get("snippet"),
        "keyword": item.get("tags"),
        "issued": _moment(item.get("created")),
        "modified": _moment(item.get("modified")),
        "accessLevel": item.get("access"),
        "publisher": {"name": item.get("source") or item.get("orgName") or item.get("organization")},
        "contactPoint": {"hasEmail": item.get("orgContactEmail")},
        "license": licence,
        "language": [item.get("culture")],
        "landingPage": page,
        "spatial": json.dumps(extent.get("coordinates")) if isinstance(extent, dict) else None,
        "distribution": [{"title": item.get("type"), "format": GEO_SERVICE, "accessURL": item.get("url")}],
        "attributes": {k: v for k, v in item.items() if k not in _TAKEN},
    }
    return {k: v for k, v in found.items() if v not in (None, "", [], {})}


def _moment(value: Any) -> str | None:
    """Milliseconds since 1970, as ArcGIS counts."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value if isinstance(value, str) else None
    try:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None
