"""Extent and granularity."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Fate
from harvest.mapping.extent import polygon
from tests.harvest.mapping.support import BASE, mapped

EU = "http://publications.europa.eu/resource/authority"
RING = [[1.35, 43.53], [1.52, 43.53], [1.52, 43.67], [1.35, 43.67], [1.35, 43.53]]
BOX = {"type": "Polygon", "coordinates": [RING]}
WKT = '"POLYGON((1.35 43.53,1.52 43.53,1.52 43.67,1.35 43.67,1.35 43.53))"'


@pytest.mark.parametrize("bbox", [BOX, {"type": "Feature", "properties": {}, "geometry": BOX}])
def test_extent_is_a_wkt_polygon(bbox: dict[str, Any]) -> None:
    found = mapped({"default": {"bbox": bbox}})
    assert found.objects("spatial") == [f"<{BASE}dataset/arbres/extent>"]
    assert found.objects("bbox", "extent") == [f"{WKT}^^<http://www.opengis.net/ont/geosparql#wktLiteral>"]
    assert found.objects("centroid", "extent") == []


@pytest.mark.parametrize(
    "ring",
    [
        [[577833.9, 6272105.8], [574210.5, 6272100.0], [574210.5, 6279999.0]],
        [[43.5, 1.3], [43.6, 91.4], [43.5, 1.4]],
        [[1.0, 2.0], [1.0, 2.0]],
        [[1.0, 2.0], [1.0, 3.0]],
        [["a", 1]],
        [],
    ],
)
def test_what_is_no_extent_is_reported(ring: list[Any]) -> None:
    found = mapped({"default": {"bbox": {"type": "Polygon", "coordinates": [ring]}}})
    assert found.objects("spatial") == []
    assert found.fate("default.bbox") is Fate.UNMAPPED


def test_inspire_sides() -> None:
    names = ("westbound_longitude", "southbound_latitude", "eastbound_longitude", "northbound_latitude")
    sides = dict(zip(names, ("0.1568", "46.4944", "0.5084", "46.6848"), strict=True))
    found = mapped({"inspire": {f"extend_bounding_box_{k}": v for k, v in sides.items()}})
    assert found.objects("bbox", "extent")[0].startswith('"POLYGON((0.1568 46.4944,0.5084 46.4944,')
    swapped = {**sides, "westbound_longitude": "0.9"}
    bad = mapped({"inspire": {f"extend_bounding_box_{k}": v for k, v in swapped.items()}})
    assert bad.fate("inspire.extend_bounding_box_eastbound_longitude") is Fate.UNMAPPED


def test_numbers_have_no_exponent() -> None:
    assert polygon((-180.0, 0.00001, 180.0, 90.0)).startswith("POLYGON((-180 0.00001,180 0.00001,180 90,")


def test_centroid_only_when_given() -> None:
    found = mapped({"dcat_ap": {"spatial_centroid": {"lon": 1.44, "lat": 43.6}}, "default": {"bbox": BOX}})
    assert found.objects("centroid", "extent")[0].startswith('"POINT(1.44 43.6)"')


def test_granularity() -> None:
    found = mapped({"dcat": {"granularity": "2,5 km"}})
    assert found.objects("spatialResolutionInMeters") == ['"2500"^^<http://www.w3.org/2001/XMLSchema#decimal>']
    assert mapped({"dcat": {"granularity": "commune"}}).objects("scopeNote") == ['"Granularité : commune"@fr']
