"""OpenDataSoft records to DCAT-AP 3: the list of rules, and who may be published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from catalog.model import Description, Foreign, Identity, Kind, Mapped, Record, Text
from harvest.mapping import (
    bookkeeping,
    columns,
    coverage,
    distributions,
    extent,
    labels,
    people,
    references,
    rights,
    service,
)
from harvest.mapping.context import Context
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.ods_record import OdsRecord, normalise

Rule = Callable[[Reader, Draft], None]

RULES: tuple[Rule, ...] = (
    bookkeeping.identity,
    labels.language,
    bookkeeping.timezone,
    labels.title,
    labels.description,
    labels.keywords,
    labels.themes,
    labels.inspire_theme,
    labels.high_value,
    rights.licence,
    rights.local_rights,
    rights.attributions,
    rights.access_rights,
    people.publisher,
    people.creator,
    people.contributor,
    people.contact,
    bookkeeping.dates,
    bookkeeping.frequency,
    bookkeeping.other_identifiers,
    bookkeeping.source_record,
    bookkeeping.origin,
    extent.extent,
    coverage.places,
    coverage.temporal,
    extent.granularity,
    references.landing_page,
    references.references,
    references.conforms_to,
    references.relation,
    references.provenance,
    distributions.exports,
    distributions.attachments,
    distributions.alternative_exports,
    columns.columns,
    service.source_service,
    service.dataset_service,
    bookkeeping.portal_fields,
)
"""The rules in their order: later ones use what earlier ones found out (the language, the licence, the exports)."""


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The DCAT-AP 3 description of one OpenDataSoft dataset, of what it names, and the ledger of all its values.

    Pure: the same record, identity and context give the same bytes. Takes records of the v1, v2.0 and v2.1 shapes.
    The catalogue record has no `dct:issued` and `dct:modified` yet: those are of the release that publishes it.
    Raises `RecordInvalid` for what is no dataset record, or has no title.
    """
    escaped = b"\\ud" in record.payload or b"\\uD" in record.payload
    view = Reader(normalise(_mended(record.data) if escaped else record.data))
    out = Draft(identity, context, portal_of(view.record, context))
    for rule in RULES:
        view.rule = rule.__name__
        rule(view, out)
    dataset = Description(identity.iri, Kind.DATASET, identity.slug, out.statements.canonical)
    return Mapped(dataset, tuple(out.others[iri] for iri in sorted(out.others)), view.ledger())


def _mended(value: Any) -> Any:
    """The same data with U+FFFD for every half of a surrogate pair: JSON can escape one, but no text can hold it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(one) for key, one in value.items()}
    return value


def portal_of(record: OdsRecord, context: Context) -> str:
    """The portal's address without a slash at its end: of the settings, else where the record's own links lead."""
    if context.portal:
        return context.portal.rstrip("/")
    links = record.data.get("links") or record.data.get("_links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "self" and isinstance(link.get("href"), str):
            parts = urlsplit(link["href"])
            if parts.scheme in {"http", "https"} and parts.netloc:
                return f"{parts.scheme}://{parts.netloc}"
    return ""


_NOT_PUBLIC = Text(
    "Le portail ne montre pas ce jeu de données au public", "The portal does not show this dataset to the public"
)


def admission(view: OdsRecord, context: Context) -> Text | None:
    """Why this dataset is not published, or `None` when it may be.

    Kept out are those whose visibility or data the portal restricts, and datasets that the portal itself took from
    another one (a harvest loop, unless the source's settings admit them).
    """
    visibility = view.data.get("visibility")
    if isinstance(visibility, str) and visibility.strip().lower() not in {"", *rights.OPEN}:
        return Text(
            f"{_NOT_PUBLIC.fr} (visibilité «\u00a0{visibility}\u00a0»).",
            f"{_NOT_PUBLIC.en} (visibility `{visibility}`).",
        )
    if view.data.get("data_visible") is False:
        return Text(f"{_NOT_PUBLIC.fr} (données masquées).", f"{_NOT_PUBLIC.en} (data hidden).")
    default = view.metas.get("default", {})
    if default.get("federated") is True and not context.federated:
        origin = default.get("source_domain_address") or default.get("source_domain") or "?"
        return Foreign(
            f"Jeu de données fédéré depuis {origin}\u00a0: il est à moissonner à sa source.",
            f"Federated from {origin}: harvest it at its source.",
        )
    return None
