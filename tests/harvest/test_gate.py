"""The operator's gate: regressions are held by dataset, by publisher or all together, and let go when repaired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.comparison import compare_findings
from catalog.errors import SettingsInvalid
from catalog.settings import load
from harvest.display import lines
from harvest.summary import Summary
from shapes.registry import Given, Registry
from tests.fakes.opendatasoft import record
from tests.harvest.city import City, city, saved
from tests.harvest.test_pipeline import in_step, outcomes
from vocab.text import Text

NAMES = ("arbres", "menus", "velos")


def made(name: str, *, good: bool = True, title: str = "", publisher: str = "Ville de Démo") -> dict[str, Any]:
    """A record; a bad one has no description, which is a violation."""
    text = "<p>Ce que la ville sait, tenu à jour par ses services et utile à tous.</p>"
    default = {"title": title or name.title(), "publisher": publisher, "description": text if good else None}
    found = record(name)
    found["metas"]["default"] |= default
    return found


class Source:
    """A city whose records a test writes."""

    def __init__(self, folder: Path, gate: str) -> None:
        self.file = folder / "records.json"
        self.put(*map(made, NAMES))
        self.city: City = city(folder, f"[gate]\n{gate}\n{saved(self.file)}")

    def put(self, *records: dict[str, Any]) -> None:
        self.file.write_text(json.dumps(list(records)), encoding="utf-8")

    def run(self, **options: Any) -> Summary:
        return self.city.run(validate=True, **options)

    def counts(self) -> tuple[int, int]:
        return self.city.view().finding_counts()


def test_without_a_gate_nothing_is_held(tmp_path: Path) -> None:
    source = Source(tmp_path, "")
    source.run()
    source.put(made("arbres", good=False), made("menus"), made("velos"))
    summary = source.run()
    assert outcomes(summary) == {"updated": 1, "unchanged": 2}
    assert not summary.gate
    assert source.counts()[0] == 1


def test_a_dataset_that_gets_worse_is_held_and_the_others_publish(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"')
    first = source.run()
    assert outcomes(first) == {"created": 3}, "a first release has nothing to be worse than"
    before = source.city.datasets()
    source.put(made("arbres", good=False, title="Arbres bis"), made("menus", title="Menus bis"), made("velos"))
    summary = source.run()
    assert outcomes(summary) == {"held": 1, "updated": 1, "unchanged": 1}
    assert summary.exit_code == 1
    assert (summary.gate["datasets"], summary.gate["held"], summary.gate["publishers"]) == (1, 1, ["Ville de Démo"])
    (told,) = summary.sources[0].set_aside
    assert told["record"] == "arbres"
    assert "Description" in told["fr"]
    assert "sa dernière version publiée reste en place" in told["fr"]
    assert "its last published version stays" in told["en"]
    assert any("[gate]" in line for line in lines(summary, "fr"))
    after = source.city.datasets()
    assert after["arbres"].hash == before["arbres"].hash
    assert after["menus"].hash != before["menus"].hash
    assert source.counts()[0] == 0
    assert in_step(source.city, tmp_path / "copy") == []


def test_what_is_held_stays_held_until_it_is_repaired(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"')
    source.run()
    source.put(made("arbres", good=False), made("menus"), made("velos"))
    for _ in range(2):
        summary = source.run()
        assert outcomes(summary) == {"held": 1, "unchanged": 2}
        assert summary.release is None
    source.put(made("arbres", title="Arbres bis"), made("menus"), made("velos"))
    summary = source.run()
    assert outcomes(summary) == {"updated": 1, "unchanged": 2}
    assert summary.release == 2
    assert not summary.gate


def test_a_new_dataset_with_faults_waits(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"')
    source.run()
    records = [made(name) for name in NAMES]
    source.put(*records, made("parcs", good=False))
    summary = source.run()
    assert outcomes(summary) == {"held": 1, "unchanged": 3}
    assert "parcs" not in source.city.datasets()
    assert "pas encore publié" in summary.sources[0].set_aside[0]["fr"]
    source.put(*records, made("parcs"))
    assert outcomes(source.run()) == {"created": 1, "unchanged": 3}
    assert in_step(source.city, tmp_path / "copy") == []


def test_what_was_bad_before_may_change(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"')
    source.put(made("arbres", good=False), made("menus"), made("velos"))
    source.run()
    source.put(made("arbres", good=False, title="Arbres bis"), made("menus"), made("velos"))
    summary = source.run()
    assert outcomes(summary) == {"updated": 1, "unchanged": 2}
    assert not summary.gate


def test_all_changes_of_a_publisher_are_held_and_not_those_of_others(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "publishers"')
    source.put(made("arbres"), made("menus"), made("velos", publisher="Mairie de Blagnac"))
    source.run()
    source.put(
        made("arbres", good=False),
        made("menus", title="Menus bis"),
        made("velos", title="Vélos bis", publisher="Mairie de Blagnac"),
    )
    summary = source.run()
    assert outcomes(summary) == {"held": 2, "updated": 1}
    assert {item["record"] for item in summary.sources[0].set_aside} == {"arbres", "menus"}
    assert any("avec les autres changements de son producteur" in item["fr"] for item in summary.sources[0].set_aside)
    assert in_step(source.city, tmp_path / "copy") == []


def test_the_gate_looks_at_the_publishers_named_only(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"\npublishers = ["Mairie de Blagnac"]')
    source.put(made("arbres"), made("velos", publisher="Mairie de Blagnac"))
    source.run()
    source.put(made("arbres", good=False), made("velos", good=False, publisher="Mairie de Blagnac"))
    summary = source.run()
    assert outcomes(summary) == {"held": 1, "updated": 1}
    assert summary.gate["publishers"] == ["Mairie de Blagnac"]


REACHABLE = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dct: <http://purl.org/dc/terms/> .
<urn:reachable> a sh:NodeShape ; sh:targetClass <http://www.w3.org/ns/dcat#Dataset> ;
    sh:property <urn:mailbox> , <urn:type> .
<urn:mailbox> sh:path ( dct:publisher <http://xmlns.com/foaf/0.1/mbox> ) ; sh:minCount 1 .
<urn:type> sh:path ( dct:publisher dct:type ) ; sh:minCount 1 ."""
AGENT = '[[agent]]\nname = "Ville de Démo"\n'
TYPE = 'type = "LocalAuthority"\n'
MAIL = 'email = "contact@ville.example.org"\n'


@pytest.mark.parametrize(("hold", "line"), [("datasets", MAIL), ("datasets", TYPE), ("publishers", TYPE)])
def test_what_an_agent_that_they_share_makes_worse_is_held_with_the_agent(tmp_path: Path, hold: str, line: str) -> None:
    """The mailbox is said of the datasets' contact as well; the type of the agent alone, and no dataset changes."""
    source = Source(tmp_path, f'hold = "{hold}"\n[validation]\nprofiles = ["reachable"]\n{AGENT}{MAIL}{TYPE}')
    store = source.city.settings.store.path
    Registry.beside(store).add("reachable", Text("", ""), [Given("r.ttl", "urn:r", REACHABLE, ".ttl")])
    source.run()
    assert source.counts()[0] == 0
    config = source.city.config
    told = config.read_text()
    config.write_text(told.replace(line, ""))
    source.city = City(tmp_path, load(config))
    for _ in range(2):
        summary = source.run()
        assert outcomes(summary) == {"held": 3}
        assert (summary.gate["datasets"], summary.gate["held"], summary.release) == (3, 3, None)
        assert all("Nouveau" in item["fr"] for item in summary.sources[0].set_aside)
        assert source.counts()[0] == 0
    config.write_text(told)
    source.city = City(tmp_path, load(config))
    summary = source.run()
    assert (outcomes(summary), summary.gate) == ({"unchanged": 3}, {})
    assert in_step(source.city, tmp_path / "copy") == []


def test_the_whole_release_is_held(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "release"')
    source.run()
    source.put(made("arbres", good=False), made("menus", title="Menus bis"), made("velos"))
    summary = source.run()
    assert summary.sources[0].status == "held"
    assert outcomes(summary) == {"held": 3}
    assert summary.release is None
    assert summary.exit_code == 1
    assert source.city.current().number == 1


def test_a_rule_that_is_new_holds_nothing(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"\nfail_on = "warning"\n[validation]\nprofiles = ["dcat-ap-3"]')
    source.run()
    config = source.city.config
    config.write_text(config.read_text().replace('["dcat-ap-3"]', '["dcat-ap-3", "dcat-ap-3-recommended", "garonne"]'))
    source.city = City(tmp_path, load(config))
    source.put(*(made(name, title=f"{name} bis") for name in NAMES))
    summary = source.run()
    assert outcomes(summary) == {"updated": 3}
    assert sum(source.counts()) > 0


def test_a_dry_run_tells_what_would_be_held(tmp_path: Path) -> None:
    source = Source(tmp_path, 'hold = "datasets"')
    source.run()
    source.put(made("arbres", good=False), made("menus", title="Menus bis"), made("velos"))
    summary = source.run(dry_run=True)
    assert (summary.gate["held"], summary.events) == (1, {"updated": 1})


def test_releases_tell_the_same_as_the_gate_would(tmp_path: Path) -> None:
    source = Source(tmp_path, "")
    source.run()
    source.put(made("arbres", good=False), made("menus"), made("velos"))
    source.run()
    one, two = (source.city.releases.get(n) for n in (1, 2))
    judgement = compare_findings(source.city.settings.store.path, one, two)
    assert [(iri.rsplit("/", 1)[1], f.cause.severity) for iri, f in judgement.new] == [("arbres", "violation")]


@pytest.mark.parametrize("gate", ['hold = "everything"', 'fail_on = "never"', "publishers = 1"])
def test_wrong_settings_are_refused(tmp_path: Path, gate: str) -> None:
    with pytest.raises(SettingsInvalid):
        Source(tmp_path, gate)
