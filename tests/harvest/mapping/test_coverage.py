"""Where and when."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Fate
from tests.harvest.mapping.support import BASE, mapped

EU = "http://publications.europa.eu/resource/authority"
RING = [[1.35, 43.53], [1.52, 43.53], [1.52, 43.67], [1.35, 43.67], [1.35, 43.53]]
BOX = {"type": "Polygon", "coordinates": [RING]}
WKT = '"POLYGON((1.35 43.53,1.52 43.53,1.52 43.67,1.35 43.67,1.35 43.53))"'


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
