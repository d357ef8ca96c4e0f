from __future__ import annotations

from pyoxigraph import BlankNode, NamedNode

from shapes.surroundings import Surroundings
from tests.shapes.catalogues import CORRECT, triples

D = "https://data.example.org/"
HEAD = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix : <x:> .\n"


def test_what_leads_from_one_dataset_belongs_to_it() -> None:
    around = Surroundings(triples(CORRECT))
    for name in ("trees", "trees-csv", "extent"):
        assert around.dataset(NamedNode(D + name)) == D + "trees"


def test_what_several_datasets_share_or_what_stands_alone_belongs_to_none() -> None:
    around = Surroundings(
        triples(HEAD + ":a a dcat:Dataset ; dct:publisher :p . :b a dcat:Dataset ; dct:publisher :p .")
    )
    assert around.dataset(NamedNode("x:p")) == ""
    correct = Surroundings(triples(CORRECT))
    assert correct.dataset(NamedNode(D + "catalog")) == ""
    assert correct.dataset(NamedNode(D + "api")) == ""


def test_blank_nodes_that_say_different_things_have_different_anchors_and_circles_end() -> None:
    around = Surroundings(triples(HEAD + ":a :p _:x , _:y . _:x :q 1 ; :r _:y . _:y :q 2 ; :r _:x ."))
    assert around.anchor(BlankNode("x")) != around.anchor(BlankNode("y"))
    assert around.anchor(NamedNode("x:a")) == "<x:a>"
