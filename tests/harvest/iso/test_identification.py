"""Titles, identifiers, dates, types, reference systems and resolutions of ISO 19115."""

from __future__ import annotations

import pytest

from harvest.documents import xml
from harvest.iso.identification import crs, identifiers, kind_of, own_iri
from tests.fakes.csw import coded, record, text
from tests.harvest.iso.builder import ROOT, UUID, element, fates, mapped, values

INSPIRE = "http://inspire.ec.europa.eu/metadata-codelist/"


def with_identifiers(*inner: str) -> list[str]:
    body = "".join(f"<gmd:identifier><gmd:RS_Identifier>{i}</gmd:RS_Identifier></gmd:identifier>" for i in inner)
    whole = record(UUID).replace("</gmd:title>", f"</gmd:title>{body}", 1)
    return [one for one, _ in identifiers(xml.tree(whole.encode(), what="a test"))]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            f"<gmd:code>{text('a/1')}</gmd:code><gmd:codeSpace>{text('https://x.fr/id')}</gmd:codeSpace>",
            "https://x.fr/id/a/1",
        ),
        (f"<gmd:code>{text('1')}</gmd:code><gmd:codeSpace>{text('https://x.fr/#')}</gmd:codeSpace>", "https://x.fr/#1"),
        (f"<gmd:code>{text('1')}</gmd:code><gmd:codeSpace>{text('urn:x-org:a')}</gmd:codeSpace>", "urn:x-org:a:1"),
        (
            f"<gmd:code>{text('https://x.fr/1')}</gmd:code><gmd:codeSpace>{text('org')}</gmd:codeSpace>",
            "https://x.fr/1",
        ),
        ("<gmd:code><gmx:Anchor xlink:href='https://x.fr/2'>deux</gmx:Anchor></gmd:code>", "https://x.fr/2"),
    ],
)
def test_identifiers(inner: str, expected: str) -> None:
    assert with_identifiers(inner, inner) == [expected]


def test_the_resource_is_named_by_its_own_iri_and_the_record_by_its_file_identifier() -> None:
    assert own_iri(element()) == ROOT
    found = mapped()
    assert found.dataset.iri == ROOT
    assert values(found, "dct:identifier") == {ROOT}
    assert UUID in values(found, "dct:identifier", "")
    assert values(found, "geodcatap:resourceType") == {f"{INSPIRE}ResourceType/dataset"}


def test_a_name_in_an_inner_network_is_kept_as_an_identifier_only() -> None:
    inner = f"<gmd:code>{text('http://descartes.ministere.i2/1')}</gmd:code>"
    body = f"<gmd:identifier><gmd:MD_Identifier>{inner}</gmd:MD_Identifier></gmd:identifier>"
    root = xml.tree(record(UUID).replace("</gmd:title>", f"</gmd:title>{body}", 1).encode(), what="a test")
    assert own_iri(root) == ""
    assert [i for i, _ in identifiers(root)] == ["http://descartes.ministere.i2/1"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("dataset", "dataset"),
        ("series", "series"),
        ("service", "service"),
        ("nonGeographicDataset", "nonGeographicDataset"),
    ],
)
def test_scopes(scope: str, expected: str) -> None:
    assert kind_of(element(scope=scope)) == expected


def test_dates_by_their_type_the_latest_of_each() -> None:
    def date(day: str, kind: str) -> str:
        return (
            f"<gmd:date><gmd:CI_Date><gmd:date><gco:Date>{day}</gco:Date></gmd:date>"
            f"<gmd:dateType>{coded('CI_DateTypeCode', kind)}</gmd:dateType></gmd:CI_Date></gmd:date>"
        )

    body = record(UUID).replace(
        "</gmd:title>",
        "</gmd:title>"
        + date("2020-01-01", "revision")
        + date("2022-01-01", "revision")
        + date("1998", "creation")
        + date("2030-01-01", "expiry"),
        1,
    )
    from harvest.coverage import identity
    from harvest.iso import records
    from tests.harvest.iso.builder import CONTEXT

    made = records.record_of("geo", xml.tree(body.encode(), what="a test"))
    found = records.map_record(made, identity(made), CONTEXT)  # type: ignore[arg-type]
    iri = found.dataset.iri
    assert values(found, "dct:modified", f"<{iri}>") == {"2022-01-01"}
    assert values(found, "dct:created", f"<{iri}>") == {"1998"}
    assert [f for f, _ in fates(found, "citation/date/date")].count("unmapped") == 2


@pytest.mark.parametrize(
    ("words", "space", "expected"),
    [
        ("EPSG:2154", "", "2154"),
        ("urn:ogc:def:crs:EPSG::2154", "", "2154"),
        ("urn:ogc:def:crs:EPSG:7.1:3948", "", "3948"),
        ("RGF93 / Lambert-93 (EPSG:2154)", "", "2154"),
        ("http://www.opengis.net/def/crs/EPSG/0/4258", "", "4258"),
        ("2154", "EPSG", "2154"),
        ("2154", "", ""),
        ("Lambert 93", "EPSG", ""),
    ],
)
def test_reference_systems(words: str, space: str, expected: str) -> None:
    assert crs(words, space) == (f"http://www.opengis.net/def/crs/EPSG/0/{expected}" if expected else "")


def test_resolutions() -> None:
    inner = (
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:equivalentScale><gmd:MD_RepresentativeFraction><gmd:denominator>"
        "<gco:Integer>25000</gco:Integer></gmd:denominator></gmd:MD_RepresentativeFraction></gmd:equivalentScale>"
        "</gmd:MD_Resolution></gmd:spatialResolution>"
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:distance><gco:Distance uom='km'>1,5</gco:Distance>"
        "</gmd:distance></gmd:MD_Resolution></gmd:spatialResolution>"
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:distance><gco:Distance uom='pixel'>3</gco:Distance>"
        "</gmd:distance></gmd:MD_Resolution></gmd:spatialResolution>"
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:equivalentScale><gmd:MD_RepresentativeFraction><gmd:denominator>"
        "<gco:Integer>0</gco:Integer></gmd:denominator></gmd:MD_RepresentativeFraction></gmd:equivalentScale>"
        "</gmd:MD_Resolution></gmd:spatialResolution>"
    )
    found = mapped(inner)
    assert values(found, "dcat:spatialResolutionInMeters") == {"1500"}
    assert values(found, "dqv:value", "") == {"0.00004"}
    assert fates(found, "denominator")[1][0] == "unmapped"
    assert fates(found, "distance")[1][0] == "unmapped"
