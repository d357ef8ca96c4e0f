"""Whose catalogue a name in the address means, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from api.errors import Missing, NotPublished, Withdrawn
from api.feeds.catalogues import of_publisher, slug_of, whole
from catalog.archive import Archive, View
from catalog.lines import triples_of
from catalog.model import Description, Kind, Mapped
from catalog.releases import point
from tests.catalog.making import BASE, agent, draft, identity, mapped, record, settings
from vocab.namespaces import DCAT, DCT, RDF

SERVICE = NamedNode(f"{BASE}service/api")


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Release 1: `a` of ville, made by atelier. Release 2: `a` is gone, `b` of metro, which offers a service, made by
    atelier."""
    service = Description.of(
        SERVICE.value,
        Kind.SERVICE,
        "api",
        [
            Triple(SERVICE, RDF.type, DCAT.DataService),
            Triple(SERVICE, DCT.publisher, NamedNode(f"{BASE}agent/metro")),
            Triple(SERVICE, DCT.title, Literal("API")),
        ],
    )
    for number, (name, publisher) in enumerate((("a", "ville"), ("b", "metro")), 1):
        with closing(draft(tmp_path, number)) as making:
            who = identity(making, record(name))
            maker = Triple(NamedNode(who.iri), DCT.creator, NamedNode(f"{BASE}agent/atelier"))
            made = mapped(who, name, agent(publisher, publisher.title()), extra=(maker,))
            others = (*made.others, agent("atelier", "Atelier"), *([service] if name == "b" else []))
            making.put_dataset(Mapped(made.dataset, others, made.ledger), "ods", who, None)
            if number == 2:
                making.withdraw("a")
            making.settle()
        point(tmp_path, number)
    return Archive(tmp_path).at(2)


def test_a_publisher_is_found_by_its_slug(view: View) -> None:
    config = settings(view.archive.folder)
    found = of_publisher(config, view, "metro")
    assert (found.iri, found.publisher, found.pages) == (
        f"{BASE}catalog/metro",
        f"{BASE}agent/metro",
        f"{BASE}agent/metro",
    )
    said = triples_of(found.about)
    node = NamedNode(found.iri)
    assert Triple(node, DCAT.service, SERVICE) in said
    assert Triple(node, DCT.isPartOf, NamedNode(f"{BASE}catalog")) in said
    assert [s.iri for s in found.services] == [SERVICE.value]
    assert {t.subject for t in said if t.predicate == RDF.type and t.object == DCAT.Catalog} == {node}


def test_the_whole_catalogue_has_all_services(view: View) -> None:
    found = whole(settings(view.archive.folder), view)
    assert (found.iri, found.publisher, found.slug, found.pages) == (f"{BASE}catalog", "", "", "")
    assert [s.iri for s in found.services] == [SERVICE.value]


def test_who_publishes_nothing_is_told_apart_from_who_never_was(view: View) -> None:
    config = settings(view.archive.folder)
    with pytest.raises(NotPublished, match="publishes nothing in this release"):
        of_publisher(config, view, "atelier")
    with pytest.raises(Withdrawn, match="publishes nothing here any more"):
        of_publisher(config, view, "ville")
    with pytest.raises(Missing) as unknown:
        of_publisher(config, view, "nobody")
    assert unknown.value.hint == "Publishers: metro."
    assert of_publisher(config, view.archive.at(1), "ville").publisher == f"{BASE}agent/ville"


def test_names_in_addresses() -> None:
    assert slug_of(BASE, f"{BASE}agent/ville-de-x") == "ville-de-x"
    assert slug_of(BASE, "https://Org.example.org/é/7?x=1") == "https-org-example-org-e-7-x-1"
    assert slug_of(BASE, "http://org.example.org/") != slug_of(BASE, "https://org.example.org/")
