"""When rules change, everything that they touch is done again, and the release says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import schema
from catalog.archive import Archive
from harvest.display import lines
from harvest.mapping import rules
from tests.fakes.rdf import PREFIXES, dataset
from tests.harvest.city import City, city

AGENT = '[[agent]]\nname = "Ville"\n'


def town(folder: Path, *, profiles: str = "", more: str = "") -> City:
    """Three datasets in a file."""
    folder.mkdir(exist_ok=True)
    (folder / "feed.ttl").write_text(PREFIXES + "".join(dataset(n) for n in "abc"), encoding="utf-8")
    source = f'[[source]]\nid = "feed"\nkind = "dcat"\npath = "{folder}/feed.ttl"\n'
    return city(folder, source + more, more=f"[validation]\nprofiles = [{profiles}]\n")


def told(a_city: City, **options: object) -> list[str]:
    return [why.en for why in a_city.run(validate=True, **options).sources[0].redone]


def fingerprints(a_city: City) -> set[str]:
    rows = Archive(a_city.settings.store.path).rows("SELECT fingerprint FROM records WHERE until IS NULL")
    return {row["fingerprint"] for row in rows}


def test_a_setting_of_the_mapping(tmp_path: Path) -> None:
    assert told(town(tmp_path)) == []
    assert told(town(tmp_path)) == []
    assert told(town(tmp_path, more=AGENT)) == ["[[agent]] register changed: 3 records mapped again."]
    assert told(town(tmp_path, more=AGENT)) == []


def test_the_rules_of_the_program_and_its_vocabularies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(town(tmp_path))
    monkeypatch.setattr(rules, "rules", lambda: "0" * rules.LENGTH)
    assert told(town(tmp_path)) == ["Mapping rules of the program changed: 3 records mapped again."]
    monkeypatch.setattr(rules, "vocabularies", lambda: "0" * rules.LENGTH)
    assert told(town(tmp_path)) == ["Vocabularies changed: 3 records mapped again."]


def test_a_profile_is_checked_without_mapping_again_and_the_release_says_why(tmp_path: Path) -> None:
    told(town(tmp_path))
    before = fingerprints(town(tmp_path))
    after = town(tmp_path, profiles='"garonne"')
    summary = after.run(validate=True)
    why = "Profile garonne changed: 3 datasets checked again."
    assert [text.en for text in summary.sources[0].redone] == [why]
    assert why in "\n".join(lines(summary, "en"))
    assert "Changement (profil garonne)\u00a0: 3 jeux de données vérifiés à nouveau." in "\n".join(lines(summary, "fr"))
    assert after.current().manifest.reason == why
    assert summary.counts["violations"] + summary.counts["warnings"] > 0
    assert {f.partition(":")[0] for f in fingerprints(after)} == {f.partition(":")[0] for f in before}
    assert fingerprints(after).isdisjoint(before)
    assert told(after) == []
    assert told(town(tmp_path)) == ["[validation] changed: 3 datasets checked again."]


def test_a_bookkeeping_of_before_is_mapped_again(tmp_path: Path) -> None:
    a_town = town(tmp_path)
    told(a_town)
    with schema.connect(a_town.settings.store.path, write=True) as db:
        db.execute("UPDATE records SET fingerprint = 'abc:pyshacl'")
    db.close()
    assert told(a_town) == [
        "Mapping rules of the program changed: 3 records mapped again.",
        "[validation] changed: 3 datasets checked again.",
    ]


def test_what_is_taken_whole_needs_no_reason(tmp_path: Path) -> None:
    told(town(tmp_path))
    assert told(town(tmp_path, more=AGENT), full=True) == []
