"""Small feeds for the tests of previews, and what an aggregator makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from api.preview.aggregators import aggregator
from api.preview.model import Harvest, Held
from api.preview.pages import page_of
from catalog.model import Description, Kind
from tests.api.city import PREFIXES, City

NOW = datetime(2026, 4, 1, tzinfo=UTC)
MORE = """
@prefix : <https://data.ville.fr/> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix gsp: <http://www.opengis.net/ont/geosparql#> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix schema: <http://schema.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix locn: <http://www.w3.org/ns/locn#> .
"""
WHOLE = """
:arbres a dcat:Dataset ; dct:identifier "arbres" ; dct:title "Trees"@en , "Arbres"@fr ;
  dct:description "Tous les arbres."@fr ;
  dcat:keyword "Nature en ville"@fr ; dcat:theme eu:data-theme\\/ENVI , <http://data.europa.eu/bna/c_ac64a52d> ;
  dcatap:hvdCategory <http://data.europa.eu/bna/c_ac64a52d> ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
  dct:license eu:licence\\/ETALAB_2_0 ; dct:accrualPeriodicity eu:frequency\\/ANNUAL ; dcat:landingPage :page ;
  dct:temporal [ dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2020-12-31"^^xsd:date ] ;
  dct:spatial :extent ; dcat:contactPoint :contact ; dct:publisher :ville ; dct:modified "2026-02-01"^^xsd:date ;
  dcat:distribution :csv .
:extent a dct:Location ; dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))"^^gsp:wktLiteral .
:contact vcard:fn "Équipe données" ; vcard:hasEmail <mailto:donnees@ville.fr> .
:ville foaf:name "Ville"@fr .
eu:data-theme\\/ENVI skos:prefLabel "Environment"@en , "Environnement"@fr .
eu:licence\\/ETALAB_2_0 rdfs:label "Licence Ouverte / Open Licence version 2.0"@fr .
:csv a dcat:Distribution ; dct:title "Fichier"@fr ; dct:format eu:file-type\\/CSV ;
  dct:license eu:licence\\/ETALAB_2_0 ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize "12"^^xsd:nonNegativeInteger ;
  dcat:accessURL <https://data.ville.fr/arbres.csv> ; dcat:downloadURL <https://data.ville.fr/arbres.csv> .
"""
TITLED = ':d a dcat:Dataset ; dct:identifier "d" ; dct:title "D"@fr ; dct:description "Texte."@fr . '


class Town(City):
    """The city of the other tests without its checksums: data.gouv.fr rejects those (`checksum-without-algorithm`)."""

    def describe(self, iri: str, kind: Kind, slug: str, turtle: str, values: dict[str, object]) -> Description:
        """A description from Turtle."""
        plain = turtle.replace('; spdx:checksum [ spdx:checksumValue "0a1b"^^xsd:hexBinary ]', "")
        return super().describe(iri, kind, slug, plain, values)


def harvest(name: str, turtle: str) -> Harvest:
    """What the aggregator makes of one page."""
    page = page_of((PREFIXES + MORE + turtle).encode(), "text/turtle; charset=utf-8", url="https://data.ville.fr/c.ttl")
    return aggregator(name).read(page, now=NOW, lang="fr")


def walked(name: str, pages: Mapping[str, str], first: str = "https://data.ville.fr/1.ttl") -> Harvest:
    """What it makes of several pages, by address."""

    def fetch(url: str) -> tuple[bytes, str]:
        return (PREFIXES + MORE + pages[url]).encode(), "text/turtle; charset=utf-8"

    return aggregator(name).harvest(first, fetch, now=NOW, lang="fr")


def held(name: str, turtle: str, key: str = "") -> Held:
    """The only item, or the one of this key."""
    found = [h for h in harvest(name, turtle).items if not key or h.key == key]
    assert len(found) == 1, found
    return found[0]


def said(item: Held) -> set[str]:
    """The names of the rules that applied to it."""
    return {n.rule.name for n in item.notes}
