"""Identity, dates, catalogue record, and what belongs to the portal alone."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Fate
from tests.harvest.mapping.support import BASE, PORTAL, Result, mapped

XSD = "http://www.w3.org/2001/XMLSchema#"


def about(found: Result, subject: str, predicate: str) -> list[str]:
    return [
        str(t.object)
        for t in found.triples
        if str(t.subject) == f"<{subject}>" and t.predicate.value.endswith(predicate)
    ]


def test_identity() -> None:
    found = mapped(dataset_uid="da_19b0c11f")
    assert found.objects("identifier") == sorted(
        [f'"{PORTAL}/explore/dataset/arbres/"', f"<{BASE}dataset/arbres/identifier/uid>"]
    )
    assert found.objects("notation", "identifier/uid") == ['"da_19b0c11f"']
    assert about(found, f"{BASE}record/arbres", "primaryTopic") == [f"<{BASE}dataset/arbres>"]
    assert about(found, f"{BASE}record/arbres", "modified") == []


def test_the_sources_record_has_its_date() -> None:
    found = mapped({"default": {"metadata_processed": "2024-02-29T09:38:39Z"}})
    theirs = f"{PORTAL}/api/explore/v2.1/catalog/datasets/arbres"
    assert about(found, f"{BASE}record/arbres", "terms/source") == [f"<{theirs}>"]
    assert about(found, theirs, "modified") == [f'"2024-02-29T09:38:39Z"^^<{XSD}dateTime>']
    undated = mapped()
    assert about(undated, f"{BASE}record/arbres", "wasDerivedFrom") == [f"<{theirs}>"]
    assert about(undated, theirs, "#type") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"modified": "2024-07-15T10:00:00"}, "2024-07-15T10:00:00+02:00"),
        ({"modified": "2024-07-15T10:00:00", "timezone": ["America/Montreal"]}, "2024-07-15T10:00:00-04:00"),
        ({"modified": "2024-07-15T10:00:00", "timezone": "Nulle/Part"}, "2024-07-15T10:00:00+02:00"),
    ],
)
def test_dates_have_a_zone(fields: dict[str, Any], expected: str) -> None:
    assert mapped({"default": fields}).objects("modified") == [f'"{expected}"^^<{XSD}dateTime>']


@pytest.mark.parametrize("value", ["le 30/02/2025", "2062-03-02T08:15:00+00:00", {"a": "2024-01-01"}])
def test_dates_that_cannot_be_are_reported(value: Any) -> None:
    found = mapped({"default": {"modified": value}})
    assert found.objects("modified") == []
    assert [e.fate for e in found.mapped.ledger.entries if e.field.startswith("default.modified")] == [Fate.UNMAPPED]


def test_created_and_issued() -> None:
    found = mapped({"dcat": {"created": "2016-01-24T00:00:00+00:00", "issued": "2018-12-31"}})
    assert found.objects("created") == [f'"2016-01-24T00:00:00+00:00"^^<{XSD}dateTime>']
    assert found.objects("issued") == [f'"2018-12-31"^^<{XSD}date>']


def test_frequency_by_precedence() -> None:
    found = mapped({"dcat_ap": {"accrualPeriodicity": "???"}, "dcat": {"accrualperiodicity": "Annuelle"},
                    "default": {"update_frequency": "daily"}})  # fmt: skip
    assert [f.rsplit("/", 1)[1] for f in found.objects("accrualPeriodicity")] == ["ANNUAL>"]
    assert found.entry("dcat_ap.accrualPeriodicity").table == "frequencies"
    assert found.fate("default.update_frequency") is Fate.IGNORED
    cleared = mapped(
        {"dcat": {"accrualperiodicity": "Selon besoin"}}, settings={"frequencies": {"selon besoin": "AS_NEEDED"}}
    )
    assert [f.rsplit("/", 1)[1] for f in cleared.objects("accrualPeriodicity")] == ["AS_NEEDED>"]


def test_origin_of_a_federated_dataset() -> None:
    fields = {"source_domain_address": "data.example.fr", "source_dataset": "a b", "source_domain": "data"}
    found = mapped({"default": fields})
    assert found.objects("wasDerivedFrom") == ["<https://data.example.fr/explore/dataset/a%20b/>"]


def test_portal_fields_are_ignored_by_name_and_unknown_ones_are_not() -> None:
    found = mapped(
        {"visualization": {"map_disabled": False}, "explore": {"download_count": 3}, "custom": {"rue": "x"},
         "default": {"records_count": 12, "modified_updates_on_data_change": True}},
        features=["analyze", "geo"],
        _links=[{"rel": "self", "href": "https://x.example/"}],
    )  # fmt: skip
    for field in ("visualization.map_disabled", "explore.download_count", "default.records_count", "_links.rel"):
        assert found.fate(field) is Fate.IGNORED
        assert found.entry(field).rule == "portal_fields"
    assert found.fate("features", "analyze") is Fate.IGNORED
    assert found.fate("custom.rue") is Fate.UNMAPPED
    assert found.entry("custom.rue").reason
