"""What a package says of a dataset."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from api.ckan.package import Writer, ckan_name
from catalog.identifiers import package_id
from catalog.model import Description, Kind
from catalog.packages import Package
from tests.api.city import PREFIXES
from vocab.describe import describe

DATASET = "https://data.example.org/dataset/x"
MOMENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ODBL = "http://publications.europa.eu/resource/authority/licence/ODC_BL"
PLAIN = f"""
<{DATASET}> a dcat:Dataset ; dct:title "Arbres"@fr ; dct:description "Un texte."@fr ; dct:identifier "x-1" ;
  dcat:keyword "l’eau, la vie"@fr , "a"@fr , "vélo"@fr ; dct:publisher <https://data.example.org/agent/ville> ;
  dct:license <{ODBL}> ; dct:temporal [ dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2021"^^xsd:gYear ] ;
  dct:rights [ rdfs:label "Voir les conditions"@fr ] ; dcat:contactPoint <{DATASET}/contact> .
<{DATASET}/contact> vcard:fn "Équipe" ; vcard:hasEmail <mailto:a@example.org> .
<https://data.example.org/agent/ville> foaf:name "Ville"@fr ; foaf:mbox <mailto:v@example.org> .
"""


def package(turtle: str, *languages: str) -> dict[str, Any]:
    text = PREFIXES + "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n" + turtle
    triples = [q.triple for q in parse(text, format=RdfFormat.TURTLE)]
    found = Package(package_id(DATASET), "x", DATASET, MOMENT, MOMENT)
    dataset = Description.of(DATASET, Kind.DATASET, "x", triples)
    writer = Writer("https://data.example.org/", list(languages) or ["fr"])
    return writer.package(found, dataset, [*triples, *describe(ODBL)], lambda _: "2026-01-01T00:00:00.000000")


def extras(found: dict[str, Any]) -> dict[str, str]:
    return {e["key"]: e["value"] for e in found["extras"]}


def test_the_fields_of_ckan() -> None:
    found = package(PLAIN)
    assert (found["title"], found["notes"], found["name"], found["state"]) == ("Arbres", "Un texte.", "x", "active")
    assert (found["license_id"], found["license_url"], found["isopen"]) == ("odc-odbl", ODBL, True)
    assert found["license_title"] == "Open Data Commons Open Database License (ODbL)"
    assert (found["maintainer"], found["maintainer_email"]) == ("Équipe", "a@example.org")
    assert (found["author"], found["author_email"]) == ("Ville", "v@example.org")
    assert found["organization"]["name"] == "ville"
    assert found["organization"]["created"] == "2026-01-01T00:00:00.000000"
    assert found["metadata_modified"] == "2026-03-02T12:00:00.000000"
    assert "title_translated" not in found
    json.dumps(found)


def test_names_of_tags_are_ones_that_ckan_takes() -> None:
    tags = {t["name"]: t["display_name"] for t in package(PLAIN)["tags"]}
    assert tags == {"l eau la vie": "l’eau, la vie", "vélo": "vélo"}  # a tag has two characters at least


def test_extras() -> None:
    found = extras(package(PLAIN))
    assert found["guid"] == found["uri"] == DATASET
    assert (found["temporal_start"], found["temporal_end"]) == ("2020-01-01", "2021")
    assert found["rights"] == "Voir les conditions"
    assert found["publisher_uri"] == "https://data.example.org/agent/ville"
    assert found["publisher_email"] == "v@example.org"
    assert "issued" not in found  # nothing is said of it


def test_several_languages() -> None:
    more = f'<{DATASET}> dct:title "Trees"@en ; dct:description "A text."@en .'
    found = package(PLAIN + more, "en", "fr")
    assert found["title"] == "Trees"
    assert found["title_translated"] == {"en": "Trees", "fr": "Arbres"}
    assert found["notes_translated"] == {"en": "A text.", "fr": "Un texte."}


def test_what_is_not_said_is_not_made_up() -> None:
    found = package(f'<{DATASET}> a dcat:Dataset ; dct:title "Arbres" .')
    assert (found["license_id"], found["organization"], found["owner_org"]) == ("notspecified", None, None)
    assert (found["notes"], found["author"], found["maintainer"], found["url"]) == ("", None, None, "")
    assert extras(found) == {"guid": DATASET, "uri": DATASET}


def test_the_licence_of_all_distributions_is_that_of_the_package() -> None:
    turtle = f"""<{DATASET}> dct:title "x" ; dcat:distribution <{DATASET}/a> , <{DATASET}/b> .
      <{DATASET}/a> dct:license <{ODBL}> . <{DATASET}/b> dct:license <LICENCE> ."""
    assert package(turtle.replace("LICENCE", ODBL))["license_id"] == "odc-odbl"
    other = package(turtle.replace("LICENCE", "https://example.org/l"))
    assert other["license_id"] == "notspecified"
    assert [r["license"] for r in other["resources"]] == [ODBL, "https://example.org/l"]


@pytest.mark.parametrize(("given", "expected"), [("ENVI", "envi"), ("a", "a-"), ("theme.nature", "theme-nature")])
def test_names_that_ckan_takes(given: str, expected: str) -> None:
    assert ckan_name(given) == expected
    assert len(ckan_name("é" * 300)) == len("-") + 1
