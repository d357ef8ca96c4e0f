import pytest

from shapes.lint import Check
from tests.shapes.lint.cases import checks, found, line, on


@pytest.mark.parametrize(
    ("constraint", "near"),
    [
        ("sh:MinCount 1", "sh:minCount"),
        ("sh:shape :T", "sh:node"),
        ("sh:none :T", "sh:not"),
        ("sh:nodeKind sh:Iri", "sh:IRI"),
        ("sh:severity sh:Waring", "sh:Warning"),
    ],
)
def test_a_term_that_shacl_does_not_have(constraint: str, near: str) -> None:
    (remark, *_) = [
        one for one in found(on(f"sh:maxCount 1 ;\n {constraint}")) if one.remark.check is Check.UNKNOWN_TERM
    ]
    assert remark.line == line(2)
    assert remark.shape == "https://example.org/S, https://example.org/p"
    assert remark.remark.text.en.endswith(f"it is not followed. The nearest: {near}.")
    assert remark.remark.text.fr.endswith(f"il n’est pas suivi. Le plus proche\u00a0: {near}.")


def test_a_class_is_no_property() -> None:
    (remark,) = found(on("sh:maxCount 1 ; sh:NodeShape true"))
    assert "is of SHACL, and no property" in remark.remark.text.en


def test_a_type_of_xml_schema_in_shacl_s_namespace() -> None:
    (remark,) = found(on("sh:datatype sh:dateTime"))
    assert remark.remark.check is Check.UNKNOWN_TERM
    assert remark.remark.text.en.endswith("Probably xsd:dateTime.")


@pytest.mark.parametrize("iri", ["https://purl.eu/ns/shacl#message", "https://www.w3.org/ns/shacl#message"])
def test_shacl_s_terms_in_another_namespace(iri: str) -> None:
    (remark,) = found(on(f'sh:maxCount 1 ; <{iri}> "?"'))
    assert remark.remark.check is Check.OTHER_NAMESPACE
    assert remark.remark.text.en.endswith("Probably sh:message.")


@pytest.mark.parametrize(
    "iri",
    ["http://www.w3.org/ns/shacl-test#shapesGraph", "http://datashapes.org/dash#message", "https://x.org/shacl#own"],
)
def test_other_vocabularies_are_left_alone(iri: str) -> None:
    assert checks(on(f'sh:maxCount 1 ; <{iri}> "?"')) == []


def test_parts_of_shacl_that_are_not_checked() -> None:
    assert checks(on('sh:js [ sh:jsFunctionName "f" ]')) == [Check.NOT_CHECKED]
    assert checks(":S a sh:NodeShape ; sh:targetClass :C ; sh:rule [ sh:predicate :p ] .") == [Check.NOT_CHECKED]
