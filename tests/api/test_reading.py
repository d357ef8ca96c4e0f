from __future__ import annotations

from pyoxigraph import NamedNode, RdfFormat, parse

from api.reading import Named, Reading
from vocab.namespaces import DCT, SKOS

TURTLE = """
@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://e.org/d> dct:title "Arbres"@fr , "Trees"@en ; dct:subject <https://e.org/nature> , <https://e.org/plain#tail> ;
  dct:description "Nur deutsch"@de .
<https://e.org/nature> skos:prefLabel "Nature"@fr-fr , "Wildlife"@en .
"""
GRAPH = [q.triple for q in parse(TURTLE.encode(), format=RdfFormat.TURTLE)]
NODE = NamedNode("https://e.org/d")


def test_texts_come_in_the_readers_language() -> None:
    assert Reading(GRAPH, "fr").text(NODE, DCT.title) == "Arbres"
    assert Reading(GRAPH, "en").text(NODE, DCT.title) == "Trees"
    assert Reading(GRAPH, "en").text(NODE, DCT.description) == "Nur deutsch"
    assert Reading(GRAPH, "en").text(NODE, DCT.issued) == ""
    assert Reading(GRAPH, "fr").texts(NODE, DCT.subject, SKOS.prefLabel) == ["Nature"]


def test_things_are_called_by_their_labels_or_the_end_of_their_iri() -> None:
    named = Reading(GRAPH, "en").named(NODE, DCT.subject)
    assert named == [Named("tail", "https://e.org/plain#tail"), Named("Wildlife", "https://e.org/nature")]
