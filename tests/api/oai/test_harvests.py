"""Harvests by clients of others and by our own: what they hold is what the catalogue says, night after night."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from pyoxigraph import RdfFormat, parse
from sickle import Sickle
from sickle.models import Record
from sickle.oaiexceptions import IdDoesNotExist, NoRecordsMatch

from catalog.archive import Archive
from catalog.changes import utc_now
from catalog.draft import Draft
from catalog.history import restore
from catalog.lock import writing
from catalog.publication import publish, shared_graphs
from catalog.releases import Release, Releases
from catalog.settings import SourceSettings
from catalog.staging import Staging
from harvest.source import Rejected
from harvest.sources.oai_pmh import OaiPmh
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server

METADATA = "{http://www.openarchives.org/OAI/2.0/}metadata"
SET = "theme:TRAN"
IN_SET = "<{d}> dcat:theme eu:data-theme\\/TRAN ."
Held = dict[str, frozenset[str]]


class Nights(City):
    """A city that also renames its publisher, and rolls back."""

    def rename_publisher(self, name: str, slugs: Iterable[str]) -> Release:
        """A release in which no dataset changes, and the publisher of all is called otherwise."""
        self.agent = name
        with self._draft() as (draft, staging):
            for slug in slugs:
                draft.mention(self.minter.dataset(slug), self.mapped(slug, "").others, "city")
            draft.settle()
            return self._made(draft, staging)

    def roll_back(self, number: int) -> Release:
        """A release equal to an earlier one."""
        with self._draft(number) as (draft, staging):
            restore(draft, number)
            return self._made(draft, staging)

    def _made(self, draft: Draft, staging: Staging) -> Release:
        shared_graphs(self.settings, draft, staging.workspace)
        at = self.day + timedelta(days=draft.number)
        return publish(self.settings, draft, staging, run=None, clock=lambda: at)

    def _draft(self, base: int = 0) -> _Open:
        return _Open(self, base)


class _Open:
    """A draft of the next release, under the lock, on the store of release `base` or of the current one."""

    def __init__(self, city: Nights, base: int) -> None:
        folder = city.settings.store.path
        self.lock = writing(folder)
        self.lock.__enter__()
        current = Releases(folder).current()
        assert current is not None
        number = current.number + 1
        self.draft = Draft(folder, number, city.day + timedelta(days=number), city.base)
        self.staging = Staging(folder, Releases(folder).get(base) if base else current)

    def __enter__(self) -> tuple[Draft, Staging]:
        return self.draft, self.staging

    def __exit__(self, *error: object) -> None:
        self.draft.close()
        self.staging.close()
        self.lock.__exit__(None, None, None)


def statements(record: Record) -> frozenset[str]:
    """What a record in `dcat_ap` states; blank nodes by their place in the text."""
    (inside,) = record.xml.find(METADATA)
    body = etree.tostring(inside, encoding="utf-8", with_tail=False)
    return frozenset(str(q.triple) for q in parse(body, format=RdfFormat.RDF_XML, rename_blank_nodes=False))


def harvest(sickle: Sickle, held: Held, **asked: str) -> str:
    """Brings what a reader holds up to date; returns the latest datestamp that it met."""
    last, met = "", set()
    try:
        for record in sickle.ListRecords(metadataPrefix="dcat_ap", **asked):
            assert record.header.identifier not in met
            met.add(record.header.identifier)
            last = max(last, record.header.datestamp)
            held.pop(record.header.identifier, None)
            if not record.deleted:
                held[record.header.identifier] = statements(record)
    except NoRecordsMatch:
        pass
    return last


def published(city: City) -> set[str]:
    """The identifiers that a full harvest of the current release has to find."""
    current = Releases(city.settings.store.path).current()
    assert current is not None
    return {f"oai:data.example.org:{d.slug}" for d in Archive(city.settings.store.path).at(current.number).all()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """230 datasets: three pages of records."""
    folder = tmp_path_factory.mktemp("whole")
    settings = settings_in(folder)
    city = City(settings)
    city.publish({**{f"jeu-{n:03}": f"Jeu numéro {n} « œuvre »" for n in range(230)}, "parti": "Parti"})
    city.publish({}, withdrawn=["parti"])
    with Server(settings, folder) as running:
        yield running, city


def test_a_full_harvest_by_sickle_equals_the_feed(whole: tuple[Server, City]) -> None:
    server, _ = whole
    held: Held = {}
    harvest(Sickle(f"{server.address}oai"), held)
    assert len(held) == 230
    feed: set[str] = set()
    for page in (1, 2, 3):
        body = server.get(f"/catalog.nt?page={page}").body
        feed |= {str(q.triple) for q in parse(body, format=RdfFormat.N_TRIPLES, rename_blank_nodes=False)}
    found = {line for one in held.values() for line in one}
    about = ("<https://data.example.org/catalog", "<https://data.example.org/service/")
    beside = {line for line in feed - found if not line.startswith(about)}
    # What the feed has beside is the catalogue and its publisher, its services, its taxonomy, and two classes of DCAT.
    known = ("data-theme", "subClassOf", "/agent/collectivite", "<https://data.example.org/> ")
    assert all(any(word in line for word in known) for line in beside), beside
    assert not {line for line in found - feed if "_:" not in line}


def test_sickle_meets_deleted_records_and_identifiers(whole: tuple[Server, City]) -> None:
    server, _ = whole
    sickle = Sickle(f"{server.address}oai")
    headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc"))
    assert len(headers) == 231
    assert [h.identifier for h in headers if h.deleted] == ["oai:data.example.org:parti"]
    assert len(list(sickle.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True))) == 230
    record = sickle.GetRecord(identifier="oai:data.example.org:jeu-001", metadataPrefix="oai_dc")
    assert record.metadata["title"] == ["Jeu numéro 1 « œuvre »"]
    assert {s.setSpec for s in sickle.ListSets()} >= {"publisher:ville", "theme:ENVI"}
    assert sickle.Identify().deletedRecord == "persistent"
    assert [f.metadataPrefix for f in sickle.ListMetadataFormats()] == ["oai_dc", "dcat_ap"]


@pytest.mark.parametrize("seed", range(3))
def test_incremental_harvests_lead_where_a_full_one_does(tmp_path: Path, seed: int) -> None:
    """Of everything, and of one set, which datasets enter and leave."""
    chance = random.Random(seed)  # noqa: S311  a test that can be repeated
    settings = settings_in(tmp_path, store={"path": "var", "keep": 3})
    city = Nights(settings)
    city.publish(TITLES)
    with Server(settings, tmp_path) as running:
        sickle = Sickle(f"{running.address}oai")
        held: Held = {}
        in_set: Held = {}
        last = harvest(sickle, held)
        for n in range(12):
            live = sorted(i.rpartition(":")[2] for i in published(city))
            doing = chance.choice(
                ["change", "change", "enter", "enter", "add", "withdraw", "publisher", "back", "return"]
            )
            if doing == "withdraw" and len(live) > 1:
                city.publish({}, withdrawn=[chance.choice(live)])
            elif doing == "publisher":
                city.rename_publisher(f"Ville {n}", live)
            elif doing == "back":
                kept = Releases(settings.store.path).list()
                if len(kept) > 1:
                    city.roll_back(kept[0].number)
            elif doing == "change":  # and leave the set, if it was in it
                city.publish(dict.fromkeys(chance.sample(live, 1 + len(live) // 2), f"Titre {n}"))
            elif doing == "enter":
                city.publish(dict.fromkeys(chance.sample(live, 1 + len(live) // 2), f"Titre {n}"), extra=IN_SET)
            elif doing == "return":
                city.publish({chance.choice([*TITLES, "nouveau-0"]): f"De retour {n}"})
            else:
                city.publish({f"nouveau-{n}": f"Nouveau {n}"})
            if chance.random() < 0.7:  # some nights the reader does not come
                harvest(sickle, in_set, **{"from": last, "set": SET})
                last = harvest(sickle, held, **{"from": last}) or last
        harvest(sickle, in_set, **{"from": last, "set": SET})
        harvest(sickle, held, **{"from": last})
        full: Held = {}
        harvest(sickle, full)
        assert held == full
        assert set(full) == published(city)
        full_set: Held = {}
        harvest(sickle, full_set, set=SET)
        assert in_set == full_set
        assert set(full_set) == {name for name, said in full.items() if any("data-theme/TRAN>" in s for s in said)}


def test_a_dataset_that_leaves_a_set_is_deleted_there_and_nowhere_else(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish(TITLES, extra=IN_SET)
    city.publish({"arbres": "Arbres"})
    city.publish({"menus": "Menus"})
    city.publish({"menus": "Menus"}, extra=IN_SET, withdrawn=["arbres"])
    with Server(settings, tmp_path) as running:
        sickle = Sickle(f"{running.address}oai")

        def told(**asked: str) -> list[tuple[str, bool, str, list[str]]]:
            found = sickle.ListIdentifiers(metadataPrefix="dcat_ap", **asked)
            return [(h.identifier.rpartition(":")[2], h.deleted, h.datestamp[8:10], h.setSpecs) for h in found]

        assert told(set=SET) == [
            ("velos", False, "02", ["publisher:ville", "theme:ENVI", SET, "theme:theme.nature"]),
            ("arbres", True, "03", [SET]),
            ("menus", False, "05", ["publisher:ville", "theme:ENVI", SET, "theme:theme.nature"]),
        ]
        assert [one[:3] for one in told(set="theme:ENVI")] == [
            ("velos", False, "02"),
            ("arbres", True, "05"),
            ("menus", False, "05"),
        ]
        assert [one[:2] for one in told(set=SET, **{"from": "2026-03-03", "until": "2026-03-03"})] == [("arbres", True)]
        with pytest.raises(NoRecordsMatch):
            told(set=SET, **{"from": "2026-03-04", "until": "2026-03-04"})


def test_a_record_that_its_source_renames_keeps_its_identifier(tmp_path: Path) -> None:
    """So that there is nothing to delete: the new name leads to the dataset, and was never a record's."""
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({"arbres": "Arbres"})
    city.publish({"arbres": "Arbres"}, aliases=[("arbres-remarquables", "arbres")])
    with Server(settings, tmp_path) as running:
        assert running.get("/dataset/arbres-remarquables").status == 301
        sickle = Sickle(f"{running.address}oai")
        headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc"))
        assert [(h.identifier, h.deleted) for h in headers] == [("oai:data.example.org:arbres", False)]
        with pytest.raises(IdDoesNotExist):
            sickle.GetRecord(identifier="oai:data.example.org:arbres-remarquables", metadataPrefix="oai_dc")


def test_whoever_read_while_a_release_was_being_made_is_told_of_it(tmp_path: Path) -> None:
    """A run takes its time: what it changes is dated when it becomes visible, not when the run began."""
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish(TITLES)
    with Server(settings, tmp_path) as running:
        sickle = Sickle(f"{running.address}oai")
        asked = etree.fromstring(running.get("/oai?verb=Identify").body)
        moment = asked.findtext("{http://www.openarchives.org/OAI/2.0/}responseDate")
        assert moment is not None
        city.clock = utc_now
        city.publish({"arbres": "Arbres remarquables"})
        held: Held = {}
        harvest(sickle, held, **{"from": moment})
        assert list(held) == ["oai:data.example.org:arbres"]


def test_our_own_harvester_reads_the_repository(whole: tuple[Server, City]) -> None:
    server, city = whole
    for prefix in ("dcat_ap", "oai_dc"):
        source = SourceSettings(
            id="ours", kind="oai-pmh", url=f"{server.address}oai", options={"prefix": prefix}, allow_private=True
        )
        reading = OaiPmh(source, city.settings.harvest, lambda _: None)
        found = list(reading.records())
        assert not [r for r in found if isinstance(r, Rejected)]
        assert len(found) == 230, prefix
        assert reading.complete
        assert reading.check().ok
