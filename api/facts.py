"""What the page of a dataset shows: facts, distributions and findings, as plain values for a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from api.reading import Named, Reading
from vocab.namespaces import DCAT, DCT, VCARD


@dataclass(frozen=True, slots=True)
class DistributionRow:
    """One line of the table of distributions. `iri` ends in the anchor's name."""

    iri: str
    title: str
    format: str
    licence: str
    size: str
    download: str
    access: str


def dataset_facts(reading: Reading, node: NamedNode) -> dict[str, Any]:
    """What the page of a dataset shows of it, by the name of the row."""
    return {
        "title": reading.name(node).label,
        "description": reading.text(node, DCT.description).split("\n"),
        "publisher": reading.named(node, DCT.publisher),
        "licence": reading.named(node, DCT.license) or reading.named(node, DCAT.distribution, DCT.license),
        "themes": _once(reading.named(node, DCAT.theme)),
        "keywords": reading.texts(node, DCAT.keyword),
        "contact": [_contact(reading, c) for c in reading.objects(node, DCAT.contactPoint)],
        "frequency": reading.named(node, DCT.accrualPeriodicity),
        "spatial": [n for n in reading.named(node, DCT.spatial) if not n.iri.startswith(f"{node.value}/")],
        "temporal": [_period(reading, p) for p in reading.objects(node, DCT.temporal)],
        "language": reading.named(node, DCT.language),
        "access_rights": reading.named(node, DCT.accessRights),
        "landing_page": reading.address(node, DCAT.landingPage),
        "identifier": reading.text(node, DCT.identifier),
        "issued": reading.text(node, DCT.issued),
        "modified": reading.text(node, DCT.modified),
    }


def _once(named: list[Named]) -> list[Named]:
    """Without those that are called as one before: a city's own theme often bears the name of the European one."""
    return list({n.label: n for n in named}.values())


def distribution_rows(reading: Reading, node: NamedNode) -> list[DistributionRow]:
    """The distributions of a dataset, by IRI."""
    found = [d for d in reading.objects(node, DCAT.distribution) if isinstance(d, NamedNode)]
    return [_row(reading, d) for d in sorted(found, key=lambda d: d.value)]


def _row(reading: Reading, node: NamedNode) -> DistributionRow:
    formats = reading.named(node, DCT["format"]) or reading.named(node, DCAT.mediaType)
    licences = reading.named(node, DCT.license)
    return DistributionRow(
        node.value,
        reading.text(node, DCT.title),
        ", ".join(n.label for n in formats),
        ", ".join(n.label for n in licences),
        reading.text(node, DCAT.byteSize),
        reading.address(node, DCAT.downloadURL),
        reading.address(node, DCAT.accessURL),
    )


def _contact(reading: Reading, node: object) -> Named:
    address = reading.address(node, VCARD.hasEmail) or reading.address(node, VCARD.hasURL)
    name = reading.name(node)
    return Named(name.label if name.label not in {"", "–"} else address.removeprefix("mailto:"), address)


def _period(reading: Reading, node: object) -> str:
    begin, end = reading.text(node, DCAT.startDate), reading.text(node, DCAT.endDate)
    return f"{begin or '…'} – {end or '…'}"
