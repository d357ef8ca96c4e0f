"""The three profiles of DCAT-AP 3: they find what the official files find, and nothing in a correct catalogue."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding
from shapes.profiles import DEFAULTS, from_file, profile
from shapes.read import read
from shapes.shapes_graph import ShapesGraph, path_in_words
from tests.shapes.catalogues import CORRECT, WRONG, changed, findings, triples
from tests.shapes.own_profiles import check_documented, property_shapes
from tests.shared import shared
from vocab.namespaces import RDF, SH, XSD

OFFICIAL = "data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl"
SHAPES = "https://w3id.org/garonne/shapes/"


def local(finding: Finding) -> str:
    """The local name of a finding's shape."""
    return finding.shape.rsplit("#", 1)[-1]


def test_a_correct_catalogue_has_no_fault() -> None:
    assert [f.messages.en for f in findings(triples(CORRECT))] == []


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_property_shape_is_documented(name: str) -> None:
    check_documented(name)


def test_no_property_shape_of_one_has_the_name_of_one_of_another() -> None:
    names = [shape for name in DEFAULTS for shape in property_shapes(name)]
    assert len(names) == len(set(names)) > 180


MUTATIONS: list[tuple[str, str, str, str]] = [
    # old, new, path, shape
    ('dct:title "Arbres d’alignement"@fr ;', "", "dct:title", "Dataset-title"),
    ('dct:title "Arbres d’alignement"@fr ;', "dct:title <https://x.org/t> ;", "dct:title", "Dataset-title"),
    ('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "2021-02-30"^^xsd:date', "dct:issued", "Dataset-issued"),
    ('"2026-10-01"^^xsd:date', '"hier"', "dct:modified", "Dataset-modified"),
    ('"2025-01-01"^^xsd:date', '"01/01/2025"', "dcat:startDate", "PeriodOfTime-startDate"),
    ('dct:modified "2026-11-02"^^xsd:date', 'dct:modified "2"', "dct:modified", "CatalogRecord-modified"),
    ("frequency/ANNUAL", "frequency/YEARLY", "dct:accrualPeriodicity", "Dataset-accrualPeriodicity-vocabulary"),
    ("<http://publications.europa.eu/resource/authority/language/FRA>", '"fr"', "dct:language", "Catalog-language"),
    ("file-type/CSV", "file-type/CVS", "dct:format", "Distribution-format-vocabulary"),
    ("text/csv> ;", "text> ;", "dcat:mediaType", "Distribution-mediaType-vocabulary"),
    (
        "http://publications.europa.eu/resource/authority/distribution-status/COMPLETED",
        "http://purl.org/adms/status/Completed",
        "adms:status",
        "Distribution-status-vocabulary",
    ),
    (
        "planned-availability/STABLE",
        "planned-availability/OFTEN",
        "dcatap:availability",
        "Distribution-availability-vocabulary",
    ),
    ('"012"^^xsd:nonNegativeInteger', "12", "dcat:byteSize", "Distribution-byteSize"),
    ("spdx:algorithm spdx:checksumAlgorithm_sha256", 'spdx:algorithm "sha256"', "spdx:algorithm", "Checksum-algorithm"),
    ('spdx:checksumValue "0a0b"', 'spdx:checksumValue "0a0"', "spdx:checksumValue", "Checksum-checksumValue"),
    ('foaf:name "Ville d’Exemple"@fr ;', "", "foaf:name", "Agent-name"),
    ("publishertype/LocalAuthority", "publishertype/Town", "dct:type", "Agent-type"),
    ('dcat:keyword "arbre"@fr ;\n    dcat:theme', "dcat:theme", "dcat:keyword", "Dataset-keyword-recommended"),
    ("data-theme/ENVI> , :greenery", "data-theme> , :greenery", "dcat:theme", "Dataset-theme-vocabulary"),
    ("dct:spatial :extent ;", "dct:spatial :nowhere ; :x :extent ;", "dct:spatial", "Dataset-spatial-vocabulary"),
    ("access-right/PUBLIC>", "access-right/OPEN>", "dct:accessRights", "Dataset-accessRights-vocabulary"),
    (
        'dct:identifier "trees"',
        'dct:identifier "trees" ; <http://www.w3.org/2002/07/owl#versionInfo> "2"',
        "owl:versionInfo",
        "Dataset-versionInfo-deprecated",
    ),
    ("<mailto:vert@example.org>", '"vert@example.org"', "vcard:hasEmail", "Kind-hasEmail"),
]

LIGHT = {
    "Dataset-keyword-recommended",
    "Dataset-theme-vocabulary",
    "Dataset-spatial-vocabulary",
    "Dataset-accessRights-vocabulary",
    "Dataset-versionInfo-deprecated",
}
"""What gives a warning."""


@pytest.mark.parametrize(("old", "new", "path", "shape"), MUTATIONS)
def test_each_fault_is_found_once_and_where_it_is(old: str, new: str, path: str, shape: str) -> None:
    severity = "warning" if shape.startswith("Kind") or shape in LIGHT else "violation"
    found = findings(changed((old, new)))
    here = [f for f in found if local(f) == shape]
    assert [(path_in_words(f.path).rstrip("?"), f.severity) for f in here] == [(path, severity)]
    assert f"({path})" in here[0].messages.fr
    assert here[0].repair.fr
    assert here[0].repair.en


def test_a_place_without_geometry_is_worth_a_remark() -> None:
    found = findings(changed(('dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))"^^geo:wktLiteral', 'dct:title "x"')))
    assert [local(f) for f in found] == ["Location-extent", "Dataset-spatial-vocabulary"]


def test_a_text_where_a_term_is_expected_is_one_fault() -> None:
    found = findings(changed(("<http://publications.europa.eu/resource/authority/file-type/CSV>", '"csv"')))
    assert [local(f) for f in found] == ["Distribution-format"]


@pytest.mark.parametrize(
    "iri",
    [
        "http://spdx.org/rdf/terms#checksumAlgorithm_md5",
        "https://spdx.org/rdf/terms/#d4e2129",
    ],
)
def test_real_spdx_iris_are_no_fault(iri: str) -> None:
    assert findings(changed(("spdx:algorithm spdx:checksumAlgorithm_sha256", f"spdx:algorithm <{iri}>"))) == []


def official_cases() -> list[tuple[NamedNode, NamedNode]]:
    """Every (class, property) that the official base and range files constrain."""
    shapes = ShapesGraph(
        t for name in ("shapes.ttl", "range.ttl") for t in from_file(str(shared(OFFICIAL) / name)).triples
    )
    return sorted(
        {
            (target, path)
            for shape in shapes.subjects()
            for target in shapes.values(shape, SH.targetClass)
            for one in shapes.values(shape, SH.property)
            for path in shapes.values(one, SH.path)
            if isinstance(target, NamedNode) and isinstance(path, NamedNode)
        },
        key=str,
    )


VALUES = WRONG | {"integer": [Literal("1", datatype=XSD.integer)]}


def test_it_finds_all_that_the_official_base_and_range_files_find() -> None:
    data = []
    for index, (target, path) in enumerate(official_cases()):
        for name, values in VALUES.items():
            node = NamedNode(f"https://x.example/{index}/{name.replace(' ', '-')}")
            data += [Triple(node, RDF.type, target), *(Triple(node, path, value) for value in values)]
    official = [from_file(str(shared(OFFICIAL) / name)) for name in ("shapes.ttl", "range.ttl")]
    known = list(background(data))
    engines = engine()
    theirs = {(f.focus, f.path, f.severity) for f in engines.validate(data, official, known)}
    ours = {(f.focus, f.path, f.severity) for f in engines.validate(data, [profile(name) for name in DEFAULTS], known)}
    assert len(theirs) > 2000
    assert theirs - ours == set()


Defective = tuple[list[Finding], dict[str, str]]


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory) -> Defective:
    """The findings on one thing of each kind of defect that the generator injects, and where each is."""
    file = tmp_path_factory.mktemp("generated") / "catalogue.nt"
    program = str(shared("tools/catalogue.py"))
    subprocess.run([sys.executable, program, "2400", str(file)], check=True, capture_output=True)
    chosen: dict[str, str] = {}
    for kind, iri in json.loads(file.with_name("catalogue.nt.defects.json").read_text()):
        if int(iri.split("/dataset/")[1].split("/")[0]) % 4 == 0:  # only these have a spatial resolution to spoil
            chosen.setdefault(kind, iri)
    roots = {iri.split("/dist/")[0] for iri in chosen.values()}
    data = read(str(file)).triples
    own = {t.subject for t in data if isinstance(t.subject, NamedNode) and t.subject.value.split("/dist/")[0] in roots}
    for _ in range(2):
        own |= {t.object for t in data if t.subject in own and isinstance(t.object, NamedNode | BlankNode)}
    return findings(tuple(t for t in data if t.subject in own)), chosen


def test_it_finds_every_kind_of_defect_that_the_generator_injects(defective: Defective) -> None:
    found, chosen = defective
    assert len(chosen) == 36
    places = {f.focus[1:-1] for f in found} | {f.dataset for f in found if f.focus.startswith("_:")}
    for kind, iri in chosen.items():
        assert (iri.split("/dist/")[0] if kind == "di_csum_noalg" else iri) in places, kind


def test_it_takes_no_expectation_that_a_city_cannot_meet_for_a_fault(defective: Defective) -> None:
    """The four systematic causes of the official files: SPDX IRIs, the old statuses, IANA types, EU publishers."""
    values = [f.value for f in defective[0] if f.value and f.value.startswith("<")]
    assert values
    assert not [v for v in values if "spdx" in v or "distribution-status" in v or "media-types" in v or "/org/" in v]
