"""The datasets of a release as CKAN's clients look for them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from catalog.archive import Archive
from catalog.packages import Condition, Packages
from tests.catalog.making import at, draft, enter, record, release


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    """Release 3: `bus` was changed last, `arbres` came back, `zoo` was withdrawn."""
    release(tmp_path, {"arbres": "Zones d’arbres", "bus": "Bus", "zoo": "Zoo"})
    release(tmp_path, {"bus": "Autobus"}, gone=("arbres", "zoo"))
    release(tmp_path, {"arbres": "Zones d’arbres"})
    return Packages(Archive(tmp_path).at(3))


def test_identifiers_are_uuids_and_stay(packages: Packages) -> None:
    found = packages.find(Condition())
    assert [p.id for p in found] == sorted(p.id for p in found)
    assert {UUID(p.id).version for p in found} == {5}
    before = {p.slug: p.id for p in Packages(packages.view.archive.at(1)).find(Condition())}
    assert {p.slug: p.id for p in found}.items() <= before.items()
    for one in found:
        assert packages.named(one.id) == packages.named(one.slug) == one
    assert packages.named("zoo") is None
    assert packages.named(before["zoo"]) is None


@pytest.mark.parametrize(
    ("key", "down", "expected"),
    [
        ("name", False, ["arbres", "bus"]),
        ("name", True, ["bus", "arbres"]),
        ("modified", True, ["arbres", "bus"]),
        ("title", False, ["bus", "arbres"]),
    ],
)
def test_orders(packages: Packages, key: str, down: bool, expected: list[str]) -> None:
    assert [p.slug for p in packages.find(Condition(), ((key, down),))] == expected


def test_places_and_dates(packages: Packages) -> None:
    assert packages.count(Condition()) == 2
    assert packages.names() == ["arbres", "bus"]
    assert packages.names(offset=1, limit=5) == ["bus"]
    (second,) = packages.find(Condition(), (("name", False),), offset=1, limit=5)
    assert (second.slug, second.created, second.modified) == ("bus", at(1), at(2))
    assert packages.count(Condition("p.slug = :slug", {"slug": "bus"})) == 1


def test_an_abandoned_draft_takes_its_identifiers_back(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Arbres"})
    making = draft(tmp_path, 2)
    enter(making, record("bus", text="Bus"), "Bus")
    making.record_events()
    making.commit()
    assert len(Archive(tmp_path).rows("SELECT * FROM packages")) == 2
    making.abandon()
    making.close()
    assert [r["slug"] for r in Archive(tmp_path).rows("SELECT * FROM packages")] == ["arbres"]
