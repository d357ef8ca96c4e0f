import pytest

from shapes.engine import engine
from shapes.lint import Check, Found, lint
from shapes.lint.sheets import sheets
from shapes.profiles import from_file
from shapes.read import SUFFIXES, read
from tests.shapes.lint.cases import checks, on
from tests.shared import shared
from vocab.errors import InputInvalid


@pytest.mark.parametrize(
    "constraint",
    [
        'sh:minCount "1"',
        "sh:minCount 1 , 2",
        "sh:maxCount 1.0",
        "sh:datatype xsd:date , xsd:dateTime",
        'sh:class "C"',
        'sh:pattern "a"@en',
        'sh:pattern "a" ; sh:flags "g"',
        'sh:minLength 1 ; sh:deactivated "no"',
        'sh:uniqueLang "yes"',
        'sh:minCount 1 ; sh:severity "Warning"',
        "sh:minCount 1 ; sh:message 3",
        "sh:in :a",
        "sh:in [ rdf:first :a ]",
        'sh:or ( "a" )',
        'sh:languageIn ( "fr"@fr )',
        "sh:minCount 1 ; a sh:NodeShape",
    ],
)
def test_what_a_value_must_be(constraint: str) -> None:
    assert Check.ILL_FORMED in checks(on(constraint))


@pytest.mark.parametrize(
    "shape",
    [
        ":S sh:targetClass :C ; sh:minCount 1 .",
        ":S sh:targetClass :C ; sh:uniqueLang true .",
        ":S a sh:PropertyShape ; sh:targetClass :C ; sh:class :D .",
        ":S sh:targetClass :C ; sh:node [ sh:path :p ; sh:minCount 1 ] .",
        ':S sh:targetClass "C" ; sh:class :D .',
        ":S sh:targetNode [ ] ; sh:class :D .",
    ],
)
def test_node_shapes_and_property_shapes(shape: str) -> None:
    assert Check.ILL_FORMED in checks(shape)


@pytest.mark.parametrize(
    "constraint", ['sh:pattern "["', 'sh:pattern "(?<!a)b" ; sh:flags "z"', "sh:nodeKind :Iri", "sh:path [ :p :q ]"]
)
def test_what_the_engine_cannot_use_is_a_remark(constraint: str) -> None:
    told = checks(on(constraint))
    assert Check.NOT_USABLE in told or Check.ILL_FORMED in told


def test_well_formed_shapes_have_no_remark() -> None:
    assert (
        checks(
            on(
                'sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^a" ; sh:flags "i" ; '
                'sh:minLength 1 ; sh:in ( "a" "ab" ) ; sh:message "no"@en , "non"@fr ; sh:severity sh:Warning ; '
                'sh:order 1 ; sh:name "p"'
            )
        )
        == []
    )


JUDGE = "data/w3c/w3c__data-shapes/shacl/shacl-shacl.ttl"
FORM = {Check.ILL_FORMED, Check.NOT_USABLE, Check.DANGLING}
KNOWN = {"path-strange-002.ttl"}
"""A path that is a list and an inverse path at once: the rules refuse it, and the test suite demands its results."""


def about(remarks: list[Found]) -> set[str]:
    return {str(term) for one in remarks if one.remark.check in FORM for term in (one.remark.node, one.remark.value)}


def test_every_shape_that_the_shapes_of_shacl_refuse_has_a_remark() -> None:
    """The judge: the W3C's shapes for shapes, over every file of shapes there is."""
    judge, engine_ = from_file(str(shared(JUDGE))), engine()
    refused = 0
    for folder in ("data/shapes", "data/w3c/w3c__data-shapes"):
        for path in sorted(shared(folder).rglob("*")):
            is_rdf = path.is_file() and path.suffix.lstrip(".").lower() in SUFFIXES
            if not is_rdf or path.name in KNOWN or b"ns/shacl#" not in path.read_bytes():
                continue
            try:
                triples = read(str(path), blank="f0x").triples
            except InputInvalid:
                continue  # half a dozen published files are no RDF
            against = {finding.focus for finding in engine_.validate(triples, [judge])}
            refused += len(against)
            assert not against or against <= about(lint(sheets([str(path)]))), path
    assert refused > 200
