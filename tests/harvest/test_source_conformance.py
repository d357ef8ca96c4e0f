"""What comes out of real CKAN packages and RDF catalogues violates DCAT-AP 3 only where the source made it so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from pyoxigraph import Triple

from catalog.assembly import labels
from catalog.model import Mapped
from shapes.engine import engine
from shapes.profiles import profile
from tests.real import real

NOT_STATED = {
    "Distribution-accessURL": "a file without any address, or with what is none",
    "Dataset-description": "a dataset without a description",
    "DatasetSeries-description": "a series without a description",
    "Agent-name": "a body that is cited and nowhere named",
    "Concept-prefLabel": "a theme of a vocabulary that the document does not describe",
    "ConceptScheme-title": "a vocabulary of the source's own without a title",
    "Checksum-algorithm": "a checksum without its algorithm",
    "Checksum-checksumValue": "a checksum whose value has an odd number of digits, or none",
    "DataService-title": "a service that is cited and not described",
    "DataService-endpointURL": "a service without an address",
    "Catalog-description": "a catalogue among the described things",
    "Catalog-publisher": "a catalogue among the described things",
    "CatalogRecord-primaryTopic": "a record of something else among the described things",
}
"""Properties that are mandatory, and that the source does not state (minCount)."""
ELSEWHERE = {
    "Dataset-source": "a dataset that is cited and described elsewhere",
    "Dataset-hasVersion": "a dataset that is cited and described elsewhere",
    "Dataset-inSeries": "a series that is cited and described elsewhere",
    "DataService-servesDataset": "a dataset that is cited and described elsewhere",
    "CatalogRecord-source": "a record that is cited and described elsewhere",
    "CatalogRecord-primaryTopic": "a record of something else among the described things",
    "Relationship-relation": "a resource that is cited and described elsewhere",
    "Dataset-landingPage": "a term of a vocabulary in place of a page",
}
"""Properties whose value the source cites and does not describe (class, or a choice of classes)."""
TOO_MANY = {
    "Dataset-publisher": "two publishers",
    "Distribution-format": "two formats",
    "Distribution-rights": "two statements of rights",
    "CatalogRecord-conformsTo": "two standards of the source's record",
}
"""Properties of which the source states more values than are allowed (maxCount)."""
CAUSED = (
    {(shape, "MinCountConstraintComponent") for shape in NOT_STATED}
    | {(shape, kind) for shape in ELSEWHERE for kind in ("ClassConstraintComponent", "OrConstraintComponent")}
    | {(shape, "MaxCountConstraintComponent") for shape in TOO_MANY}
)
AT_PUBLICATION = ("CatalogRecord-modified", "MinCountConstraintComponent")
"""The date of our record is that of the release that publishes it."""


NAME = re.compile(rb"(?m)^(<[^>]*>) <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#")
"""The datasets, distributions, services and records that a description describes."""


@pytest.mark.parametrize("kind", ["ckan", "dcat"])
def test_only_violations_that_the_source_caused(kind: str) -> None:
    found: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for group in _groups(kind):
        for finding in engine("garonne").validate(_graph(group), [profile("dcat-ap-3")]):
            key = (finding.shape.rsplit("#")[-1], finding.component.rsplit("#")[-1])
            if finding.severity == "violation" and key != AT_PUBLICATION:
                found[key] += 1
                example.setdefault(key, f"{finding.focus} {finding.value}")
    assert {key: example[key] for key in found if key not in CAUSED} == {}
    assert found, "there are some: the check sees something"


def _groups(kind: str) -> Iterator[list[Mapped]]:
    """The mapped records of a kind, a hundred at a time, no two of the same name together."""
    group: list[Mapped] = []
    named: set[str] = set()
    for result in real(kind):
        if result.kind != kind or result.mapped is None:
            continue
        here = set(NAME.findall(result.mapped.dataset.canonical))
        if len(group) == 100 or named & here:
            yield group
            group, named = [], set()
        group.append(result.mapped)
        named |= here
    yield group


def _graph(group: list[Mapped]) -> list[Triple]:
    """The statements of records as they would be published: of what several describe, one description."""
    described = {d.iri: d for mapped in group for d in (*mapped.others, mapped.dataset)}
    statements = dict.fromkeys(t for d in described.values() for t in d.triples)
    return list(statements | dict.fromkeys(labels(statements)))
