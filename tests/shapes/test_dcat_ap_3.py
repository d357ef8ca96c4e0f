"""The profile itself: finds at least what the official file finds, and nothing in a correct catalogue."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding
from shapes.profiles import from_file, profile
from shapes.read import read
from shapes.shapes_graph import ShapesGraph, path_in_words
from tests.shapes.catalogues import CORRECT, changed, findings, triples
from tests.shared import shared
from vocab.namespaces import RDF, RDFS, SH, XSD

OFFICIAL = "data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl"
SHAPES = "https://w3id.org/garonne/shapes/dcat-ap-3#"


def test_a_correct_catalogue_has_no_fault() -> None:
    assert [f.messages.en for f in findings(triples(CORRECT))] == []


def graph() -> ShapesGraph:
    return ShapesGraph(profile("dcat-ap-3").triples)


def test_every_property_shape_has_an_iri_names_sentences_and_a_repair_in_both_languages() -> None:
    shapes = graph()
    found = [s for s in shapes.subjects() if SH.PropertyShape in shapes.values(s, RDF.type)]
    assert len(found) > 150
    for shape in found:
        assert isinstance(shape, NamedNode)
        assert shape.value.startswith(SHAPES)
        for predicate in (SH.name, SH.message, RDFS.comment):
            languages = sorted(v.language or "" for v in shapes.values(shape, predicate) if isinstance(v, Literal))
            assert languages == ["en", "fr"], f"{shape.value} {predicate.value}"
        assert len(shapes.values(shape, SH.severity)) == 1
        path = shapes.value(shape, SH.path)
        if isinstance(path, NamedNode):
            assert f"({path_in_words(path.value)})" in shapes.message(shape).fr
            assert f"({path_in_words(path.value)})" in shapes.message(shape).en


def test_every_shape_is_attached_and_none_dangles() -> None:
    shapes = graph()
    attached = shapes.objects(SH.property)
    for shape in shapes.subjects():
        if SH.PropertyShape in shapes.values(shape, RDF.type):
            assert shape in attached, f"{shape} is in no node shape"
    assert shapes.dangling() == []


MUTATIONS: list[tuple[str, str, str, str]] = [
    # old, new, path, shape; what is recommended, preferred or outdated is a warning, the rest a violation
    ('dct:title "Arbres d’alignement"@fr ;', "", "dct:title", "Dataset-title"),
    ('dct:title "Arbres d’alignement"@fr ;', "dct:title <https://x.org/t> ;", "dct:title", "Dataset-title"),
    ('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "2021-02-30"^^xsd:date', "dct:issued", "Dataset-issued"),
    ('"2026-10-01"^^xsd:date', '"hier"', "dct:modified", "Dataset-modified"),
    ('"2025-01-01"^^xsd:date', '"01/01/2025"', "dcat:startDate", "PeriodOfTime-startDate"),
    ('dct:modified "2026-11-02"^^xsd:date', 'dct:modified "2"', "dct:modified", "CatalogRecord-modified"),
    ("frequency/ANNUAL", "frequency/YEARLY", "dct:accrualPeriodicity", "Dataset-accrualPeriodicity"),
    ("<http://publications.europa.eu/resource/authority/language/FRA>", '"fr"', "dct:language", "Catalog-language"),
    ("file-type/CSV", "file-type/CVS", "dct:format", "Distribution-format"),
    ("text/csv> ;", "text> ;", "dcat:mediaType", "Distribution-mediaType"),
    (
        "http://publications.europa.eu/resource/authority/distribution-status/COMPLETED",
        "http://purl.org/adms/status/Completed",
        "adms:status",
        "Distribution-status",
    ),
    ("planned-availability/STABLE", "planned-availability/OFTEN", "dcatap:availability", "Distribution-availability"),
    ('"012"^^xsd:nonNegativeInteger', "12", "dcat:byteSize", "Distribution-byteSize"),
    ("spdx:algorithm spdx:checksumAlgorithm_sha256", 'spdx:algorithm "sha256"', "spdx:algorithm", "Checksum-algorithm"),
    ('spdx:checksumValue "0a0b"', 'spdx:checksumValue "0a0"', "spdx:checksumValue", "Checksum-checksumValue"),
    ('foaf:name "Ville d’Exemple"@fr ;', "", "foaf:name", "Agent-name"),
    ("publishertype/LocalAuthority", "publishertype/Town", "dct:type", "Agent-type"),
    ('dcat:keyword "arbre"@fr ;\n    dcat:theme', "dcat:theme", "dcat:keyword", "Dataset-keyword-recommended"),
    ("data-theme/ENVI> , :greenery", "data-theme> , :greenery", "dcat:theme", "Dataset-theme-recommended"),
    ("dct:spatial :extent ;", "dct:spatial :nowhere ; :x :extent ;", "dct:spatial", "Dataset-spatial-recommended"),
    ("access-right/PUBLIC>", "access-right/OPEN>", "dct:accessRights", "Dataset-accessRights-vocabulary"),
    (
        'dct:identifier "trees"',
        'dct:identifier "trees" ; <http://www.w3.org/2002/07/owl#versionInfo> "2"',
        "owl:versionInfo",
        "Dataset-versionInfo-deprecated",
    ),
    ("<mailto:vert@example.org>", '"vert@example.org"', "vcard:hasEmail", "Kind-hasEmail"),
]


@pytest.mark.parametrize(("old", "new", "path", "shape"), MUTATIONS)
def test_each_fault_is_found_once_and_where_it_is(old: str, new: str, path: str, shape: str) -> None:
    severity = "warning" if shape.startswith("Kind") or shape.count("-") > 1 else "violation"
    found = findings(changed((old, new)))
    here = [f for f in found if f.shape == SHAPES + shape]
    assert [(path_in_words(f.path), f.severity) for f in here] == [(path, severity)]
    assert f"({path})" in here[0].messages.fr
    assert here[0].repair.fr
    assert here[0].repair.en


def test_a_place_without_geometry_is_worth_a_remark() -> None:
    found = findings(changed(('dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))"^^geo:wktLiteral', 'dct:title "x"')))
    assert [f.shape.removeprefix(SHAPES) for f in found] == ["Location-extent", "Dataset-spatial-recommended"]


def test_a_text_where_a_term_is_expected_is_one_fault() -> None:
    found = findings(changed(("<http://publications.europa.eu/resource/authority/file-type/CSV>", '"csv"')))
    assert [f.shape.removeprefix(SHAPES) for f in found] == ["Distribution-format"]


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


VALUES: dict[str, list[NamedNode | BlankNode | Literal]] = {
    "none": [],
    "text": [Literal("hier", language="fr")],
    "untyped": [NamedNode("https://x.example/untyped")],
    "two": [NamedNode("https://x.example/a"), NamedNode("https://x.example/b")],
    "two texts": [Literal("a"), Literal("b")],
    "blank": [BlankNode("z")],
    "no such day": [Literal("2021-02-30", datatype=XSD.date)],
    "integer": [Literal("1", datatype=XSD.integer)],
}


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
    ours = {(f.focus, f.path, f.severity) for f in engines.validate(data, [profile("dcat-ap-3")], known)}
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
