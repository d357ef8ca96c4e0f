"""What datasets can be asked by: from the exact descriptions, in every kept release."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from catalog import schema
from catalog.archive import Archive, View
from catalog.changes import enter, enter_release
from catalog.draft import Draft
from catalog.facets import Facet, Selection, facets_in
from catalog.history import restore
from catalog.model import Description, Kind
from catalog.releases import point
from tests.catalog.making import BASE, agent, at, draft, identity, mapped, record
from vocab.namespaces import DCAT, DCATAP, DCT, HVD_LEGISLATION

VILLE, METRO = f"{BASE}agent/ville", f"{BASE}agent/metro"
ENVI = NamedNode("http://publications.europa.eu/resource/authority/data-theme/ENVI")
TRAN = NamedNode("http://publications.europa.eu/resource/authority/data-theme/TRAN")
BUS = NamedNode("http://data.europa.eu/bna/c_b79e35eb")
"""Mobility, a top category."""


def put(making: Draft, name: str, publisher: str, *extra: tuple[NamedNode, NamedNode], source: str = "ods") -> str:
    """Enters a dataset as the pipeline does; returns its IRI."""
    given = record(name, source=source)
    known = making.known(source, name)
    who = identity(making, given)
    triples = tuple(Triple(NamedNode(who.iri), p, o) for p, o in extra)
    made = mapped(who, name, agent(publisher, publisher.title()), extra=triples)
    making.put_dataset(made, source, who, known or making.known_by_slug(who.slug))
    return who.iri


def named(view: View, *facets: tuple[Facet, str], **when: object) -> list[str]:
    selection = Selection(facets, **when)  # type: ignore[arg-type]  # moments by name
    found = [s.slug for s in view.selected(selection)]
    assert view.number(selection) == len(found)
    return found


def settled(making: Draft) -> None:
    making.settle()
    making.record_events()
    enter(making)
    enter_release(making, lambda: at(making.number) + timedelta(hours=1))
    making.commit()


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Release 1 has arbres, bus, ecoles; release 2 moves bus to the metropolis, drops arbres and adds zoo.

    Each becomes visible an hour after its run began.
    """
    with closing(draft(tmp_path, 1)) as making:
        put(making, "arbres", "ville", (DCAT.theme, ENVI))
        put(making, "bus", "ville", (DCAT.theme, TRAN), (DCAT.theme, ENVI), (DCATAP.hvdCategory, BUS))
        put(making, "ecoles", "ville", (DCATAP.applicableLegislation, NamedNode(HVD_LEGISLATION)))
        settled(making)
    point(tmp_path, 1)
    with closing(draft(tmp_path, 2)) as making:
        put(making, "bus", "metro", (DCAT.theme, TRAN))
        put(making, "zoo", "metro")
        making.withdraw("arbres")
        settled(making)
    point(tmp_path, 2)
    return Archive(tmp_path).at(2)


def test_every_kept_release_is_asked_for_what_it_held(view: View) -> None:
    before, theme = view.archive.at(1), (Facet.THEME, ENVI.value)
    assert named(before, theme) == ["arbres", "bus"]
    assert named(view, theme) == []
    assert named(before, (Facet.PUBLISHER, VILLE)) == ["arbres", "bus", "ecoles"]
    assert named(view, (Facet.PUBLISHER, VILLE)) == ["ecoles"]
    assert named(view, (Facet.PUBLISHER, METRO)) == ["bus", "zoo"]
    assert named(view, (Facet.PUBLISHER, METRO), (Facet.THEME, TRAN.value)) == ["bus"]
    assert named(before) == ["arbres", "bus", "ecoles"]
    assert before.values(Facet.PUBLISHER) == {VILLE: 3}
    assert view.values(Facet.PUBLISHER) == {METRO: 2, VILLE: 1}
    assert view.facets([f"{BASE}dataset/bus", f"{BASE}dataset/arbres"]) == {
        f"{BASE}dataset/bus": [(Facet.PUBLISHER, METRO), (Facet.THEME, TRAN.value)]
    }


def test_high_value_is_a_category_or_the_regulation(view: View) -> None:
    before = view.archive.at(1)
    assert named(before, (Facet.HVD, HVD_LEGISLATION)) == ["bus", "ecoles"]
    assert named(before, (Facet.HVD, BUS.value)) == ["bus"]
    assert named(view, (Facet.HVD, HVD_LEGISLATION)) == ["ecoles"]


def test_what_has_changed_since(view: View) -> None:
    assert named(view, changed_from=at(2)) == ["bus", "zoo"]
    assert named(view, changed_from=at(1)) == ["bus", "ecoles", "zoo"]
    visible = at(2) + timedelta(hours=1)
    assert named(view, changed_from=visible) == ["bus", "zoo"], "read while the run went on, and nothing missed"
    assert named(view, (Facet.PUBLISHER, METRO), changed_from=visible + timedelta(seconds=1)) == []
    assert named(view.archive.at(1), changed_from=at(2)) == []


def test_paging_goes_on_behind_the_last(view: View) -> None:
    before = view.archive.at(1)
    first = before.selected(Selection(), limit=2)
    last = first[-1]
    assert [s.slug for s in first] == ["arbres", "bus"]
    assert [s.slug for s in before.selected(Selection(), after=(last.identifier, last.iri))] == ["ecoles"]
    assert [s.slug for s in before.selected(Selection(), offset=1, limit=1)] == ["bus"]
    described = before.get(last.iri)
    assert described is not None
    assert last.size == len(described.canonical)


def test_a_finer_category_is_found_by_the_one_above() -> None:
    iri, finer = f"{BASE}dataset/x", "http://data.europa.eu/bna/c_4b74ea13"  # below earth observation and environment
    dataset = NamedNode(iri)
    made = Description.of(iri, Kind.DATASET, "x", [Triple(dataset, DCATAP.hvdCategory, NamedNode(finer))])
    values = [value for facet, value in facets_in(iri, made.canonical) if facet is Facet.HVD]
    assert finer in values
    assert HVD_LEGISLATION in values
    assert len(values) == 3


def test_only_what_the_dataset_itself_says_counts() -> None:
    iri = f"{BASE}dataset/x"
    dataset, other = NamedNode(iri), NamedNode(iri + "/distribution/csv")
    said = [
        Triple(dataset, DCT.publisher, Literal("nobody's IRI")),
        Triple(other, DCT.publisher, NamedNode(VILLE)),
        Triple(dataset, DCT.title, Literal(f"\n<{iri}> <{DCT.publisher.value}> <{VILLE}> .")),
    ]
    assert facets_in(iri, Description.of(iri, Kind.DATASET, "x", said).canonical) == []


def test_a_reverted_source_has_the_facets_it_had(view: View) -> None:
    with closing(draft(view.archive.folder, 3)) as making:
        put(making, "ecoles", "metro")
        put(making, "musees", "ville", source="other")
        making.revert("ods")
        making.settle()
    point(view.archive.folder, 3)
    after = view.archive.at(3)
    assert named(after, (Facet.PUBLISHER, VILLE)) == ["ecoles", "musees"]
    assert named(after, (Facet.PUBLISHER, METRO)) == ["bus", "zoo"]


def test_a_release_that_repeats_an_earlier_one_has_its_facets(view: View) -> None:
    with closing(draft(view.archive.folder, 3)) as making:
        restore(making, 1)
    point(view.archive.folder, 3)
    for facet in Facet:
        assert view.archive.at(3).values(facet) == view.archive.at(1).values(facet)


def test_facets_that_stay_the_same_are_entered_once(view: View) -> None:
    with closing(draft(view.archive.folder, 3)) as making:
        put(making, "zoo", "metro", (DCAT.keyword, ENVI))
        making.settle()
    with closing(schema.connect(view.archive.folder)) as db:
        rows = db.execute("SELECT since, until FROM facets WHERE dataset = ?", (f"{BASE}dataset/zoo",)).fetchall()
    assert rows == [(2, None)]
