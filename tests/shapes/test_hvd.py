"""The profile of high-value datasets: silent on what does not declare itself, complete on what does."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache

import pytest
from pyoxigraph import NamedNode, Triple

from shapes.background import background
from shapes.finding import Finding, Severity
from shapes.profiles import Profile, from_file
from shapes.read import read
from tests.shapes.own_profiles import Pair, changed, check_documented, found, kept, property_shapes, triples, validated
from tests.shared import shared
from vocab.namespaces import DCAT, DCATAP, HVD_LEGISLATION

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix bna: <http://data.europa.eu/bna/> .
@prefix hvd: <http://data.europa.eu/eli/reg_impl/2023/138/> .
@prefix type: <http://publications.europa.eu/resource/authority/dataset-type/> .
@prefix licence: <http://publications.europa.eu/resource/authority/licence/> .
@prefix : <https://data.ville.fr/> .
"""

DECLARED = (
    PREFIXES
    + """
:units a dcat:Dataset ; dcatap:applicableLegislation hvd:oj ; dcatap:hvdCategory bna:c_9427236f ;
    dct:title "Communes"@fr , "Municipalities"@en ; dct:description "Leurs limites."@fr , "Their limits."@en ;
    dcat:contactPoint :desk ; dcat:distribution :file .
:desk a vcard:Organization ; vcard:fn "Géomatique" ; vcard:hasEmail <mailto:sig@ville.fr> .
:file a dcat:Distribution ; dcatap:applicableLegislation hvd:oj ; dct:license licence:ETALAB_2_0 ;
    dcat:accessURL <https://data.ville.fr/units.gpkg> .
:api a dcat:DataService ; dcat:servesDataset :units ;
    dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
    dcatap:hvdCategory <http://data.europa.eu/bna/c_6a3f6896> ; dcat:contactPoint :help ; dcat:endpointURL :api ;
    foaf:page :terms ; dct:license licence:CC0 .
:help a vcard:Kind ; vcard:hasURL <https://data.ville.fr/contact> .
:series a dcat:DatasetSeries ;
    dcatap:applicableLegislation hvd:oj ; dcatap:hvdCategory <http://data.europa.eu/bna/c_60182062> .
"""
)
ELI = f"<{HVD_LEGISLATION}>"
API = "(^dcat:servesDataset|(dcat:distribution/dcat:accessService))"
LAW = "dcatap:applicableLegislation"


def test_what_is_declared_and_complete_has_no_fault() -> None:
    assert found("hvd", DECLARED) == []


def test_every_shape_is_documented_in_both_languages() -> None:
    check_documented("hvd")


CASES: list[tuple[list[Pair], list[Pair]]] = [
    # changes to the declared catalogue, and all that is then found
    ([("bna:c_9427236f", "<http://data.europa.eu/bna/c_99999999>")], [("dcatap:hvdCategory", "Resource-hvdCategory")]),
    ([("bna:c_9427236f", '"Unités administratives"')], [("dcatap:hvdCategory", "Resource-hvdCategory")]),
    ([(" dcatap:hvdCategory bna:c_9427236f ;", "")], [("dcatap:hvdCategory", "Dataset-hvdCategory")]),
    ([("bna:c_9427236f", "bna:c_ac64a52d")], [("dcatap:hvdCategory", "Dataset-hvdCategory-granular")]),
    ([("bna:c_9427236f", "bna:c_b151a0ba")], [("dcatap:hvdCategory", "Dataset-hvdCategory-granular")]),
    ([("dcat:servesDataset :units", "dcat:servesDataset :others")], [(f"{API}", "Dataset-API")]),
    (
        [("dcat:servesDataset :units ;", ""), ("dcat:accessURL <", "dcat:accessService :old ; dcat:accessURL <")],
        [(f"({API}/{LAW})", "Dataset-API-declared")],
    ),
    ([("dcat:distribution :file", "dct:relation :file")], [("dcat:distribution", "Dataset-distribution")]),
    (
        [(":file a dcat:Distribution ; dcatap:applicableLegislation hvd:oj ;", ":file a dcat:Distribution ;")],
        [(f"(dcat:distribution/{LAW})", "Dataset-distribution-declared")],
    ),
    ([("dcat:contactPoint :desk ;", "")], [("dcat:contactPoint", "Dataset-contactPoint")]),
    ([("vcard:hasEmail <mailto:sig@ville.fr> ", "")], [("dcat:contactPoint", "Dataset-contactPoint-reachable")]),
    ([('"Communes"@fr , "Municipalities"@en', '"Communes"@fr')], [("dct:title", "Dataset-title-english")]),
    (
        [('"Leurs limites."@fr , "Their limits."@en', '"Leurs limites."@fr')],
        [("dct:description", "Dataset-description-english")],
    ),
    (
        [("dcat:accessURL <https://data.ville.fr/units.gpkg>", "dct:title 'x'@fr")],
        [("dcat:accessURL", "Distribution-accessURL")],
    ),
    ([("dct:license licence:ETALAB_2_0 ;", "")], [("(dct:license|dct:rights)", "Distribution-license")]),
    ([("licence:ETALAB_2_0", "licence:ODC_BL")], [("dct:license", "Distribution-license-open")]),
    ([("licence:ETALAB_2_0", '"libre"')], [("dct:license", "Distribution-license-open")]),
    (
        [(":file .", ":file , :preview .\n:preview a dcat:Distribution .")],
        [(f"{LAW}", "Distribution-applicableLegislation")],
    ),
    (
        [(f"{LAW} {ELI} ;\n    dcatap:hvdCategory <http://data.europa.eu/bna/c_6a3f6896>", f"{LAW} {ELI}")],
        [("dcatap:hvdCategory", "DataService-hvdCategory")],
    ),
    ([("bna/c_6a3f6896", "bna/c_ac64a52d")], [("dcatap:hvdCategory", "DataService-hvdCategory-granular")]),
    ([("dcat:contactPoint :help ;", "")], [("dcat:contactPoint", "DataService-contactPoint")]),
    (
        [("vcard:hasURL <https://data.ville.fr/contact>", "vcard:fn 'Aide'")],
        [("dcat:contactPoint", "DataService-contactPoint-reachable")],
    ),
    ([("dcat:endpointURL :api ;", "")], [("dcat:endpointURL", "DataService-endpointURL")]),
    ([("foaf:page :terms ;", "")], [("foaf:page", "DataService-page")]),
    ([("; dct:license licence:CC0", "")], [("(dct:license|dct:rights)", "DataService-license")]),
    ([("licence:CC0", "licence:CC_BYSA_4_0")], [("dct:license", "DataService-license-open")]),
    (
        [("hvd:oj ; dcatap:hvdCategory <http://data.europa.eu/bna/c_60182062>", "hvd:oj")],
        [("dcatap:hvdCategory", "DatasetSeries-hvdCategory")],
    ),
    ([("bna/c_60182062", "bna/c_dd313021")], [("dcatap:hvdCategory", "DatasetSeries-hvdCategory-granular")]),
]

UNDECLARED: list[tuple[str, list[Pair]]] = [
    (
        ":d a dcat:Dataset ; dcatap:applicableLegislation <https://data.europa.eu/eli/reg_impl/2023/138/oj> .",
        [(LAW, "Resource-applicableLegislation-spelling")],
    ),
    (
        ":d a dcat:Dataset ; dcatap:applicableLegislation 'Règlement (UE) 2023/138' .",
        [(LAW, "Resource-applicableLegislation-spelling")],
    ),
    (
        ":d a dcat:Dataset ; dcatap:hvdCategory bna:c_9427236f ; dct:title 'Parcelles cadastrales' .",
        [(LAW, "Undeclared-category")],
    ),
    (":s a dcat:DataService ; dcatap:hvdCategory bna:c_9427236f .", [(LAW, "Undeclared-category")]),
    (":d a dcat:Dataset ; dcat:keyword 'HVD'@fr .", [(f"{LAW}", "Undeclared-said")]),
    (":d a dcat:Dataset ; dcat:keyword 'données de forte valeur'@fr .", [(f"{LAW}", "Undeclared-said")]),
    (":d a dcat:Dataset ; dct:type type:HVD .", [(f"{LAW}", "Undeclared-said")]),
    (":d a dcat:Dataset ; dcat:theme bna:c_ac64a52d .", [(f"{LAW}", "Undeclared-said")]),
    (
        ":d a dcat:Dataset ; dcat:theme <http://inspire.ec.europa.eu/theme/ad> ; dct:title 'Base adresse locale' .",
        [(f"{LAW}", "Undeclared-theme")],
    ),
    (":d a dcat:Dataset ; dct:title 'Base adresse locale'@fr .", [(f"{LAW}", "Undeclared-title")]),
    (":d a dcat:Dataset ; dct:title 'Qualité de l’air'@fr .", [(f"{LAW}", "Undeclared-title")]),
]


def shapes(expected: list[Pair]) -> str:
    return "+".join(shape for _, shape in expected)


@pytest.mark.parametrize(("changes", "expected"), CASES, ids=[shapes(e) for _, e in CASES])
def test_each_fault_of_a_declared_resource_is_found_once(changes: list[Pair], expected: list[Pair]) -> None:
    old = ":old dcatap:applicableLegislation <https://inspire.example/law> ."
    assert found("hvd", changed(DECLARED, *changes) + old) == expected


@pytest.mark.parametrize(("text", "expected"), UNDECLARED, ids=[shapes(e) for _, e in UNDECLARED])
def test_what_looks_high_value_gets_one_remark(text: str, expected: list[Pair]) -> None:
    assert found("hvd", PREFIXES + text) == expected


def test_every_shape_has_a_case_above() -> None:
    tried = {shape for _, expected in (*CASES, *UNDECLARED) for _, shape in expected}
    assert tried == set(property_shapes("hvd"))


@pytest.mark.parametrize(
    "text",
    [
        ":d a dcat:Dataset ; dct:title 'Arbres'@fr .",
        ":d a dcat:Dataset ; dcatap:applicableLegislation <http://data.europa.eu/eli/dir/2007/2/oj> .",
        ":d a dcat:Dataset ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2023/1384/oj> .",
        ":d a dcat:Dataset ; dct:title 'Budget primitif 2025'@fr ; dcat:keyword 'valeur'@fr .",
        ":d a dcat:Dataset ; dcat:theme <http://inspire.ec.europa.eu/theme/us> .",
        ":f a dcat:Distribution ; dct:title 'Cadastre' . :d a dcat:Dataset ; dcat:distribution :f .",
        ":c a dcat:Catalog ; dcatap:applicableLegislation hvd:oj .",
    ],
)
def test_what_is_not_declared_and_does_not_look_so_is_left_alone(text: str) -> None:
    assert found("hvd", PREFIXES + text) == []


def test_a_theme_beside_its_own_granular_category_is_no_fault() -> None:
    assert found("hvd", changed(DECLARED, ("bna:c_9427236f", "bna:c_9427236f , bna:c_ac64a52d"))) == []


@pytest.mark.parametrize(
    "licence",
    [
        "licence:CC_BY_4_0",
        "<https://creativecommons.org/licenses/by/4.0/>",
        "<http://creativecommons.org/publicdomain/zero/1.0/deed.fr>",
        "<https://www.etalab.gouv.fr/licence-ouverte-open-licence>",
        ":own . :own skos:closeMatch licence:CC_BY_4_0",
    ],
)
def test_open_licences_are_known_by_their_iri_or_their_like(licence: str) -> None:
    assert found("hvd", changed(DECLARED, ("licence:CC0 ", f"{licence} "))) == []


@pytest.mark.parametrize(
    "licence", ["<https://creativecommons.org/licenses/by-nc/4.0/>", "<http://opendatacommons.org/licenses/odbl/>"]
)
def test_licences_that_demand_more_are_told(licence: str) -> None:
    assert [s for _, s in found("hvd", changed(DECLARED, ("licence:CC0 ", f"{licence} ")))] == [
        "DataService-license-open"
    ]


def test_suggestions_weigh_less_than_faults() -> None:
    data = triples(PREFIXES + ":d a dcat:Dataset ; dct:title 'Base adresse locale'@fr .")
    assert [f.severity for f in validated("hvd", data)] == [Severity.INFO]


# ---- beside the official files, on the generated catalogue


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Triple, ...]:
    file = tmp_path_factory.mktemp("generated") / "catalogue.nt"
    subprocess.run(
        [sys.executable, str(shared("tools/catalogue.py")), "100", str(file)], check=True, capture_output=True
    )
    return read(str(file)).triples


def declared(data: tuple[Triple, ...]) -> set[str]:
    law = NamedNode(HVD_LEGISLATION)
    return {str(t.subject) for t in data if t.predicate == DCATAP.applicableLegislation and t.object == law}


@cache
def official_profile(folder: str) -> Profile:
    return from_file(str(shared(f"data/shapes/SEMICeu__DCAT-AP/{folder}/html/hvd-SHACL-full.ttl")))


def official(data: tuple[Triple, ...], folder: str) -> list[Finding]:
    return kept("pyshacl").validate(data, [official_profile(folder)], list(background(data)))


@cache
def official_on_declared() -> set[Pair]:
    return {(f.focus, f.shape) for f in official(triples(DECLARED), "3.0.0-hvd")}


LEFT_TO_DCAT_AP_3 = {"ClassConstraintComponent", "NodeKindConstraintComponent", "MaxCountConstraintComponent"}


@pytest.mark.parametrize("folder", ["3.0.0-hvd", "2.2.0-hvd"])
def test_on_declared_resources_the_official_files_find_only_what_dcat_ap_3_finds(
    generated: tuple[Triple, ...], folder: str
) -> None:
    """More than nine in ten official results are about resources that declare nothing."""
    found = official(generated, folder)
    scope = declared(generated)
    inside = [f for f in found if f.focus in scope]
    assert len(scope) == 40
    assert len(inside) * 10 < len(found)
    assert {f.component.rsplit("#", 1)[-1] for f in inside} <= LEFT_TO_DCAT_AP_3
    assert {f.path for f in inside} == {DCAT.accessURL.value}


def test_on_the_generated_catalogue_only_declared_resources_have_faults(generated: tuple[Triple, ...]) -> None:
    found = validated("hvd", generated)
    weighty = [f for f in found if f.severity != Severity.INFO]
    assert {f.focus for f in weighty} <= declared(generated)
    assert Counter(f.shape.rsplit("#", 1)[-1] for f in weighty) == {
        "Dataset-API-declared": 10,
        "Dataset-hvdCategory-granular": 10,
        "Distribution-license-open": 15,
    }


@pytest.mark.parametrize(("changes", "expected"), CASES, ids=[shapes(e) for _, e in CASES])
def test_what_the_official_file_finds_missing_ours_finds_missing(changes: list[Pair], expected: list[Pair]) -> None:
    """The same change to the declared catalogue: a resource that newly fails there fails here, or in dcat-ap-3."""
    data = triples(changed(DECLARED, *changes))
    scope = declared(data)
    before = official_on_declared()
    theirs = {
        f.focus
        for f in official(data, "3.0.0-hvd")
        if (f.focus, f.shape) not in before and f.component.rsplit("#", 1)[-1] not in LEFT_TO_DCAT_AP_3
    }
    assert {f for f in theirs if f in scope} <= {f.focus for f in validated("hvd", data)}
