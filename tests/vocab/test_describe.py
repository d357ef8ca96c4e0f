import re
from collections.abc import Iterable

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, serialize
from pyshacl import validate
from rdflib import Graph

from tests.shared import shared
from vocab.describe import describe, describe_scheme, vocabulary_graphs
from vocab.namespaces import AUTHORITY, DCT, RDF, RDFS, SKOS
from vocab.terms import TABLES, table

SHAPES = "data/shapes/SEMICeu__DCAT-AP/3.0.1/"
EU = AUTHORITY.base

DATASET = f"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<http://example.org/d> a dcat:Dataset ; dct:title "Arbres"@fr ; dct:description "Les arbres."@fr ;
  dct:accrualPeriodicity <{EU}frequency/ANNUAL> ; dct:language <{EU}language/FRA> ;
  dct:accessRights <{EU}access-right/PUBLIC> ;
  dct:spatial <{EU}place/FRA_TLS>, <{EU}country/FRA>, <{EU}continent/EUROPE> ;
  dct:type <{EU}dataset-type/GEOSPATIAL> ; dcat:theme <{EU}data-theme/ENVI>, <http://data.europa.eu/bna/c_dd313021> ;
  dcat:distribution <http://example.org/d/csv> .
<http://example.org/d/csv> a dcat:Distribution ; dcat:accessURL <http://example.org/d.csv> ;
  dct:license <{EU}licence/ETALAB_2_0> ; dct:format <{EU}file-type/CSV> ; dct:language <{EU}language/FRA> ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;
  dcatap:availability <{EU}planned-availability/STABLE> ; adms:status <{EU}distribution-status/COMPLETED> ;
  spdx:checksum [ a spdx:Checksum ; spdx:checksumValue "00"^^xsd:hexBinary ;
    spdx:algorithm <http://spdx.org/rdf/terms#checksumAlgorithm_sha256> ] .
<http://example.org/d.csv> a <http://www.w3.org/2000/01/rdf-schema#Resource> .
<http://example.org/a> a foaf:Agent ; foaf:name "Ville"@fr ;
  dct:type <http://purl.org/adms/publishertype/LocalAuthority> .
"""

USED = [
    f"{EU}frequency/ANNUAL",
    f"{EU}language/FRA",
    f"{EU}access-right/PUBLIC",
    f"{EU}place/FRA_TLS",
    f"{EU}country/FRA",
    f"{EU}continent/EUROPE",
    f"{EU}dataset-type/GEOSPATIAL",
    f"{EU}data-theme/ENVI",
    "http://data.europa.eu/bna/c_dd313021",
    f"{EU}licence/ETALAB_2_0",
    f"{EU}file-type/CSV",
    "https://www.iana.org/assignments/media-types/text/csv",
    f"{EU}planned-availability/STABLE",
    f"{EU}distribution-status/COMPLETED",
    "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
    "http://purl.org/adms/publishertype/LocalAuthority",
]


def findings(triples: Iterable[Triple], *shapes: str) -> list[tuple[str, str]]:
    """Path and value of each violation or warning of the official shapes."""
    data = Graph().parse(data=DATASET, format="turtle")
    data.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    rules = Graph()
    for path in shapes:
        rules.parse(shared(SHAPES + path), format="turtle")
    _, report, _ = validate(data, shacl_graph=rules, inference="none", advanced=False)
    query = """SELECT ?path ?value { [] sh:result ?r . ?r sh:resultPath ?path . OPTIONAL { ?r sh:value ?value } }"""
    assert isinstance(report, Graph)
    rows = report.query(query, initNs={"sh": "http://www.w3.org/ns/shacl#"})
    return sorted((str(row[0]), str(row[1])) for row in rows)


def test_the_official_shapes_find_nothing_but_what_no_data_can_meet() -> None:
    described = [triple for iri in USED for triple in describe(iri)]
    assert findings(described, "html/shacl/range.ttl", "html/shacl/shapes.ttl", "shacl/dcat-ap-SHACL.ttl") == []
    # The vocabulary shapes want an https IRI for checksum algorithms, which SPDX has never had, and every theme to be
    # one of the EU's, though DCAT-AP allows others beside it.
    assert findings(described, "html/shacl/mdr-vocabularies.shape.ttl") == [
        ("http://spdx.org/rdf/terms#algorithm", "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"),
        ("http://www.w3.org/ns/dcat#theme", "http://data.europa.eu/bna/c_dd313021"),
    ]


def test_the_shapes_do_complain_without_the_descriptions() -> None:
    without = {value for _, value in findings([], "html/shacl/range.ttl", "html/shacl/mdr-vocabularies.shape.ttl")}
    assert set(USED) - without == set()


@pytest.mark.parametrize("name", TABLES)
def test_every_term_is_typed_and_named(name: str) -> None:
    for one in table(name):
        triples = describe(one.iri)
        node = NamedNode(one.iri)
        assert triples[0].predicate == RDF.type
        assert Triple(node, SKOS.prefLabel, Literal(one.fr, language="fr")) in triples
        assert Triple(node, SKOS.prefLabel, Literal(one.en, language="en")) in triples
        assert Triple(node, SKOS.inScheme, NamedNode(table(name).iri)) in triples
        assert triples[-3:] == describe_scheme(name)
        assert len(set(triples)) == len(triples)


def test_an_unknown_iri_has_no_description() -> None:
    assert describe("http://example.org/nothing") == ()


def test_a_format_is_shown_by_its_short_code() -> None:
    labels = [t.object for t in describe(f"{EU}file-type/RDF_TURTLE") if t.predicate == RDFS.label]
    assert labels == [Literal("RDF_TURTLE")]
    assert not [
        t for t in describe("https://www.iana.org/assignments/media-types/text/csv") if t.predicate == RDFS.label
    ]


def test_a_licence_bears_the_title_that_harvesters_know() -> None:
    triples = describe(f"{EU}licence/ETALAB_2_0")
    node = NamedNode(f"{EU}licence/ETALAB_2_0")
    title = Literal("Licence Ouverte / Open Licence version 2.0", language="fr")
    assert Triple(node, RDFS.label, title) in triples
    assert Triple(node, DCT.title, title) in triples
    assert len([t for t in triples if t.predicate == RDFS.label]) == 1


def test_an_hvd_category_names_the_one_above() -> None:
    triples = describe("http://data.europa.eu/bna/c_06b1eec4")
    assert any(
        t.predicate == SKOS.broader and t.object == NamedNode("http://data.europa.eu/bna/c_dd313021") for t in triples
    )


def test_a_replaced_term_says_so() -> None:
    triples = describe(f"{EU}licence/CC_BY")
    assert any(t.predicate == DCT.isReplacedBy and t.object == NamedNode(f"{EU}licence/CC_BY_4_0") for t in triples)


def test_the_reporting_queries_are_answered_from_the_vocabulary_graphs() -> None:
    """What the HVD reporting queries ask of `GRAPH countries:` and `GRAPH hvdCategoriesCV:`, on the whole graphs."""
    store = Store()
    for graph, triples in vocabulary_graphs():
        for triple in triples:
            store.update(f"INSERT DATA {{ GRAPH <{graph}> {{ {triple.subject} {triple.predicate} {triple.object} }} }}")
    names = store.query(
        f"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?name {{ GRAPH <{EU}country> {{ <{EU}country/FRA> skos:prefLabel ?name
        FILTER(langMatches(LANG(?name), "en")) }} }}"""
    )
    assert [row["name"].value for row in names] == ["France"]
    leaves = store.query(
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?leaf { GRAPH <http://data.europa.eu/bna/asd487ae75> {
        ?leaf skos:inScheme <http://data.europa.eu/bna/asd487ae75>
        FILTER NOT EXISTS { [] skos:broader ?leaf } } }"""
    )
    assert len(list(leaves)) == 96 - len({one.broader for one in table("hvd-category") if one.broader})


def test_the_queries_read_only_these_graphs() -> None:
    """The official queries name no other vocabulary graph than those that are supplied."""
    given = {graph for graph, _ in vocabulary_graphs()}
    for number in range(13, 22):
        text = shared(f"queries/q{number}.rq").read_text(encoding="utf-8")
        prefixes = dict(re.findall(r"PREFIX (\w+:)\s+<([^>]+)>", text))
        assert {prefixes[name] for name in re.findall(r"GRAPH (\w+:)", text)} <= given
