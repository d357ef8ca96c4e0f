"""What goes, and what stays for a while, when a listing has been read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.model import Kind
from catalog.tombstones import tombstone
from tests.fakes.opendatasoft import names, record
from tests.harvest.city import City, city, saved


def listing(place: City, *, without: int, broken: bool) -> None:
    """Saved records of twelve datasets, less the last `without` of them, and a file that cannot be read."""
    folder = place.folder.parent / "saved"
    for old in folder.iterdir():
        old.unlink()
    for name in names(12)[: 12 - without]:
        (folder / f"{name}.json").write_text(json.dumps(record(name)), encoding="utf-8")
    if broken:
        (folder / "zz.json").write_text("{", encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> City:
    """A folder of saved records; what it lacks is kept for three listings."""
    (tmp_path / "saved").mkdir()
    guard = "[source.guard]\ngrace_runs = 3\ngrace_days = 0\nmax_withdrawn = 0.2\n"
    found = city(tmp_path / "city", saved(tmp_path / "saved") + guard)
    listing(found, without=0, broken=False)
    found.run()
    return found


def test_the_grace_of_what_incomplete_listings_lack_ends(place: City) -> None:
    listing(place, without=2, broken=True)
    for _ in range(2):
        kept = place.run().sources[0]
        assert (kept.outcomes["held"], len(place.datasets())) == (2, 12)
        assert kept.hint.en == "Nothing was withdrawn; 2 datasets that were not seen stay as they were."
    over = place.run()
    assert over.sources[0].outcomes["withdrawn"] == 2
    assert over.events == {"withdrawn": 2}
    assert "2 were withdrawn: 3 listings or more" in over.sources[0].hint.en
    assert "2 sont retirés" in over.sources[0].hint.fr
    assert len(place.datasets()) == 10
    assert tombstone(place.view(), Kind.DATASET, names(12)[-1]) is not None
    assert place.run().sources[0].outcomes["held"] == 0


def test_a_complete_listing_withdraws_at_once_and_ends_the_count(place: City) -> None:
    listing(place, without=1, broken=True)
    place.run()
    listing(place, without=1, broken=False)
    assert place.run().sources[0].outcomes["withdrawn"] == 1


def test_a_listing_of_which_nothing_can_be_read_says_nothing(place: City) -> None:
    listing(place, without=12, broken=True)
    for _ in range(4):
        place.run()
    assert len(place.datasets()) == 12


def test_a_mass_whose_grace_is_over_is_the_guards_to_judge(place: City) -> None:
    listing(place, without=6, broken=True)
    seen = [place.run().sources[0].status for _ in range(4)]
    assert seen == ["harvested", "harvested", "held", "held"]
    assert len(place.datasets()) == 12
