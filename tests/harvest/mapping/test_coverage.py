"""Where and when."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Fate
from harvest.mapping.coverage import polygon
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


def test_codes_and_labels_name_one_place() -> None:
    found = mapped({"default": {"geographic_reference": ["fr_60_243100518"], "territory": ["Toulouse Métropole"]}})
    assert found.objects("spatial") == [f"<{BASE}concept/place/epci-243100518>"]
    assert '"243100518"' in found.other("concept/place/epci-243100518")
    assert found.fate("default.territory") is Fate.MAPPED


def test_countries_and_eu_places() -> None:
    assert mapped({"default": {"geographic_reference": ["world_fr"]}}).objects("spatial") == [f"<{EU}/country/FRA>"]
    assert mapped({"dcat": {"spatial": "Paris"}}).objects("spatial") == [f"<{EU}/place/FRA_PAR>"]


def test_an_undocumented_level_is_not_guessed() -> None:
    entry = mapped({"default": {"geographic_reference": ["be_40_03000"]}}).entry("default.geographic_reference")
    assert (entry.fate, entry.table) == (Fate.UNMAPPED, "places")


def test_an_unknown_place_stays_as_a_label() -> None:
    found = mapped({"dcat": {"spatial": "Région parisienne"}})
    assert found.objects("spatial") == [f"<{BASE}dataset/arbres/place/region-parisienne>"]
    assert found.objects("prefLabel", "place/region-parisienne") == ['"Région parisienne"@fr']
    assert (found.fate("dcat.spatial"), found.entry("dcat.spatial").table) == (Fate.UNMAPPED, "places")


def test_a_frequency_is_no_place() -> None:
    assert mapped({"dcat": {"spatial": "annuelle"}}).objects("spatial") == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("FRA_TLS", f"<{EU}/place/FRA_TLS>"),
        ("31069", f"<{BASE}concept/place/commune-31069>"),
        ("243100518", f"<{BASE}concept/place/epci-243100518>"),
        ("https://sws.geonames.org/2972315/", "<https://sws.geonames.org/2972315/>"),
    ],
)
def test_a_line_of_the_citys_table_names_the_place(target: str, expected: str) -> None:
    found = mapped({"dcat": {"spatial": "Le périmètre"}}, settings={"places": {"le perimetre": target}})
    assert found.objects("spatial") == [expected]
    assert found.fate("dcat.spatial") is Fate.MAPPED


def test_the_default_place_needs_silence() -> None:
    settings = {"defaults": {"spatial": f"{EU}/place/FRA_TLS"}}
    assert mapped(settings=settings).objects("spatial") == [f"<{EU}/place/FRA_TLS>"]
    assert mapped({"default": {"bbox": BOX}}, settings=settings).objects("spatial") == [
        f"<{BASE}dataset/arbres/extent>"
    ]


def period(result: Any) -> list[str]:
    (node,) = result.objects("temporal")
    return sorted(str(t.object) for t in result.triples if str(t.subject) == node and "Date" in t.predicate.value)


def test_coverage_dates_keep_their_precision() -> None:
    found = mapped(
        {"dcat": {"temporal_coverage_start": "2020", "temporal_coverage_end": "2022-06-30", "temporal": "x"}}
    )
    assert [p.rsplit("#", 1)[1] for p in period(found)] == ["gYear>", "date>"]
    assert found.objects("temporal")[0].startswith("_:p")
    assert found.fate("dcat.temporal") is Fate.IGNORED


def test_prose_only_when_certain() -> None:
    assert len(period(mapped({"dcat": {"temporal": "2009 - 2012"}}))) == 2
    found = mapped({"dcat": {"temporal": "01-01-12 / 31-12-13"}})
    assert found.objects("temporal") == []
    assert found.fate("dcat.temporal") is Fate.UNMAPPED


def test_reversed_and_broken_periods_are_reported() -> None:
    found = mapped({"dcat_ap": {"temporal_startDate": "2022-01-01", "temporal_endDate": "2021-01-01"}})
    assert found.objects("temporal") == []
    assert found.fate("dcat_ap.temporal_endDate") is Fate.UNMAPPED
    assert (
        mapped({"dcat": {"temporal_coverage_start": "bientôt"}}).fate("dcat.temporal_coverage_start") is Fate.UNMAPPED
    )


def test_granularity() -> None:
    found = mapped({"dcat": {"granularity": "2,5 km"}})
    assert found.objects("spatialResolutionInMeters") == ['"2500"^^<http://www.w3.org/2001/XMLSchema#decimal>']
    assert mapped({"dcat": {"granularity": "commune"}}).objects("scopeNote") == ['"Granularité : commune"@fr']
