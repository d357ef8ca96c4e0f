"""`data.json`, live and saved."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import RecordInvalid, ResponseInvalid, SettingsInvalid
from catalog.model import Fate, Mapped, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity, results
from harvest.dcat_us_record import Names, record_of
from harvest.mapping.context import Context
from harvest.mapping.dcat_us import without_placeholders
from harvest.mapping.dcat_us_extent import box
from harvest.mapping.dcat_us_periods import interval
from harvest.source import Rejected, make
from harvest.sources.dcat_us import DcatUs
from shapes.engine import engine
from shapes.profiles import profile
from tests.fakes.data_json import dataset, document
from tests.fakes.server import Answer, in_turn, serving
from tests.harvest.city import city
from tests.harvest.test_conformance import graph
from tests.shared import shared

CONTEXT = Context(base="https://catalogue.example.org/", source="us", portal="", now=datetime.now(UTC), language="en")
SAMPLES = "data/real/dcat-us/GSA__ckanext-datajson/ckanext/datajson/tests/datajson-samples"
MORAY = "data/real/dcat-us/OpenDataScotland__the_od_bods/tests/mock_data/arcgis/moray.json"


def source(url: str) -> DcatUs:
    found = make(
        SourceSettings(id="us", kind="dcat-us", url=url, allow_private=True),
        HarvestSettings(backoff=0.01, retries=1),
        lambda _message: None,
    )
    assert isinstance(found, DcatUs)
    return found


def record(data: dict[str, Any]) -> Record:
    made = record_of("us", data, json.dumps(data), Names())
    assert isinstance(made, Record)
    return made


def mapped(data: dict[str, Any], **changes: Any) -> Mapped:
    one = record(data)
    return source("https://city.org/data.json").map(one, identity(one), replace(CONTEXT, **changes))


def lines(found: Mapped) -> str:
    return found.dataset.canonical.decode()


# ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_by_its_address() -> None:
    body = document(dataset("a"), {}, dataset("b"), "x", dataset("", title="Nameless"))
    with serving(in_turn(Answer(body))) as running:
        found = source(f"{running.address}/data.json")
        records = list(found.records())
        assert [r.id for r in records if isinstance(r, Record)] == ["a", "b"]
        assert found.total == 5
        reasons = [r.reason.en for r in records if isinstance(r, Rejected)]
        assert [("neither" in r) for r in reasons] == [True, True, True]
        assert found.check().ok


def test_a_document_that_breaks_off() -> None:
    with serving(in_turn(Answer(document(dataset("a"), dataset("b"))[:-40]))) as running:
        found = source(running.address)
        records = found.records()
        assert next(records).id == "a"
        with pytest.raises(ResponseInvalid, match="ends"):
            next(records)


def test_what_is_no_catalogue() -> None:
    with serving(in_turn(Answer(b"<html>", kind="text/html"))) as running:
        assert not source(running.address).check().ok
        with pytest.raises(ResponseInvalid, match="web page"):
            list(source(running.address).records())
    with serving(in_turn(Answer(document()))) as running:
        assert not source(running.address).check().ok
    with pytest.raises(SettingsInvalid):
        make(SourceSettings(id="x", kind="dcat-us"), HarvestSettings(), lambda _m: None)


# ── what a dataset becomes ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_dataset_as_dcat_ap() -> None:
    data = dataset(
        "a",
        accrualPeriodicity="R/P1Y",
        temporal="2019-01-01/2019-12-31",
        spatial="-3.7,57.4,-2.7,57.7",
        language=["en-US"],
        landingPage="https://city.org/a",
        describedBy="https://city.org/a/dictionary.html",
        theme=["Environment"],
    )
    said = lines(mapped(data))
    iri = "<https://catalogue.example.org/dataset/a>"
    dct, eu = "http://purl.org/dc/terms/", "http://publications.europa.eu/resource/authority"
    for statement in (
        f'{iri} <{dct}title> "Dataset a"@en-us .',
        f'{iri} <{dct}description> "Trees & shrubs."@en-us .',
        f"{iri} <{dct}accrualPeriodicity> <{eu}/frequency/ANNUAL> .",
        f"{iri} <{dct}accessRights> <{eu}/access-right/PUBLIC> .",
        f"{iri} <{dct}language> <{eu}/language/ENG> .",
        f"{iri} <{dct}publisher> <https://catalogue.example.org/agent/city> .",
        f'{iri} <{dct}modified> "2024-05-06"^^<http://www.w3.org/2001/XMLSchema#date> .',
        "hasEmail> <mailto:desk@city.org> .",
        'startDate> "2019-01-01"',
        'endDate> "2019-12-31"',
        "POLYGON((-3.7 57.4,",
        "downloadURL> <https://city.org/a.csv>",
        "accessURL> <https://city.org/a.csv>",
        "page> <https://city.org/a/dictionary.html>",
    ):
        assert statement in said


def test_dcat_us_3_has_objects_where_1_has_texts() -> None:
    data = dataset(
        "a",
        otherIdentifier={"@type": "Identifier", "notation": "b"},
        contactPoint=[{"fn": "Desk", "hasEmail": "desk@city.org"}, {"fn": "Other", "tel": "+15551234567"}],
        theme=[{"@type": "Concept", "prefLabel": "Environment"}],
        spatial=[{"prefLabel": "Boston", "bbox": "POLYGON((1 2,3 2,3 4,1 4,1 2))"}],
        temporal=[{"startDate": "2019", "endDate": "2020"}],
        publisher={"name": "City", "subOrganizationOf": [{"name": "State"}]},
        distribution={
            "title": "File",
            "accessURL": {"@id": "https://city.org/a"},
            "format": {"prefLabel": "CSV"},
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "checksum": {"algorithm": "sha1", "checksumValue": "5b787ad25b85b994d03b5c536d8ecdecef3da9a1"},
        },
    )
    said = lines(mapped(data))
    for statement in (
        'notation> "b" .',
        "hasTelephone> <tel:+15551234567>",
        'prefLabel> "Boston"@en',
        'startDate> "2019"',
        "file-type/CSV>",
        "accessURL> <https://city.org/a>",
        "licence/CC_BY_4_0>",
        "checksumAlgorithm_sha1>",
    ):
        assert statement in said


def test_series_and_their_parts(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_bytes(document(dataset("part", isPartOf="whole"), dataset("whole")))
    said = {r.record.id: lines(r.mapped) for r in results(tmp_path) if r.mapped}
    assert "inSeries> <https://catalogue.example.org/dataset/whole>" in said["part"]
    assert (
        "dataset/whole> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#DatasetSeries>"
        in (said["whole"])
    )
    lost = mapped(dataset("a", isPartOf="nothing"))
    assert {e.fate for e in lost.ledger.entries if e.field == "isPartOf"} == {Fate.UNMAPPED}


def test_a_series_by_its_own_iri_only_where_that_is_kept(tmp_path: Path) -> None:
    whole = dataset("whole", **{"@id": "https://city.org/id/whole"})
    (tmp_path / "data.json").write_bytes(document(whole, dataset("part", isPartOf="whole")))
    for kept, iri in (("source", "https://city.org/id/whole"), ("minted", "https://data.example.org/dataset/whole")):
        table = f'[[source]]\nid = "us"\nkind = "files"\npath = "{tmp_path / "data.json"}"\n'
        found = city(tmp_path / kept, f'{table}[source.identity]\niri = "{kept}"\n')
        found.run()
        datasets = found.datasets()
        assert datasets["whole"].iri == iri
        assert f"inSeries> <{iri}>" in datasets["part"].canonical.decode()


def test_the_other_lists_of_dcat_us_3(tmp_path: Path) -> None:
    service = {"@type": "dcat:DataService", "identifier": "api", "title": "API", "endpointURL": "https://city.org/api"}
    series = {"@type": "DatasetSeries", "identifier": "years", "title": "Years", "description": "All."}
    (tmp_path / "data.json").write_bytes(document(dataset("a"), service=[service], datasetSeries=[series]))
    said = {r.record.id: lines(r.mapped) for r in results(tmp_path) if r.mapped}
    assert "#DataService>" in said["api"]
    assert "endpointURL> <https://city.org/api>" in said["api"]
    assert "#DatasetSeries>" in said["years"]


@pytest.mark.parametrize(("level", "published"), [("public", 1), ("restricted public", 1), ("non-public", 0)])
def test_access_levels(level: str, published: int) -> None:
    one = record(dataset("a", accessLevel=level))
    reason = source("https://city.org").admit(one, CONTEXT)
    assert (reason is None) is bool(published)
    assert reason is None or level in reason.fr


def test_a_modified_that_says_how_often() -> None:
    said = lines(mapped(dataset("a", modified="R/P1D")))
    assert "frequency/DAILY>" in said
    assert "terms/modified>" not in said


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("[[-14.6, -179.2], [71.4, 179.8]]", "-179.2,-14.6,179.8,71.4"),
        ("[[-3.7, 57.4], [-2.7, 57.7]]", "-3.7,57.4,-2.7,57.7"),
        ("-3.7,57.4,-2.7,57.7", "-3.7,57.4,-2.7,57.7"),
        ("[1]", "[1]"),
        ("[[", "[["),
        ("Toulouse", "Toulouse"),
        ({"type": "Point", "coordinates": [1, 2]}, '{"type": "Point", "coordinates": [1, 2]}'),
        (None, None),
    ],
)
def test_boxes(given: Any, made: Any) -> None:
    assert box(given) == made


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("2000-01-15/P1Y", ("2000-01-15", "2001-01-14")),
        ("R/2000-01-31/P1M", ("2000-01-31", "2000-02-28")),
        ("2000-01-15T00:45:00Z/P1W", ("2000-01-15T00:45:00Z", "2000-01-21")),
        ("R5/2000-01-01/2000-02-01", ("2000-01-01", "2000-02-01")),
        ("2000-01-01/2001-01-01", None),
        ("2000-99-01/P1Y", None),
        ("2000-01-01/P9999Y", None),
        ("P1Y", None),
        ("2000", None),
        ("", None),
    ],
)
def test_intervals(words: str, made: tuple[str, str] | None) -> None:
    assert interval(words) == made


def test_placeholders_of_templates_are_not_published() -> None:
    data = dataset("a", description="{{description}}", contactPoint={"fn": "Desk", "hasEmail": "mailto:{{email}}"})
    found = mapped(data)
    assert "{{" not in lines(found)
    fates = {(e.field, e.value): e for e in found.ledger.entries}
    for field, value in (("description", "{{description}}"), ("contactPoint.hasEmail", "mailto:{{email}}")):
        assert fates[field, value].fate is Fate.UNMAPPED
        assert "template" in (fates[field, value].reason.en if fates[field, value].reason else "")  # type: ignore[union-attr]
    assert without_placeholders([{"a": "{{x}}"}])[1] == [("a", 0)]


def test_a_distribution_without_any_address_is_refused() -> None:
    found = mapped(
        dataset("a", distribution=[[{"title": "x", "accessURL": ""}], [{"accessURL": "https://city.org/b"}]])
    )
    assert lines(found).count("#Distribution>") == 1
    assert any(e.fate is Fate.UNMAPPED and e.value == "x" for e in found.ledger.entries)


def test_every_value_is_in_the_ledger() -> None:
    data = dataset("a", strange={"a": [1]}, publisher={"name": "City", "subOrganizationOf": {"name": "State"}})
    fates = {(e.field, e.value): e.fate for e in mapped(data).ledger.entries}
    assert fates["bureauCode", "018:001"] is Fate.UNMAPPED
    assert fates["strange.a", "1"] is Fate.UNMAPPED
    assert fates["publisher.subOrganizationOf.name", "State"] is Fate.UNMAPPED
    assert fates["distribution.downloadURL", "https://city.org/a.csv"] is Fate.MAPPED
    assert fates["@type", "dcat:Dataset"] is Fate.IGNORED


def test_the_names_of_arcgis_hub_are_readable() -> None:
    item = "https://www.arcgis.com/home/item.html?id=429428633a5e486289f6111d9cbe7065&sublayer=0"
    assert record(dataset(item)).name == "429428633a5e486289f6111d9cbe7065-0"
    page = "https://hub.city.org/datasets/city::street-trees"
    assert record(dataset(item, landingPage=page)).name == "street-trees"
    assert record(dataset(item, landingPage=page)).identifier == item


def test_odd_shapes_never_crash() -> None:
    odd: list[Any] = [None, 1, "x", [], {}, [1], [None], {"a": None}, [{"a": 1}], True, [["x"]], {"@id": 1}]
    us = source("https://city.org")
    keys = [
        "spatial",
        "temporal",
        "isPartOf",
        "theme",
        "category",
        "rights",
        "describedBy",
        "creator",
        "otherIdentifier",
    ]
    for key in [*dataset("a"), *keys, "accessRights", "inSeries", "language", "@id", "attributes", "properties"]:
        for value in odd:
            data = {**dataset("a"), key: value}
            made = record_of("us", data, json.dumps(data), Names())
            if isinstance(made, Record):
                us.admit(made, CONTEXT)
                with suppress(RecordInvalid):
                    us.map(made, identity(made), CONTEXT)
    for key in ("accessURL", "downloadURL", "format", "license", "checksum", "accessService", "title", "rights"):
        for value in odd:
            mapped(dataset("a", distribution=[{"accessURL": "https://city.org/a", key: value}]))


# ── saved ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_real_responses() -> None:
    found = [r for r in results(shared("data/real/dcat-us")) if r.kind == "dcat-us"]
    assert not [r for r in found if r.failed]
    named = [r for r in found if isinstance(r.record, Record) and r.record.data.get("title")]
    assert len(named) == 47
    assert all(r.mapped for r in named)
    assert len([r for r in found if r.reason]) == 4


def test_items_of_arcgis_hub_are_the_same_datasets_that_another_parser_found() -> None:
    """The table beside the response has the titles that the council's own feed is known by."""
    titles = {r.record.data["title"] for r in results(shared(MORAY)) if isinstance(r.record, Record)}
    assert len(titles) == 20
    said = [lines(r.mapped) for r in results(shared(MORAY)) if r.mapped]
    assert all("MapServer" in one or "FeatureServer" in one for one in said)


def test_what_is_published_of_real_datasets_conforms(tmp_path: Path) -> None:
    paths = {
        "moray": shared(MORAY),
        "usda": shared(f"{SAMPLES}/usda.gov.data.json"),
        "ny": shared(f"{SAMPLES}/ny.data.json"),
    }
    paths["series"] = shared(f"{SAMPLES}/collection-2-parent-4-children.data.json")
    found = city(
        tmp_path, "\n".join(f'[[source]]\nid = "{k}"\nkind = "files"\npath = "{p}"\n' for k, p in paths.items())
    )
    found.run()
    findings = engine("pyshacl").validate(graph(found), [profile("dcat-ap-3")])
    assert not [f for f in findings if f.severity == "violation"]


def test_a_document_in_another_encoding(tmp_path: Path) -> None:
    text = document(dataset("a", title="Été")).decode().encode().decode("unicode_escape")
    for name in ("utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / f"{name}.json").write_bytes(text.encode(name))
    (tmp_path / "one.json").write_text(json.dumps({"dataset": [], **dataset("x")}))
    found = list(results(tmp_path, kind="dcat-us"))
    assert sorted(r.record.data["title"] for r in found if isinstance(r.record, Record)) == ["Dataset x", *["Été"] * 3]


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(document(dataset("a\ud800\u0000", title="A\udfff")))
    (found,) = results(tmp_path)
    assert found.mapped is not None
    assert 'title> "A\ufffd"@fr' in lines(found.mapped)
