"""Repositories that speak OAI-PMH, live against a server and from saved answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.assembly import release_triples
from catalog.errors import ResponseInvalid, SettingsInvalid
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import results
from harvest.source import Rejected
from harvest.sources.oai_pmh import NO_DATASET, NO_RECORD, NOT_DATA, UNKNOWN_FORMAT, OaiPmh
from shapes.engine import engine
from shapes.profiles import profile
from tests.fakes import csw
from tests.fakes.oai_pmh import Repository, dc, dcat, error
from tests.fakes.server import Answer, serving
from tests.harvest.city import city
from vocab.text import Text

QUICK = HarvestSettings(retries=0, backoff=0, timeout=5)
DESCRIBED = "<dc:description>Les arbres de la ville.</dc:description>"


def plain(count: int = 5) -> dict[str, tuple[str, dict[str, str]]]:
    return {f"oai:x:{i}": (f"2024-01-0{i + 1}", {"oai_dc": dc(f"Jeu {i}", DESCRIBED)}) for i in range(count)}


@contextmanager
def source(repository: Repository, said: list[Text] | None = None, **options: Any) -> Iterator[OaiPmh]:
    with serving(repository.reply) as running:
        settings = SourceSettings(
            id="depot", kind="oai-pmh", url=f"{running.address}/oai", allow_private=True, options=options
        )
        yield OaiPmh(settings, QUICK, (said if said is not None else []).append)


def test_every_record_comes_by_resumption_tokens() -> None:
    with source(Repository(plain())) as oai:
        assert [r.id for r in oai.records()] == [f"oai:x:{i}" for i in range(5)]
        assert oai.total == 5
        assert oai.complete


def test_datestamps_bound_the_list() -> None:
    with source(Repository(plain()), **{"from": "2024-01-02", "until": "2024-01-04"}) as oai:
        assert [r.id for r in oai.records()] == ["oai:x:1", "oai:x:2", "oai:x:3"]
    with source(Repository(plain()), **{"from": "2030-01-01"}) as oai:
        assert list(oai.records()) == [], "no record matches: an empty list, and no error"
        assert oai.complete


def test_deleted_records_are_withdrawn(tmp_path: Path) -> None:
    repository = Repository(plain())
    with source(repository) as oai:
        found = city(
            tmp_path, f'[[source]]\nid = "depot"\nkind = "oai-pmh"\nurl = "{oai.settings.url}"\nallow_private = true\n'
        )
        found.run()
        assert len(found.datasets()) == 5
        repository.records["oai:x:2"] = ("2024-02-01", {})
        found.run()
        assert sorted(d.slug for d in found.datasets().values()) == ["jeu-0", "jeu-1", "jeu-3", "jeu-4"]


@pytest.mark.parametrize(
    ("repository", "options", "words"),
    [
        (Repository(plain(), loops=True), {}, "would never end"),
        (Repository(plain(), forgets=True), {}, "badResumptionToken"),
        (Repository(plain()), {"prefix": "mods"}, "cannotDisseminateFormat («mods»)"),
        (Repository(plain(), formats=("marc21",)), {}, "offered: marc21"),
        (Repository(plain()), {"max_pages": 1}, "after 1 pages"),
    ],
)
def test_loops_and_errors_are_told_in_words(repository: Repository, options: dict[str, Any], words: str) -> None:
    with source(repository, **options) as oai, pytest.raises(ResponseInvalid) as caught:
        list(oai.records())
    assert words in caught.value.message


def test_fewer_records_than_announced_withdraw_nothing() -> None:
    said: list[Text] = []
    with source(Repository(plain(), size=9), said) as oai:
        assert len(list(oai.records())) == 5
        assert not oai.complete
    assert any("5 of the 9" in s.en for s in said)


def test_dcat_ap_is_preferred_and_goes_through_the_rdf_machinery() -> None:
    base = "https://data.exemple.fr/d/"
    records = {
        f"oai:x:{i}": ("2024-01-01", {"dcat_ap": dcat(f"{base}{i}", f"Jeu {i}"), "oai_dc": dc(f"Jeu {i}")})
        for i in range(4)
    }
    empty = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    records["oai:x:9"] = ("2024-01-01", {"dcat_ap": empty})
    with source(Repository(records, formats=("oai_dc", "dcat_ap"))) as oai:
        found = list(oai.records())
    made = [r for r in found if isinstance(r, Record)]
    assert sorted(r.iri for r in made) == [f"{base}{i}" for i in range(4)]
    for one in made:
        assert f"{one.iri}.csv".encode() in one.payload, "nodes of the same name in two records are two nodes"
        assert one.payload.count(b".csv") == 1
    assert [r.reason for r in found if isinstance(r, Rejected)] == [NO_DATASET]


def test_iso_19139_is_read_too_and_what_is_not_is_told() -> None:
    records = {
        "oai:x:1": ("2024-01-01", {"iso19139": csw.record("a-1", "Arbres")}),
        "oai:x:2": ("2024-01-01", {"iso19139": "<mods/>"}),
    }
    with source(Repository(records, formats=("oai_dc", "iso19139"))) as oai:
        first, second = oai.records()
    assert isinstance(first, Record)
    assert first.id == "a-1"
    assert isinstance(second, Rejected)
    assert second.reason == UNKNOWN_FORMAT


def test_what_dublin_core_says(tmp_path: Path) -> None:
    more = (
        DESCRIBED,
        "<dc:identifier>https://doi.org/10.5281/zenodo.123</dc:identifier><dc:creator>Ville de Toulouse</dc:creator>",
        "<dc:publisher>Entrepôt</dc:publisher><dc:publisher>Autre</dc:publisher><dc:date>2024-01-31</dc:date>",
        "<dc:subject>arbres, parcs</dc:subject><dc:language>fra</dc:language><dc:type>Dataset</dc:type>",
        "<dc:rights>Licence Ouverte version 2.0</dc:rights><dc:rights>Citer la source</dc:rights>",
        "<dc:relation>https://data.exemple.fr/arbres.csv</dc:relation><dc:format>text/csv</dc:format>",
        "<dc:relation>https://exemple.fr/article</dc:relation><dc:relation>voir aussi</dc:relation>",
        "<dc:coverage>North 45.917, South 45.55, East 4.681, West 5.067. GRAND LYON</dc:coverage>",
    )
    repository = Repository({"oai:x:1": ("2024-01-01", {"oai_dc": dc("Arbres", *more)})})
    with source(repository) as oai:
        found = city(
            tmp_path, f'[[source]]\nid = "depot"\nkind = "oai-pmh"\nurl = "{oai.settings.url}"\nallow_private = true\n'
        )
        found.run()
    (dataset,) = found.datasets().values()
    text = dataset.canonical.decode()
    for wanted in (
        '"https://doi.org/10.5281/zenodo.123"',
        "ETALAB_2_0",
        "POLYGON((4.681 45.55,5.067 45.55,5.067 45.917,4.681 45.917,4.681 45.55))",
        "<https://data.exemple.fr/arbres.csv>",
        "file-type/CSV>",
        '"arbres"',
        "language/FRA>",
        '"2024-01-31"',
        '"Citer la source"',
        "page> <https://exemple.fr/article>",
        "landingPage> <https://doi.org/10.5281/zenodo.123>",
    ):
        assert wanted in text, wanted
    triples = list(dict.fromkeys(release_triples(found.settings, found.view())))
    violations = engine().validate(triples, [profile("dcat-ap-3"), profile("geodcat-ap-3")])
    assert [(f.path, f.component) for f in violations if f.severity == "violation"] == []


@pytest.mark.parametrize(
    ("types", "kept"),
    [
        ((), True),
        (("Dataset",), True),
        (("info:eu-repo/semantics/article",), False),
        (("Text", "Dataset"), True),
        (("http://purl.org/dc/dcmitype/StillImage",), False),
        (("info:eu-repo/semantics/other",), True),
    ],
)
def test_texts_and_images_are_no_datasets(types: tuple[str, ...], kept: bool) -> None:
    inner = dc("A", *(f"<dc:type>{t}</dc:type>" for t in types))
    with source(Repository({"oai:x:1": ("2024-01-01", {"oai_dc": inner})})) as oai:
        (one,) = oai.records()
        assert isinstance(one, Record)
        assert oai.admit(one, None) == (None if kept else NOT_DATA)  # type: ignore[arg-type]  # looked at by no rule


def test_saved_answers(tmp_path: Path) -> None:
    answers = {
        "page.xml": Repository(plain()).reply("/?verb=ListRecords&metadataPrefix=oai_dc"),
        "error.xml": error("badVerb", "Foo"),
        "identify.xml": Repository({}).reply("/?verb=Identify"),
    }
    for name, one in answers.items():
        (tmp_path / name).write_bytes(one.body)
    found = list(results(tmp_path))
    assert {r.kind for r in found} == {"oai-pmh"}
    assert sum(r.mapped is not None for r in found) == 2
    reasons = {r.file.name: r.reason for r in found if r.reason}
    assert reasons["identify.xml"] == NO_RECORD
    assert "le verbe n’est pas admis\u00a0: badVerb («Foo»)" in reasons["error.xml"].fr


def test_the_check_says_what_is_there() -> None:
    with source(Repository(plain(), formats=("oai_dc", "marc21"))) as oai:
        found = oai.check()
    assert found.ok
    assert found.datasets == 5
    assert "Entrepôt" in found.message
    assert "persistent" in found.message
    with serving(lambda _p: Answer(b"<html/>", kind="text/html")) as running:
        settings = SourceSettings(id="depot", kind="oai-pmh", url=running.address, allow_private=True)
        wrong = OaiPmh(settings, QUICK, lambda _m: None).check()
    assert not wrong.ok
    assert "base URL" in wrong.hint


def test_wrong_options_are_refused() -> None:
    base = SourceSettings(id="depot", kind="oai-pmh", url="https://depot.exemple.fr/oai")
    with pytest.raises(SettingsInvalid, match=r"options\.from is a day"):
        OaiPmh(replace(base, options={"from": "hier"}), QUICK, lambda _m: None)
    with pytest.raises(SettingsInvalid, match="number from 1"):
        OaiPmh(replace(base, options={"max_pages": 0}), QUICK, lambda _m: None)
    with pytest.raises(SettingsInvalid, match="`url`"):
        list(OaiPmh(replace(base, url=""), QUICK, lambda _m: None).records())
