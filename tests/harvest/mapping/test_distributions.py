"""Exports, attached files, alternative exports: the addresses that aggregators hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from catalog.model import Fate
from harvest.mapping.opendatasoft import map_record
from tests.harvest.mapping.support import BASE, PORTAL, Result, context, identity, mapped, record
from tests.shared import shared

EXPORT = f"{PORTAL}/api/explore/v2.1/catalog/datasets/arbres/exports"
FILES = f"{PORTAL}/api/v2/catalog/datasets/arbres"


def keys(found: Result) -> list[str]:
    return [d.rsplit("/", 1)[1].rstrip(">") for d in found.objects("distribution")]


@pytest.mark.parametrize(
    ("features", "count", "expected"),
    [
        (["analyze"], 10, ["csv", "json"]),
        (["geo"], 10, ["csv", "geojson", "json", "shp"]),
        (["geo"], 50_000, ["csv", "geojson", "json", "shp"]),
        (["geo"], 50_001, ["csv", "geojson", "json"]),
    ],
)
def test_exports_by_feature(features: list[str], count: int, expected: list[str]) -> None:
    assert keys(mapped({"default": {"records_count": count}}, has_records=True, features=features)) == expected


def test_no_records_no_exports() -> None:
    assert keys(mapped(has_records=False)) == []
    assert keys(mapped(has_records=True, settings={"portal": ""})) == []


def test_addresses_are_byte_for_byte_what_the_portals_own_feed_gives() -> None:
    found = mapped(has_records=True, features=["geo"], settings={"exports": ("xlsx", "kml", "csv")})
    addresses = {k: found.objects("downloadURL", f"distribution/{k}") for k in keys(found)}
    assert addresses == {
        "csv": [f"<{EXPORT}/csv?use_labels=true>"],
        "geojson": [f"<{EXPORT}/geojson>"],
        "json": [f"<{EXPORT}/json>"],
        "kml": [f"<{EXPORT}/kml>"],
        "shp": [f"<{EXPORT}/shp>"],
        "xlsx": [f"<{EXPORT}/xlsx?use_labels=true>"],
    }
    feed = shared("data/real/opendatasoft/data-fair__data-fair/dcat/ods-export.rdf").read_text(encoding="utf-8")
    theirs = set(re.findall(r'/api/explore/v2\.1/catalog/datasets/[^/"]+/exports/([^"<]+)"', feed))
    assert {a[0].rsplit("/", 1)[1].rstrip(">") for a in addresses.values()} <= theirs


def test_the_suffix_is_a_setting() -> None:
    found = mapped(has_records=True, settings={"export_suffix": {}})
    assert found.objects("accessURL", "distribution/csv") == [f"<{EXPORT}/csv>"]


def test_formats_titles_and_dates() -> None:
    found = mapped(
        {"default": {"data_processed": "2024-02-20T17:39:42.804000+00:00"}}, has_records=True, features=["geo"]
    )
    eu = "http://publications.europa.eu/resource/authority/file-type"
    assert found.objects("format", "distribution/geojson") == [f"<{eu}/GEOJSON>"]
    assert found.objects("format", "distribution/shp") == [f"<{eu}/SHP>"]
    assert found.objects("mediaType", "distribution/csv") == ["<https://www.iana.org/assignments/media-types/text/csv>"]
    assert found.objects("title", "distribution/csv") == ['"Export CSV"@fr'], "in the catalogue's languages"
    assert found.objects("modified", "distribution/csv")[0].startswith('"2024-02-20T17:39:42.804000+00:00"')


NOTICE = {"mimetype": "application/pdf", "url": "odsfile://notice.pdf", "id": "notice_pdf", "title": "Notice"}
TABLE = {"mimetype": "application/xls", "url": "odsfile://extra.xls", "id": "extra_xls", "title": "Extra"}


def test_documents_of_a_dataset_with_records_are_pages() -> None:
    found = mapped(has_records=True, attachments=[NOTICE, TABLE])
    assert found.objects("page") == [f"<{FILES}/attachments/notice_pdf>"]
    assert keys(found) == ["attachment-extra_xls", "csv", "json"]
    assert found.objects("downloadURL", "distribution/attachment-extra_xls") == [f"<{FILES}/attachments/extra_xls>"]
    assert "XLS>" in found.objects("format", "distribution/attachment-extra_xls")[0]


def test_documents_alone_are_distributions() -> None:
    assert keys(mapped(attachments=[NOTICE])) == ["attachment-notice_pdf"]


def test_alternative_exports() -> None:
    file = {
        "mimetype": "application/zip",
        "url": "odsfile://gtfs5.zip",
        "id": "gtfs zip",
        "title": "gtfs.zip",
        "size": 3,
    }
    found = mapped(alternative_exports=[file])
    assert keys(found) == ["alternative-gtfs%20zip"]
    assert found.objects("accessURL", "distribution/alternative-gtfs%20zip") == [
        f"<{FILES}/alternative_exports/gtfs%20zip>"
    ]
    assert found.fate("alternative_exports.size") is Fate.UNMAPPED


def test_a_file_on_another_server_keeps_its_address() -> None:
    found = mapped(attachments=[{"url": "https://files.example.org/a b.csv", "title": "A"}])
    (key,) = keys(found)
    assert found.objects("downloadURL", f"distribution/{key}") == ["<https://files.example.org/a%20b.csv>"]


@pytest.mark.parametrize("file", [{"title": "sans rien"}, {"url": "odsfile://x.pdf"}, "x", {"id": 3}])
def test_files_that_cannot_be_reached_are_reported(file: Any) -> None:
    found = mapped(attachments=[file])
    assert keys(found) == []
    assert {e.fate for e in found.mapped.ledger.entries if e.field.startswith("attachments")} == {Fate.UNMAPPED}


def test_no_odsfile_leaks() -> None:
    for name in ("test-b", "with-attachments"):
        path = shared(f"data/real/opendatasoft/opendatateam__udata-ods/tests/data/{name}.json")
        data = json.loads(path.read_text(encoding="utf-8"))
        found = map_record(record(data), identity(), context())
        assert b"odsfile" not in found.dataset.canonical
        assert b"distribution/alternative-gtfs_zip" in found.dataset.canonical


def test_an_unknown_media_type_is_on_the_worklist() -> None:
    found = mapped(attachments=[{"id": "x", "mimetype": "application/x-rien", "title": "X"}])
    entry = found.entry("attachments.mimetype")
    assert (entry.fate, entry.table) == (Fate.UNMAPPED, "formats")
    assert found.objects("distribution") == [f"<{BASE}dataset/arbres/distribution/attachment-x>"]
