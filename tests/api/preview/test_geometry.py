"""Geometries as harvesters read them."""

from __future__ import annotations

import pytest

from api.preview import geometry


@pytest.mark.parametrize(
    ("wkt", "kind", "box"),
    [
        ("POLYGON((1 43,2 43,2 44,1 44,1 43))", "Polygon", "1 – 2 E, 43 – 44 N"),
        (" POLYGON ((1 43, 2.5 43, 2 -44.25, 1 43), (1 1, 2 2, 1 1)) ", "Polygon", "1 – 2.5 E, -44.25 – 43 N"),
        ("MULTIPOLYGON(((1 2,3 4,1 2)),((5 6,7 8,5 6)))", "MultiPolygon", "1 – 7 E, 2 – 8 N"),
        ("POINT(1.5 43)", "Point", "1.5 – 1.5 E, 43 – 43 N"),
    ],
)
def test_wkt_is_read(wkt: str, kind: str, box: str) -> None:
    found = geometry.from_wkt(wkt)
    assert found is not None
    assert (found["type"], geometry.extent(found["coordinates"])) == (kind, box)


@pytest.mark.parametrize(
    "wkt",
    ["", "POLYGON EMPTY", "POLYGON((1 2,3 4", "POLYGON(1 2,3 4)", "<crs> POLYGON((1 2,3 4))", "x((", "POINT(a b)"],
)
def test_what_is_no_wkt_is_none(wkt: str) -> None:
    assert geometry.from_wkt(wkt) is None


def test_only_polygons_count() -> None:
    assert geometry.polygons({"type": "Point", "coordinates": [1, 2]}) == []
    assert geometry.polygons({"type": "MultiPolygon", "coordinates": [[1], [2]]}) == [[1], [2]]
    assert geometry.polygons({"type": "MultiPolygon"}) == []
    assert geometry.from_geojson("[" * 100_000) is None
    assert geometry.from_geojson("[]") is None
    assert geometry.from_box("1,2,3") is None
    assert geometry.extent(geometry.from_box(" 1,2,3,4 ")["coordinates"]) == "1 – 3 E, 2 – 4 N"  # type: ignore[index]
