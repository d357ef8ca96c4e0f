"""From sources to releases, against a real portal that misbehaves on demand."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from catalog.archive import Archive
from catalog.comparison import compare
from catalog.errors import SettingsInvalid, StoreLocked
from catalog.lock import writing
from catalog.model import Kind, Outcome
from catalog.store import Workspace, clone
from harvest.display import lines
from harvest.summary import Summary
from tests.harvest.city import City, city, live, portal, saved
from tests.shared import ROOT, shared


def outcomes(summary: Summary, source: int = 0) -> dict[str, int]:
    return {k: v for k, v in summary.sources[source].outcomes.items() if v}


def in_step(a_city: City, folder: Path) -> list[str]:
    """Statements on which default graph and named graphs of the current release disagree."""
    clone(a_city.current().store, folder)
    workspace = Workspace(folder)
    try:
        return workspace.out_of_step()
    finally:
        workspace.close()


def test_a_portal_becomes_a_release(tmp_path: Path) -> None:
    with portal(60) as p:
        toulouse = city(tmp_path, live(p.url))
        summary = toulouse.run()
    assert outcomes(summary) == {"created": 60}
    assert summary.release == 1
    assert summary.exit_code == 0
    assert toulouse.current().manifest.datasets == 60
    assert toulouse.view().count(Kind.SERVICE) == 1
    assert in_step(toulouse, tmp_path / "copy") == []


def test_the_same_harvest_twice_changes_nothing(tmp_path: Path) -> None:
    with portal(40) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        before = {slug: d.canonical for slug, d in toulouse.datasets().items()}
        again = toulouse.run()
        full = toulouse.run(full=True)
    assert outcomes(again) == outcomes(full) == {"unchanged": 40}
    assert again.release is full.release is None
    assert toulouse.current().number == 1
    assert {slug: d.canonical for slug, d in toulouse.datasets().items()} == before


def test_two_harvests_from_nothing_give_the_same_bytes(tmp_path: Path) -> None:
    with portal(40) as p:
        first, second = city(tmp_path / "a", live(p.url)), city(tmp_path / "b", live(p.url))
        first.run()
        second.run()
    ours, theirs = first.datasets(), second.datasets()
    dates = ("/issued>", "/modified>")
    strip = lambda d: [x for x in d.lines if not (f"record/{d.slug}>" in x and any(w in x for w in dates))]  # noqa: E731
    assert {s: strip(d) for s, d in ours.items()} == {s: strip(d) for s, d in theirs.items()}


def test_a_change_publishes_only_what_changed(tmp_path: Path) -> None:
    with portal(40) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(change=3)
        summary = toulouse.run()
    assert outcomes(summary) == {"updated": 3, "unchanged": 37}
    assert summary.release == 2
    first, second = toulouse.releases.list()
    changes = compare(toulouse.settings.store.path, first, second)
    assert Counter(c.change for c in changes) == {"updated": 3}
    assert in_step(toulouse, tmp_path / "copy") == []


def test_a_few_missing_records_are_withdrawn_at_once(tmp_path: Path) -> None:
    with portal(60) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(drop=3)
        summary = toulouse.run()
    assert outcomes(summary) == {"unchanged": 57, "withdrawn": 3}
    assert toulouse.current().manifest.datasets == 57
    assert toulouse.current().manifest.events == {"withdrawn": 3}
    gone = set(Archive(tmp_path / "var").rows("SELECT slug FROM events WHERE kind = 'withdrawn'")[0])
    assert toulouse.view().fate(Kind.DATASET, gone.pop()) == "gone"
    assert in_step(toulouse, tmp_path / "copy") == []


def test_what_comes_back_has_its_old_name_and_dates(tmp_path: Path) -> None:
    with portal(60) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        before = toulouse.datasets()
        issued = toulouse.view().dates(next(iter(before.values())).iri)
        p.control(drop=4)
        toulouse.run()
        p.control(restore=1)
        summary = toulouse.run()
    assert outcomes(summary) == {"unchanged": 56, "created": 4}
    after = toulouse.datasets()
    assert after.keys() == before.keys()
    found = toulouse.view().dates(next(iter(after.values())).iri)
    assert found is not None
    assert issued is not None
    assert found[0] == issued[0]


@pytest.mark.parametrize("drop", [20, 60])
def test_a_listing_that_lost_too_much_is_held(tmp_path: Path, drop: int) -> None:
    with portal(60) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(drop=drop)
        summary = toulouse.run()
    assert summary.sources[0].status == "held"
    assert outcomes(summary) == {"held": 60}
    assert str(drop if drop < 60 else "no dataset") in summary.sources[0].reason.en
    assert summary.exit_code == 1
    assert toulouse.current().number == 1
    assert len(toulouse.datasets()) == 60


def test_a_cut_listing_is_held(tmp_path: Path) -> None:
    with portal(120) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(cut=1, change=100)
        summary = toulouse.run()
    assert summary.sources[0].status == "failed"
    assert outcomes(summary) == {"held": 120}
    assert "broke off" in summary.sources[0].reason.en or "ends in the middle" in summary.sources[0].reason.en
    assert toulouse.current().number == 1


def test_a_source_in_trouble_does_not_hold_the_others(tmp_path: Path) -> None:
    with portal(40) as good, portal(120) as bad:
        toulouse = city(tmp_path, live(bad.url, "bad") + live(good.url, "good"))
        toulouse.run()
        bad.control(cut=1, change=60)
        good.control(change=2)
        summary = toulouse.run()
    assert [s.status for s in summary.sources] == ["failed", "harvested"]
    assert outcomes(summary, 1) == {"updated": 2, "unchanged": 38}
    assert summary.exit_code == 1
    events = toulouse.current().manifest.events
    assert events == {"updated": 2}
    assert len(toulouse.datasets()) == 160
    assert in_step(toulouse, tmp_path / "copy") == []


def test_two_sources_with_the_same_names_make_two_datasets(tmp_path: Path) -> None:
    with portal(10) as one, portal(10) as two:
        toulouse = city(tmp_path, live(one.url, "one") + live(two.url, "two"))
        toulouse.run()
    slugs = toulouse.datasets().keys()
    assert len(slugs) == 20
    assert sum(s.endswith("-two") for s in slugs) == 10


@pytest.mark.parametrize("knobs", [{"fail": 0.3}, {"limit": 2}])
def test_a_portal_that_refuses_now_and_then_is_harvested_all_the_same(tmp_path: Path, knobs: dict[str, float]) -> None:
    with portal(40) as p:
        toulouse = city(tmp_path, live(p.url), more="max_wait = 5\n")
        p.control(**knobs)
        summary = toulouse.run()
    assert outcomes(summary) == {"created": 40}


def test_a_portal_that_stalls_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    with portal(10) as p:
        toulouse = city(tmp_path, live(p.url), timeout=0.4)
        p.control(stall=4)
        summary = toulouse.run()
    assert summary.sources[0].status == "failed"
    assert "no answer within" in summary.sources[0].reason.en
    assert "pas de réponse en" in "\n".join(lines(summary, "fr"))
    assert summary.exit_code == 3
    assert toulouse.releases.current() is None, "a release of nothing is not published"


def test_bad_records_are_set_aside_and_their_last_good_version_stays(tmp_path: Path) -> None:
    with portal(60) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(bad=12)
        summary = toulouse.run()
    found = outcomes(summary)
    assert found.get("failed", 0) == 0
    assert found["set aside"] == 6, summary.sources[0].set_aside
    assert sum(found.values()) == 60
    assert all(item["fr"] and item["en"] for item in summary.sources[0].set_aside)
    assert len(toulouse.datasets()) == 60


def test_a_rename_keeps_the_dataset_and_makes_an_alias(tmp_path: Path) -> None:
    with portal(40) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        before = {d.iri for d in toulouse.datasets().values()}
        identifiers = {line for d in toulouse.datasets().values() for line in d.lines if "terms/identifier>" in line}
        p.control(rename=3)
        summary = toulouse.run()
    assert "created" not in outcomes(summary)
    assert {d.iri for d in toulouse.datasets().values()} == before
    assert {
        line for d in toulouse.datasets().values() for line in d.lines if "terms/identifier>" in line
    } == identifiers
    aliases = Archive(tmp_path / "var").rows("SELECT alias, slug FROM aliases")
    assert len(aliases) == 3
    assert toulouse.view().fate(Kind.DATASET, aliases[0]["alias"]) == ("alias", aliases[0]["slug"])


def test_a_dry_run_publishes_nothing(tmp_path: Path) -> None:
    with portal(20) as p:
        toulouse = city(tmp_path, live(p.url))
        summary = toulouse.run(dry_run=True)
        assert summary.events == {"created": 20}
        assert summary.release is None
        assert toulouse.releases.current() is None
        assert toulouse.run().release == 1


def test_a_limited_run_withdraws_nothing(tmp_path: Path) -> None:
    with portal(30) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run()
        p.control(change=30)
        summary = toulouse.run(limit=5)
    assert summary.sources[0].seen == 5
    assert len(toulouse.datasets()) == 30


def test_a_dataset_made_private_leaves_with_the_next_run(tmp_path: Path) -> None:
    records = tmp_path / "records"
    shutil.copytree(ROOT / "harvest/sample/datasets", records)
    toulouse = city(tmp_path, saved(records))
    toulouse.run()
    assert "marches-de-plein-vent" in toulouse.datasets()
    file = records / "marches-de-plein-vent.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**data, "visibility": "restricted"}), encoding="utf-8")
    summary = toulouse.run()
    assert outcomes(summary)["withdrawn"] == 1
    assert "marches-de-plein-vent" not in toulouse.datasets()
    assert outcomes(toulouse.run())["set aside"] == 4, "it stays out, with its reason, and counts as set aside"


def test_one_line_in_a_mapping_table_clears_the_worklist_and_changes_only_what_it_touches(tmp_path: Path) -> None:
    path = shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    toulouse = city(tmp_path, saved(path))
    summary = toulouse.run()
    entry = next(w for w in summary.worklist if w["value"] == "Open Data Paris")
    assert entry["table"] == "licences"
    table = tmp_path / "licences.csv"
    table.write_text("value,target\nOpen Data Paris,ODC_BL\n", encoding="utf-8")
    again = city(tmp_path, saved(path), more='[mapping]\nlicences = "licences.csv"\n')
    after = again.run()
    assert not [w for w in after.worklist if w["value"] == "Open Data Paris"]
    assert outcomes(after) == {"updated": entry["records"], "unchanged": 186 - entry["records"]}


def test_all_real_records_are_accounted_for(tmp_path: Path) -> None:
    path = shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    summary = city(tmp_path, saved(path)).run()
    assert summary.sources[0].seen == sum(outcomes(summary).values()) == 186
    assert outcomes(summary).get(Outcome.FAILED.value, 0) == 0


def test_every_other_real_record_is_mapped_or_refused_in_words(tmp_path: Path) -> None:
    folder = shared("data/real/opendatasoft")
    summary = city(tmp_path, saved(folder)).run()
    found = outcomes(summary)
    assert found.get("failed", 0) == 0, summary.sources[0].set_aside
    assert sum(found.values()) == summary.sources[0].seen
    assert all(item["fr"] and item["en"] for item in summary.sources[0].set_aside)


def test_a_file_that_cannot_be_read_withdraws_nothing_and_is_told(tmp_path: Path) -> None:
    records = tmp_path / "records"
    shutil.copytree(ROOT / "harvest/sample/datasets", records)
    toulouse = city(tmp_path, saved(records))
    toulouse.run()
    (records / "arbres-d-alignement.json").write_text("<html>", encoding="utf-8")
    summary = toulouse.run()
    assert outcomes(summary)["held"] == 1
    assert "could not be read" in summary.sources[0].reason.en
    assert any(item["record"] == "arbres-d-alignement.json" for item in summary.sources[0].set_aside)
    assert len(toulouse.datasets()) == 38


def test_a_first_release_of_nothing_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text("<html>", encoding="utf-8")
    toulouse = city(tmp_path, saved(tmp_path / "page.json"))
    assert toulouse.run().release is None
    assert toulouse.releases.current() is None


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with portal(5) as p:
        toulouse = city(tmp_path, live(p.url))
        with writing(tmp_path / "var"), pytest.raises(StoreLocked, match="another process is writing"):
            toulouse.run()


def test_no_source_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no source"):
        city(tmp_path, "").run()
