"""Whether a listing is believed, in itself and in a harvest, and what the operator may let through."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Store

from catalog.model import Description, Kind
from catalog.settings import GuardSettings
from harvest.guard import WATCHED, Changes, verdict
from tests.fakes.opendatasoft import Portal, names, portal, record
from tests.fakes.rdf import PREFIXES
from tests.harvest.city import City, city, live
from vocab.namespaces import DCAT, DCT

DEFAULT = GuardSettings()


def changes(live: int, seen: int, **counts: int) -> Changes:
    found = Changes(live, seen)
    for kind, count in counts.items():
        found.add(kind, [str(n) for n in range(count)])
    return found


@pytest.mark.parametrize(
    ("live", "seen", "missing", "held"),
    [
        (0, 10, 0, False),
        (100, 100, 0, False),
        (100, 90, 10, False),  # 10 % exactly is allowed
        (100, 89, 11, True),
        (100, 1, 99, True),
        (20, 16, 4, False),  # fewer than five
        (20, 15, 5, True),
        (50, 45, 5, False),
        (4, 1, 4, False),
        (100, 200, 11, True),  # replaced by others
        (0, 0, 0, True),
        (100, 0, 100, True),
        (3, 0, 3, True),
    ],
)
def test_what_is_missing(live: int, seen: int, missing: int, held: bool) -> None:
    assert (verdict(DEFAULT, changes(live, seen, withdrawn=missing)) is not None) is held


@pytest.mark.parametrize("kind", ["excluded", "merged"])
def test_what_leaves_otherwise(kind: str) -> None:
    assert verdict(DEFAULT, changes(100, 100, **{kind: 10})) is None
    assert verdict(DEFAULT, changes(100, 100, **{kind: 11})) is not None


@pytest.mark.parametrize("kind", ["renamed", "moved", "repeated", "identifier", *(f"lost {p}" for p in WATCHED)])
def test_what_changes_otherwise(kind: str) -> None:
    assert verdict(DEFAULT, changes(100, 100, **{kind: 25})) is None
    said = verdict(DEFAULT, changes(100, 100, **{kind: 26}))
    assert said is not None
    assert "26" in said.fr
    assert "25%" in said.en
    assert verdict(DEFAULT, changes(4, 4, **{kind: 4})) is None
    assert verdict(DEFAULT, changes(0, 100, **{kind: 100})) is None


def test_the_reason_gives_the_figures() -> None:
    said = verdict(DEFAULT, changes(186, 100, withdrawn=86))
    assert said is not None
    assert said.en == "86 of 186 published datasets are no longer listed (46%); the guard allows 10%."
    assert said.fr == "86 des 186 jeux de données publiés ne sont plus listés (46%)\u00a0; la garde en permet 10%."
    empty, never = (verdict(DEFAULT, changes(n, 0, withdrawn=n)) for n in (186, 0))
    assert empty is not None
    assert never is not None
    assert empty.en == "the source lists no dataset at all; 186 are published."
    assert empty.fr == "la source ne liste aucun jeu de données\u00a0; 186 sont publiés."
    assert never.en == "the source lists no dataset at all."


def test_several_reasons_are_all_told() -> None:
    said = verdict(DEFAULT, changes(100, 50, withdrawn=50, moved=50))
    assert said is not None
    assert said.en.count("the guard allows") == 2


def test_the_operator_may_allow_all() -> None:
    assert verdict(GuardSettings(max_withdrawn=1.0), changes(100, 1, withdrawn=100)) is None
    strict = GuardSettings(max_withdrawn=0.0, min_withdrawn=1)
    assert verdict(strict, changes(100, 99, withdrawn=1)) is not None


def test_what_was_accepted_passes_and_what_came_since_is_judged() -> None:
    accepted = {"withdrawn": 50}
    assert verdict(DEFAULT, changes(100, 50, withdrawn=50), accepted) is None
    assert verdict(DEFAULT, changes(100, 42, withdrawn=58), accepted) is None
    assert verdict(DEFAULT, changes(100, 30, withdrawn=70), accepted) is not None
    assert verdict(DEFAULT, changes(100, 50, withdrawn=50, moved=40), accepted) is not None
    assert verdict(DEFAULT, changes(3, 0, withdrawn=3), {"withdrawn": 3}) is None
    assert verdict(DEFAULT, changes(3, 0, withdrawn=3), {"withdrawn": 2}) is not None


def described(*lines: str) -> Description:
    text = "".join(f"<https://e.org/d> {line} .\n" for line in sorted(lines))
    return Description("https://e.org/d", Kind.DATASET, "d", text.encode())


def test_a_comparison_sees_what_is_lost_and_what_moved() -> None:
    found = Changes(1, 1)
    licence, word = f"{DCT.license} <https://e.org/l>", f'{DCAT.keyword} "mot"'
    files = [f"{DCAT.downloadURL} <https://e.org/{n}.csv>" for n in (1, 2, 3)]
    found.compare(described(licence, word, *files), described(word, *files[1:]))
    assert found.plain()["changes"] == {f"lost {DCT.license.value}": {"count": 1, "of": 1, "examples": ["d"]}}
    found.compare(described(*files[:2]), described(files[2]))
    found.compare(described(*files[:2]), described(*files[1:]))
    found.compare(described(), described(files[2]))
    found.compare(described(files[0]), described(*files))
    assert found.counts["moved"].count == 2, "half of them are gone; one of three, or one more, is no move"


def test_where_there_are_no_download_addresses_the_access_addresses_count() -> None:
    found = Changes(1, 1)
    page, other = (f"{DCAT.accessURL} <https://e.org/{n}>" for n in "ab")
    file = f"{DCAT.downloadURL} <https://e.org/f.csv>"
    found.compare(described(page, file), described(other, file))
    assert "moved" not in found.plain()["changes"]
    found.compare(described(page), described(other))
    assert found.counts["moved"].count == 1


def test_what_others_lose_is_a_share_of_what_they_have() -> None:
    found = Changes(live=1_000, seen=1_000, others={"national": 100})
    for n in range(10):
        found.take("national", str(n))
    assert verdict(DEFAULT, found) is None
    found.take("national", "10")
    said = verdict(DEFAULT, found)
    assert said is not None
    assert (
        said.en
        == "11 of 100 datasets published from `national` would become this source's (11%); the guard allows 10%."
    )
    assert "11 des 100" in said.fr
    assert verdict(DEFAULT, found, {"taken national": 11}) is None
    assert verdict(GuardSettings(max_taken=0.5), found) is None
    found.new = True
    assert verdict(DEFAULT, found) is None, "the operator has just added the source"
    found.new, found.live = False, 0
    assert verdict(DEFAULT, found) is not None, "a source that published nothing so far may not either"


# ── in a harvest ─────────────────────────────────────────────────────────────────────────────────────────────────────


def records(change: Callable[[dict[str, Any]], None] = lambda _: None, *, count: int = 20) -> list[dict[str, Any]]:
    found = []
    for name in names(count):
        one = record(name)
        one["metas"]["default"] |= {"license": "Licence Ouverte v2.0", "keyword": ["eau"], "publisher": "Ville"}
        change(one)
        found.append(one)
    return found


def no_licence(one: dict[str, Any]) -> None:
    del one["metas"]["default"]["license"]


def renamed(one: dict[str, Any]) -> None:
    one["dataset_id"] = f"nouveau-{one['dataset_id']}"


@pytest.mark.parametrize(
    ("change", "kind"), [(no_licence, f"lost {DCT.license.value}"), (renamed, "renamed")], ids=["licence", "name"]
)
def test_a_listing_that_changes_everything_is_held_until_it_is_accepted(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], kind: str
) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        assert place.run().release == 1
        before = place.datasets()
        state.records = records(change)
        held = place.run()
        assert held.sources[0].status == "held"
        assert held.sources[0].guard["changes"][kind]["count"] == 20
        assert place.datasets() == before
        shown = command(place, "sources", "accept", "portal", "--lang", "fr")
        assert shown.returncode == 1
        assert "20 des 20 jeux de données" in shown.stdout
        assert "jeu-00000" in shown.stdout
        assert place.datasets() == before
        let = command(place, "sources", "accept", "portal", "--yes", "--json")
        assert json.loads(let.stdout)["release"] == 2, let.stderr
        assert set(place.datasets()) == set(before), "a rename keeps the slug"
        assert place.datasets() != before or change is renamed


def test_more_than_what_was_shown_is_held_again(tmp_path: Path) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        place.run()
        state.records = records()[:14]
        assert place.run().sources[0].status == "held"
        state.records = records()[:5]
        again = command(place, "sources", "accept", "portal", "--yes", "--json")
        assert json.loads(again.stdout)["sources"][0]["status"] == "held"
        assert len(place.datasets()) == 20
        let = command(place, "sources", "accept", "portal", "--yes")
        assert "édition 2" in let.stdout or "release 2" in let.stdout
        assert len(place.datasets()) == 5


def test_repeated_identifiers_hold(tmp_path: Path) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        place.run()
        state.records = records() + records()
        summary = place.run()
        assert summary.sources[0].status == "held"
        assert "répètent l’identifiant" in summary.sources[0].reason.fr


def test_identifiers_that_were_always_repeated_hold_nothing(tmp_path: Path) -> None:
    state = Portal(records() + records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        assert place.run().release == 1
        state.records = [*records(), *records(), record("autre")]
        assert place.run().release == 2


def federated(one: dict[str, Any]) -> None:
    one["metas"]["default"]["federated"] = True


def restricted(one: dict[str, Any]) -> None:
    one["visibility"] = "restricted"


def test_a_portal_that_calls_everything_a_copy_is_held_until_it_is_accepted(tmp_path: Path) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        place.run()
        state.records = records(federated)
        held = place.run()
        assert held.sources[0].status == "held"
        assert held.sources[0].guard["changes"]["excluded"]["count"] == 20
        assert len(place.datasets()) == 20
        let = command(place, "sources", "accept", "portal", "--yes", "--lang", "fr")
        assert "n’y sont plus que comme copies" in let.stdout
        assert not place.datasets()


def test_what_the_portal_hides_is_out_at_once_however_much_it_is(tmp_path: Path) -> None:
    def both(one: dict[str, Any]) -> None:
        federated(one)
        restricted(one)

    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        place.run()
        state.records = [*records(restricted)[:10], *records(both)[10:]]
        assert place.run().sources[0].outcomes["withdrawn"] == 20
        assert not place.datasets()


def test_what_the_portal_hides_is_out_at_once_though_the_source_is_held(tmp_path: Path) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        place.run()
        before = place.datasets()
        state.records = [*records(restricted)[:2], *records(no_licence)[2:]]
        held = place.run()
        assert (held.sources[0].status, held.release, held.events) == ("held", 2, {"withdrawn": 2})
        assert (held.sources[0].outcomes["withdrawn"], held.sources[0].outcomes["held"]) == (2, 18)
        assert place.datasets() == dict(list(before.items())[2:])
        store = Store.read_only(str(place.current().store))
        assert not list(store.quads_for_pattern(NamedNode(before["jeu-00000"].iri), None, None, None))
        assert place.run().release is None
        state.records = records()
        assert place.run().events == {"created": 2}, "shown again"
        assert set(place.datasets()) == set(before)


def test_copies_that_our_own_settings_exclude_hold_nothing(tmp_path: Path) -> None:
    state = Portal(records(federated))
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address, more="federated = true"))
        place.run()
        assert len(place.datasets()) == 20
        place = city(tmp_path / "city", live(running.address))
        assert place.run().sources[0].status == "harvested"
        assert not place.datasets()


def listing(path: Path, *, count: int = 20, of: Callable[[int], str] = str, more: str = "") -> None:
    """A catalogue in Turtle; `of` gives each dataset its `dct:identifier`."""
    found = (
        f'<https://ville.fr/d/{n}> a dcat:Dataset ; dct:title "Jeu {n}"@fr {more} ; dct:identifier "{of(n)}" .'
        for n in range(count)
    )
    path.write_text("\n".join((PREFIXES, *found)), encoding="utf-8")


def test_records_that_bear_the_identifier_of_another_hold(tmp_path: Path) -> None:
    file = tmp_path / "c.ttl"
    listing(file)
    place = city(tmp_path / "city", f'[[source]]\nid = "ville"\nkind = "dcat"\npath = "{file}"\n')
    assert place.run().release == 1
    listing(file, of=lambda n: str(n // 2))
    held = place.run().sources[0]
    assert held.status == "held"
    assert held.guard["changes"]["identifier"]["count"] == 10
    assert "portent l’identifiant d’une autre" in held.reason.fr
    let = command(place, "sources", "accept", "ville", "--yes", "--json")
    assert json.loads(let.stdout)["sources"][0]["status"] == "harvested"
    listing(file, of=lambda n: str(n // 2), more='; dct:description "Neuve."@fr')
    assert place.run().sources[0].status == "harvested", "there were as many before"


def test_what_only_we_changed_is_believed(tmp_path: Path) -> None:
    state = Portal(records(no_licence))
    with portal(state) as running:
        default = '[source.defaults]\nlicence = "ETALAB_2_0"\n'
        place = city(tmp_path / "city", live(running.address) + default)
        place.run()
        place = city(tmp_path / "city", live(running.address))
        assert place.run().sources[0].status == "harvested"
        assert not any(DCT.license.value.encode() in d.canonical for d in place.datasets().values())


def test_there_must_be_something_to_accept(tmp_path: Path) -> None:
    state = Portal(records())
    with portal(state) as running:
        place = city(tmp_path / "city", live(running.address))
        never = command(place, "sources", "accept", "portal")
        assert (never.returncode, "never harvested" in never.stderr) == (2, True)
        place.run()
        fine = command(place, "sources", "accept", "portal")
        assert (fine.returncode, "is not held" in fine.stderr) == (2, True)
        assert command(place, "sources", "accept", "nobody").returncode == 2


def command(place: City, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "catalog.commands", "--config", str(place.config), *arguments]
    return subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
