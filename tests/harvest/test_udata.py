"""udata portals, live and saved."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import RecordInvalid, ResponseInvalid, SettingsInvalid, SourceRefused
from catalog.model import Fate, Mapped, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity, results
from harvest.mapping.context import Agent, Context
from harvest.source import Rejected, make
from harvest.sources.udata import Udata
from harvest.udata_record import described, record_of
from shapes.engine import engine
from shapes.profiles import profile
from tests.fakes.udata import CITY, Portal, dataset, portal, resource, service
from tests.harvest.city import city
from tests.harvest.test_conformance import graph
from tests.shared import shared

CONTEXT = Context(
    base="https://catalogue.ville.fr/", source="gouv", portal="https://www.example.org", now=datetime.now(UTC)
)
FIXTURES = "data/real/udata/opendatateam__udata/udata/fixtures/results.json"


def source(url: str, **options: Any) -> Udata:
    settings = SourceSettings(id="gouv", kind="udata", url=url, allow_private=True, options=options)
    found = make(settings, HarvestSettings(backoff=0.01), lambda _message: None)
    assert isinstance(found, Udata)
    return found


def names(found: Udata) -> list[str]:
    return [r.id for r in found.records()]


def record(data: dict[str, Any]) -> Record:
    made = record_of("gouv", next(described(data)))
    assert isinstance(made, Record)
    return made


def mapped(data: dict[str, Any], **changes: Any) -> Mapped:
    one = record(data)
    return source("https://www.example.org").map(one, identity(one), replace(CONTEXT, **changes))


def lines(found: Mapped) -> str:
    return found.dataset.canonical.decode()


# ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("v1", [True, False])
def test_a_whole_portal_page_by_page(v1: bool) -> None:
    state = Portal([dataset(f"d{i:02}") for i in range(23)], [service("a")], size=10, v1=v1)
    with portal(state) as running:
        found = source(running.address)
        records = [r for r in found.records() if isinstance(r, Record)]
        assert [r.id for r in records] == [*(f"id-d{i:02}" for i in range(23)), "id-a"]
        assert found.total == 24
        assert found.check().datasets == 23
        assert all(r.data["resources"][0]["url"] for r in records[:-1])
        assert records[0].data["organization"]["business_number_id"] == CITY["business_number_id"]


def test_organizations_by_slug_and_by_identifier() -> None:
    other = {**CITY, "id": "534fff75a3a7292c64a77de4", "slug": "metropole", "name": "Métropole"}
    third = {**CITY, "id": "x", "slug": "x"}
    sets = [dataset(o["slug"], organization={"id": o["id"], "name": o["name"]}) for o in (CITY, other, third)]
    with portal(Portal(sets, organizations=[CITY, other, third])) as running:
        found = source(running.address, organizations=["ville-de-toulouse", other["id"]])
        assert names(found) == ["id-ville-de-toulouse", "id-metropole"]
        assert found.check().datasets == 2
        with pytest.raises(SourceRefused):
            names(source(running.address, organizations=["nobody"]))


def test_reuses_come_with_the_datasets_that_they_use() -> None:
    reuse = {"id": "r", "title": "Carte", "slug": "carte", "page": "https://www.example.org/reuses/carte/"}
    reuse |= {"url": "https://carte.example.net", "datasets": [{"id": "id-a"}], "private": False, "topic": "others"}
    state = Portal([dataset("a", metrics={"reuses": 1}), dataset("b")], reuses=[reuse])
    with portal(state) as running:
        whole = [r for r in source(running.address).records() if isinstance(r, Record)]
        chosen = [r for r in source(running.address, organizations=[CITY["slug"]]).records() if isinstance(r, Record)]
        assert [len(r.data["reuses"]) for r in whole] == [len(r.data["reuses"]) for r in chosen] == [1, 0]
        assert sum("dataset=" in a.path for a in running.asked) == 1, "datasets without reuses are not asked for"
        assert not next(r for r in source(running.address, reuses=False).records()).data["reuses"]  # type: ignore[union-attr]
    said = lines(mapped(whole[0].data))
    assert "isReferencedBy> <https://www.example.org/reuses/carte/>" in said
    assert '<https://www.example.org/reuses/carte/> <http://purl.org/dc/terms/title> "Carte"@fr .' in said


def test_a_nightly_harvest_maps_nothing_anew(tmp_path: Path) -> None:
    """Visits are counted every day, and datasets do not change by it; another portal's dataset keeps its IRI."""
    state = Portal([dataset("a"), dataset("b", harvest={"uri": "https://data.autre.fr/id/b"})], [service("s")])
    with portal(state) as running:
        table = f'[[source]]\nid = "gouv"\nkind = "udata"\nurl = "{running.address}"\nallow_private = true\n'
        found = city(tmp_path, table)
        found.run()
        assert {d.iri for d in found.datasets().values()} == {
            "https://data.example.org/dataset/a",
            "https://data.autre.fr/id/b",
            "https://data.example.org/dataset/s",
        }
        for one in state.datasets:
            one["metrics"] = {"views": 99, "reuses": 0}
        state.datasets.pop(0)
        second = found.run().sources[0]
    assert second.outcomes == {"unchanged": 2, "withdrawn": 1}


def test_a_portal_without_data_services() -> None:
    with portal(Portal([dataset("a")], services=None)) as running:
        assert names(source(running.address)) == ["id-a"]
        assert names(source(running.address, dataservices=False)) == ["id-a"]


def test_the_datasets_of_a_data_service_by_the_iris_that_they_keep() -> None:
    iri = "https://data.ville.fr/id/a"
    served = [{"id": "id-a", "page": "https://www.example.org/datasets/a/"}, {"id": "id-b"}]
    state = Portal([dataset("a", harvest={"uri": iri}), dataset("b")], [service("s", datasets=served)])
    with portal(state) as running:
        last = list(source(running.address).records())[-1]
        assert isinstance(last, Record)
    said = lines(mapped(last.data))
    assert f"servesDataset> <{iri}>" in said
    assert "dcat#DataService>" in said
    assert "dcat#Dataset>" not in said


def test_listings_that_cannot_be_right() -> None:
    with (
        portal(Portal([dataset("a")], counted=2)) as running,
        pytest.raises(ResponseInvalid, match="1 objects came of the 2"),
    ):
        names(source(running.address))
    with portal(Portal([dataset("a")], circle=True)) as running, pytest.raises(ResponseInvalid, match="circle"):
        names(source(running.address))


def test_what_is_no_portal() -> None:
    with portal(Portal()) as running:
        check = source(f"{running.address}/autre").check()
        assert not check.ok
    for options in ({"api": "3"}, {"organizations": 3}, {"reuses": "yes"}):
        with pytest.raises(SettingsInvalid):
            source("https://www.example.org", **options)
    with pytest.raises(SettingsInvalid):
        make(SourceSettings(id="x", kind="udata"), HarvestSettings(), lambda _m: None)


# ── what is published ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"private": True}, "Private"),
        ({"deleted": "2024-01-01"}, "Deleted"),
        ({"archived": "2024-01-01"}, "Archived"),
        ({"harvest": {"domain": "catalogue.ville.fr"}}, "loop"),
        ({"harvest": {"domain": "x.fr", "uri": "https://catalogue.ville.fr/dataset/a"}}, "loop"),
        ({"harvest": {"remote_url": "https://catalogue.ville.fr/dataset/a"}}, "loop"),
    ],
)
def test_what_is_not_published(change: dict[str, Any], word: str) -> None:
    udata = source("https://www.example.org")
    reason = udata.admit(record(dataset("a", **change)), CONTEXT)
    assert reason is not None
    assert word in reason.en
    assert udata.admit(record(dataset("a", harvest={"domain": "autre.fr"})), CONTEXT) is None


def test_the_names_that_the_producer_gave_are_kept() -> None:
    iri = "https://data.ville.fr/id/a"
    one = record(dataset("a", harvest={"uri": iri, "dct_identifier": "jeu-a", "remote_id": iri}))
    assert (one.iri, one.identifier, one.name) == (iri, "jeu-a", "a")
    assert "iri:data.ville.fr/id/a" in one.claims
    local = record(dataset("a", harvest={"uri": "http://localhost/a"}))
    assert local.iri == ""
    said = lines(mapped(one.data))
    assert f'<{iri}> <http://purl.org/dc/terms/identifier> "jeu-a" .' in said
    assert 'notation> "id-a"' in said


def test_counters_do_not_change_a_record() -> None:
    before, after = dataset("a"), dataset("a", metrics={"views": 13}, extras={"check:date": "today"})
    assert record(before).hash == record(after).hash
    assert record(before).hash != record(dataset("a", title="Autre")).hash


def test_a_dataset_as_dcat_ap() -> None:
    contacts = [{"name": "Service", "email": "a@ville.fr", "role": "contact"}, {"name": "Autre", "role": "creator"}]
    spatial = {
        "geom": {"type": "Polygon", "coordinates": [[[1, 43], [2, 43], [2, 44], [1, 43]]]},
        "zones": ["country:fr"],
    }
    said = lines(mapped(dataset("a", contact_points=contacts, acronym="JA", spatial=spatial)))
    iri = "<https://catalogue.example.org/dataset/a>"
    file = "<https://catalogue.example.org/dataset/a/distribution/r-a>"
    dct, dcat, eu = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#", "http://publications.europa.eu/resource"
    for statement in (
        f'{iri} <{dct}title> "Jeu a"@fr .',
        f'{iri} <{dct}alternative> "JA"@fr .',
        f'{iri} <{dct}description> "Écrit à la **main**."@fr .',
        f'{iri} <{dct}identifier> "id-a" .',
        f"{iri} <{dct}accrualPeriodicity> <{eu}/authority/frequency/ANNUAL> .",
        f"{iri} <{dct}license> <{eu}/authority/licence/ETALAB_2_0> .",
        f"{file} <{dct}license> <{eu}/authority/licence/ETALAB_2_0> .",
        f"{iri} <{dct}spatial> <{eu}/authority/country/FRA> .",
        f"{iri} <{dct}creator> <https://catalogue.ville.fr/agent/autre> .",
        f"{iri} <{dcat}landingPage> <https://www.example.org/datasets/a/> .",
        f"{file} <{dcat}accessURL> <https://www.example.org/datasets/r/r-a> .",
        f"{file} <{dcat}downloadURL> <https://static.example.org/r-a.csv> .",
        f"{file} <{dct}format> <{eu}/authority/file-type/CSV> .",
        f"{file} <{dct}conformsTo> <https://schema.data.gouv.fr/etalab/schema-irve-statique/> .",
        f'{file} <{dcat}byteSize> "12"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .',
    ):
        assert statement in said
    assert "hasEmail> <mailto:a@ville.fr>" in said
    assert "checksumAlgorithm_sha1>" in said
    assert "POLYGON" in said


def test_a_service_is_no_download() -> None:
    api = resource("w", type="api", filetype="remote", url="https://geo.ville.fr/wms?request=GetCapabilities")
    said = lines(mapped(dataset("a", resources=[api])))
    assert "accessURL> <https://geo.ville.fr/wms?request=GetCapabilities>" in said
    assert "downloadURL" not in said


def test_a_high_value_dataset() -> None:
    said = lines(mapped(dataset("a", badges=[{"kind": "hvd"}], tags=["hvd", "mobilite"])))
    assert "applicableLegislation> <http://data.europa.eu/eli/reg_impl/2023/138/oj>" in said
    assert "hvdCategory> <http://data.europa.eu/bna/c_b79e35eb>" in said
    assert "hvdCategory" not in lines(mapped(dataset("a", tags=["mobilite"])))


def test_an_organization_is_found_in_the_register_by_its_number() -> None:
    city_ = Agent(name="Mairie de Toulouse", siret="213 105 554 00017")
    data = dataset("a", organization={"id": "1", "name": "Capitole", "business_number_id": "21310555400017"})
    assert "publisher> <https://catalogue.ville.fr/agent/mairie-de-toulouse>" in lines(mapped(data, agents=(city_,)))
    assert "publisher> <https://catalogue.ville.fr/agent/capitole>" in lines(mapped(data))


def test_zones_that_no_table_has_are_reported() -> None:
    found = mapped(dataset("a", spatial={"zones": ["fr:commune:44109", "fr:departement:31"]}))
    fates = {(e.value, e.fate) for e in found.ledger.entries if e.field == "spatial.zones"}
    assert ("fr:commune:44109", Fate.UNMAPPED) in fates
    assert ("fr:departement:31", Fate.MAPPED) in fates
    assert "concept/place/departement-31>" in lines(found)


def test_every_value_is_in_the_ledger() -> None:
    found = mapped(dataset("a", inconnu="x", quality={"score": 0.5}))
    entries = {(e.field, e.value): e.fate for e in found.ledger.entries}
    assert entries["inconnu", "x"] is Fate.UNMAPPED
    assert entries["title", "Jeu a"] is Fate.MAPPED
    assert entries["quality.score", "0.5"] is Fate.IGNORED
    assert entries["resources.checksum.value", "5b787ad25b85b994d03b5c536d8ecdecef3da9a1"] is Fate.MAPPED
    assert entries["spatial.granularity", "fr:commune"] is Fate.UNMAPPED


def test_odd_shapes_never_crash() -> None:
    odd: list[Any] = [None, 1, "x", [], {}, [1], [None], {"a": None}, [{"a": 1}], True]
    udata = source("https://www.example.org")
    for base in (dataset("a", reuses=[]), service("s")):
        for key in [*base, "contact_point", "schema", "access_type"]:
            for value in odd:
                for one in described({**base, key: value}):
                    made = record_of("gouv", one)
                    if isinstance(made, Record):
                        udata.admit(made, CONTEXT)
                        with suppress(RecordInvalid):
                            udata.map(made, identity(made), CONTEXT)


# ── saved ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_real_responses() -> None:
    found = [r for r in results(shared("data/real/udata")) if r.kind == "udata"]
    assert not [r for r in found if r.failed]
    records = [r for r in found if not isinstance(r.record, Rejected)]
    assert len(records) > 2880
    assert all(r.mapped for r in records)
    reasons = {r.reason.en for r in found if r.reason}
    assert reasons == {
        "an organization, no dataset.",
        "a reuse, no dataset.",
        "a resource without its dataset.",
        "line 4: 37 cells instead of 40.",
    }


def test_what_is_published_of_real_datasets_conforms(tmp_path: Path) -> None:
    table = f'[[source]]\nid = "gouv"\nkind = "files"\npath = "{shared(FIXTURES)}"\nurl = "https://www.data.gouv.fr"\n'
    found = city(tmp_path, table)
    found.run()
    findings = engine("pyshacl").validate(graph(found), [profile("dcat-ap-3")])
    assert not [f for f in findings if f.severity == "violation"]


def test_saved_pages_of_either_version(tmp_path: Path) -> None:
    page = {"data": [dataset("a")], "next_page": None, "page": 1, "page_size": 20, "total": 1}
    (tmp_path / "page.json").write_text(json.dumps(page))
    (tmp_path / "one.json").write_text(json.dumps(dataset("b")))
    (tmp_path / "list.json").write_text(json.dumps([dataset("c"), service("s")]))
    (tmp_path / "organizations.json").write_text(json.dumps({"data": [{**CITY, "members": []}], "next_page": None}))
    found = list(results(tmp_path))
    assert {r.record.id for r in found if r.mapped} == {"id-a", "id-b", "id-c", "id-s"}
    assert {r.reason.en for r in found if r.reason} == {"an organization, no dataset."}


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(dataset("a\ud800", title="A\udfff", resources=[resource("r\ud800")])))
    (found,) = results(tmp_path)
    assert found.mapped is not None
    said = lines(found.mapped)
    assert 'title> "A\ufffd"@fr' in said
    assert 'identifier> "id-a\ufffd"' in said
