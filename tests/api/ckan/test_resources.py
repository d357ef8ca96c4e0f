"""Distributions as resources."""

from __future__ import annotations

import json
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, parse

from api.ckan.resources import resources
from api.ckan.values import Graph
from catalog.identifiers import package_id
from tests.api.city import PREFIXES

DATASET = "https://data.example.org/dataset/x"
CREATED = "2026-03-02T12:00:00.000000"


def made(turtle: str) -> list[dict[str, Any]]:
    triples = [q.triple for q in parse(PREFIXES + turtle, format=RdfFormat.TURTLE)]
    return list(resources(Graph(triples, "fr"), NamedNode(DATASET), "p", CREATED))


def test_a_file() -> None:
    (found,) = made(f"""
      <{DATASET}> dcat:distribution <{DATASET}/distribution/csv> .
      <{DATASET}/distribution/csv> dct:title "Export"@fr , "Export in English"@en ; dct:format eu:file-type\\/CSV ;
        dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize "1005" ;
        dcat:accessURL <https://portal.example.org/page> ; dcat:downloadURL <https://portal.example.org/x.csv> ;
        dct:modified "2026-01-01"^^xsd:date ; dct:language eu:language\\/FRA ;
        spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha1 ; spdx:checksumValue "0a1b"^^xsd:hexBinary ] .
    """)
    assert found["id"] == package_id(f"{DATASET}/distribution/csv")
    assert (found["name"], found["url"], found["format"], found["mimetype"], found["size"]) == (
        *("Export", "https://portal.example.org/x.csv", "CSV", "text/csv"),
        1005,
    )
    assert (found["created"], found["last_modified"], found["position"]) == (CREATED, "2026-01-01", 0)
    assert (found["hash"], found["hash_algorithm"]) == ("0a1b", "http://spdx.org/rdf/terms#checksumAlgorithm_sha1")
    assert found["access_url"] == "https://portal.example.org/page"
    assert json.loads(found["language"]) == ["http://publications.europa.eu/resource/authority/language/FRA"]
    assert found["resource_type"] == "file"


def test_a_service_and_what_has_no_address() -> None:
    api, none = made(f"""
      <{DATASET}> dcat:distribution <{DATASET}/distribution/api> , <{DATASET}/distribution/none> .
      <{DATASET}/distribution/api> dcat:accessURL <https://api.example.org/> ; dcat:accessService <{DATASET}/service> .
      <{DATASET}/service> dct:title "API"@fr ; dcat:endpointURL <https://api.example.org/v1> .
      <{DATASET}/distribution/none> dcat:byteSize "beaucoup" .
    """)
    assert api["resource_type"] == "api"
    assert json.loads(api["access_services"]) == [
        {"title": "API", "endpoint_url": "https://api.example.org/v1", "uri": f"{DATASET}/service"}
    ]
    assert (none["url"], none["size"], none["format"], none["hash"]) == (f"{DATASET}/distribution/none", None, "", "")
