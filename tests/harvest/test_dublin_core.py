"""Records in Dublin Core as catalogue services give them: boxes, services, licences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.model import Mapped, Record
from harvest import dublin_core
from harvest.coverage import identity
from harvest.documents import xml
from harvest.mapping.context import Context
from harvest.source import Rejected

CONTEXT = Context(base="https://data.exemple.fr/", source="geo", portal="", now=datetime(2026, 1, 1, tzinfo=UTC))
NAMES = (
    'xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dct="http://purl.org/dc/terms/" xmlns:ows="http://www.opengis.net/ows"'
)


def made(inner: str) -> Record | Rejected:
    root = xml.tree(f"<csw:Record {NAMES}>{inner}</csw:Record>".encode(), what="a test")
    return dublin_core.record_of("geo", root, kind="csw")


def mapped(inner: str) -> Mapped:
    record = made(f"<dc:identifier>a</dc:identifier><dc:title>Arbres</dc:title>{inner}")
    assert isinstance(record, Record)
    return dublin_core.map_record(record, identity(record), CONTEXT)


@pytest.mark.parametrize(
    ("crs", "lower", "upper"),
    [
        ("urn:x-ogc:def:crs:EPSG:6.11:4326", "48.67 1.42", "50.53 4.27"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "1.42 48.67", "4.27 50.53"),
        ("urn:ogc:def:crs:EPSG::RGF93 / Lambert-93", "4.27 48.67", "1.42 50.53"),
    ],
)
def test_corners_in_any_order_that_services_write(crs: str, lower: str, upper: str) -> None:
    found = mapped(
        f'<ows:BoundingBox crs="{crs}"><ows:LowerCorner>{lower}</ows:LowerCorner>'
        f"<ows:UpperCorner>{upper}</ows:UpperCorner></ows:BoundingBox>"
    )
    assert b"POLYGON((1.42 48.67,4.27 48.67,4.27 50.53,1.42 50.53,1.42 48.67))" in found.dataset.canonical


def test_a_service_has_an_endpoint_and_a_dataset_has_not() -> None:
    link = '<dc:URI protocol="OGC:WMS-1.1.1-http-get-map" name="Carte">https://x.fr/wms</dc:URI>'
    service = mapped(f"<dc:type>service</dc:type>{link}").dataset.canonical.decode()
    assert "dcat#DataService>" in service
    assert "endpointURL> <https://x.fr/wms>" in service
    dataset = mapped(link).dataset.canonical.decode()
    assert "accessURL> <https://x.fr/wms>" in dataset
    assert "WMS_SRVC" in dataset


def test_a_licence_is_told_from_other_rights() -> None:
    found = mapped("<dc:rights>Licence Ouverte version 2.0</dc:rights><dc:rights>Citer</dc:rights>")
    text = found.dataset.canonical.decode()
    assert "license> <http://publications.europa.eu/resource/authority/licence/ETALAB_2_0>" in text
    assert text.count("dc/terms/rights>") == 1


def test_every_value_ends_in_the_ledger() -> None:
    found = mapped(
        "<dc:format>papier</dc:format><dc:relation>voir ailleurs</dc:relation><dct:mediator>X</dct:mediator>"
    )
    fates = {e.field: e.fate.value for e in found.ledger.entries}
    assert fates == {
        "identifier": "mapped",
        "title": "mapped",
        "format": "unmapped",
        "relation": "unmapped",
        "mediator": "unmapped",
    }


def test_a_record_of_nothing() -> None:
    assert made("<dc:subject>arbres</dc:subject>") == Rejected("-", dublin_core.NOTHING_INSIDE)
