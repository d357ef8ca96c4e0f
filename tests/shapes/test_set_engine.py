# ruff: noqa: E501 - one shape a line is easier to compare
"""The set-based engine against pySHACL: the same results to the last shape and value."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shapes.engine import engine
from shapes.finding import Finding
from shapes.graph import Graph
from shapes.profiles import Profile
from shapes.read import parsed, read
from tests.shared import shared
from vocab.text import Text

HEAD = """
@prefix : <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

DATA = """
:City rdfs:subClassOf :Place .
:toulouse a :City ; :name "Toulouse"@fr , "Tolosa"@oc , "Tholose"@fr ; :size 12 ; :mayor :m ; :twin :atlanta , :bologna ;
    :opened "2020-01-01"^^xsd:date ; :closed "2019-01-01"^^xsd:date ; :code "31000" ; :alias "Toulouse"@fr .
:blagnac a :City ; :name "Blagnac" ; :size 7 ; :code "31O00" ; :part :toulouse ; :opened "2020-02-30"^^xsd:date .
:atlanta a :Place ; :name "Atlanta"@en ; :size "big" ; :part :georgia .
:bologna :name _:b . _:b :note "none" .
:m a :Person ; :name "" .
"""

SHAPES = {
    "class": ":S sh:targetClass :City ; sh:property [ sh:path :twin ; sh:class :Place ] .",
    "datatype": ":S sh:targetClass :Place ; sh:property [ sh:path :opened ; sh:datatype xsd:date ] .",
    "nodeKind": ":S sh:targetSubjectsOf :name ; sh:property [ sh:path :name ; sh:nodeKind sh:Literal ] .",
    "counts": ":S sh:targetClass :Place ; sh:property [ sh:path :name ; sh:maxCount 1 ] , [ sh:path :mayor ; sh:minCount 1 ] .",
    "range": ":S sh:targetClass :Place ; sh:property [ sh:path :size ; sh:minInclusive 7 ; sh:maxExclusive 12 ] .",
    "length": ":S sh:targetSubjectsOf :name ; sh:property [ sh:path :name ; sh:minLength 1 ; sh:maxLength 7 ] .",
    "pattern": ':S sh:targetClass :City ; sh:property [ sh:path :code ; sh:pattern "^[0-9]{5}$" ] .',
    "flags": ':S sh:targetClass :Place ; sh:property [ sh:path :name ; sh:pattern "^t" ; sh:flags "i" ] .',
    "languageIn": ':S sh:targetClass :Place ; sh:property [ sh:path :name ; sh:languageIn ( "fr" "oc" ) ] .',
    "uniqueLang": ":S sh:targetClass :City ; sh:property [ sh:path :name ; sh:uniqueLang true ] .",
    "equals": ":S sh:targetClass :City ; sh:property [ sh:path :name ; sh:equals :alias ] .",
    "disjoint": ":S sh:targetClass :City ; sh:property [ sh:path :name ; sh:disjoint :alias ] .",
    "lessThan": ":S sh:targetNode :toulouse ; sh:property [ sh:path :opened ; sh:lessThan :closed ] .",
    "lessThanOrEquals": ":S sh:targetNode :toulouse ; sh:property [ sh:path :opened ; sh:lessThanOrEquals :closed ] .",
    "not": ":S sh:targetClass :Place ; sh:not [ sh:path :mayor ; sh:minCount 1 ] .",
    "and": ":S sh:targetClass :Place ; sh:and ( [ sh:path :mayor ; sh:minCount 1 ] [ sh:path :part ; sh:minCount 1 ] ) .",
    "or": ":S sh:targetClass :Place ; sh:or ( [ sh:path :mayor ; sh:minCount 1 ] [ sh:path :twin ; sh:minCount 1 ] ) .",
    "xone": ":S sh:targetClass :Place ; sh:xone ( [ sh:path :name ; sh:minCount 1 ] [ sh:path :part ; sh:minCount 1 ] ) .",
    "node": ":S sh:targetClass :City ; sh:property [ sh:path :twin ; sh:node :T ] . :T sh:property [ sh:path :size ; sh:minCount 1 ] .",
    "nested": ":S sh:targetClass :Place ; sh:property [ sh:path :part ; sh:property [ sh:path :name ; sh:minCount 3 ; sh:maxCount 1 ] ] .",
    "qualified": ":S sh:targetClass :City ; sh:property [ sh:path :twin ; sh:qualifiedValueShape [ sh:class :Place ] ; sh:qualifiedMinCount 2 ] .",
    "closed": ":S sh:targetClass :City ; sh:closed true ; sh:ignoredProperties ( :size ) ; sh:property [ sh:path :name ] .",
    "hasValue": ":S sh:targetClass :Place ; sh:property [ sh:path :twin ; sh:hasValue :atlanta ] .",
    "in": ':S sh:targetClass :City ; sh:property [ sh:path :code ; sh:in ( "31000" "31700" ) ] .',
    "inverse": ":S sh:targetClass :Place ; sh:property [ sh:path [ sh:inversePath :twin ] ; sh:minCount 1 ] .",
    "sequence": ":S sh:targetClass :City ; sh:property [ sh:path ( :twin :name ) ; sh:nodeKind sh:Literal ; sh:minCount 1 ] .",
    "alternative": ":S sh:targetClass :Place ; sh:property [ sh:path [ sh:alternativePath ( :mayor :part ) ] ; sh:minCount 2 ] .",
    "zeroOrMore": ":S sh:targetNode :blagnac ; sh:property [ sh:path ( :part [ sh:zeroOrMorePath :twin ] ) ; sh:class :City ] .",
    "oneOrMore": ":S sh:targetNode :blagnac ; sh:property [ sh:path [ sh:oneOrMorePath :part ] ; sh:class :Person ] .",
    "objectsOf": ":S sh:targetObjectsOf :twin ; sh:class :City .",
    "severity": ":S sh:targetClass :City ; sh:severity sh:Warning ; sh:nodeKind sh:Literal .",
    "deactivated": ":S sh:targetClass :City ; sh:property [ sh:path :none ; sh:minCount 1 ; sh:deactivated true ] .",
}


def results(name: str, data: Graph, profile: Profile) -> Counter[tuple[str | None, ...]]:
    """How often each result occurs, by everything that the specification gives it but its words."""
    return Counter(of(finding) for finding in engine(name).validate(data, [profile]))


def of(f: Finding) -> tuple[str | None, ...]:
    return f.focus, f.path, f.component, f.shape_node, f.value, f.severity.value


def shapes_in(folder: Path, text: str) -> Profile:
    file = folder / "shapes.ttl"
    file.write_text(f"{HEAD} :S a sh:NodeShape . :T a sh:NodeShape . {text}", encoding="utf-8")
    return Profile("test", Text("essai", "test"), (str(file),))


def data_of(text: str) -> Graph:
    return Graph.from_triples(parsed((HEAD + text).encode(), name="data", suffix="ttl").triples)


@pytest.mark.parametrize("case", SHAPES)
def test_each_component_gives_the_results_of_pyshacl(case: str, tmp_path: Path) -> None:
    profile = shapes_in(tmp_path, SHAPES[case])
    own = results("garonne", data_of(DATA), profile)
    assert own == results("pyshacl", data_of(DATA), profile)
    assert bool(own) == (case not in {"deactivated"})


@pytest.mark.parametrize(
    "file", ["html/shacl/shapes.ttl", "html/shacl/range.ttl", "html/shacl/mdr-vocabularies.shape.ttl"]
)
def test_the_official_shapes_give_the_results_of_pyshacl(file: str, tmp_path: Path) -> None:
    made = tmp_path / "catalogue.nt"
    tool = shared("tools/catalogue.py")
    subprocess.run([sys.executable, str(tool), "15", str(made)], check=True, capture_output=True)
    official = str(shared(f"data/shapes/SEMICeu__DCAT-AP/3.0.1/{file}"))
    profile = Profile("official", Text("officiel", "official"), (official,))
    data = Graph.from_triples(read(str(made)).triples)
    own = results("garonne", data, profile)
    assert own
    assert own == results("pyshacl", data, profile)


def test_literals_are_judged_as_written(tmp_path: Path) -> None:
    profile = shapes_in(
        tmp_path, ":S sh:targetSubjectsOf :n ; sh:property [ sh:path :n ; sh:datatype xsd:nonNegativeInteger ] ."
    )
    data = data_of(':a :n "12"^^xsd:nonNegativeInteger . :b :n 12 . :c :n "-1"^^xsd:nonNegativeInteger .')
    assert {key[0] for key in results("garonne", data, profile)} == {
        "<https://example.org/b>",
        "<https://example.org/c>",
    }


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (":S sh:targetClass :City ; sh:shape :T .", "sh:shape"),
        (":S sh:targetClass :City ; sh:property :nowhere .", "nowhere"),
        (':S sh:targetClass :City ; sh:property [ sh:path :name ; sh:minCount "one" ] .', "minCount"),
        (':S sh:targetClass :City ; sh:property [ sh:path :name ; sh:pattern "(" ] .', "("),
        (":S sh:targetClass :City ; sh:property [ sh:path [ sh:inversePath 3 ] ; sh:minCount 1 ] .", "3"),
        (":S sh:targetClass :City ; sh:property [ sh:path :twin ; sh:node :S ] .", "itself"),
        (':S sh:targetClass :City ; sh:js [ sh:jsFunctionName "f" ] .', "sh:js"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_rest_is_checked(text: str, word: str, tmp_path: Path) -> None:
    judge = engine("garonne")
    also = f"{text} :T sh:targetClass :City ; sh:property [ sh:path :none ; sh:minCount 1 ] ."
    found = judge.validate(data_of(DATA), [shapes_in(tmp_path, also)])
    assert any(word in note.en for note in judge.notes)
    assert len([f for f in found if f.path.endswith("none")]) == 2


def test_a_pattern_that_explodes_elsewhere_ends(tmp_path: Path) -> None:
    profile = shapes_in(tmp_path, ':S sh:targetNode :x ; sh:property [ sh:path :v ; sh:pattern "^(a+)+$" ] .')
    assert len(results("garonne", data_of(f':x :v "{"a" * 5000}b" .'), profile)) == 1


def test_a_choice_says_which_branch_failed(tmp_path: Path) -> None:
    profile = shapes_in(tmp_path, SHAPES["or"])
    (found,) = [f for f in engine("garonne").validate(data_of(DATA), [profile]) if "blagnac" in f.focus]
    assert {d.path for d in found.details} == {"https://example.org/mayor", "https://example.org/twin"}
    assert "mayor" in found.messages.en
    assert "En détail" in found.messages.fr
