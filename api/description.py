"""The service description of `/sparql` (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.releases import Release
from catalog.settings import Settings
from vocab.namespaces import DCT, RDF, SD, VOID, XSD

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads"),
)


def service_description(settings: Settings, release: Release | None) -> list[Triple]:
    """What the endpoint speaks and holds; without the data set's size when there is no release."""
    service = NamedNode(settings.catalog.base + "sparql")
    dataset, graph = BlankNode("dataset"), BlankNode("default")
    found = [
        Triple(service, RDF.type, SD.Service),
        Triple(service, SD.endpoint, service),
        Triple(service, SD.supportedLanguage, SD.SPARQL11Query),
        Triple(service, SD.defaultDataset, dataset),
        Triple(dataset, RDF.type, SD.Dataset),
        Triple(dataset, SD.defaultGraph, graph),
        Triple(graph, RDF.type, SD.Graph),
    ]
    found += [Triple(service, SD.resultFormat, NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS]
    if release is not None:
        published = release.manifest.published.isoformat().replace("+00:00", "Z")
        quads = Literal(str(release.manifest.quads), datatype=XSD.integer)
        found += [
            Triple(dataset, DCT.modified, Literal(published, datatype=XSD.dateTime)),
            Triple(dataset, VOID.triples, quads),
        ]
    return found
