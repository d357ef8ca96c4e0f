import pytest

from shapes.lint import Check
from tests.shapes.lint.cases import checks, found, line, on


@pytest.mark.parametrize(
    "reference",
    [
        "sh:property :T",
        "sh:node :T",
        "sh:not :T",
        "sh:or ( [ sh:class :D ] :T )",
        "sh:property [ sh:path :p ; sh:qualifiedValueShape :T ; sh:qualifiedMinCount 1 ]",
    ],
)
def test_a_reference_to_nothing(reference: str) -> None:
    (remark,) = found(f":S a sh:NodeShape ; sh:targetClass :C ;\n {reference} .")
    assert remark.remark.check is Check.DANGLING
    assert "<https://example.org/T>, which is described nowhere" in remark.remark.text.en
    assert checks(f":S a sh:NodeShape ; sh:targetClass :C ; {reference} .", ":T sh:path :q ; sh:minCount 1 .")[:1] in (
        [],
        [Check.ILL_FORMED],  # sh:node takes no shape with a path
    )


def test_empty_brackets_and_a_property_without_a_path() -> None:
    assert checks(":S sh:targetClass :C ; sh:property [ ] .") == [Check.DANGLING]
    (remark,) = found(":S sh:targetClass :C ; sh:property [ sh:minCount 1 ] .")
    assert "has no path" in remark.remark.text.en


def test_a_shape_that_nothing_reaches() -> None:
    nested = ":T a sh:NodeShape ; sh:property [ sh:path :p ; sh:node :U ] . :U sh:class :E ."
    alone = f":S sh:targetClass :C ; sh:class :D .\n{nested}"
    (remark,) = found(alone)
    assert (remark.remark.check, remark.shape, remark.line) == (Check.NEVER_REACHED, "https://example.org/T", line(2))
    assert checks(alone, ":S sh:node :T .") == [Check.DEFINED_TWICE]
    assert checks(":T sh:node :U . :U sh:property [ sh:path :p ; sh:node :T ] .") == [
        Check.NEVER_REACHED,
        Check.RECURSION,
    ]


def test_a_class_is_its_own_target_only_where_rdf_schema_says_so() -> None:
    assert checks(":C a sh:NodeShape , rdfs:Class ; sh:class :D .") == []
    (remark,) = found(":C a sh:NodeShape , owl:Class ; sh:class :D .")
    assert remark.remark.check is Check.NEVER_REACHED
    assert "owl:Class is not enough" in remark.remark.text.en


def test_a_datatype_has_no_instances() -> None:
    assert checks(":S sh:targetClass xsd:date ; sh:nodeKind sh:Literal .") == [Check.NEVER_FIRES]


def test_a_shape_that_says_what_to_report_and_not_what_to_check() -> None:
    (remark,) = found(on('sh:message "Replace :p by :q"'))
    assert remark.remark.check is Check.NO_CONSTRAINT
    assert checks(on("sh:severity sh:Warning")) == [Check.NO_CONSTRAINT]
    assert checks(":S a sh:NodeShape ; sh:targetClass :C .") == [Check.NO_CONSTRAINT]


def test_a_shape_may_describe_or_allow_a_property() -> None:
    assert checks(on('sh:name "p" ; sh:order 1')) == []
    assert checks(':S sh:targetClass :C ; sh:closed true ; sh:property [ sh:path :p ; sh:message "?" ] .') == []
    assert checks(":C a sh:NodeShape , rdfs:Class .") == []


def test_what_is_switched_off_and_what_adds_to_another_file() -> None:
    assert checks(on("sh:minCount 1 ; sh:deactivated true")) == [Check.DEACTIVATED]
    assert checks(on("sh:minCount 1"), ':T sh:message "Bitte"@de .') == [Check.OVERLAY]
    assert (
        checks(":S sh:targetClass :C ; sh:property :T . :T sh:path :p ; sh:minCount 1 .", ':T sh:message "!" .') == []
    )


def test_circles_are_told_once() -> None:
    (remark,) = found(":S sh:targetClass :C ; sh:property :P .\n:P sh:path :p ; sh:node :S .")
    assert remark.remark.check is Check.RECURSION
    assert "https://example.org/P" in remark.remark.text.en
    assert checks(":S sh:targetClass :C ; sh:not :S .") == [Check.RECURSION]
    assert checks(":S sh:targetClass :C ; sh:not :S ; sh:and ( :T ) . :T sh:or ( :T :U ) . :U sh:class :D .") == [
        Check.RECURSION,
        Check.RECURSION,
    ]


def test_many_shapes_are_each_told() -> None:
    size = 1000
    many = "".join(f":S{n} a sh:NodeShape ; sh:class :C{n} .\n" for n in range(size))
    assert checks(many) == [Check.NEVER_REACHED] * size
