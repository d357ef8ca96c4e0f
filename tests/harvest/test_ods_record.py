"""Records of three API versions in one shape, and words for what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.errors import RecordInvalid
from harvest.ods_record import COPIES, is_empty, is_geojson, normalise
from tests.shared import shared


def load(path: str) -> Any:
    return json.loads(shared(f"data/real/opendatasoft/{path}").read_text(encoding="utf-8"))


def test_the_three_versions_of_one_dataset_agree() -> None:
    folder = "geonetwork__core-geonetwork"
    v1, v20, v21 = (normalise(load(f"{folder}/ods_{v}.json")) for v in ("v1", "v2.0", "v2.1"))
    assert [r.version for r in (v1, v20, v21)] == ["v1", "v2.0", "v2.1"]
    assert v1.id == v20.id == v21.id == "molecular-dynamics-data-for-udg-enzyme"
    for key in ("title", "license", "modified", "language", "references", "keyword"):
        assert v1.metas["default"][key] == v20.metas["default"][key] == v21.metas["default"][key]
    assert v1.metas["inspire"]["file_identifier"] == v21.metas["inspire"]["file_identifier"]
    assert v1.metas["custom"] == v21.metas["custom"]


def test_v1_flat_metas_that_the_templates_repeat_are_kept_apart() -> None:
    found = normalise(load("geonetwork__core-geonetwork/ods_v1.json"))
    assert found.data[COPIES]["title"] == found.metas["default"]["title"]
    assert found.metas["default"]["domain"] == "pndb"
    assert found.data["visibility"] == "domain"


def test_v1_without_templates_has_its_flat_metas_as_default() -> None:
    found = normalise(load("opendatateam__udata-ods/tests/data/test-b.json"))
    assert found.metas["default"]["keyword"] == "keyword1"
    assert COPIES not in found.data


def test_v1_annotations_become_an_object() -> None:
    record = load("amagovpt__udata-pt/sns_dataset.json")["datasets"][0]
    fields = normalise(record).data["fields"]
    assert fields[0]["annotations"] == {
        "timeserie_precision": "month",
        "facet": True,
        "facetsort": "-alphanum",
        "timerangeFilter": True,
    }


def test_a_text_is_kept_where_a_list_is_usual() -> None:
    record = {"datasetid": "a", "metas": {"title": "A", "theme": "Culture, Heritage"}}
    assert normalise(record).metas["default"]["theme"] == "Culture, Heritage"


def test_metas_without_templates_are_default_ones() -> None:
    assert normalise({"dataset_id": "a", "metas": {"title": "A"}}).metas["default"] == {"title": "A"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"created": "2024", "dataset_id": "a", "title": "A"}, "row of chosen columns"),
        ({"asset_type": "ods_studiopage", "slug": "p", "title": "A"}, "portal asset"),
        ({"dataset_id": "a", "has_records": True}, "has no `metas`"),
        ({"dataset_id": "a", "metas": None}, "has no `metas`"),
        ({"dataset_id": " ", "metas": {}}, "no `dataset_id`"),
        ({"datasetid": 3, "metas": {}}, "no `datasetid`"),
        ({"@graph": []}, "no OpenDataSoft dataset record"),
        ({}, "no key at all"),
        ([], "is a list"),
        (None, "is null"),
        ("x", "is a text"),
    ],
)
def test_what_is_no_dataset_is_refused_in_words(data: Any, words: str) -> None:
    with pytest.raises(RecordInvalid) as caught:
        normalise(data)
    assert words in str(caught.value)
    assert caught.value.hint


def test_real_files_that_hold_no_dataset_records_are_refused() -> None:
    folder = "139bercy__data-eco-datasets-manager/tests/fixtures"
    rows = [load("geonetwork__core-geonetwork/ods_asset.json"), *load(f"{folder}/datasets.json")["results"]]
    for row in rows:
        with pytest.raises(RecordInvalid):
            normalise(row)


@pytest.mark.parametrize("value", [None, "", "  ", " ", [], {}])
def test_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [False, 0, 0.0, "x", [None], {"a": None}])
def test_not_empty(value: Any) -> None:
    assert not is_empty(value)


def test_geojson_is_one_value() -> None:
    assert is_geojson({"type": "Polygon", "coordinates": []})
    assert is_geojson({"type": "Feature", "geometry": None, "properties": {}})
    assert not is_geojson({"type": ["Dataset"], "coordinates": []})
    assert not is_geojson({"type": "Polygon"})
