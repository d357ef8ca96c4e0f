"""A small correct catalogue, and how tests change one thing in it."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding
from shapes.profiles import DEFAULTS, profile
from shapes.read import parsed
from vocab.namespaces import XSD

CORRECT = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix : <https://data.example.org/> .

:catalog a dcat:Catalog ;
    dct:title "Données de la ville"@fr ; dct:description "Tout ce que la ville publie."@fr ;
    dct:publisher :city ; dct:issued "2020"^^xsd:gYear ; dct:modified "2026-11-02T08:00:00+01:00"^^xsd:dateTime ;
    dct:language <http://publications.europa.eu/resource/authority/language/FRA> ;
    dct:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> ;
    dct:spatial <http://publications.europa.eu/resource/authority/place/FRA_TLS> ;
    dcat:themeTaxonomy <http://publications.europa.eu/resource/authority/data-theme> ;
    foaf:homepage <https://www.example.org/> ; dcat:dataset :trees ; dcat:service :api ; dcat:record :record .
<https://www.example.org/> a foaf:Document .

:city a foaf:Organization ; foaf:name "Ville d’Exemple"@fr ;
    dct:type <http://purl.org/adms/publishertype/LocalAuthority> .

:record a dcat:CatalogRecord ; foaf:primaryTopic :trees ; dct:modified "2026-11-02"^^xsd:date ;
    dct:issued "2026-01"^^xsd:gYearMonth ; adms:status :revised ; dct:conformsTo :profile .
:revised a skos:Concept ; skos:prefLabel "Revu"@fr .
:profile a dct:Standard .

:trees a dcat:Dataset ;
    dct:title "Arbres d’alignement"@fr ; dct:description "Les arbres des rues, avec leur essence."@fr ;
    dct:publisher :city ; dct:identifier "trees" ; dcat:keyword "arbre"@fr ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> , :greenery ;
    dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
    dct:spatial :extent ; dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2025-01-01"^^xsd:date ] ;
    dct:issued "2021-05-04"^^xsd:date ; dct:modified "2026-10-01"^^xsd:date ;
    dcat:contactPoint [ a vcard:Organization ; vcard:fn "Espaces verts" ; vcard:hasEmail <mailto:vert@example.org> ] ;
    dcat:distribution :trees-csv .
:greenery a skos:Concept ; skos:prefLabel "Espaces verts"@fr .
:extent a dct:Location ;
    dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))"^^geo:wktLiteral .

:trees-csv a dcat:Distribution ;
    dcat:accessURL <https://data.example.org/trees.csv> ; dcat:downloadURL <https://data.example.org/trees.csv> ;
    dct:description "Export CSV"@fr ; dct:title "CSV"@fr ;
    dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;
    dcat:compressFormat <http://www.iana.org/assignments/media-types/application/gzip> ;
    dct:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> ;
    dcatap:availability <http://publications.europa.eu/resource/authority/planned-availability/STABLE> ;
    adms:status <http://publications.europa.eu/resource/authority/distribution-status/COMPLETED> ;
    dcat:byteSize "012"^^xsd:nonNegativeInteger ;
    spdx:checksum [ a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ;
        spdx:checksumValue "0a0b"^^xsd:hexBinary ] .

:api a dcat:DataService ; dct:title "API"@fr ; dcat:endpointURL <https://data.example.org/api> ;
    dcat:endpointDescription <https://data.example.org/openapi.json> ; dcat:servesDataset :trees ;
    dct:publisher :city ; dcat:keyword "arbre"@fr ; dct:conformsTo :profile ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> ;
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Données ouvertes" ] .
"""


def triples(text: str) -> tuple[Triple, ...]:
    return parsed(text.encode(), name="test", suffix="ttl", base="https://data.example.org/").triples


def changed(*changes: tuple[str, str]) -> tuple[Triple, ...]:
    """The correct catalogue with each text replaced; a text that is not there fails the test."""
    text = CORRECT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return triples(text)


def findings(data: tuple[Triple, ...], *, known: bool = True) -> list[Finding]:
    return engine().validate(data, [profile(name) for name in DEFAULTS], background(data) if known else ())


WRONG: dict[str, list[NamedNode | BlankNode | Literal]] = {
    "none": [],
    "text": [Literal("hier", language="fr")],
    "untyped": [NamedNode("https://x.example/untyped")],
    "two": [NamedNode("https://x.example/a"), NamedNode("https://x.example/b")],
    "two texts": [Literal("a"), Literal("b")],
    "blank": [BlankNode("z")],
    "no such day": [Literal("2021-02-30", datatype=XSD.date)],
}
"""Values that break nearly every rule about a property, each in its own way."""
