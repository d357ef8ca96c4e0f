"""What two constraints must have apart to have findings apart, and what must not part them."""

from __future__ import annotations

import pytest

from shapes.engine import ENGINES, engine
from shapes.finding import Finding
from shapes.profiles import Profile, from_file
from tests.shapes.catalogues import triples

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://x.example/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = PREFIXES + 'ex:d a dcat:Dataset ; dct:title "x" ; dcat:contactPoint [ ex:a 1 ] , [ ex:a 2 ] .'


def profile(tmp_path_factory: pytest.TempPathFactory, text: str) -> Profile:
    file = tmp_path_factory.mktemp("shapes") / "shapes.ttl"
    file.write_text(PREFIXES + text, encoding="utf-8")
    return from_file(str(file))


def judged(factory: pytest.TempPathFactory, text: str, name: str = "garonne", data: str = DATA) -> list[Finding]:
    return engine(name).validate(triples(data), [profile(factory, text)])


SPARQL = """ex:S a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:sparql [ sh:message "{0}" ; sh:select "SELECT $this WHERE {{ $this a ?c }}" ] ,
            [ sh:message "{1}" ; sh:select "SELECT $this WHERE {{ $this ?p ?o . FILTER(isLiteral(?o)) }}" ] ."""


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_two_queries_of_one_shape_have_findings_of_their_own(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    found = judged(tmp_path_factory, SPARQL.format("one", "two"), name)
    assert len(found) == 2
    assert len({f.key for f in found}) == 2
    other_words = judged(tmp_path_factory, SPARQL.format("un", "deux"), name)
    assert {f.key for f in other_words} == {f.key for f in found}


def test_both_engines_call_them_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = SPARQL.format("one", "two") + (
        " ex:T a sh:NodeShape ; sh:targetClass dcat:Dataset ;"
        " sh:property [ sh:path dct:title ; sh:minLength 3 ] , [ sh:path dct:title ; sh:minLength 4 ; sh:class ex:C ] ."
    )
    keys = [sorted(f.key for f in judged(tmp_path_factory, text, name)) for name in sorted(ENGINES)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0]) == 5


LONGER = """ ex:Longer a sh:ConstraintComponent ; sh:parameter [ sh:path ex:longer ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER(STRLEN(STR($value)) >= $longer) }" ] ."""


@pytest.mark.parametrize(
    "constraints",
    [
        "sh:class ex:A , ex:B",
        'sh:hasValue "a" , "b"',
        "sh:node [ sh:class ex:A ] , [ sh:class ex:B ]",
        "sh:or ( [ sh:class ex:A ] [ sh:class ex:B ] ) , ( [ sh:class ex:A ] [ sh:class ex:C ] )",
        "sh:not [ sh:nodeKind sh:Literal ] , [ sh:minLength 1 ]",
        "sh:disjoint dct:title , ex:same",
        "ex:longer 3 , 4",
    ],
)
def test_values_of_one_parameter_have_findings_of_their_own(
    tmp_path_factory: pytest.TempPathFactory, constraints: str
) -> None:
    text = f"ex:P sh:targetClass dcat:Dataset ; a sh:PropertyShape ; sh:path dct:title ; {constraints} ."
    data = DATA + ' ex:d ex:same "x" .'
    found = judged(tmp_path_factory, text + LONGER, data=data)
    assert len(found) == 2
    assert len({f.key for f in found}) == 2


def test_an_argument_that_changes_is_the_same_rule_where_the_shape_has_an_iri(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = "ex:P a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dct:title ; sh:minLength {} ."
    one, two = (judged(tmp_path_factory, text.format(n)) for n in (5, 9))
    assert [f.key for f in one] == [f.key for f in two]


def test_blank_values_and_blank_focus_nodes_go_by_their_surroundings(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = """ex:P a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dcat:contactPoint ; sh:class ex:C .
      ex:Q a sh:PropertyShape ; sh:targetObjectsOf dcat:contactPoint ; sh:path ex:b ; sh:minCount 1 ."""
    found = judged(tmp_path_factory, text)
    assert len({f.key for f in found}) == len(found) == 4
    turned = DATA.replace("[ ex:a 1 ] , [ ex:a 2 ]", "_:z , _:y") + " _:y ex:a 1 . _:z ex:a 2 ."
    again = judged(tmp_path_factory, text, data=turned)
    assert sorted(f.key for f in again) == sorted(f.key for f in found)
