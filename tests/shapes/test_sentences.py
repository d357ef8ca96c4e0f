"""Sentences for shapes that carry none, as the official ones do."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from pyoxigraph import NamedNode

from shapes.finding import Finding
from shapes.profiles import from_file
from shapes.read import parsed
from shapes.sentences import expectation, property_names
from shapes.shapes_graph import ShapesGraph, path_in_words
from tests.shapes.catalogues import changed, triples
from tests.shared import shared

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix : <https://x.example/> .
"""
TITLE = "http://purl.org/dc/terms/title"
CASES = [
    ("sh:minCount 1", "MinCount", "au moins une valeur est attendue.", "at least one value is expected."),
    ("sh:minCount 3", "MinCount", "au moins 3 valeurs sont attendues.", "at least 3 values are expected."),
    ("sh:maxCount 1", "MaxCount", "une seule valeur est admise.", "only one value is allowed."),
    (
        "sh:maxCount 0",
        "MaxCount",
        "cette propriété ne doit pas être employée ici.",
        "this property must not be used here.",
    ),
    ("sh:nodeKind sh:IRI", "NodeKind", "un IRI est attendu.", "an IRI is expected."),
    (
        "sh:class dcat:Dataset",
        "Class",
        "une ressource décrite comme dcat:Dataset est attendue.",
        "a resource described as dcat:Dataset is expected.",
    ),
    (
        "sh:datatype xsd:date",
        "Datatype",
        "une valeur correcte de type xsd:date est attendue.",
        "a correct value of type xsd:date is expected.",
    ),
    (
        'sh:pattern "^a"',
        "Pattern",
        "la valeur doit suivre le motif «\u00a0^a\u00a0».",
        "the value must match the pattern «\u00a0^a\u00a0».",
    ),
    (
        'sh:in ( "a" dct:title )',
        "In",
        "la valeur doit être l’une de\u00a0: «\u00a0a\u00a0», dct:title.",
        "the value must be one of: «\u00a0a\u00a0», dct:title.",
    ),
    (
        "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )",
        "Or",
        "une valeur de type xsd:date, xsd:gYear est attendue.",
        "a value of type xsd:date, xsd:gYear is expected.",
    ),
    (
        "sh:node :LanguageRestriction",
        "Node",
        "la valeur ne satisfait pas LanguageRestriction.",
        "the value does not satisfy LanguageRestriction.",
    ),
    (
        "sh:uniqueLang true",
        "UniqueLang",
        "un seul texte par langue est admis.",
        "only one text for each language is allowed.",
    ),
    (
        "sh:minLength 3",
        "MinLength",
        "la valeur doit avoir au moins 3 caractères.",
        "the value must have at least 3 characters.",
    ),
    (
        "sh:lessThan dct:x",
        "LessThan",
        "la valeur doit précéder celle de dct:x.",
        "the value must come before that of dct:x.",
    ),
    ("sh:future 1", "Future", "la contrainte Future n’est pas respectée.", "the constraint Future is not met."),
]


@pytest.mark.parametrize(("shape", "component", "fr", "en"), CASES)
def test_each_component_has_its_sentence(shape: str, component: str, fr: str, en: str) -> None:
    graph = ShapesGraph(parsed(f"{HEAD} :p sh:path dct:title ; {shape} .".encode(), name="x", suffix="ttl").triples)
    iri = f"http://www.w3.org/ns/shacl#{component}ConstraintComponent"
    said = expectation(graph, NamedNode("https://x.example/p"), iri, TITLE)
    assert said.fr == f"Titre (dct:title)\u00a0: {fr}"
    assert said.en == f"Title (dct:title): {en}"


def test_every_property_that_the_official_shapes_constrain_has_a_plain_name() -> None:
    folder = shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl")
    for name in ("shapes.ttl", "range.ttl", "shapes_recommended.ttl"):
        graph = ShapesGraph(from_file(str(folder / name)).triples)
        for shape in graph.subjects():
            for path in graph.values(shape, NamedNode("http://www.w3.org/ns/shacl#path")):
                assert path_in_words(graph.path(path)).lstrip("^") in property_names()


def test_the_table_of_names_has_each_property_once_and_complete() -> None:
    text = resources.files("shapes").joinpath("files", "properties.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["property"] for row in rows}) == len(rows) == len(property_names())
    assert all(row["fr"] and row["en"] for row in rows)


def official(*changes: tuple[str, str]) -> list[Finding]:
    from shapes.background import background
    from shapes.engine import engine

    folder = shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl")
    data = changed(*changes) if changes else triples("<https://x.example/d> a <http://www.w3.org/ns/dcat#Dataset> .")
    return engine().validate(data, [from_file(str(folder / "shapes.ttl"))], background(data))


def test_official_findings_speak_and_go_by_the_shape_around_them() -> None:
    found = official()
    assert [f.messages.fr for f in found] == [
        "Description (dct:description)\u00a0: au moins un texte est attendu. Aucune valeur n’est donnée.",
        "Titre (dct:title)\u00a0: au moins un texte est attendu. Aucune valeur n’est donnée.",
    ]
    assert {f.shape.rsplit("#")[-1] for f in found} == {"Dataset_Shape"}


def test_the_value_found_is_quoted_whole_in_the_finding_and_short_in_the_sentence() -> None:
    long = "x" * 400
    found = official(('"012"^^xsd:nonNegativeInteger', f'"{long}"'))
    assert [f.value for f in found] == [f'"{long}"']
    assert found[0].messages.en.endswith("Value found: “" + "x" * 120 + "…”.")
