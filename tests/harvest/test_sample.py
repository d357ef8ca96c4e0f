"""The sample city is well formed, and its README tells the whole truth about its defects."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from catalog.archive import Archive
from catalog.quality import Quality
from catalog.releases import Releases
from catalog.settings import Settings, load
from harvest.options import Options
from harvest.pipeline import run
from harvest.progress import Progress
from tests.shared import ROOT

SAMPLE = ROOT / "harvest" / "sample"
GARONNE = Path(sys.executable).parent / "garonne"
FILES = sorted((SAMPLE / "datasets").glob("*.json"))

TOP = {
    "visibility", "dataset_id", "dataset_uid", "has_records", "features", "attachments", "alternative_exports",
    "data_visible", "fields", "metas",
}  # fmt: skip
DEFAULT = {
    "title", "description", "theme", "keyword", "license", "license_url", "language", "metadata_languages", "timezone",
    "modified", "data_processed", "metadata_processed", "geographic_reference", "territory", "geometry_types", "bbox",
    "publisher", "references", "records_count", "attributions", "source_domain", "federated", "update_frequency",
}  # fmt: skip
FIELD_TYPES = {
    "text", "int", "double", "boolean", "geo_shape", "geo_point_2d", "datetime", "date", "file", "json_blob",
}  # fmt: skip
EU_THEME = "http://publications.europa.eu/resource/authority/data-theme/"
PLAIN_THEMES = {"Finances", "Environnement", "Santé", "Culture", "Énergie", "Statistiques"}
KNOWN_FREQUENCIES = {
    "Annuelle", "Mensuelle", "Hebdomadaire", "Quotidienne", "En continu", "Temps réel", "Semestrielle",
    "Trimestrielle", "Irrégulière", "Ponctuelle", "jamais", "Tous les cinq ans",
}  # fmt: skip
KNOWN_LICENCES = {"Licence Ouverte v2.0 (Etalab)", "Open Database License (ODbL)"}

Sample = dict[str, Any]


@cache
def records() -> dict[str, Sample]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}


@cache
def settings() -> Settings:
    return load(SAMPLE / "garonne.toml", env={})


@cache
def city_themes() -> dict[str, str]:
    with (SAMPLE / "mapping" / "themes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["value"]: row["target"] for row in csv.DictReader(lines)}


def default(record: Sample) -> Sample:
    found: Sample = record["metas"]["default"]
    return found


def dcat(record: Sample) -> Sample:
    found: Sample = record["metas"]["dcat"]
    return found


def words(record: Sample) -> str:
    return re.sub(r"<[^>]+>", "", default(record)["description"] or "")


def corners(record: Sample) -> list[list[float]]:
    box = default(record)["bbox"]
    return box["geometry"]["coordinates"][0] if box else []


def within(point: list[float]) -> bool:
    return 1.2 < point[0] < 1.6 and 43.4 < point[1] < 43.8


def frequencies(record: Sample) -> list[str]:
    values = (dcat(record)["accrualperiodicity"] or "").split("|")
    return [v.strip() for v in values if v.strip() and not v.startswith("http")]


def same_title(record: Sample) -> bool:
    titles = Counter(default(r)["title"] for r in records().values())
    return default(record)["title"] is not None and titles[default(record)["title"]] > 1


def references(record: Sample) -> list[str]:
    return (default(record)["references"] or "").split()


def broken_reference(record: Sample) -> bool:
    parts = [urlsplit(r) for r in references(record)]
    return any(p.scheme not in {"http", "https"} or not p.netloc for p in parts)


def registered(publisher: str) -> bool:
    return any(publisher == a.name or publisher in a.aliases for a in settings().agents)


def by_alias(record: Sample) -> bool:
    return any(default(record)["publisher"] in a.aliases for a in settings().agents)


def ours(record: Sample) -> bool:
    return record["data_visible"] and not default(record)["federated"]


DEFECTS: dict[str, Callable[[Sample], bool]] = {
    "licence-missing": lambda r: not default(r)["license"],
    "licence-unversioned": lambda r: default(r)["license"] == "Licence Ouverte (Etalab)",
    "licence-unknown": lambda r: default(r)["license"] not in {*KNOWN_LICENCES, "Licence Ouverte (Etalab)", None},
    "title-missing": lambda r: not default(r)["title"],
    "title-is-file-name": lambda r: bool(re.search(r"\.(csv|json|xlsx?|zip)$", default(r)["title"] or "")),
    "title-duplicated": same_title,
    "description-missing": lambda r: not default(r)["description"],
    "description-short": lambda r: 0 < len(words(r)) <= 100,
    "modified-in-future": lambda r: datetime.fromisoformat(default(r)["modified"]) > datetime.now(UTC),
    "frequency-unknown": lambda r: not set(frequencies(r)) <= KNOWN_FREQUENCIES,
    "theme-unknown": lambda r: not set(default(r)["theme"]) <= PLAIN_THEMES | set(city_themes()),
    "keyword-with-commas": lambda r: any("," in k for k in default(r)["keyword"]),
    "reference-broken": broken_reference,
    "contact-without-email": lambda r: bool(dcat(r)["contact_name"]) and not dcat(r)["contact_email"],
    "email-malformed": lambda r: not re.fullmatch(r"[^@\s()]+@[^@\s()]+\.\w+", dcat(r)["contact_email"] or "a@b.c"),
    "publisher-unregistered": lambda r: ours(r) and not registered(default(r)["publisher"]),
    "bbox-swapped": lambda r: bool(corners(r)) and all(within([y, x]) for x, y in corners(r)),
    "bbox-out-of-range": lambda r: any(abs(x) > 180 or abs(y) > 90 for x, y in corners(r)),
    "temporal-missing": lambda r: not (dcat(r)["temporal_coverage_start"] or dcat(r)["temporal"]),
}
CASES: dict[str, Callable[[Sample], bool]] = {
    "restricted": lambda r: not r["data_visible"],
    "federated": lambda r: default(r)["federated"],
    "no-records": lambda r: not r["has_records"],
    "too-large-for-shp": lambda r: "geo" in r["features"] and default(r)["records_count"] > 50_000,
    "publisher-by-alias": by_alias,
    "high-value": lambda r: bool(r["metas"]["dcat_ap"]["hvd_category"]),
    "national-schema": lambda r: (dcat(r)["conforms_to"] or "").startswith("https://schema.data.gouv.fr/"),
}


def documented() -> Iterator[tuple[str, set[str]]]:
    """The rows of the README's two tables that begin with a name in backquotes: name, datasets."""
    for line in (SAMPLE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        name = re.fullmatch(r"`([a-z-]+)`", cells[0])
        if line.startswith("|") and name:
            yield name[1], set(re.findall(r"`([\w-]+)`", cells[1]))


def test_there_are_thirty_records_and_more() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_record_has_the_shape_of_explore_2_1(path: Path) -> None:
    record = records()[path.stem]
    assert record["dataset_id"] == path.stem
    assert set(record) >= TOP
    assert set(record["metas"]) >= {"default", "dcat", "dcat_ap", "inspire", "custom"}
    assert set(default(record)) >= DEFAULT
    for field in record["fields"]:
        assert set(field) == {"name", "label", "type", "description", "annotations"}
        assert field["type"] in FIELD_TYPES
    for file in record["attachments"] + record["alternative_exports"]:
        assert {"mimetype", "url", "id", "title"} <= set(file)
        assert file["url"].startswith("odsfile://")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_record_is_coherent(path: Path) -> None:
    record = records()[path.stem]
    start, end = dcat(record)["temporal_coverage_start"], dcat(record)["temporal_coverage_end"]
    assert record["has_records"] == bool(default(record)["records_count"])
    assert record["has_records"] or record["attachments"] or record["alternative_exports"]
    assert ("geo" in record["features"]) == bool(default(record)["geometry_types"])
    assert not end or start <= end
    names = [f["name"] for f in record["fields"]]
    assert len(set(names)) == len(names)


def test_identifiers_are_unique() -> None:
    uids = [r["dataset_uid"] for r in records().values()]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"da_[0-9a-z]{6}", uid) for uid in uids)


def test_the_readme_names_every_defect_and_case_once() -> None:
    assert [name for name, _ in documented()] == list(dict.fromkeys(name for name, _ in documented()))
    assert {name for name, _ in documented()} == set(DEFECTS) | set(CASES)


@pytest.mark.parametrize(("name", "datasets"), list(documented()), ids=lambda v: v if isinstance(v, str) else "")
def test_a_defect_is_where_the_readme_says_and_nowhere_else(name: str, datasets: set[str]) -> None:
    holds = {**DEFECTS, **CASES}[name]
    assert {id_ for id_, record in records().items() if holds(record)} == datasets


def test_the_readme_counts_right() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    published = [r for r in records().values() if ours(r) and default(r)["title"]]
    assert f"A harvest sees {len(records())} records. It publishes {len(published)} of them" in text


def test_three_categories_of_high_value_data_are_of_the_official_list() -> None:
    with (ROOT / "vocab" / "tables" / "hvd-category.csv").open(encoding="utf-8", newline="") as lines:
        official = {row["iri"] for row in csv.DictReader(lines)}
    declared = {r["metas"]["dcat_ap"]["hvd_category"] for r in records().values()} - {None}
    assert len(declared) == 3
    assert declared <= official


def test_the_canteen_menus_declare_their_national_schemas() -> None:
    for name in ("menus-collectifs", "plats-menus-collectifs"):
        assert dcat(records()[name])["conforms_to"] == f"https://schema.data.gouv.fr/scdl/{name}/"
        assert any("allerg" in f["name"] for f in records()[name]["fields"])


def test_the_settings_point_at_the_sample() -> None:
    (source,) = settings().sources
    assert source.kind == "files"
    assert source.path is not None
    assert source.path.resolve() == (SAMPLE / "datasets").resolve()
    assert settings().mapping.themes == SAMPLE / "mapping" / "themes.csv"


def test_the_register_is_sound() -> None:
    agents = settings().agents
    names = [n for a in agents for n in (a.name, *a.aliases)]
    sirets = [a.siret for a in agents if a.siret]
    assert len(set(names)) == len(names)
    assert len(set(sirets)) == len(sirets)
    assert all(not a.parent or a.parent in {b.name for b in agents} for a in agents)
    assert all(len(s) == 14 and luhn(s) and luhn(s[:9]) for s in sirets)


def luhn(digits: str) -> bool:
    """Whether the checksum of a SIREN or SIRET number is right."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(sum(divmod(d, 10)) for d in doubled) % 10 == 0


def test_the_city_s_themes_go_to_the_eu_data_themes() -> None:
    used = {t for r in records().values() for t in default(r)["theme"]}
    with (ROOT / "vocab" / "tables" / "data-theme.csv").open(encoding="utf-8", newline="") as lines:
        official = {row["iri"] for row in csv.DictReader(lines)}
    assert set(city_themes()) <= used
    assert all(t.startswith(EU_THEME) and t in official for t in city_themes().values())


REPORTED = {
    "licence-missing": "garonne#Distribution-license",
    "licence-unversioned": "default.license",
    "licence-unknown": "default.license",
    "title-missing": "set aside",
    "title-is-file-name": "garonne#Dataset-title-filename",
    "title-duplicated": "garonne#Dataset-title-distinct",
    "description-missing": "dcat-ap-3#Dataset-description",
    "description-short": "garonne#Dataset-description-length",
    "modified-in-future": "default.modified",
    "frequency-unknown": "dcat.accrualperiodicity",
    "theme-unknown": "default.theme",
    "reference-broken": "default.references",
    "contact-without-email": "garonne#Dataset-contactPoint",
    "email-malformed": "dcat.contact_email",
    "publisher-unregistered": "dcat-ap-3-recommended#Agent-type-recommended",
    "bbox-out-of-range": "default.bbox",
    "temporal-missing": "dcat-ap-3-recommended#Dataset-temporal-recommended",
}
"""Each defect, and what is said of it: the rule broken, the field that could not be mapped, or `set aside`."""
NOT_REPORTED = {"keyword-with-commas", "bbox-swapped"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """What a harvest and `garonne validate` report of the sample, as pairs of dataset and what is said of it."""
    folder = tmp_path_factory.mktemp("sample") / "city"
    shutil.copytree(SAMPLE, folder)
    city = load(folder / "garonne.toml", env={})
    summary = run(city, Options(), Progress(quiet=True, stream=io.StringIO()))
    release = Releases(city.store.path).current()
    assert release is not None
    archive = Archive(city.store.path)
    found = {(r["id"], r["field"]) for r in archive.rows("SELECT id, field FROM unmapped WHERE until IS NULL")}
    slugs = {r["slug"]: r["id"] for r in archive.rows("SELECT slug, id FROM records WHERE until IS NULL")}
    for iri, _, finding in Quality(archive.at(release.number)).each():
        found.add((slugs[iri.rsplit("/", 1)[1]], finding.cause.shape.rsplit("/", 1)[1]))
    command = [str(GARONNE), "--config", str(folder / "garonne.toml"), "validate", "--format", "json"]
    checked = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
    assert [p["name"] for p in checked["profiles"]] == city.validation.profiles
    for one in checked["findings"]:
        found.add((slugs.get((one["dataset"] or "").rsplit("/", 1)[-1], ""), one["shape"].rsplit("/", 1)[1]))
    aside = {one["record"] for source in summary.sources for one in source.set_aside}
    return found | {(id_, "set aside") for id_ in aside}


def test_every_defect_is_reported_or_the_readme_says_that_it_is_not() -> None:
    assert set(REPORTED) | NOT_REPORTED == set(DEFECTS)


@pytest.mark.parametrize("name", sorted(REPORTED))
def test_a_defect_is_reported_wherever_it_is(name: str, reports: set[tuple[str, str]]) -> None:
    places = dict(documented())[name]
    assert {(id_, REPORTED[name]) for id_ in places} <= reports
