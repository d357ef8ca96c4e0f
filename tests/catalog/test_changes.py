"""When documents last changed: with the dataset, with what it names, after rollbacks and pruning too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.archive import Archive
from catalog.changes import Changes, Period, confirm_release, enter_release
from catalog.commands.releases import roll_back
from catalog.facets import Facet
from catalog.history import prune
from catalog.model import Description
from catalog.publication import publish, settle
from catalog.releases import Releases
from catalog.staging import Staging
from tests.catalog.making import BASE, agent, at, draft, enter, record, release, settings

VILLE = BASE + "agent/ville"


def night(folder: Path, titles: dict[str, str], *agents: Description, gone: tuple[str, ...] = ()) -> int:
    """One release as a harvest makes it: every record is met, those whose content is the same are unchanged."""
    current = Releases(folder).current()
    number = current.number + 1 if current else 1
    with closing(draft(folder, number)) as making, closing(Staging(folder, current)) as staging:
        for name, title in titles.items():
            enter(making, record(name, text=title), title, *agents)
        for name in gone:
            making.withdraw(name)
            making.forget("ods", name)
        settle(settings(folder), making)
        assert making.changed()
        publish(settings(folder, store={"keep": 3}), making, staging, run=None, clock=lambda: at(number))
    return number


def known(folder: Path, number: int) -> dict[str, tuple[int, bool]]:
    changes = Changes(Archive(folder).at(number))
    return {c.slug: (c.release, c.gone) for c in changes.page(Period(1, number), limit=100)}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Path]:
    """Release 1: two datasets of one publisher; 2: one is updated; 3: it is withdrawn; 4: the publisher is renamed."""
    ville = agent("ville", "Ville")
    night(tmp_path, {"arbres": "Arbres", "bus": "Bus"}, ville)
    night(tmp_path, {"arbres": "Arbres", "bus": "Autobus"}, ville)
    night(tmp_path, {"arbres": "Arbres"}, ville, gone=("bus",))
    night(tmp_path, {"arbres": "Arbres"}, agent("ville", "Ville de Toulouse"))
    return tmp_path


def test_a_document_changes_with_what_it_names(city: Path) -> None:
    assert known(city, 1) == {"arbres": (1, False), "bus": (1, False)}
    assert known(city, 2) == {"arbres": (1, False), "bus": (2, False)}
    assert known(city, 3) == {"arbres": (1, False), "bus": (3, True)}
    assert known(city, 4) == {"arbres": (4, False), "bus": (3, True)}
    assert Releases(city).get(4).manifest.events == {}  # the dataset itself is as it was


def test_a_document_changes_with_what_is_named_by_what_it_names(tmp_path: Path) -> None:
    from pyoxigraph import NamedNode, Triple

    from vocab.namespaces import ORG

    def agents(name: str) -> tuple[Description, Description]:
        office = agent("service", "Service")
        part = Triple(NamedNode(office.iri), ORG.subOrganizationOf, NamedNode(VILLE))
        office = Description.of(office.iri, office.kind, office.slug, [*office.triples, part])
        return office, agent("ville", name)

    titles = {"arbres": "Arbres", "bus": "Bus"}
    night(tmp_path, titles, *agents("Ville"))
    with closing(draft(tmp_path, 2)) as making:
        # The dataset names the office alone, and the office names the city.
        making.write("UPDATE mentions SET until = 2 WHERE iri = ? AND dataset LIKE '%bus'", VILLE)
        making.write("UPDATE mentions SET since = 1, until = NULL WHERE iri = ?", VILLE)
        making.write("DELETE FROM mentions WHERE iri = ? AND dataset LIKE '%bus'", VILLE)
        making.commit()
    with closing(draft(tmp_path, 2)) as making, closing(Staging(tmp_path, Releases(tmp_path).current())) as staging:
        enter(making, record("arbres", text="Arbres"), "Arbres", *agents("Ville de Toulouse"))
        settle(settings(tmp_path), making)
        publish(settings(tmp_path), making, staging, run=None, clock=lambda: at(2))
    assert known(tmp_path, 2) == {"arbres": (2, False), "bus": (2, False)}


def test_a_dataset_that_comes_back_and_a_rollback_are_changes(city: Path) -> None:
    night(city, {"bus": "Bus"}, agent("ville", "Ville de Toulouse"))
    assert known(city, 5)["bus"] == (5, False)
    roll_back(settings(city), 3)
    assert known(city, 6) == {"arbres": (6, False), "bus": (6, True)}
    assert known(city, 5)["bus"] == (5, False)


def test_what_was_withdrawn_is_known_after_pruning_with_its_facets(city: Path) -> None:
    with closing(draft(city, 5)) as making:
        making.commit()
        prune(making, 4)
    changes = Changes(Archive(city).at(4))
    found = changes.of("bus")
    assert found is not None
    assert (found.gone, found.release, found.moment) == (True, 3, at(3))
    assert changes.facets([found]) == {"bus": [(Facet.PUBLISHER, VILLE)]}
    assert [c.slug for c in changes.page(Period(1, 4, "publisher", VILLE), limit=9)] == ["bus", "arbres"]
    assert changes.count(Period(1, 4, "publisher", BASE + "agent/autre")) == 0
    assert changes.count(Period(1, 4, "publisher")) == 2


def test_a_value_that_is_lost_is_known_after_pruning_until_it_is_had_again(tmp_path: Path) -> None:
    ville, autre = agent("ville", "Ville"), agent("autre", "Autre")
    night(tmp_path, {"arbres": "Arbres"}, ville)
    night(tmp_path, {"arbres": "Arbres à Autre"}, autre)
    night(tmp_path, {"arbres": "Arbres d’Autre"}, autre)
    lost = [("arbres", 2, True)]

    def told(number: int, low: int = 1) -> list[tuple[str, int, bool]]:
        period = Period(low, number, "publisher", VILLE)
        changes = Changes(Archive(tmp_path).at(number))
        found = changes.page(period, limit=9)
        assert changes.count(period) == len(found)
        assert all(changes.facets([c]) == {"arbres": [(Facet.PUBLISHER, VILLE)]} for c in found)
        return [(c.slug, c.release, c.gone) for c in found]

    assert told(1) == [("arbres", 1, False)]
    assert told(2) == told(3) == lost
    assert told(3, low=3) == []
    with closing(draft(tmp_path, 4)) as making:
        making.commit()
        prune(making, 3)
    assert told(3) == lost
    night(tmp_path, {"arbres": "Arbres"}, ville)
    night(tmp_path, {"arbres": "Arbres !"}, ville)
    with closing(draft(tmp_path, 6)) as making:
        making.commit()
        prune(making, 3)
        assert told(3) == lost
        prune(making, 5)
        assert making.db.execute("SELECT COUNT(*) FROM facets WHERE value = ?", (VILLE,)).fetchone()[0] == 1
    assert told(5) == [("arbres", 5, False)]


def test_periods_are_of_moments(city: Path) -> None:
    changes = Changes(Archive(city).at(4))
    second = timedelta(seconds=1)
    cases = [
        (None, None, 1, 4),
        (at(2), None, 2, 4),
        (at(2) + second, None, 3, 4),
        (None, at(2), 1, 2),
        (None, at(2) - second, 1, 1),
        (at(4) + second, None, 5, 4),
        (None, at(1) - second, 1, 0),
    ]
    for start, end, low, high in cases:
        found = changes.between(start, end)
        assert (found.low, found.high) == (low, high), (start, end)
    assert changes.earliest() == at(1)
    assert [c.slug for c in changes.page(changes.between(at(3), None), limit=9)] == ["bus", "arbres"]


def test_pages_go_on_where_the_last_ended(tmp_path: Path) -> None:
    release(tmp_path, {f"a{n}": f"A {n}" for n in range(7)})
    release(tmp_path, {"a3": "Autre"})
    changes = Changes(Archive(tmp_path).at(2))
    met: list[str] = []
    after = (0, "")
    while page := changes.page(Period(1, 2), after=after, limit=2):
        met += [c.slug for c in page]
        after = (page[-1].release, page[-1].slug)
    assert met == ["a0", "a1", "a2", "a4", "a5", "a6", "a3"]
    assert changes.count(Period(1, 2)) == 7


def test_the_time_of_a_release_is_when_it_became_visible_and_never_runs_back(tmp_path: Path) -> None:
    began = datetime(2026, 5, 1, 3, tzinfo=UTC)
    release(tmp_path, {"arbres": "Arbres"})
    with closing(draft(tmp_path, 2)) as making:
        enter_release(making, lambda: began.replace(microsecond=1))
        confirm_release(making, lambda: began + timedelta(seconds=90))
        (found,) = making.db.execute("SELECT published FROM releases WHERE number = 2").fetchone()
        assert datetime.fromisoformat(found) == began + timedelta(seconds=90)
        making.number = 3
        enter_release(making, lambda: began)  # the clock was set back
        (found,) = making.db.execute("SELECT published FROM releases WHERE number = 3").fetchone()
        assert datetime.fromisoformat(found) == began + timedelta(seconds=90)
        making.number = 2
        making.abandon()
        assert making.db.execute("SELECT COUNT(*) FROM releases").fetchone()[0] == 1


def test_an_abandoned_draft_leaves_no_change(city: Path) -> None:
    with closing(draft(city, 5)) as making:
        enter(making, record("velos", text="Vélos"), "Vélos", agent("ville", "Ville"))
        settle(settings(city), making)
        assert making.record_events() == {"created": 1}
        making.commit()
    draft(city, 5).close()
    assert "velos" not in known(city, 5)
