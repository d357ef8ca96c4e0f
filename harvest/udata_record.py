"""Datasets and data services of udata in one shape: from either version of its API, its exports, or its fixtures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model import Record, Text
from harvest import identity
from harvest.documents.text import whole
from harvest.source import Rejected, canonical_hash

KIND = "udata"
NO_DATASET = Text(
    "ce n’est ni un jeu de données ni une API décrits par udata.",
    "it is no dataset or data service described by udata.",
)
_COUNTERS = frozenset(("metrics", "extras", "internal", "quality", "featured", "preview_url", "members", "discussions"))
"""What changes with every visit or check, and nothing of which is published."""
_OTHER = (
    ("business_number_id", Text("c’est une organisation, et non un jeu de données.", "an organization, no dataset.")),
    ("members", Text("c’est une organisation, et non un jeu de données.", "an organization, no dataset.")),
    ("topic", Text("c’est une réutilisation, et non un jeu de données.", "a reuse, no dataset.")),
    ("headline", Text("c’est un article, et non un jeu de données.", "a post, no dataset.")),
    ("filetype", Text("c’est une ressource sans son jeu de données.", "a resource without its dataset.")),
    ("dataset.id", Text("c’est une ressource sans son jeu de données.", "a resource without its dataset.")),
)
_SERVICE = ("base_api_url", "machine_documentation_url", "endpoint_description_url", "self_api_url")


def described(document: Any) -> Iterator[dict[str, Any] | Text]:
    """The datasets and data services in a document of udata, or why something in it is neither.

    Known are the pages of the API (`data`), single objects, lists of them, and the dumps that udata is installed with
    (`datasets`, each with its organization, resources, reuses and data services beside it).
    """
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        document = document["data"]
    if isinstance(document, dict) and isinstance(document.get("datasets"), list) and "title" not in document:
        document = document["datasets"]
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, dict) and isinstance(one.get("dataset"), dict) and "title" not in one:
            beside = {k: v for k, v in one.items() if k not in ("dataset", "dataservices", "discussions")}
            yield {**one["dataset"], **beside}
            services = one.get("dataservices")
            for service in services if isinstance(services, list) else ():
                yield _checked(service)
        else:
            yield _checked(one)


def _checked(one: Any) -> dict[str, Any] | Text:
    if not isinstance(one, dict):
        return NO_DATASET
    if is_service(one) or "resources" in one or "frequency" in one:
        return one
    for key, why in _OTHER:
        if key in one:
            return why
    return one if "title" in one and ("id" in one or "slug" in one) else NO_DATASET


def is_service(data: Mapping[str, Any]) -> bool:
    """Whether it describes a data service, and not a dataset."""
    return any(key in data for key in _SERVICE) and "resources" not in data


def record_of(source: str, data: dict[str, Any] | Text, *, portal: str = "") -> Record | Rejected:
    """The record of one dataset or data service, under udata's own stable `id`.

    Its hash leaves out what udata counts and checks, which changes every night.
    """
    if isinstance(data, Text):
        return Rejected("-", data)
    names = [v for v in (_text(data.get("id")), _text(data.get("slug"))) if v]
    if not names:
        return Rejected(f"?{canonical_hash(data)[:12]}", NO_DATASET)
    harvest = data.get("harvest")
    harvest = harvest if isinstance(harvest, dict) else {}
    own = _text(harvest.get("uri"))
    given = _text(harvest.get("dct_identifier")) or _text(harvest.get("remote_id"))
    kind = "dataservices" if is_service(data) else "datasets"
    pages = [f"{portal.rstrip('/')}/{kind}/{one}" for one in names] if portal else []
    stated = [_text(data.get(key)) for key in ("page", "self_web_url")]
    return Record(
        source,
        names[0],
        json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"),
        data,
        canonical_hash(_lasting(data)),
        _text(data.get("last_modified")) or _text(data.get("metadata_modified_at")) or None,
        iri=own if identity.persistent(own) else "",
        identifier=given or names[0],
        name=_text(data.get("slug")) or names[0],
        claims=identity.claims([own, given, *stated, *pages]),
        kind=KIND,
    )


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in _COUNTERS}
    return [_lasting(v) for v in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    return whole(value).strip() if isinstance(value, str) else ""
