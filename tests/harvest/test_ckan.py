"""CKAN portals, live and saved."""

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
from harvest.ckan_record import packages, record_of
from harvest.coverage import identity, results
from harvest.mapping.context import Context
from harvest.source import Rejected, make
from harvest.sources.ckan import PAGE, Ckan
from tests.fakes.ckan import Portal, package, portal
from tests.fakes.server import Answer
from tests.real import real

CONTEXT = Context(
    base="https://c.example.org/", source="ville", portal="https://ville.example.org", now=datetime.now(UTC)
)


def source(url: str, **options: Any) -> Ckan:
    settings = SourceSettings(id="ville", kind="ckan", url=url, allow_private=True, options=options)
    found = make(settings, HarvestSettings(backoff=0.01), lambda _message: None)
    assert isinstance(found, Ckan)
    return found


def names(found: Ckan) -> list[str]:
    return [r.id for r in found.records()]


def mapped(data: dict[str, Any], **changes: Any) -> Mapped:
    with portal(Portal([data])) as running:
        ckan = source(running.address)
        (record,) = ckan.records()
        assert isinstance(record, Record)
        return ckan.map(record, identity(record), replace(CONTEXT, **changes))


def lines(found: Mapped) -> str:
    return found.dataset.canonical.decode()


def test_every_page_in_a_stable_order() -> None:
    packages = [package(f"p{i:04}") for i in range(2 * PAGE + 1)]
    with portal(Portal(packages[::-1])) as running:
        found = source(running.address)
        assert names(found) == sorted(p["id"] for p in packages)
        assert found.total == len(packages)
        assert all("sort=id+asc" in a.path for a in running.asked)
        assert len(running.asked) == 3


def test_a_listing_with_gaps_is_refused() -> None:
    with (
        portal(Portal([package("a")], counted=2)) as running,
        pytest.raises(ResponseInvalid, match="1 packages came of the 2"),
    ):
        names(source(running.address))


def test_a_part_of_a_portal() -> None:
    other = package("b", organization={"name": "autre"})
    with portal(Portal([package("a"), other])) as running:
        assert names(source(running.address, fq="organization:ville")) == ["id-a"]


def test_dkan_has_no_search() -> None:
    packages = [package(f"p{i}", private=True, type="Dataset", state="Active") for i in range(PAGE + 3)]
    with portal(Portal(packages, dkan=True)) as running:
        found = source(running.address)
        records = list(found.records())
        assert len(records) == PAGE + 3
        assert found.check().ok
        assert isinstance(records[0], Record)
        assert found.admit(records[0], CONTEXT) is None, "DKAN's `private` is the state of a node"


def test_what_is_no_portal(tmp_path: Path) -> None:
    page = Answer(b"<html>", kind="text/html")
    with portal(Portal(moods=[page])) as running, pytest.raises(ResponseInvalid, match="web page"):
        names(source(running.address))
    with portal(Portal([package("a")])) as running:
        check = source(running.address).check()
        assert (check.ok, check.datasets) == (True, 1)
    assert not source("http://127.0.0.1:9/").check().ok
    with pytest.raises(SettingsInvalid):
        make(SourceSettings(id="x", kind="ckan"), HarvestSettings(), lambda _m: None)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"private": True}, "Private"),
        ({"state": "draft"}, "draft"),
        ({"state": "deleted"}, "deleted"),
        ({"type": "harvest"}, "harvest"),
    ],
)
def test_what_is_not_published(change: dict[str, Any], word: str) -> None:
    with portal(Portal([package("a", **change)])) as running:
        found = source(running.address)
        (record,) = found.records()
        assert isinstance(record, Record)
        reason = found.admit(record, CONTEXT)
        assert reason is not None
        assert word in reason.en


def test_a_package_as_dcat_ap() -> None:
    found = lines(mapped(package("a")))
    iri = "<https://catalogue.example.org/dataset/a>"
    file = "<https://catalogue.example.org/dataset/a/distribution/r-a>"
    dct, dcat = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
    licence = "<http://publications.europa.eu/resource/authority/licence/ETALAB_2_0>"
    for statement in (
        f'{iri} <{dct}title> "Jeu a"@fr .',
        f'{iri} <{dct}identifier> "id-a" .',
        f"{iri} <{dct}license> {licence} .",
        f"{file} <{dct}license> {licence} .",
        f'{iri} <{dct}issued> "2024-05-06T07:08:09.123456Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
        f"{iri} <{dct}publisher> <https://c.example.org/agent/ville> .",
        f"{iri} <{dcat}landingPage> <https://ville.example.org/dataset/a> .",
        f"{file} <{dcat}downloadURL> <https://ville.example.org/a.csv> .",
        f"{file} <{dct}format> <http://publications.europa.eu/resource/authority/file-type/CSV> .",
    ):
        assert statement in found


def test_extras_in_both_styles_say_the_same() -> None:
    values = {
        "issued": "2020-01-02",
        "publisher_name": "Métropole",
        "frequency": "annual",
        "guid": "urn:uuid:1",
        "spatial": "1,2,3,4",
    }
    listed = mapped(package("a", extras=[{"key": k, "value": v} for k, v in values.items()]))
    as_object = mapped(package("a", extras=values))
    beside = mapped(package("a", **values))
    assert lines(listed) == lines(as_object) == lines(beside)
    assert "frequency/ANNUAL" in lines(listed)
    assert "agent/metropole" in lines(listed)
    assert '"urn:uuid:1"' in lines(listed)
    assert "POLYGON((1 2,3 2,3 4,1 4,1 2))" in lines(listed)


def test_extras_that_people_named_in_their_own_words() -> None:
    found = mapped(package("a", extras=[{"key": "Frequência de Atualização\xa0", "value": "Mensal"}]))
    assert "frequency/MONTHLY" in lines(found)


def test_the_iri_that_the_package_bears_is_kept_if_it_lasts() -> None:
    for uri, kept in (("https://data.ville.fr/id/dataset/a", True), ("http://localhost:5000/dataset/a", False)):
        with portal(Portal([package("a", uri=uri)])) as running:
            (record,) = source(running.address).records()
            assert isinstance(record, Record)
            assert (record.iri == uri) is kept
    assert 'skos/core#notation> "http://localhost' not in lines(mapped(package("a")))


def test_every_value_is_in_the_ledger() -> None:
    data = package("a", inconnu="x", extras=[{"key": "bureau", "value": "12"}], author="Jean", maintainer="Marie")
    entries = {(e.field, e.value): e.fate for e in mapped(data).ledger.entries}
    assert entries["inconnu", "x"] is Fate.UNMAPPED
    assert entries["extras.bureau", "12"] is Fate.UNMAPPED
    assert entries["title", "Jeu a"] is Fate.MAPPED
    assert entries["state", "active"] is Fate.IGNORED
    assert entries["resources.format", "CSV"] is Fate.MAPPED
    assert entries["author", "Jean"] is Fate.MAPPED


def test_odd_shapes_never_crash() -> None:
    odd: list[Any] = [None, 1, "x", [], {}, [1], [None], {"a": None}, [{"a": 1}], True]
    ckan = source("https://ville.example.org")
    keys = ["extras", "contact", "publisher", "creator", "spatial", "spatial_coverage", "temporal_coverage", "language"]
    for key in [*package("a"), *keys]:
        for value in odd:
            data = {**package("a"), key: value}
            for one in packages(data):
                record = record_of("ville", one, json.dumps(data))
                if isinstance(record, Record):
                    ckan.admit(record, CONTEXT)
                    with suppress(RecordInvalid):
                        ckan.map(record, identity(record), CONTEXT)


@pytest.mark.xdist_group("real")
def test_all_real_responses() -> None:
    found = [r for r in real("ckan") if r.kind == "ckan"]
    assert not [r for r in found if r.failed]
    records = [r for r in found if not isinstance(r.record, Rejected)]
    assert len(records) > 880
    assert sum(r.mapped is not None for r in records) >= 0.98 * len(records)


def test_saved_responses_of_other_objects_say_what_they_are(tmp_path: Path) -> None:
    for i, result in enumerate(
        ({"is_organization": True, "name": "v", "success": 1}, {"resource_id": "x", "fields": []})
    ):
        (tmp_path / f"{i}.json").write_text(json.dumps({"success": True, "result": result}))
    reasons = [r.reason.en for r in results(tmp_path) if r.reason]
    assert reasons == ["a group or organization, no dataset.", "rows of data, no datasets."]
