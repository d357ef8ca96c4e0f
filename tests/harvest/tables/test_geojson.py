"""GeoJSON files, feature by feature."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import RecordInvalid
from harvest.tables.geojson import describe
from harvest.tables.model import Table

POINT = {"type": "Point", "coordinates": [1.4, 43.6, 150]}
AREA = {"type": "Polygon", "coordinates": [[[1, 43], [2, 43], [2, 44], [1, 43]]]}


def feature(geometry: Any = POINT, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def read(folder: Path, document: Any, *, limit: int = 1_000_000) -> Table:
    file = folder / "x.geojson"
    file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return describe(file, "x.geojson", limit=limit)


def test_a_collection(tmp_path: Path) -> None:
    features = [feature(a=1, b="x", d="2024-01-01", o=True, l=[1]), feature(AREA, a=1.5, b=None, d="2024-02-01"), 12]
    found = read(tmp_path, {"type": "FeatureCollection", "name": "n", "features": features})
    assert {c.name: c.type for c in found.columns} == {
        "a": "double",
        "b": "",
        "d": "date",
        "o": "boolean",
        "l": "json_blob",
        "geometry": "geo_shape",
    }
    assert found.columns[-1].native == "Point/Polygon"
    assert (found.rows, found.extent, found.findings) == (2, (1, 43, 2, 44), {"odd_features": 1})


@pytest.mark.parametrize("document", [feature(AREA, a=1), AREA, {"type": "GeometryCollection", "geometries": [AREA]}])
def test_a_single_feature_or_geometry(tmp_path: Path, document: Any) -> None:
    found = read(tmp_path, document)
    assert (found.rows, found.extent) == (1, (1, 43, 2, 44))


@pytest.mark.parametrize(
    ("crs", "given"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", True),
        ("EPSG:4326", True),
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("urn:ogc:def:crs:EPSG::2154", False),
    ],
)
def test_other_coordinates_give_no_extent(tmp_path: Path, crs: str, given: bool) -> None:
    document = {"type": "FeatureCollection", "features": [feature()], "crs": {"properties": {"name": crs}}}
    found = read(tmp_path, document)
    assert (found.extent is not None) is given
    assert ("projected" in found.findings) is not given


def test_metres_without_a_word_give_none_either(tmp_path: Path) -> None:
    features = [feature({"type": "Point", "coordinates": [574000, 6278000]})]
    found = read(tmp_path, {"type": "FeatureCollection", "features": features})
    assert (found.extent, found.findings) == (None, {"projected": "?"})


def test_persons_have_no_extent(tmp_path: Path) -> None:
    assert read(tmp_path, {"type": "FeatureCollection", "features": [feature(nom="x")]}).extent is None


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        "12",
        '{"a": 1}',
        '{"type": "FeatureCollection", "features": [{}',
        '{"type": 1}',
        "<html>",
        '{"type": "FeatureCollection", "features": []} x',
        '{"type": "FeatureCollection" "features": []}',
        "{1: 2}",
        "[" * 100000,
        '{"a":' * 100000,
    ],
)
def test_what_is_broken_says_so_in_both_languages(tmp_path: Path, document: str) -> None:
    with pytest.raises(RecordInvalid) as caught:
        read(tmp_path, document)
    assert caught.value.french.startswith("Le fichier ne peut être lu")


def test_odd_shapes_never_crash(tmp_path: Path) -> None:
    odd: list[Any] = [None, 1, "x", [], {}, [[]], [None], {"type": "Point"}, {"type": None, "coordinates": ["x", 1]}]
    for one in odd:
        read(
            tmp_path,
            {
                "type": "FeatureCollection",
                "features": [one, feature(one), {"type": "Feature", **feature(), "properties": one}],
                "crs": one,
            },
        )
        read(tmp_path, {"type": "FeatureCollection", "features": one})
        read(tmp_path, {"type": "Feature", "properties": one, "geometry": one})


def test_many_features_need_little_memory(tmp_path: Path) -> None:
    body = json.dumps(feature(AREA, a=1, b="x" * 100))
    file = tmp_path / "x.geojson"
    with file.open("w") as f:
        f.write('{"type": "FeatureCollection", "features": [' + ",".join([body] * 25_000) + "]}")
    tracemalloc.start()
    found = describe(file, "x", limit=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rows == 25_000
    assert peak < 5_000_000 < file.stat().st_size
