"""The lint over the published shapes: each defect that is known is found, and well-formed files have none."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest

from shapes.engine import engine
from shapes.finding import Severity
from shapes.lint import MOST, SEVERITIES, TITLES, Check, lint
from shapes.lint.sheets import sheets
from shapes.profiles import Profile, from_file, names, profile
from shapes.read import parsed
from tests.shapes.lint.cases import HEAD, checks, found, on
from tests.shared import shared
from vocab.errors import InputInvalid
from vocab.text import Text

KNOWN: dict[str, dict[Check, int]] = {
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/shapes.ttl": {Check.UNKNOWN_TERM: 5, Check.NO_CONSTRAINT: 2},
    "SEMICeu__DCAT-AP/3.0.0/html/shacl/shapes.ttl": {Check.UNKNOWN_TERM: 5, Check.NO_CONSTRAINT: 2},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/range.ttl": {},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/deprecateduris.ttl": {Check.NO_CONSTRAINT: 6, Check.NOT_LOADED: 1},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/mdr-vocabularies.shape.ttl": {Check.CONTRADICTION: 1},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/shapes_recommended.ttl": {Check.NEVER_REACHED: 2},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/imports.ttl": {Check.NOT_LOADED: 10},
    "SEMICeu__DCAT-AP/3.0.1/html/shacl/mdr_imports.ttl": {Check.NOT_LOADED: 13},
    "SEMICeu__DCAT-AP/3.0.1/shacl/dcat-ap-SHACL.ttl": {Check.DANGLING: 2},
    "SEMICeu__DCAT-AP/3.0.1/shacl/ranges.ttl": {Check.DANGLING: 206, Check.NEVER_FIRES: 2},
    "SEMICeu__DCAT-AP/3.0.0-hvd/html/hvd-SHACL-base.ttl": {
        Check.OTHER_NAMESPACE: 42,
        Check.DANGLING: 1,
        Check.NEVER_FIRES: 1,
    },
    "SEMICeu__DCAT-AP/3.0.0-hvd/html/hvd-SHACL-usagenotes.ttl": {
        Check.OTHER_NAMESPACE: 13,
        Check.NEVER_REACHED: 1,
        Check.NOT_LOADED: 1,
    },
}
"""What the lint says of published files of the European shapes, in full."""

NO_TERMS = {
    "Informasjonsforvaltning__dcat-ap-no/shacl/DCAT-AP-NO-shacl_shapes_2.00.ttl": {
        "sh:MinCount": 2,
        "sh:targetSubjectOf": 2,
        "sh:targetSUbjectOf": 1,
    },
    "SEMICeu__DCAT-AP/2.0.1/dcat-ap_2.0.1_shacl_shapes.ttl": {"sh:shape": 5, "sh:dateTime": 1},
    "SEMICeu__uri.semic.eu-generated/doc/application-profile/mldcat-ap/shacl/mldcat-ap-SHACL.ttl": {"sh:nodekind": 180},
    "datosgobes__DCAT-AP-ES/shacl/1.0.0/shacl_distribution_shape.ttl": {"sh:none": 1},
    "mobilityDCAT-AP__validation/shacl/mobilitydcat-ap-shacl.ttl": {"sh:deactivatedProperty": 1},
    "opendata-swiss__ogdch_checker/ogdch.shacl.ttl": {"sh:nodeShape": 1},
}
"""Terms of SHACL that are none in national files, and at how many shapes."""


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_wrong_with_the_european_shapes(name: str) -> None:
    remarks = lint(sheets([str(shared(f"data/shapes/{name}"))]))
    assert Counter(one.remark.check for one in remarks) == KNOWN[name]
    assert all(one.line for one in remarks)


@pytest.mark.parametrize("name", NO_TERMS)
def test_terms_that_are_none_in_national_shapes(name: str) -> None:
    remarks = lint(sheets([str(shared(f"data/shapes/{name}"))]))
    told = [one.remark.text.en.split()[0] for one in remarks if one.remark.check is Check.UNKNOWN_TERM]
    assert Counter(told) == NO_TERMS[name]


def test_our_own_profiles_have_no_remark() -> None:
    """Together: they share the shapes of controlled lists."""
    places = sorted(str(file) for name in names() for file in profile(name).files)
    assert [(one.file, one.line, one.remark.text.en) for one in lint(sheets(places))] == []


def test_well_formed_files_have_none() -> None:
    """The shapes of the W3C's test suite, less those that are there to be refused or switched off."""
    told = Counter[Check]()
    for path in sorted(shared("data/w3c/w3c__data-shapes/data-shapes-test-suite/tests/core").rglob("*.ttl")):
        if b"ns/shacl#" in path.read_bytes():
            told.update(one.remark.check for one in lint(sheets([str(path)])))
    assert told == {
        Check.CONTRADICTION: 1,  # qualified-001-shapes: at least 5 and at most 2
        Check.ILL_FORMED: 3,  # the same, on a node shape
        Check.UNKNOWN_TERM: 1,  # qualifiedValueShape-001: sh:nodeShape, in its data
        Check.DEACTIVATED: 1,
    }


def test_two_files_that_describe_one_shape() -> None:
    first = ":S sh:targetClass :C ; sh:property :P . :P sh:path :p ; sh:minCount 1 ."
    assert checks(first, ":P sh:path :p ; sh:minCount 1 .") == []
    (remark,) = found(first, ":P sh:path :p ; sh:minCount 1 ; sh:maxCount 1 .")
    assert remark.remark.check is Check.DEFINED_TWICE
    assert "0.ttl and 1.ttl" in remark.remark.text.en
    assert checks(first, ':P sh:message "give one" ; sh:severity sh:Warning .') == []


def test_every_check_has_a_weight_and_a_title() -> None:
    assert set(SEVERITIES) == set(TITLES) == set(Check)
    assert SEVERITIES[Check.NOT_LOADED] is Severity.INFO


# ── what a validation says of its shapes ─────────────────────────────────────────────────────────────────────────────


def notes(shapes: str) -> list[str]:
    judge = engine()
    triples = parsed((HEAD + shapes).encode(), name="s.ttl", suffix=".ttl").triples
    given = Profile("s", Text("s", "s"), ())
    given.__dict__["triples"] = triples
    data = parsed(b"<a:a> a <https://example.org/C> .", name="d.ttl", suffix=".ttl").triples
    judge.validate(data, [given])
    return [note.en for note in judge.notes]


def test_a_validation_tells_what_it_does_not_do() -> None:
    told = notes(on("sh:minCount 1 ; sh:MinCount 2") + " :S sh:property :Q .")
    assert len(told) == 2
    assert told[0].startswith("https://example.org/S, https://example.org/p: sh:MinCount is no term of SHACL")
    assert "refers to the shape <https://example.org/Q>, which is described nowhere" in told[1]


def test_a_validation_tells_few_of_each_kind() -> None:
    many = " ".join(f":S sh:property :Q{n} ." for n in range(200))
    told = notes(on("sh:minCount 1") + many)
    assert len(told) == MOST + 1
    assert told[-1].startswith("Reference to a shape that is not there: 197 more; `garonne shapes lint` names them all")


def test_a_validation_says_nothing_of_what_it_does_do() -> None:
    assert notes(on("sh:minCount 2 ; sh:maxCount 1 ; sh:deactivated false")) == []


@pytest.mark.parametrize("name", names())
def test_our_own_profiles_have_no_note(name: str) -> None:
    judge = engine()
    judge.validate((), [profile(name)])
    assert judge.notes == ()


# ── hostile files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_shapes_nested_too_deeply_are_refused_with_a_sentence() -> None:
    chain = "".join(f":S{n} a sh:NodeShape ; sh:node :S{n + 1} .\n" for n in range(3000))
    deep = f"{chain}:S0 sh:targetClass :C . :S3000 sh:class :D ."
    with pytest.raises(InputInvalid, match="nested too deeply"):
        found(deep)
    with pytest.raises(InputInvalid, match="nested too deeply"):
        notes(deep)


@pytest.mark.parametrize("depth", [20, 60, 120, 180, 240])
def test_a_chain_of_shapes_is_followed_or_refused(depth: int) -> None:
    chain = "".join(f":S{n} sh:node :S{n - 1} .\n" for n in range(1, depth))
    shapes = f":S0 sh:class :D . {chain} :S{depth - 1} sh:targetNode <a:a> ."
    if depth <= 60:
        assert notes(shapes) == []
    else:
        with suppress(InputInvalid):
            assert notes(shapes) == []


def test_a_published_file_still_validates_and_says_what_it_left_out() -> None:
    judge = engine()
    place = str(shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/shacl/ranges.ttl"))
    data = parsed(
        b"<a:a> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/publisher> <a:p> .",
        name="d.ttl",
        suffix=".ttl",
    ).triples
    assert judge.validate(data, [from_file(place)])
    assert "203 more" in " ".join(note.en for note in judge.notes)
