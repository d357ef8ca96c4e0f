"""Records in `oai_dc`: what each of the fifteen elements says."""

from __future__ import annotations

from lxml import etree
from pyoxigraph import RdfFormat, parse

from api.oai.dublin_core import dublin_core
from catalog.model import Description, Kind
from tests.api.city import PREFIXES

DATASET = "https://data.example.org/dataset/x"
TURTLE = f"""
<{DATASET}> a dcat:Dataset ; dct:title "Arbres & haies"@fr , "Trees"@en ; dct:description "Un texte."@fr ;
  dct:identifier "x-1" ; dcat:keyword "nature"@fr ; dcat:theme eu:data-theme\\/ENVI ; dct:creator <urn:a> ;
  dct:publisher <https://data.example.org/agent/ville> ; dct:issued "2020-01-02"^^xsd:date ;
  dct:language eu:language\\/FRA ; dcat:landingPage <https://portal.example.org/x> ;
  dct:source <https://src.example.org/> ;
  dct:spatial <{DATASET}/extent> ; dct:temporal [ dcat:endDate "2021-01-01"^^xsd:date ] ;
  dct:accessRights eu:access-right\\/PUBLIC ; dcat:distribution <{DATASET}/distribution/csv> .
<{DATASET}/extent> dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))" .
<{DATASET}/distribution/csv> dcat:accessURL <https://portal.example.org/x.csv> ; dct:format eu:file-type\\/CSV ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dct:license eu:licence\\/ETALAB_2_0 .
<https://data.example.org/agent/ville> foaf:name "Ville"@fr .
eu:data-theme\\/ENVI skos:prefLabel "Environnement"@fr , "Environment"@en .
eu:licence\\/ETALAB_2_0 skos:prefLabel "Licence Ouverte"@fr .
"""


def elements(lang: str = "fr", more: str = "") -> dict[str, list[str]]:
    triples = [q.triple for q in parse(PREFIXES + TURTLE + more, format=RdfFormat.TURTLE)]
    root = etree.fromstring(dublin_core(Description.of(DATASET, Kind.DATASET, "x", triples), triples, lang))
    found: dict[str, list[str]] = {}
    for one in root:
        found.setdefault(etree.QName(one).localname, []).append(one.text or "")
    return found


def test_every_element() -> None:
    assert elements() == {
        "title": ["Arbres & haies", "Trees"],
        "creator": ["urn:a"],
        "subject": ["nature", "Environnement"],
        "description": ["Un texte."],
        "publisher": ["Ville"],
        "date": ["2020-01-02"],
        "type": ["Dataset"],
        "format": ["text/csv", "http://publications.europa.eu/resource/authority/file-type/CSV"],
        "identifier": ["x-1", DATASET, "https://portal.example.org/x"],
        "source": ["https://src.example.org/"],
        "language": ["fra"],
        "relation": ["https://portal.example.org/x.csv"],
        "coverage": ["POLYGON((1 43,2 43,2 44,1 44,1 43))", "../2021-01-01"],
        "rights": [
            "Licence Ouverte",
            "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0",
            "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        ],
    }


def test_labels_are_in_one_language_and_texts_in_all_of_theirs() -> None:
    assert elements("en")["subject"] == ["nature", "Environment"]
    text = dublin_core(
        Description(DATASET, Kind.DATASET, "x", b""),
        [q.triple for q in parse(PREFIXES + TURTLE, format=RdfFormat.TURTLE)],
        "fr",
    )
    assert '<dc:title xml:lang="en">Trees</dc:title>' in text


def test_a_service_is_one() -> None:
    found = elements(more=f"<{DATASET}> a dcat:DataService ; dcat:endpointURL <https://api.example.org/> .")
    assert found["type"] == ["Service"]
    assert "https://api.example.org/" in found["relation"]
