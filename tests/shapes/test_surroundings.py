from __future__ import annotations

from shapes.graph import Graph
from shapes.surroundings import Surroundings
from tests.shapes.catalogues import CORRECT, triples

D = "https://data.example.org/"
HEAD = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix : <x:> .\n"


def test_what_leads_from_one_dataset_belongs_to_it() -> None:
    around = Surroundings(Graph.from_triples(triples(CORRECT)))
    for name in ("trees", "trees-csv", "extent"):
        assert around.dataset(f"<{D}{name}>") == D + "trees"


def test_what_several_datasets_share_or_what_stands_alone_belongs_to_none() -> None:
    around = Surroundings(
        Graph.from_triples(
            triples(HEAD + ":a a dcat:Dataset ; dct:publisher :p . :b a dcat:Dataset ; dct:publisher :p .")
        )
    )
    assert around.dataset("<x:p>") == ""
    correct = Surroundings(Graph.from_triples(triples(CORRECT)))
    assert correct.dataset(f"<{D}catalog>") == ""
    assert correct.dataset(f"<{D}api>") == ""


def test_blank_nodes_that_say_different_things_have_different_anchors_and_circles_end() -> None:
    around = Surroundings(
        Graph.from_triples(triples(HEAD + ":a :p _:x , _:y . _:x :q 1 ; :r _:y . _:y :q 2 ; :r _:x ."))
    )
    assert around.anchor("_:x") != around.anchor("_:y")
    assert around.anchor("<x:a>") == "<x:a>"
