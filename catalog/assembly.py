"""Self-contained graphs for the doors: descriptions together with all that a reader needs to understand them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from catalog.archive import View
from catalog.identifiers import Minter, slugify
from catalog.lines import joined, lines_in, lines_of, objects_in, triples_of
from catalog.model import Description, Kind
from catalog.settings import Settings
from vocab.describe import describe, describe_scheme
from vocab.namespaces import DCAT, DCT, FOAF, RDF, RDFS
from vocab.terms import bases, table, term


def publisher_iri(settings: Settings) -> str:
    """The IRI of the catalogue's own publisher."""
    return f"{settings.catalog.base}agent/{slugify(settings.catalog.publisher.get('name', ''))}"


def catalogue_triples(settings: Settings) -> list[Triple]:
    """The `dcat:Catalog` as the settings describe it, without its links: DCAT-AP 3.0.1, class Catalogue."""
    node = NamedNode(Minter(settings.catalog.base).catalog)
    found = [Triple(node, RDF.type, DCAT.Catalog), Triple(node, DCT.publisher, NamedNode(publisher_iri(settings)))]
    for predicate, texts in ((DCT.title, settings.catalog.title), (DCT.description, settings.catalog.description)):
        found += [Triple(node, predicate, Literal(text, language=lang)) for lang, text in texts.items()]
    homepage = NamedNode(settings.catalog.homepage or settings.catalog.base)
    found += [Triple(node, FOAF.homepage, homepage), Triple(homepage, RDF.type, FOAF.Document)]
    return [*found, *common_triples(settings, node)]


def common_triples(settings: Settings, node: NamedNode) -> list[Triple]:
    """What the settings say alike of the whole catalogue and of each publisher's: languages, licence, place, themes."""
    # The official shapes ask records for a dcat:Resource, and no validator reasons: DCAT 3 says so, we repeat it.
    found = [Triple(cls, RDFS.subClassOf, DCAT.Resource) for cls in (DCAT.Dataset, DCAT.DataService)]
    for code in settings.catalog.languages:
        term = table("language").find(code)
        if term is not None:
            found.append(Triple(node, DCT.language, NamedNode(term.iri)))
    licence = table("licence").find(settings.catalog.licence) if settings.catalog.licence else None
    if licence is not None:
        found.append(Triple(node, DCT.license, NamedNode(licence.iri)))
    if settings.catalog.spatial:
        found.append(Triple(node, DCT.spatial, NamedNode(settings.catalog.place)))
    themes = describe_scheme("data-theme")
    found += [Triple(node, DCAT.themeTaxonomy, NamedNode(table("data-theme").iri)), *themes]
    return found


def service_links(base: str, services: Iterable[Description]) -> list[Triple]:
    """The links from the catalogue to the data services that it lists."""
    node = NamedNode(Minter(base).catalog)
    return [Triple(node, DCAT.service, NamedNode(s.iri)) for s in services]


def catalogue(settings: Settings, view: View) -> list[Triple]:
    """The catalogue as a release describes it, with its links to services."""
    described = [t for d in view.all(Kind.CATALOG) for t in d.triples]
    return [*described, *service_links(settings.catalog.base, view.all(Kind.SERVICE))]


_IS_SERVICE = f"> {RDF.type} {DCAT.DataService} .\n".encode()
_LINKS = {service: (str(DCAT.service if service else DCAT.dataset), str(DCAT.record)) for service in (False, True)}


def membership(base: str, dataset: Description, catalogue: str = "") -> bytes:
    """The statements that put a dataset, or a data service that is a record of its own, into the catalogue.

    `catalogue` is the IRI of another catalogue than the whole one.
    """
    minter = Minter(base)
    node, iri = catalogue or minter.catalog, dataset.iri
    link, record = _LINKS[_IS_SERVICE in dataset.canonical and f"<{iri}".encode() + _IS_SERVICE in dataset.canonical]
    return f"<{node}> {link} <{iri}> .\n<{node}> {record} <{minter.record(dataset.slug)}> .\n".encode()


def in_catalogue(base: str, dataset: Description) -> tuple[Triple, ...]:
    """The statements of a dataset's description and of its membership."""
    links = parse(membership(base, dataset), format=RdfFormat.N_TRIPLES)
    return (*dataset.triples, *(q.triple for q in links))


def document(settings: Settings, view: View, descriptions: list[Description]) -> list[Triple]:
    """These descriptions with the catalogue, the agents and concepts they name, and the labels of controlled terms.

    The statements are unique; the order is not meant.
    """
    return triples_of(dict.fromkeys(document_lines(settings, view, descriptions)))


_NEIGHBOURS = (Kind.AGENT, Kind.CONCEPT)


def document_lines(
    settings: Settings,
    view: View,
    descriptions: list[Description],
    *,
    catalogue_iri: str = "",
    about: Iterable[bytes] | None = None,
) -> list[bytes]:
    """The lines of `document`, some twice. `about` describes another catalogue than the whole one, of this IRI."""
    base = settings.catalog.base
    found = list(lines_of(catalogue(settings, view)) if about is None else about)
    for d in descriptions:
        found += lines_in(d.canonical)
        if d.kind is Kind.DATASET:
            found += lines_in(membership(base, d, catalogue_iri))
    named = objects_in(found, (*bases(), *_prefixes(base, _NEIGHBOURS)))
    for neighbour in neighbours(base, view, named):
        of_it = lines_in(neighbour.canonical)
        named |= objects_in(of_it, bases())
        found += of_it
    for iri in named:
        if iri.startswith(bases()):
            found += _told(iri)
    return found


@lru_cache(8192)
def _told(iri: str) -> tuple[bytes, ...]:
    """The lines on a controlled term and on those which it names; none for any other IRI."""
    return tuple(lines_of(described([iri]))) if term(iri) is not None else ()


def neighbours(
    base: str, view: View, named: Iterable[str], kinds: tuple[Kind, ...] = _NEIGHBOURS
) -> Iterator[Description]:
    """The agents and concepts, or things of other `kinds`, among these IRIs, and those which they name in turn."""
    prefixes = _prefixes(base, kinds)
    met: set[str] = set()
    frontier = set(named)
    while wanted := sorted(iri for iri in frontier - met if iri.startswith(prefixes)):
        met.update(wanted)
        found = view.many(wanted)
        yield from found
        frontier = objects_in((line for d in found for line in lines_in(d.canonical)), prefixes)


def _prefixes(base: str, kinds: tuple[Kind, ...]) -> tuple[str, ...]:
    """What the IRIs of these kinds begin with."""
    return tuple(f"{base}{kind}/" for kind in kinds)


def labels(triples: Iterable[Triple]) -> list[Triple]:
    """Types and labels of the controlled terms that these statements name, and of those which these terms name."""
    return described(controlled(triples))


def described(iris: Iterable[str]) -> list[Triple]:
    """Types and labels of these controlled terms, and of those which they name in turn."""
    found: dict[str, tuple[Triple, ...]] = {}
    wanted = list(iris)
    while wanted:
        found |= {iri: describe(iri) for iri in wanted}
        wanted = [iri for iri in controlled(t for iri in wanted for t in found[iri]) if iri not in found]
    return list(dict.fromkeys(t for about in found.values() for t in about))


def controlled(triples: Iterable[Triple]) -> list[str]:
    """The IRIs among the objects that a controlled vocabulary knows, sorted."""
    objects = {str(t.object.value) for t in triples if isinstance(t.object, NamedNode)}
    return sorted(iri for iri in objects if term(iri) is not None)


_SHARED = {Kind.AGENT: "agents", Kind.CONCEPT: "concepts", Kind.SERVICE: "catalog", Kind.CATALOG: "catalog"}


def release_lines(base: str, view: View) -> Iterator[bytes]:
    """Every statement of a release as a line of N-Quads, in the named graph of its origin; some may come twice."""
    minter = Minter(base)
    yield from _graph_lines(lines_of(service_links(base, view.all(Kind.SERVICE))), minter.graph("catalog"))
    terms: set[str] = set()
    for kind in Kind:
        for d in view.all(kind):
            lines = lines_in(d.canonical)
            terms.update(iri for iri in objects_in(lines) if term(iri) is not None)
            if kind is Kind.DATASET:
                lines += lines_in(membership(base, d))
            yield from _graph_lines(lines, _origin(minter, d))
    yield from _graph_lines(lines_of(described(sorted(terms))), minter.graph("vocabulary"))


def _graph_lines(lines: Iterable[bytes], graph: str) -> Iterator[bytes]:
    end = f" <{graph}> .".encode()
    yield from (line[:-2] + end for line in lines)


def release_quads(settings: Settings, view: View) -> Iterator[Quad]:
    """Every statement of a release, exactly as described, in the named graph of its origin; some may come twice."""
    lines = release_lines(settings.catalog.base, view)
    while batch := list(islice(lines, 10_000)):
        yield from parse(joined(batch), format=RdfFormat.N_QUADS)


def _origin(minter: Minter, described: Description) -> str:
    if described.kind is Kind.LOCAL:
        return described.iri
    shared = _SHARED.get(described.kind)
    return minter.graph(shared) if shared else minter.record(described.slug)


def release_triples(settings: Settings, view: View) -> Iterator[Triple]:
    """Every statement of a release, exactly as described; some may come more than once."""
    yield from (quad.triple for quad in release_quads(settings, view))
