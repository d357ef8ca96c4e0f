"""Where pages begin: at most so many datasets and bytes, kept with each release, and only where they changed."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import chain, pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from catalog import paging, schema
from catalog.archive import Archive
from catalog.facets import Facet, Selection
from catalog.packing import unpack
from catalog.paging import LARGEST, PAGE, WHOLE, Extent, cut
from catalog.releases import point
from tests.catalog.making import BASE, MINT, agent, draft, enter, identity, mapped, record, release

VILLE, METRO = f"{BASE}agent/ville", f"{BASE}agent/metro"


@given(st.lists(st.integers(1, LARGEST * 2), max_size=400))
def test_pages_are_whole_in_order_and_no_larger_than_allowed(sizes: list[int]) -> None:
    datasets = [(str(n), size) for n, size in enumerate(sizes)]
    pages = list(cut(datasets))
    assert list(chain(*pages)) == [iri for iri, _ in datasets]
    by_iri = dict(datasets)
    for page in pages:
        assert 0 < len(page) <= PAGE
        assert len(page) == 1 or sum(by_iri[iri] for iri in page) <= LARGEST
    for page, following in pairwise(pages):
        assert len(page) == PAGE or sum(by_iri[iri] for iri in page) + by_iri[following[0]] > LARGEST


def test_every_kept_release_has_the_pages_it_had(tmp_path: Path) -> None:
    names = {f"jeu-{n:03}": f"Jeu {n}" for n in range(PAGE + 5)}
    release(tmp_path, names)
    release(tmp_path, {"a-first": "Premier"}, gone=("jeu-000",))
    before, after = (Archive(tmp_path).at(n) for n in (1, 2))
    assert paging.extent(before) == Extent(2, PAGE + 5) == paging.extent(after)
    for view in (before, after):
        listed = [s.iri for s in view.selected(Selection(), limit=1000)]
        assert paging.page(view, WHOLE, 1) + paging.page(view, WHOLE, 2) == listed
        assert paging.page(view, VILLE, 1) + paging.page(view, VILLE, 2) == listed
    assert MINT.dataset("jeu-000") in paging.page(before, WHOLE, 1)
    assert paging.page(after, WHOLE, 1)[0] == MINT.dataset("a-first")
    assert paging.page(after, WHOLE, 3) == []
    assert paging.extent(after, f"{BASE}agent/nobody") is None


def test_each_publisher_has_pages_of_its_own(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        for name, publishers in (("a", ("ville",)), ("b", ("metro", "ville")), ("c", ()), ("d", ("metro",))):
            enter(making, record(name), name, *(agent(p, p) for p in publishers))
        making.settle()
        paging.store(making)
        making.commit()
    point(tmp_path, 1)
    view = Archive(tmp_path).at(1)
    for catalogue, names in ((WHOLE, "abcd"), (VILLE, "ab"), (METRO, "bd")):
        assert paging.page(view, catalogue, 1) == [MINT.dataset(n) for n in names]
        assert paging.extent(view, catalogue) == Extent(1, len(names))
    assert view.values(Facet.PUBLISHER) == {METRO: 2, VILLE: 2}


def test_what_stays_the_same_is_entered_once(tmp_path: Path) -> None:
    release(tmp_path, {f"jeu-{n:03}": f"Jeu {n}" for n in range(3 * PAGE)})
    release(tmp_path, {"jeu-000": "Un autre titre"})
    release(tmp_path, {"zoo": "Zoo"})
    with closing(schema.connect(tmp_path)) as db:
        rows = db.execute("SELECT number, since, until FROM pages WHERE catalogue = '' ORDER BY number").fetchall()
    assert rows == [(1, 1, None), (2, 1, None), (3, 1, None), (4, 3, None)]


def test_a_draft_that_is_abandoned_leaves_the_pages_as_they_were(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un", "b": "Deux"})
    with closing(draft(tmp_path, 2)) as making:
        making.withdraw("a")
        making.put_dataset(mapped(who := identity(making, record("c")), "Trois"), "ods", who, None)
        making.settle()
        paging.store(making)
        making.commit()
    draft(tmp_path, 2).close()
    with closing(schema.connect(tmp_path)) as db:
        assert db.execute("SELECT COUNT(*) FROM pages WHERE since = 2 OR until IS NOT NULL").fetchone() == (0,)


def test_a_release_without_a_dataset_has_no_page(tmp_path: Path) -> None:
    release(tmp_path, {"a": "Un"})
    release(tmp_path, {}, gone=("a",))
    assert paging.extent(Archive(tmp_path).at(2)) is None
    assert paging.extent(Archive(tmp_path).at(1)) == Extent(1, 1)


def test_pages_that_are_not_worked_out_again_would_be_the_same(tmp_path: Path) -> None:
    """Whatever a draft changes, the pages that are kept are those that working all of them out gives."""
    steps: list[tuple[dict[str, str], tuple[str, ...], str, bool]] = [
        ({f"jeu-{n:03}": "Jeu" for n in range(PAGE + 5)}, (), "ville", False),
        ({"jeu-007": "Changé", "jeu-101": "Changé"}, (), "ville", True),
        ({"jeu-007": "x" * (LARGEST // PAGE + 1)}, (), "ville", False),
        ({"jeu-007": "Petit", "jeu-008": "y" * LARGEST}, (), "ville", False),
        ({"jeu-008": "Petit"}, (), "ville", False),
        ({"jeu-009": "Encore"}, (), "ville", True),
        ({"jeu-009": "Ailleurs"}, (), "metro", False),
        ({"avant": "Nouveau"}, (), "ville", False),
        ({"jeu-010": "Encore"}, ("avant",), "ville", False),
    ]
    for number, (changed, gone, publisher, same) in enumerate(steps, 1):
        with closing(draft(tmp_path, number)) as making:
            for name, text in changed.items():
                enter(making, record(name, text=text), text, agent(publisher, publisher))
            for name in gone:
                making.withdraw(name)
            making.settle()
            assert paging._as_before(making) is same, number
            paging.store(making)
            wanted = {(catalogue, page): iris for catalogue, page, iris in paging._pages(making)}
            sql = "SELECT catalogue, number, iris FROM pages WHERE until IS NULL"
            kept = {(row[0], row[1]): json.loads(unpack(row[2])) for row in making.db.execute(sql)}
            assert kept == wanted, number
            making.commit()
        point(tmp_path, number)
