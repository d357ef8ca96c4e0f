"""Formats: file type and media type from keys, labels, endings, addresses."""

from __future__ import annotations

import pytest

from tests.vocab.spellings import expected, opendatasoft
from vocab.alignment import REASONS, builtin
from vocab.errors import UsageError
from vocab.formats import FormatMatch, format_for
from vocab.terms import table

ROWS = expected("formats")


def codes(match: FormatMatch) -> tuple[str, str]:
    return (
        match.file_type.code if match.file_type else "",
        match.media_type.code if match.media_type else "",
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']} {row['spelling'][-60:]}")
def test_each_spelling_means_what_the_table_says(row: dict[str, str]) -> None:
    match = format_for(**{row["kind"]: row["spelling"]})
    assert codes(match) == (row["expected_file_type"], row["expected_media_type"])
    assert (match.reason.code if match.reason else "") == row["expected_reason"]


def test_every_spelling_of_the_real_opendatasoft_records_has_a_row() -> None:
    for field, kind in (("format", "label"), ("mimetype", "mimetype")):
        met = opendatasoft(field)
        assert met - {row["spelling"] for row in ROWS if row["kind"] == kind} == set()


def test_a_media_type_is_always_a_registered_one_with_https() -> None:
    for row in ROWS:
        media = format_for(**{row["kind"]: row["spelling"]}).media_type
        assert media is None or media.iri.startswith("https://www.iana.org/assignments/media-types/")
    for value, line in builtin("formats").items():
        assert not line.also or table("media-type").by_code(line.also), value


@pytest.mark.parametrize("key", ["gpx"])
def test_an_unregistered_media_type_is_left_out(key: str) -> None:
    match = format_for(key=key)
    assert match.file_type is not None
    assert match.media_type is None


def test_a_shapefile_is_exported_as_an_archive() -> None:
    assert codes(format_for(key="shp")) == ("SHP", "application/zip")
    assert codes(format_for(label="SHP", mimetype="application/zip")) == ("SHP", "application/zip")
    assert codes(format_for(label="shapefile (zip)")) == ("SHP", "application/zip")
    assert codes(format_for(label="SHP")) == ("SHP", "")


@pytest.mark.parametrize(
    ("label", "mimetype", "result"),
    [
        ("CSV", "application/octet-stream", ("CSV", "text/csv")),
        ("CSV", "text/html", ("CSV", "text/csv")),  # a server's mistake
        ("CSV", "application/zip", ("CSV", "application/zip")),  # packed
        ("CSV", "text/comma-separated-values", ("CSV", "text/csv")),
        ("SHP", "text/html", ("SHP", "")),
        ("XML", "text/xml", ("XML", "text/xml")),
        ("XLS", "application/xls", ("XLS", "application/vnd.ms-excel")),
        ("GeoJSON", "application/json", ("GEOJSON", "application/geo+json")),
        ("", "application/vnd.geo+json", ("GEOJSON", "application/geo+json")),
        ("Web page", None, ("HTML", "text/html")),
        ("API", "application/json", ("JSON", "application/json")),
        ("GTFS", "application/zip", ("GTFS", "application/zip")),
        (".cvs", None, ("CSV", "text/csv")),
        ("zip+csv", None, ("CSV", "application/zip")),
    ],
)
def test_label_and_media_type_together(label: str, mimetype: str | None, result: tuple[str, str]) -> None:
    assert codes(format_for(label=label, mimetype=mimetype)) == result


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("https://p.example/menus.csv", ("CSV", "text/csv")),
        ("https://p.example/menus.CSV?v=2#x", ("CSV", "text/csv")),
        ("https://p.example/menus.csv.gz", ("CSV", "application/gzip")),
        ("https://p.example/metro-gtfs.zip", ("GTFS", "application/zip")),
        ("https://p.example/archive.zip", ("ZIP", "application/zip")),
        ("https://p.example/catalog/datasets/a/exports/shp?lang=fr", ("SHP", "application/zip")),
        ("https://p.example/catalog/datasets/a/exports/json", ("JSON", "application/json")),
        ("https://p.example/explore/dataset/a/download?format=shp", ("SHP", "application/zip")),
        ("https://p.example/ows?SERVICE=WFS&REQUEST=GetCapabilities", ("WFS_SRVC", "")),
        ("https://p.example/ows?service=WFS&outputFormat=csv", ("CSV", "text/csv")),
        ("https://p.example/page", ("", "")),
        ("https://p.example/v2.1", ("", "")),
        ("http://[bad", ("", "")),
        ("", ("", "")),
    ],
)
def test_addresses(url: str, result: tuple[str, str]) -> None:
    assert codes(format_for(url=url)) == result


def test_what_is_said_counts_before_what_the_address_looks_like() -> None:
    assert codes(format_for(label="GeoJSON", url="https://p.example/a.json")) == ("GEOJSON", "application/geo+json")
    assert codes(format_for(extension=".geojson", url="https://p.example/a.json"))[0] == "GEOJSON"
    assert codes(format_for(label="fichier", url="https://p.example/a.json"))[0] == "JSON"


def test_no_code_is_invented_where_the_eu_has_none() -> None:
    for key in ("jsonl", "fgb", "ov2"):
        match = format_for(key=key)
        assert (match.file_type, match.media_type, match.reason) == (None, None, REASONS["no_match"])


def test_nothing_stated_is_missing_and_bytes_are_ambiguous() -> None:
    assert format_for().reason is REASONS["missing"]
    assert format_for(mimetype="application/octet-stream").reason is REASONS["ambiguous"]
    assert format_for(label="licorne").reason is REASONS["unknown"]


def test_a_line_of_the_city_wins() -> None:
    match = format_for(label="Données tabulées", mimetype="text/csv", extra={"donnees tabulees": "TSV"})
    assert codes(match) == ("TSV", "text/tab-separated-values")
    assert match.rule == "city table"
    assert format_for(label="CSV", extra={"csv": ""}).reason is REASONS["deliberate"]
    with pytest.raises(UsageError, match="GEOJSON"):
        format_for(label="CSV", extra={"csv": "TABLEUR"})


def test_every_line_of_the_built_in_table_leads_to_a_file_type_or_to_a_reason() -> None:
    for value, line in builtin("formats").items():
        assert bool(line.targets) != bool(line.reason), value
        assert all(table("file-type").by_code(one) for one in line.targets), value
