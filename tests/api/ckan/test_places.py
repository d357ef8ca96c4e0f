"""Where a dataset is about, as harvesters of CKAN read it."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from api.ckan.places import places
from api.ckan.values import Graph
from tests.api.city import PREFIXES

DATASET = "https://data.example.org/dataset/x"
HEAD = (
    PREFIXES + "@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix locn: <http://www.w3.org/ns/locn#> .\n"
)
SQUARE = "POLYGON((1 43,2 43,2 44,1 44,1 43))"
RING = [[1, 43], [2, 43], [2, 44], [1, 44], [1, 43]]


def made(turtle: str) -> dict[str, str]:
    triples = [q.triple for q in parse(HEAD + turtle, format=RdfFormat.TURTLE)]
    return places(Graph(triples, "fr"), NamedNode(DATASET))


@pytest.mark.parametrize(
    "literal",
    [
        f'"{SQUARE}"^^geo:wktLiteral',
        f'"<http://www.opengis.net/def/crs/OGC/1.3/CRS84> {SQUARE}"^^geo:wktLiteral',
        f'"{SQUARE.lower()}"^^geo:wktLiteral',
        "'" + json.dumps({"type": "Polygon", "coordinates": [RING]}) + "'^^geo:geoJSONLiteral",
    ],
)
def test_an_area_is_geojson(literal: str) -> None:
    found = made(f"<{DATASET}> dct:spatial <{DATASET}/extent> . <{DATASET}/extent> dcat:bbox {literal} .")
    assert json.loads(found["spatial"]) == {"type": "Polygon", "coordinates": [RING]}
    assert "spatial_uri" not in found


@pytest.mark.parametrize(
    "literal",
    [
        '"POINT(1 43)"^^geo:wktLiteral',
        f'"<http://www.opengis.net/def/crs/EPSG/0/3943> {SQUARE}"^^geo:wktLiteral',
        '"Toulouse"',
        '\'{"type": "Point", "coordinates": [1, 43]}\'',
        '"[1]"',
    ],
)
def test_other_geometries_are_left_out(literal: str) -> None:
    assert "spatial" not in made(f"<{DATASET}> dct:spatial [ locn:geometry {literal} ] .")


def test_a_place_of_a_register() -> None:
    found = made(f"""<{DATASET}> dct:spatial <https://sws.geonames.org/2972315/> .
      <https://sws.geonames.org/2972315/> skos:prefLabel "Toulouse"@fr .""")
    assert found == {"spatial_uri": "https://sws.geonames.org/2972315/", "spatial_text": "Toulouse"}
