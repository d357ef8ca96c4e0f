import pytest

from shapes.lint import Check
from tests.shapes.lint.cases import checks, found, line, on


@pytest.mark.parametrize(
    "constraints",
    [
        "sh:minCount 2 ; sh:maxCount 1",
        "sh:minLength 5 ; sh:maxLength 4",
        "sh:minInclusive 5 ; sh:maxInclusive 4.5",
        "sh:minExclusive 5 ; sh:maxInclusive 5",
        "sh:qualifiedValueShape [ sh:class :D ] ; sh:qualifiedMinCount 2 ; sh:qualifiedMaxCount 1",
        "sh:datatype xsd:date ; sh:nodeKind sh:IRI",
        "sh:datatype xsd:date ; sh:class :D",
        "sh:class :D ; sh:nodeKind sh:Literal",
        'sh:datatype xsd:string ; sh:languageIn ( "fr" )',
        'sh:nodeKind sh:BlankNode ; sh:pattern "^https:"',
        "sh:datatype xsd:date ; sh:node [ sh:datatype xsd:dateTime ]",
        "sh:datatype xsd:date ; sh:and ( [ sh:node [ sh:nodeKind sh:IRI ] ] )",
        'sh:in ( "a" "b" ) ; sh:datatype xsd:integer',
        'sh:in ( "a" 1 ) ; sh:datatype xsd:integer',
        "sh:in ( :a ) ; sh:nodeKind sh:Literal",
        'sh:in ( "abc" ) ; sh:maxLength 2',
        'sh:hasValue "a" ; sh:pattern "^b"',
        "sh:hasValue :c ; sh:in ( :a :b )",
        "sh:in ( 1 ) ; sh:minInclusive 2",
    ],
)
def test_nothing_meets_both(constraints: str) -> None:
    assert checks(on(constraints)) == [Check.CONTRADICTION]


@pytest.mark.parametrize(
    "constraints",
    [
        "sh:minCount 1 ; sh:maxCount 1",
        "sh:minInclusive 5 ; sh:maxInclusive 5",
        'sh:minInclusive 5 ; sh:maxInclusive "2020-01-01"^^xsd:date',
        "sh:datatype xsd:date ; sh:nodeKind sh:IRIOrLiteral",
        "sh:class :D ; sh:nodeKind sh:BlankNodeOrIRI",
        'sh:datatype rdf:langString ; sh:languageIn ( "fr" )',
        "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] )",
        "sh:datatype xsd:date ; sh:not [ sh:datatype xsd:dateTime ]",
        "sh:datatype xsd:date ; sh:node [ sh:deactivated true ; sh:nodeKind sh:IRI ]",
        'sh:in ( "a" "b" ) ; sh:datatype xsd:string ; sh:pattern "^[ab]$"',
        "sh:hasValue :a ; sh:in ( :a :b )",
        'sh:class spdx:ChecksumAlgorithm ; sh:pattern "^http://spdx"',
        'sh:class :D ; sh:pattern "^https://example"',
    ],
)
def test_what_can_be_met(constraints: str) -> None:
    assert not set(checks(on(constraints))) - {Check.DEACTIVATED}


def test_siblings_of_one_path_are_judged_together() -> None:
    apart = ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] , [ sh:path :{} ; sh:maxCount 0 ] ."
    (remark,) = found(apart.format("p"))
    assert "sh:minCount 1 and sh:maxCount 0" in remark.remark.text.en
    assert checks(apart.format("q")) == []


def test_counts_of_different_qualified_shapes_are_not_compared() -> None:
    one = "[ sh:path :p ; sh:qualifiedValueShape [ sh:class :{} ] ; sh:qualified{}Count {} ]"
    assert (
        checks(f":S sh:targetClass :C ; sh:property {one.format('D', 'Min', 2)} , {one.format('E', 'Max', 1)} .") == []
    )


def test_a_pattern_that_no_known_term_has() -> None:
    restriction = ':R a sh:NodeShape ;\n sh:pattern "^https://spdx.org" ;\n sh:class spdx:ChecksumAlgorithm .'
    (remark,) = found(on("sh:node :R") + restriction)
    assert (remark.shape, remark.line) == ("https://example.org/R", line(2))
    assert "such as <http://spdx.org/rdf/terms#checksumAlgorithm_" in remark.remark.text.en
    listed = (
        "sh:property [ sh:path skos:inScheme ; sh:hasValue "
        '<http://publications.europa.eu/resource/authority/frequency> ] ; sh:pattern "^https://publications"'
    )
    assert checks(on(listed)) == [Check.CONTRADICTION]
    assert checks(on(listed.replace("^https", "^http"))) == []


def test_a_contradiction_is_told_where_it_stands_and_not_where_it_is_used() -> None:
    users = on("sh:node :R") + on("sh:node :R").replace(":S", ":T")
    (remark,) = found(users + ":R sh:datatype xsd:date ; sh:class :D .")
    assert remark.shape == "https://example.org/R"


def test_a_pattern_that_takes_more_than_linear_time() -> None:
    assert checks(on('sh:pattern "^(?!a).*$"')) == [Check.PATTERN]
    assert checks(on('sh:pattern "^(a+)+$"')) == []
