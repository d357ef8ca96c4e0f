"""The service describes itself: SPARQL 1.1 Service Description, VoID statistics and limits in one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from api.doors import offered_dumps
from api.standing import Run
from catalog.releases import Release
from catalog.settings import Settings
from catalog.statistics import Statistics
from vocab.namespaces import DCT, GARONNE, PROV, RDF, RDFS, SD, VOID, XSD

_FORMATS = "http://www.w3.org/ns/formats/"
_RDF_FORMATS = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads")
_TABLE_FORMATS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_TARGET = NamedNode("https://schema.org/target")


def service_description(
    settings: Settings, release: Release | None, statistics: Statistics | None, *, bare: bool = False
) -> list[Triple]:
    """What the endpoint speaks, holds and allows; the counts are those of the release, where they are known yet."""
    base = settings.catalog.base
    service, dataset, default = (NamedNode(f"{base}sparql{part}") for part in ("", "#dataset", "#default"))
    found = [
        Triple(service, RDF.type, SD.Service),
        Triple(service, SD.endpoint, service),
        Triple(service, SD.supportedLanguage, SD.SPARQL11Query),
        Triple(service, SD.defaultDataset, dataset),
        Triple(dataset, RDF.type, SD.Dataset),
        Triple(dataset, RDF.type, VOID.Dataset),
        Triple(dataset, VOID.sparqlEndpoint, service),
        Triple(dataset, SD.defaultGraph, default),
        Triple(default, RDF.type, SD.Graph),
    ]
    found += [Triple(service, SD.resultFormat, NamedNode(_FORMATS + name)) for name in (*_TABLE_FORMATS, *_RDF_FORMATS)]
    if bare:
        found.append(Triple(service, SD.feature, SD.EmptyGraphs))
    else:
        found += [Triple(dataset, DCT.title, Literal(t, language=lang)) for lang, t in settings.catalog.title.items()]
        found.append(Triple(dataset, DCT.source, NamedNode(f"{base}catalog")))
        found += [Triple(service, RDFS.seeAlso, NamedNode(f"{base}{page}")) for page in ("query", "services")]
        found += [Triple(dataset, VOID.uriSpace, Literal(base))]
        dumps = (NamedNode(f"{base}dump.{dump.suffix}.gz") for dump in offered_dumps(settings))
        found += [Triple(dataset, VOID.dataDump, dump) for dump in dumps]
    found += limits(settings, service)
    if release is not None:
        found += _edition(dataset, release)
    if statistics is not None:
        found += statistics.triples_about(default)
        found += named_graphs(dataset, statistics)
    return found


def limits(settings: Settings, service: NamedNode) -> Iterator[Triple]:
    """What one query may use. There is no limit to the rows of a result."""
    yield Triple(service, GARONNE.timeLimit, Literal(f"PT{settings.query.timeout:g}S", datatype=XSD.duration))
    numbers = {
        "memoryLimit": settings.query.memory << 20,
        "requestLimit": settings.query.max_bytes,
        "queriesAtOnce": settings.serve.workers,
        "queriesWaiting": settings.serve.queue,
        "secondsPerMinute": round(settings.query.budget),
        "failuresPerMinute": settings.query.errors,
    }
    if settings.query.requests:
        numbers["requestsPerMinute"] = settings.query.requests
    if settings.query.at_once:
        numbers["requestsAtOnce"] = settings.query.at_once
    for name, number in numbers.items():
        yield Triple(service, GARONNE[name], Literal(str(number), datatype=XSD.integer))


def _edition(dataset: NamedNode, release: Release) -> Iterator[Triple]:
    published = release.manifest.published.isoformat().replace("+00:00", "Z")
    yield Triple(dataset, DCT.modified, Literal(published, datatype=XSD.dateTime))
    yield Triple(dataset, GARONNE.release, Literal(str(release.number), datatype=XSD.integer))


def named_graphs(dataset: NamedNode, statistics: Statistics) -> Iterator[Triple]:
    """The named graphs that are not those of one dataset, with their sizes."""
    for number, (name, triples) in enumerate(sorted(statistics.shared.items())):
        node, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, SD.namedGraph, node)
        yield Triple(node, RDF.type, SD.NamedGraph)
        yield Triple(node, SD.name, NamedNode(name))
        yield Triple(node, SD.graph, graph)
        yield Triple(graph, RDF.type, SD.Graph)
        yield Triple(graph, RDF.type, VOID.Dataset)
        yield Triple(graph, VOID.triples, Literal(str(triples), datatype=XSD.integer))


def described_queries(base: str, queries: Iterable[Triple], release: Release, runs: Mapping[str, Run]) -> list[Triple]:
    """The named queries as data, each with how it went on a release."""
    found = list(queries)
    endpoint = NamedNode(f"{base}sparql")
    for name, run in runs.items():
        query, activity = NamedNode(f"{base}query/{name}"), NamedNode(f"{base}query/{name}#run-{release.number}")
        found += [
            Triple(query, _TARGET, endpoint),
            Triple(query, PROV.wasUsedBy, activity),
            Triple(activity, RDF.type, PROV.Activity),
            Triple(activity, PROV.used, query),
            Triple(activity, PROV.startedAtTime, Literal(run.at, datatype=XSD.dateTime)),
            Triple(activity, GARONNE.release, Literal(str(release.number), datatype=XSD.integer)),
            Triple(activity, GARONNE.seconds, Literal(f"{run.seconds:g}", datatype=XSD.decimal)),
        ]
        if run.error:
            found.append(Triple(activity, GARONNE.error, Literal(run.error, language="en")))
        else:
            found.append(Triple(activity, GARONNE.rows, Literal(str(run.rows), datatype=XSD.integer)))
    return found
