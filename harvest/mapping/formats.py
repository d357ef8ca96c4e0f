"""The export formats of OpenDataSoft's Explore API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SHAPEFILE_LIMIT = 50_000
"""OpenDataSoft makes no shapefile of more records than that."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export format of the Explore API: its name for people, and whether only datasets with geometry have it."""

    label: str
    geographic: bool = False


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        "csv": Export("CSV"),
        "json": Export("JSON"),
        "geojson": Export("GeoJSON", geographic=True),
        "shp": Export("Shapefile", geographic=True),
        "fgb": Export("FlatGeobuf", geographic=True),
        "gpx": Export("GPX", geographic=True),
        "jsonl": Export("JSON Lines"),
        "jsonld": Export("JSON-LD"),
        "kml": Export("KML", geographic=True),
        "n3": Export("N3"),
        "ov2": Export("OV2", geographic=True),
        "parquet": Export("Parquet"),
        "rdfxml": Export("RDF/XML"),
        "turtle": Export("Turtle"),
        "xlsx": Export("Excel"),
    }
)
"""The export formats of the Explore API."""
ALWAYS = ("csv", "json", "geojson", "shp")
"""What data.gouv.fr holds of every OpenDataSoft portal (aggregators.md, 1.1.7)."""
