"""Self-contained graphs for the doors: descriptions together with all that a reader needs to understand them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from catalog.archive import View
from catalog.identifiers import Minter, slugify
from catalog.model import Description, Kind
from catalog.settings import Settings
from vocab.describe import describe, describe_scheme
from vocab.namespaces import DCAT, DCT, FOAF, RDF, RDFS
from vocab.terms import table, term


def publisher_iri(settings: Settings) -> str:
    """The IRI of the catalogue's own publisher."""
    return f"{settings.catalog.base}agent/{slugify(settings.catalog.publisher.get('name', ''))}"


def catalogue_triples(settings: Settings, services: Iterable[str] = ()) -> list[Triple]:
    """The `dcat:Catalog` itself, without its links to datasets: DCAT-AP 3.0.1, class Catalogue.

    `services` are the IRIs of the data services that the catalogue lists.
    """
    node = NamedNode(Minter(settings.catalog.base).catalog)
    found = [Triple(node, RDF.type, DCAT.Catalog), Triple(node, DCT.publisher, NamedNode(publisher_iri(settings)))]
    # The official shapes ask records for a dcat:Resource, and no validator reasons: DCAT 3 says so, we repeat it.
    found += [Triple(cls, RDFS.subClassOf, DCAT.Resource) for cls in (DCAT.Dataset, DCAT.DataService)]
    for predicate, texts in ((DCT.title, settings.catalog.title), (DCT.description, settings.catalog.description)):
        found += [Triple(node, predicate, Literal(text, language=lang)) for lang, text in texts.items()]
    for code in settings.catalog.languages:
        term = table("language").find(code)
        if term is not None:
            found.append(Triple(node, DCT.language, NamedNode(term.iri)))
    licence = table("licence").find(settings.catalog.licence) if settings.catalog.licence else None
    if licence is not None:
        found.append(Triple(node, DCT.license, NamedNode(licence.iri)))
    homepage = NamedNode(settings.catalog.homepage or settings.catalog.base)
    found += [Triple(node, FOAF.homepage, homepage), Triple(homepage, RDF.type, FOAF.Document)]
    themes = describe_scheme("data-theme")
    found += [Triple(node, DCAT.themeTaxonomy, NamedNode(table("data-theme").iri)), *themes]
    found += [Triple(node, DCAT.service, NamedNode(iri)) for iri in services]
    return found


def membership(base: str, dataset: Description) -> tuple[Triple, ...]:
    """The statements that put a dataset and its record into the catalogue."""
    minter = Minter(base)
    node = NamedNode(minter.catalog)
    return (
        Triple(node, DCAT.dataset, NamedNode(dataset.iri)),
        Triple(node, DCAT.record, NamedNode(minter.record(dataset.slug))),
    )


def document(settings: Settings, view: View, descriptions: list[Description]) -> list[Triple]:
    """These descriptions with the catalogue, the agents and concepts they name, and the labels of controlled terms.

    The statements are unique; the order is not meant.
    """
    services = [d.iri for d in view.all(Kind.SERVICE)]
    found = dict.fromkeys(catalogue_triples(settings, services))
    for d in descriptions:
        found |= dict.fromkeys(d.triples)
        if d.kind is Kind.DATASET:
            found |= dict.fromkeys(membership(settings.catalog.base, d))
    for neighbour in neighbours(settings.catalog.base, view, list(found)):
        found |= dict.fromkeys(neighbour.triples)
    return [*found, *(t for t in labels(found) if t not in found)]


def neighbours(base: str, view: View, triples: list[Triple]) -> Iterator[Description]:
    """The agents and concepts that these statements name, and those which they name in turn."""
    prefixes = (f"{base}agent/", f"{base}concept/")
    met: set[str] = set()
    frontier = triples
    while True:
        named = {str(t.object.value) for t in frontier if isinstance(t.object, NamedNode)}
        wanted = sorted(iri for iri in named - met if iri.startswith(prefixes))
        if not wanted:
            return
        met |= named
        found = view.many(wanted)
        yield from found
        frontier = [t for d in found for t in d.triples]


def labels(triples: Iterable[Triple]) -> list[Triple]:
    """Type and labels of every controlled term that is an object of these statements."""
    found: dict[Triple, None] = {}
    for iri in controlled(triples):
        found |= dict.fromkeys(describe(iri))
    return list(found)


def controlled(triples: Iterable[Triple]) -> list[str]:
    """The IRIs among the objects that a controlled vocabulary knows, sorted."""
    objects = {str(t.object.value) for t in triples if isinstance(t.object, NamedNode)}
    return sorted(iri for iri in objects if term(iri) is not None)


def release_triples(settings: Settings, view: View) -> Iterator[Triple]:
    """Every statement of a release, exactly as described; some may come more than once."""
    services = [d.iri for d in view.all(Kind.SERVICE)]
    yield from catalogue_triples(settings, services)
    terms: set[str] = set(controlled(catalogue_triples(settings)))
    for kind in Kind:
        for d in view.all(kind):
            terms.update(controlled(d.triples))
            yield from d.triples
            if kind is Kind.DATASET:
                yield from membership(settings.catalog.base, d)
    for iri in sorted(terms):
        yield from describe(iri)
