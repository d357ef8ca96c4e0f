"""What a good catalogue of a French city has: each rule with what it lets pass and what it reports."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pyoxigraph import Literal

from shapes.finding import Severity
from shapes.read import read
from shapes.shapes_graph import ShapesGraph
from tests.shapes.own_profiles import Pair, changed, check_documented, found, own, property_shapes, triples, validated
from tests.shared import shared
from vocab.namespaces import SH

GOOD = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix theme: <http://publications.europa.eu/resource/authority/data-theme/> .
@prefix every: <http://publications.europa.eu/resource/authority/frequency/> .
@prefix : <https://data.ville.fr/> .

:trees a dcat:Dataset ; dct:title "Arbres d’alignement"@fr , "Street trees"@en ;
    dct:description
    "Les arbres plantés le long des rues, avec leur essence, leur année de plantation et leur hauteur en mètres."@fr ;
    dcat:keyword "arbre"@fr , "nature en ville"@fr , "espaces verts"@fr ;
    dcat:theme theme:ENVI ; dct:publisher :city ; dct:identifier "trees" ; dcat:contactPoint :desk ;
    dct:spatial :place ; dct:temporal :since ; dct:accrualPeriodicity every:ANNUAL ;
    dct:modified "2026-10-01"^^xsd:date ; dcat:distribution :csv .
:csv a dcat:Distribution ; dct:title "Arbres, fichier CSV"@fr ; dct:license :lo ;
    dcat:accessURL <https://data.ville.fr/arbres> ; dcat:downloadURL <https://data.ville.fr/arbres.csv> ;
    dct:format :fmt ; dcat:mediaType :type ; dcat:byteSize 1200 .
:city a foaf:Agent ; foaf:name "Ville"@fr , "City"@en .
:desk a vcard:Kind ; vcard:hasEmail <mailto:donnees@ville.fr> ; vcard:hasURL <https://www.ville.fr/contact> .
:since a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2025-12-31"^^xsd:date .
"""

TITLE = '"Arbres d’alignement"@fr'
TEXT = re.search(r'"Les arbres plantés[^"]*"@fr', GOOD)[0]  # type: ignore[index]  # it stands above
WORD = '"nature en ville"@fr'
LONG = TEXT.removesuffix('"@fr')


def test_a_good_catalogue_has_no_fault() -> None:
    assert found("garonne", GOOD) == []


def test_every_shape_is_documented_in_both_languages() -> None:
    check_documented("garonne")


CASES: list[tuple[str, str, str]] = [
    # what is replaced, by what, the shape that reports it
    (TITLE, '"arbres_alignement"@fr', "Dataset-title-filename"),
    (TITLE, '"Arbres.csv"@fr', "Dataset-title-filename"),
    (TITLE, '"Budget primitif.XLSX"@fr', "Dataset-title-filename"),
    (TITLE, '"liste-des-arbres-2024"@fr', "Dataset-title-filename"),
    (TITLE, '"ARBRES D’ALIGNEMENT"@fr', "Dataset-title-capitals"),
    (TITLE, '"Test 2"@fr', "Dataset-title-placeholder"),
    (TITLE, '"Sans titre"@fr', "Dataset-title-placeholder"),
    (TITLE, '"Arbres &amp; parcs"@fr', "Dataset-title-html"),
    (TITLE, '"ForÃªts communales"@fr', "Dataset-title-encoding"),
    (TITLE, '" Arbres"@fr', "Dataset-title-spaces"),
    (TITLE, '"Arbres  en ville"@fr', "Dataset-title-spaces"),
    (TITLE, f'"{"Arbres et parcs " * 10}2024"@fr', "Dataset-title-long"),
    (TITLE, '"Arbres d’alignement"', "Dataset-title-language"),
    (f"{TITLE} , ", "", "Dataset-title-french"),
    (TITLE, '"Arbres"@fr , "Liste des arbres de la ville"@en', "Dataset-title-mistagged"),
    (TEXT, '"Les arbres plantés le long des rues."@fr', "Dataset-description-length"),
    (TEXT, '"Lorem ipsum dolor sit amet."@fr', "Dataset-description-placeholder"),
    (TEXT, '"unknown"@fr', "Dataset-description-placeholder"),
    (TEXT, LONG.replace("rues", "<b>rues</b>") + '"@fr', "Dataset-description-html"),
    (TEXT, LONG.replace("essence", "essence&nbsp;") + '"@fr', "Dataset-description-html"),
    (TEXT, LONG.replace("année", "annÃ©e") + '"@fr', "Dataset-description-encoding"),
    (TEXT, LONG + ' Écrire à arbres@ville.fr."@fr', "Dataset-description-email"),
    (TEXT, LONG + '"', "Dataset-description-language"),
    (TEXT, f'"{"Trees along our streets. " * 5}"@en', "Dataset-description-french"),
    (TEXT, f'{TEXT} , {LONG} "@en', "Dataset-description-mistagged"),
    (
        TEXT,
        f'"{"The trees along the streets of this city, with their species. " * 2}"@fr',
        "Dataset-description-mistagged",
    ),
    (f"{WORD} , ", "", "Dataset-keyword-three"),
    (WORD, '"nature, ville"@fr', "Dataset-keyword-list"),
    (WORD, '"N/A"@fr', "Dataset-keyword-placeholder"),
    (WORD, f'"{"la nature en ville " * 4}"@fr', "Dataset-keyword-long"),
    (WORD, '"nature en ville"', "Dataset-keyword-language"),
    ("theme:ENVI", ":green", "Dataset-theme"),
    ("dct:publisher :city ;", "", "Dataset-publisher"),
    ("dct:publisher :city ;", 'dct:publisher "Ville"@fr ;', "Dataset-publisher-iri"),
    ("dcat:contactPoint :desk ;", "", "Dataset-contactPoint"),
    ("dcat:contactPoint :desk ;", 'dcat:contactPoint [ vcard:fn "Ville" ] ;', "Dataset-contactPoint"),
    ("dct:spatial :place ;", "", "Dataset-spatial"),
    ("dct:temporal :since ;", "", "Dataset-temporal"),
    ("dct:accrualPeriodicity every:ANNUAL ;", "", "Dataset-accrualPeriodicity"),
    ("every:ANNUAL", "every:UNKNOWN", "Dataset-accrualPeriodicity-unknown"),
    ('dct:modified "2026-10-01"^^xsd:date ;', "", "Dataset-modified"),
    ('dct:identifier "trees" ;', "", "Dataset-identifier"),
    (TEXT, LONG + ' Conforme au schéma national."@fr', "Dataset-conformsTo"),
    (WORD, '"SCDL"@fr', "Dataset-conformsTo"),
    ("; dcat:distribution :csv", "", "Dataset-distribution"),
    ("dct:license :lo ;", "", "Distribution-license"),
    ("<https://data.ville.fr/arbres>", "<file:///C:/arbres.csv>", "Distribution-address-web"),
    ("<https://data.ville.fr/arbres>", "<ftp://ftp.ville.fr/arbres.csv>", "Distribution-address-web"),
    ("<https://data.ville.fr/arbres>", "<http://localhost:8080/arbres>", "Distribution-address-public"),
    ("<https://data.ville.fr/arbres>", "<http://192.168.1.4/arbres>", "Distribution-address-public"),
    ("<https://data.ville.fr/arbres>", "<http://serveur-sig/arbres>", "Distribution-address-public"),
    ("<https://data.ville.fr/arbres>", "<https://www.example.com/arbres>", "Distribution-address-public"),
    ("<https://data.ville.fr/arbres.csv>", "<ftp://ftp.ville.fr/a.csv>", "Distribution-address-web"),
    ("<https://data.ville.fr/arbres.csv>", "<https://sig.intranet/a.csv>", "Distribution-address-public"),
    ("dct:format :fmt ;", "", "Distribution-format"),
    ("dcat:mediaType :type ;", "", "Distribution-mediaType"),
    ('dct:title "Arbres, fichier CSV"@fr ;', "", "Distribution-title"),
    ('"Arbres, fichier CSV"@fr', '"arbres.csv"@fr', "Distribution-title-filename"),
    ("dcat:byteSize 1200", "dcat:byteSize 0", "Distribution-byteSize"),
    ('"City"@en', '"City"@en , "Mairie"@fr', "Agent-name-one"),
    ("<mailto:donnees@ville.fr>", "<mailto:donnees@ville>", "Kind-hasEmail"),
    ("<mailto:donnees@ville.fr>", "<mailto:no-reply@ville.fr>", "Kind-hasEmail-answers"),
    ("<mailto:donnees@ville.fr>", "<mailto:contact@example.org>", "Kind-hasEmail-answers"),
    ("<https://www.ville.fr/contact>", "<callto:0561000000>", "Kind-hasURL"),
    ('"2025-12-31"', '"2019-12-31"', "PeriodOfTime-order"),
]


@pytest.mark.parametrize(("old", "new", "shape"), CASES, ids=[f"{c[2]}-{i}" for i, c in enumerate(CASES)])
def test_each_fault_is_found_once(old: str, new: str, shape: str) -> None:
    assert [name for _, name in found("garonne", changed(GOOD, (old, new)))] == [shape]


def test_an_address_given_twice_is_one_fault() -> None:
    """As the address to go to and the one to download from."""
    text = changed(GOOD, ("<https://data.ville.fr/arbres>", "<https://sig.intranet/a>"))
    both = changed(text, ("<https://data.ville.fr/arbres.csv>", "<https://sig.intranet/a>"))
    assert [name for _, name in found("garonne", both)] == ["Distribution-address-public"]


MORE: list[tuple[str, list[Pair]]] = [
    # a second thing beside the good catalogue
    (
        f':trees dct:description "{"Essences des arbres. " * 6}"@fr ; dct:title "{"Essences des arbres. " * 6}"@fr .',
        [("dct:description", "Dataset-description-title")],
    ),
    (
        ':parks a dcat:Dataset ; dct:title "Street trees"@en . :csv dct:title "Street trees"@en .',
        [("dct:title", "Dataset-title-distinct")] * 2,
    ),
    (':hall a foaf:Agent ; foaf:name "Ville"@fr .', [("foaf:name", "Agent-name-distinct")] * 2),
]


@pytest.mark.parametrize(("text", "expected"), MORE, ids=[e[0][1] for _, e in MORE])
def test_what_two_things_share_is_found_on_both(text: str, expected: list[Pair]) -> None:
    kinds = {shape for _, shape in expected}
    assert [pair for pair in found("garonne", GOOD + text) if pair[1] in kinds] == expected


def test_every_shape_has_a_case_above() -> None:
    tried = {shape for *_, shape in CASES} | {shape for _, expected in MORE for _, shape in expected}
    assert tried == set(property_shapes("garonne"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TITLE, '"PLU de Toulouse"@fr'),
        (TITLE, '"BD TOPO 2025"@fr'),
        (TITLE, '"SIRENE"@fr'),
        (TITLE, '"Vide-greniers"@fr'),
        (TITLE, '"Tests de dépistage"@fr'),
        (TITLE, '"Inconnus du fichier électoral"@fr'),
        (TITLE, '"Qualité de l’air : indice ATMO > 3"@fr'),
        (TITLE, '"Arbres & parcs"@fr'),
        (TITLE, '"Âge des arbres"@fr'),
        (TITLE, '"Arbres"@fr-FR'),
        (TEXT, LONG + ' Là où a < b et c > d."@fr'),
        (TEXT, f'{TEXT} , "{"Trees along the streets of the city, with their species. " * 2}"@en'),
        (TEXT, LONG + ' Conforme au schéma national."@fr ; dct:conformsTo :schema'),
        (WORD, '"Saint-Martin-du-Touch"@fr'),
        ("<https://data.ville.fr/arbres>", "<https://data.castelgaronne.example/arbres>"),
        ("<https://data.ville.fr/arbres>", "<https://10.toulouse.fr/arbres>"),
        ("dct:format :fmt ; dcat:mediaType :type ;", "dcat:accessService :api ;"),
        ("vcard:hasEmail <mailto:donnees@ville.fr> ; ", ""),
        ('dcat:endDate "2025-12-31"^^xsd:date', 'dct:title "x"@fr'),
    ],
)
def test_what_is_good_enough_is_left_alone(old: str, new: str) -> None:
    assert found("garonne", changed(GOOD, (old, new))) == []


def test_nothing_of_it_is_a_violation() -> None:
    graph = ShapesGraph(own("garonne").triples)
    assert {graph.severity(shape) for shape in property_shapes("garonne").values()} == {Severity.WARNING, Severity.INFO}


def test_a_finding_shows_the_value() -> None:
    [fault] = validated("garonne", triples(changed(GOOD, (TITLE, '"arbres_alignement"@fr'))))
    assert "arbres_alignement" in fault.messages.fr
    assert "arbres_alignement" in fault.messages.en


@pytest.mark.parametrize("name", ["garonne", "hvd", "geodcat-ap-3"])
def test_patterns_keep_to_what_every_flavour_reads(name: str) -> None:
    """XPath has neither look-around nor word boundaries nor groups without capture."""
    graph = ShapesGraph(own(name).triples)
    patterns = [v.value for s in graph.subjects() for v in graph.values(s, SH.pattern) if isinstance(v, Literal)]
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        assert "(?" not in pattern.replace("\\(?", "")
        assert "\\b" not in pattern


def test_what_a_saved_feed_of_a_french_city_gets_wrong() -> None:
    """OpenDataSoft's own DCAT export of Rennes: 27 datasets, 272 files."""
    feed = read(str(shared("data/real/opendatasoft/data-fair__data-fair/dcat/ods-export.rdf"))).triples
    kinds = Counter(f.shape.rsplit("#", 1)[-1] for f in validated("garonne", feed))
    assert sorted(kinds.most_common(8), key=lambda one: (-one[1], one[0])) == [
        ("Distribution-title-filename", 232),
        ("Dataset-contactPoint", 27),
        ("Dataset-temporal", 27),
        ("Dataset-theme", 27),
        ("Dataset-accrualPeriodicity", 26),
        ("Dataset-description-html", 26),
        ("Dataset-keyword-three", 22),
        ("Dataset-spatial", 22),
    ]
