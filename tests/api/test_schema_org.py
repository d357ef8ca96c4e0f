"""schema.org's description of datasets, as search engines and JSON-LD processors read it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyld import jsonld
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib.compare import isomorphic

from api.reading import Reading
from api.schema_org import LONGEST, SHORTEST, dataset, script
from catalog.archive import View
from catalog.assembly import document
from catalog.model import Kind
from tests.api.city import PREFIXES, City, settings_in
from tests.api.server import Server
from tests.harvest.city import city, saved
from tests.shared import shared

CONTEXT = {"@context": {"@vocab": "https://schema.org/"}}


class Blocks(HTMLParser):
    """What the script elements of a page hold, as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside = False
        self.blocks: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            assert dict(attrs) == {"type": "application/ld+json"}
            self.inside = True
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.blocks[-1] += data


def told(server: Server, path: str) -> dict[str, Any]:
    blocks = Blocks(server.get(path, "text/html").text).blocks
    assert len(blocks) == 1
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def test_what_search_engines_want(server: Server) -> None:
    found = told(server, "/dataset/arbres?lang=fr")
    assert found["@type"] == "Dataset"
    assert found["name"] == "Arbres d’alignement"
    assert SHORTEST <= len(found["description"]) <= LONGEST
    assert found["@id"] == "https://data.example.org/dataset/arbres"
    assert found["url"] == "https://data.example.org/dataset/arbres.html"
    assert found["identifier"] == [found["@id"], "https://portal.example.org/explore/dataset/arbres/"]
    assert found["sameAs"] == "https://portal.example.org/explore/dataset/arbres/"
    assert found["license"].endswith("/licence/ETALAB_2_0")
    assert found["creator"] == found["publisher"]
    assert found["publisher"]["name"] == "Ville de Démo"
    assert found["publisher"]["url"] == "https://ville.example.org/"
    assert found["temporalCoverage"] == "2020-01-01/.."
    assert found["spatialCoverage"]["geo"] == {"@type": "GeoShape", "box": "43 1 44 2"}
    assert set(found["keywords"]) >= {"nature", "ville", "Nature en ville"}
    assert found["inLanguage"] == "fr"
    assert found["dateModified"] == "2026-02-01"
    assert found["includedInDataCatalog"]["name"] == "Données de Démo"
    assert found["distribution"]["contentUrl"] == "https://portal.example.org/arbres.csv"
    assert found["distribution"]["encodingFormat"] == "text/csv"
    assert "isAccessibleForFree" not in found, "the metadata do not say so"
    assert "Urban nature" in told(server, "/dataset/arbres?lang=en")["keywords"]


def test_two_processors_read_the_same(server: Server) -> None:
    found = told(server, "/dataset/arbres")
    graph = rdflib.Graph().parse(data=json.dumps({**found, **CONTEXT}), format="json-ld")
    expanded = jsonld.to_rdf({**found, **CONTEXT}, {"format": "application/n-quads"})
    assert isomorphic(graph, rdflib.Graph().parse(data=expanded, format="nt"))
    schema = rdflib.Namespace("https://schema.org/")
    node = rdflib.URIRef(found["@id"])
    assert (node, rdflib.RDF.type, schema.Dataset) in graph
    assert len(list(graph.objects(node, schema.distribution))) == 1


HOSTILE = """
<{d}> dct:description "</script><script>alert(1)</script><!-- & \\u2028"@fr ; dcat:keyword "</SCRIPT >"@fr .
"""


def test_nothing_ends_the_element(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({"piege": "</script><img src=x>"}, extra=HOSTILE)
    with Server(settings, tmp_path) as running:
        found = told(running, "/dataset/piege")
        assert found["name"] == "</script><img src=x>"
        assert "<img" not in running.get("/dataset/piege", "text/html").text
    assert "<" not in script({"a": "<>&\u2028"})
    assert json.loads(script({"a": "<>&\u2028"})) == {"a": "<>&\u2028"}


def made(turtle: str, lang: str = "fr") -> dict[str, Any]:
    settings = settings_in(Path("/nowhere"))
    text = PREFIXES + turtle.replace("{d}", "https://e.org/d")
    reading = Reading([q.triple for q in parse(text.encode(), format=RdfFormat.TURTLE)], lang)
    return dataset(
        settings, reading, NamedNode("https://e.org/d"), "https://e.org/d.html", ["2026-01-01", "2026-02-01"]
    )


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        ('<{d}> dct:title "Arbres"@fr .', {"name": "Arbres", "dateModified": "2026-02-01"}),
        ('<{d}> dct:temporal [ dcat:endDate "2020" ] .', {"temporalCoverage": "../2020"}),
        ("<{d}> dct:temporal [ ] .", {"temporalCoverage": None}),
        ("<{d}> dct:license <javascript:x> .", {"license": None}),
        ("<{d}> dct:accessRights eu:access-right\\/PUBLIC .", {"isAccessibleForFree": True}),
        ("<{d}> dct:accessRights eu:access-right\\/RESTRICTED .", {"isAccessibleForFree": None}),
        (
            '<{d}> dct:spatial [ dcat:bbox "<http://www.opengis.net/def/crs/EPSG/0/4326> POLYGON((43 1,44 2))" ] .',
            {"spatialCoverage": {"@type": "Place", "geo": {"@type": "GeoShape", "box": "43 1 44 2"}}},
        ),
        ("<{d}> dct:spatial [ dcat:bbox '{\"type\": 3}' ] .", {"spatialCoverage": None}),
        ('<{d}> dct:spatial [ dcat:bbox "<http://e.org/crs/2154> POINT(1 43)" ] .', {"spatialCoverage": None}),
        ('<{d}> dct:spatial [ dcat:bbox "POLYGON((600000 6000000,1 2))" ] .', {"spatialCoverage": None}),
        (
            '<{d}> dct:spatial [ dcat:bbox \'{"type":"Polygon","coordinates":[[[1.5,43],[2,43],[2,44]]]}\' ] .',
            {"spatialCoverage": {"@type": "Place", "geo": {"@type": "GeoShape", "box": "43 1.5 44 2"}}},
        ),
    ],
)
def test_what_is_not_known_is_left_out(turtle: str, expected: dict[str, Any]) -> None:
    found = made(turtle)
    assert {name: found.get(name) for name in expected} == expected


def test_descriptions_have_the_length_that_is_asked_for() -> None:
    long = made(f'<{{d}}> dct:title "T" ; dct:description "{"mot " * 3000}" .')["description"]
    assert len(long) <= LONGEST
    assert long.endswith("mot…")
    short = made('<{d}> dct:title "Arbres" ; dct:description "Tous." ; dct:publisher [ foaf:name "Ville de Démo" ] .')
    assert short["description"].startswith("Tous. – ")
    assert "Jeu de données publié par Ville de Démo" in short["description"]


def test_all_real_metadata(tmp_path: Path) -> None:
    """Every real dataset is described, with a name; nothing of it can end the element."""
    a_city = city(tmp_path, saved(shared("data/real/dcat"), "dcat") + saved(shared("data/real/opendatasoft"), "ods"))
    a_city.run()
    view: View = a_city.view()
    number = 0
    for described in view.all(Kind.DATASET):
        reading = Reading(document(a_city.settings, view, [described]), "fr")
        found = dataset(a_city.settings, reading, NamedNode(described.iri), "https://e.org/", ["2026-01-01"] * 2)
        text = script(found)
        assert json.loads(text) == found
        assert found["name"]
        assert len(found["description"]) <= LONGEST
        assert re.search(r"[<>&]", text) is None
        number += 1
    assert number > 400
