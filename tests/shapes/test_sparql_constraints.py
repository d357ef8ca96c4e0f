"""SHACL-SPARQL: constraints, components and targets written in SPARQL, and what may not be written."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from shapes.components import Unusable
from shapes.engine import engine
from shapes.finding import Finding
from shapes.graph import Graph, World
from shapes.prebinding import prepared
from shapes.profiles import Profile
from shapes.queries import Queries
from shapes.query_process import Limits
from shapes.set_engine import SetEngine
from shapes.text import Text
from tests.shared import shared
from vocab.namespaces import SH, XSD

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix ex: <https://example.org/> .
@base <https://example.org/> .
<onto> owl:imports <base> .
<base> sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
"""


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIXES + turtle, format=RdfFormat.TURTLE)]


def profile(*statements: Triple) -> Profile:
    made = Profile("test", Text("essai", "test"), ())
    vars(made)["triples"] = statements  # what reading files would have given
    return made


def validated(shapes: str, data: str) -> tuple[list[Finding], list[str]]:
    garonne = SetEngine()
    found = garonne.validate(triples(data), [profile(*triples(shapes))])
    return found, [note.en for note in garonne.notes]


def rows(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    return sorted((f.focus, f.path, f.value) for f in findings)


def constrained(query: str, more: str = "", path: str = "") -> str:
    """A shape on instances of ex:Thing with one SPARQL constraint; with a path, it is on a property shape."""
    sparql = f"sh:sparql [ sh:prefixes <onto> ; sh:select {Literal(query)} ; {more} ]"
    inner = f"sh:property [ sh:path {path} ; {sparql} ]" if path else sparql
    return f"ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; {inner} ."


A, B = "<https://example.org/a>", "<https://example.org/b>"
DATA = """
<a> a ex:Thing ; ex:size "007"^^xsd:nonNegativeInteger ; ex:name "Un"@fr ; ex:part [ ex:name "inner" ] .
<b> a ex:Thing ; ex:size 12 ; ex:name "One"@en , "Deux"@fr .
"""


def test_each_solution_is_a_result_with_its_value_and_message() -> None:
    shapes = constrained(
        "SELECT $this ?value ?name { $this ex:size ?value ; ex:name ?name FILTER(?value < 10) }",
        'sh:message "{?name}: {$value} is too small, {?unknown}"@en , "{?name} : {$value} est trop petit"@fr',
    )
    found, notes = validated(shapes, DATA)
    assert rows(found) == [(A, "", '"007"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>')]
    assert found[0].rule == Text("Un : 007 est trop petit", "Un: 007 is too small, {?unknown}")
    assert found[0].component == SH.SPARQLConstraintComponent.value
    assert found[0].shape == "https://example.org/Shape"
    assert notes == []


def test_without_a_value_the_focus_node_is_the_value_of_a_node_shape_only() -> None:
    query = "SELECT $this { $this ex:name ?n FILTER(LANG(?n) = 'en') }"
    assert rows(validated(constrained(query), DATA)[0]) == [(B, "", B)]
    assert rows(validated(constrained(query, path="ex:size"), DATA)[0]) == [(B, "https://example.org/size", None)]


def test_a_result_may_name_its_path_and_its_message() -> None:
    found, _ = validated(
        constrained('SELECT $this ?path ?message { $this ex:size 12 BIND(ex:size AS ?path) BIND("So." AS ?message) }'),
        DATA,
    )
    assert [(f.focus, f.path, f.rule) for f in found] == [(B, "https://example.org/size", Text("So.", "So."))]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("ex:part", ["_:"]),
        ("( ex:part ex:name )", ['"inner"']),
        (
            "[ sh:alternativePath ( ex:size ex:part ) ]",
            ['"007"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>', "_:"],
        ),
        ("[ sh:zeroOrMorePath ex:part ]", [A, "_:"]),
        ("[ sh:inversePath ex:of ]", ["<https://example.org/whole>"]),
    ],
)
def test_path_stands_for_every_form_of_path(path: str, values: list[str]) -> None:
    query = "SELECT $this ?value { $this $PATH ?value . $this ex:name 'Un'@fr }"
    found, notes = validated(constrained(query, path=path), DATA + "<whole> ex:of <a> .")
    assert sorted("_:" if (f.value or "").startswith("_:") else f.value or "" for f in found) == sorted(values)
    assert notes == []


def test_a_blank_node_is_found_again_and_stays_the_same() -> None:
    shapes = """ex:Shape a sh:NodeShape ; sh:targetObjectsOf ex:part ; sh:sparql [ sh:prefixes <onto> ;
        sh:select "SELECT $this ?value { $this ex:name ?value FILTER(isBlank($this)) }" ] ."""
    data = [Triple(NamedNode("https://example.org/a"), NamedNode("https://example.org/part"), BlankNode("here"))]
    data.append(Triple(BlankNode("here"), NamedNode("https://example.org/name"), Literal("inner")))
    found = SetEngine().validate(data, [profile(*triples(shapes))])
    assert rows(found) == [("_:here", "", '"inner"')]


def test_a_deactivated_constraint_is_none_and_the_shape_tells_the_severity() -> None:
    query = "SELECT $this { $this ex:size ?s }"
    assert validated(constrained(query, "sh:deactivated true"), DATA)[0] == []
    found, _ = validated(constrained(query) + " ex:Shape sh:severity sh:Info .", DATA)
    assert {f.severity.value for f in found} == {"info"}


def test_the_shapes_are_a_graph_and_no_other_is_to_be_seen() -> None:
    query = "SELECT $this ?value { GRAPH $shapesGraph { $currentShape ex:limit ?value } }"
    assert rows(validated(constrained(query) + "ex:Shape ex:limit 3 .", DATA)[0]) == [
        (node, "", '"3"^^<http://www.w3.org/2001/XMLSchema#integer>') for node in (A, B)
    ]
    assert validated(constrained("SELECT $this ?value { GRAPH ?g { ?s ?p ?value } }"), DATA)[0] == []


def test_a_nested_constraint_decides() -> None:
    shapes = """ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; sh:not ex:Small .
        ex:Small a sh:NodeShape ; sh:sparql [ sh:prefixes <onto> ;
            sh:select "SELECT $this { $this ex:size ?s FILTER(?s >= 10) }" ] ."""
    assert rows(validated(shapes, DATA)[0]) == [(A, "", A)]


def test_queries_see_spellings_and_datatypes_as_the_data_wrote_them() -> None:
    query = """SELECT $this ?value { $this ex:size ?value
        FILTER(DATATYPE(?value) = <http://www.w3.org/2001/XMLSchema#nonNegativeInteger> && STR(?value) = "007") }"""
    assert [f.focus for f in validated(constrained(query), DATA)[0]] == [A]
    several = DATA + "<c> ex:size 7 ."
    assert "several ways" in validated(constrained(query), several)[1][0]


def test_two_spellings_of_one_value_come_back_on_their_own_nodes() -> None:
    data = '<a> a ex:Thing ; ex:size "7"^^xsd:int . <b> a ex:Thing ; ex:size 7 .'
    found, _ = validated(constrained("SELECT $this ?value { $this ex:size ?value }"), data)
    assert rows(found) == [(A, "", f'"7"^^{XSD.int}'), (B, "", f'"7"^^{XSD.integer}')]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT $this { $this ?p ?o MINUS { $this ex:p ?o } }", "MINUS"),
        ("SELECT $this { VALUES ?x { 1 } }", "VALUES"),
        ("SELECT $this { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT $this { $this ?p ?o . service silent ?o { ?s ?p ?o } }", "SERVICE"),
        ("SELECT $this { FILTER(?a<?b)SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }", "SERVICE"),
        ("SELECT $this FROM <http://x/> { $this ?p ?o }", "FROM"),
        ("SELECT $this { BIND(1 AS $this) }", "assigns a value to $this"),
        ("SELECT $this { { SELECT ?x { ?x ?p ?o } } }", "does not return $this"),
        ("SELECT $this { { SELECT * { FILTER(bound($this)) } } }", "does not return $this"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "neither a SELECT nor an ASK"),
        ("SELECT $this { $this ex:p }", "could not be checked"),
        ("SELECT $this { $this nowhere:p ?o }", "Prefix not found"),
        ("SELECT $this { FILTER(ex:unknown($this)) }", "is not supported"),
        ("SELECT $this ?failure { BIND(true AS ?failure) }", "declares a failure"),
        ("SELECT $this { " + "{" * 20000 + "}" * 20000 + " }", "query engine stopped"),
        ("SELECT $this { }" + " " * 100_000, "longer than"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_rest_is_checked(query: str, said: str) -> None:
    shapes = constrained(query) + "ex:Shape sh:property [ sh:path ex:size ; sh:minCount 2 ] ."
    found, notes = validated(shapes, DATA)
    assert [f.component.rsplit("#", 1)[-1] for f in found] == ["MinCountConstraintComponent"] * 2
    assert len(notes) == 1
    assert said in notes[0]
    assert "https://example.org/Shape" in notes[0]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT $this { $this ex:name "One"@en FILTER("SERVICE MINUS" != \'VALUES {\') }',
        "SELECT $this { $this ex:name 'One'@en # SERVICE <x> { }\n }",
        "PREFIX service: <https://example.org/> SELECT $this { $this service:name 'One'@en }",
        "SELECT $this { $this <https://example.org/name> 'One'@en . FILTER(<x:SERVICE> != ex:MINUS) }",
        'SELECT $this { $this ex:name """One"""@en }',
        "SELECT $this { { SELECT * { $this ex:name 'One'@en } } }",
        "SELECT $this { $this ex:name ?n } GROUP BY $this HAVING(COUNT(?n) > 1)",
        "SELECT $this { $this ex:name 'One'@en } LIMIT 1",
        "SELECT $this { $this ex:name ?n } GROUP BY $this HAVING(COUNT(?n) > 1) ORDER BY $this",
        "SELECT $this { OPTIONAL { $this ex:name ?n FILTER(LANG(?n)='en') } FILTER(bound(?n)) }",
        "SELECT $this { FILTER EXISTS { { $this ex:name ?n } UNION { FILTER(false) } FILTER(LANG(?n)='en') } }",
        "SELECT $this { $this ^ex:none?/ex:name 'One'@en }",
    ],
)
def test_what_only_looks_forbidden_or_hard_is_asked(query: str) -> None:
    found, notes = validated(constrained(query), DATA)
    assert ([f.focus for f in found], notes) == ([B], [])


def world(count: int = 300) -> World:
    p = "<https://example.org/p>"
    return World(
        Graph((f"<https://example.org/{n}>", p, f"<https://example.org/{n + 1}>") for n in range(count)), Graph()
    )


ENDLESS = prepared("SELECT $this ?value { $this ?p ?o . ?a ?b ?value . ?c ?d ?e . ?f ?g ?h FILTER(?a = ?h) }", ["this"])


def test_an_endless_query_ends_and_the_next_is_answered() -> None:
    short = prepared("SELECT $this ?value { $this ?p ?value }", ["this"])
    with Queries(world(), limits=Limits(seconds=0.5)) as queries:
        begun = time.monotonic()
        with pytest.raises(Unusable, match=r"stopped after 0\.5 s"):
            queries.ask(ENDLESS, "this", ["<https://example.org/1>"])
        assert time.monotonic() - begun < 10
        answers = queries.ask(short, "this", ["<https://example.org/1>"])
    assert [answer.values["value"] for answer in answers] == ["<https://example.org/2>"]


def test_time_failures_rows_and_memory_are_bounded() -> None:
    about = ["<https://example.org/1>"]
    with Queries(world(), limits=Limits(seconds=0.2, failures=1)) as queries:
        with pytest.raises(Unusable, match="stopped"):
            queries.ask(ENDLESS, "this", about)
        with pytest.raises(Unusable, match="too many queries"):
            queries.ask(ENDLESS, "this", about)
    with Queries(world(), limits=Limits(total=0)) as queries, pytest.raises(Unusable, match="time for queries"):
        queries.ask(ENDLESS, "this", about)
    cross = prepared("SELECT $this ?value { ?a ?b ?c . ?d ?e ?value }", ["this"])
    with Queries(world(), limits=Limits(rows=1000)) as queries, pytest.raises(Unusable, match="more than 1000 results"):
        queries.ask(cross, "this", about)
    large = prepared("SELECT $this { $this ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?i", ["this"])
    with Queries(world(), limits=Limits(memory=64)) as queries, pytest.raises(Unusable, match=r"stopped|memory"):
        queries.ask(large, "this", about)


def test_the_process_of_the_queries_can_open_nothing() -> None:
    service = replace(ENDLESS, text="SELECT ?this { SERVICE <http://127.0.0.1:18080/> { ?s ?p ?this } }")
    with Queries(world()) as queries, pytest.raises(Unusable, match=r"[Tt]oo many open files"):
        queries.ask(service, "this", ["<https://example.org/1>"])


COMPONENT = """
ex:MaxSize a sh:ConstraintComponent ;
    sh:parameter [ sh:path ex:maxSize ] , [ sh:path ex:unit ; sh:optional true ] ;
    sh:labelTemplate "at most {$maxSize} {?unit}" ;
    sh:validator [ sh:prefixes <onto> ; sh:ask "ASK { FILTER($value <= $maxSize && COALESCE(?unit, 'm') = 'm') }" ] ;
    sh:nodeValidator [ sh:prefixes <onto> ;
        sh:select "SELECT $this ?value { $this ex:size ?value FILTER(?value > $maxSize) }" ] .
"""


def test_a_component_asks_about_values_and_about_nodes() -> None:
    shapes = (
        COMPONENT
        + """ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; ex:maxSize 10 ;
        sh:property [ sh:path ex:size ; ex:maxSize 7 ] , [ sh:path ex:size ; ex:maxSize 20 ; ex:unit "km" ] ."""
    )
    found, notes = validated(shapes, DATA)
    seven, twelve = f'"007"^^{XSD.nonNegativeInteger}', f'"12"^^{XSD.integer}'
    size = "https://example.org/size"
    assert rows(found) == sorted([(B, "", twelve), (B, size, twelve), (A, size, seven), (B, size, twelve)])
    assert {f.component for f in found} == {"https://example.org/MaxSize"}
    assert {f.rule.en for f in found} == {"at most 10 {?unit}", "at most 7 {?unit}", "at most 20 km"}
    assert notes == []


def test_components_that_cannot_be_used_are_told() -> None:
    shapes = """
    ex:Js a sh:ConstraintComponent ; sh:parameter [ sh:path ex:js ] ; sh:validator [ sh:jsFunctionName "f" ] .
    ex:Optional a sh:ConstraintComponent ; sh:parameter [ sh:path ex:o ; sh:optional true ] .
    ex:Two a sh:ConstraintComponent ; sh:parameter [ sh:path ex:one ] , [ sh:path ex:two ] ;
        sh:validator [ sh:ask "ASK { FILTER($one = $two) }" ] .
    ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; ex:js 1 ; ex:one 1 , 2 ; ex:two 1 ;
        sh:js [ sh:jsFunctionName "g" ] ; sh:target [ a sh:JSTarget ] ."""
    found, notes = validated(shapes, DATA)
    told = "\n".join(notes)
    assert found == []
    for said in (
        "ex.org/Js> has no validator",
        "Optional cannot be used",
        "needs a single value",
        "sh:js is",
        "no sh:select",
    ):
        assert said.replace("ex.org", "example.org") in told


def test_a_sparql_target_chooses_among_the_data_only() -> None:
    shapes = """ex:Shape a sh:NodeShape ; sh:property [ sh:path ex:none ; sh:minCount 1 ] ;
        sh:target [ a sh:SPARQLTarget ; sh:prefixes <onto> ;
            sh:select "SELECT ?this { ?this ex:size ?s FILTER(?s < 10) }" ] ."""
    garonne = SetEngine()
    known = triples("<known> ex:size 1 .")
    found = garonne.validate(triples(DATA), [profile(*triples(shapes))], known)
    assert [f.focus for f in found] == [A]
    assert garonne.notes == ()


# ── official suites and shapes ───────────────────────────────────────────────────────────────────────────────────────

SUITE = "data/w3c/w3c__data-shapes/data-shapes-test-suite/tests/sparql"
TESTS = [
    *(
        f"component/{name}"
        for name in ("nodeValidator-001", "optional-001", "propertyValidator-select-001", "validator-001")
    ),
    *(f"node/{name}" for name in ("prefixes-001", "sparql-001", "sparql-002", "sparql-003")),
    *(f"pre-binding/pre-binding-00{n}" for n in range(1, 8)),
    "pre-binding/shapesGraph-001",
    *(f"pre-binding/unsupported-sparql-00{n}" for n in range(1, 7)),
    "property/sparql-001",
]
RESULT = NamedNode("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#result")


@pytest.mark.parametrize("name", TESTS)
def test_w3c(name: str) -> None:
    path = shared(f"{SUITE}/{name}.ttl")
    statements = [quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=path.as_uri())]
    expected = next(t.object for t in statements if t.predicate == RESULT)
    garonne = SetEngine()
    found = garonne.validate(statements, [profile(*statements)])
    notes = [note.en for note in garonne.notes if "which is not read" not in note.en]  # an import of DASH
    if isinstance(expected, NamedNode):  # sht:Failure
        assert notes
        assert "cannot be used" in notes[0]
        return
    assert notes == []
    of = {(t.subject, t.predicate): str(t.object) for t in statements}
    results = [t.object for t in statements if t.predicate == SH.result and t.subject == expected]
    keys = (SH.focusNode, SH.value, SH.resultPath, SH.sourceConstraintComponent, SH.sourceShape)
    assert Counter(
        (f.focus, f.value, f"<{f.path}>" if f.path else None, f"<{f.component}>", f.shape_node) for f in found
    ) == Counter(tuple(of.get((one, key)) for key in keys) for one in results)


OFFICIAL = {
    "es": "data/shapes/datosgobes__DCAT-AP-ES/shacl/1.0.0",
    "lu": "data/shapes/meaningfy-ws__dcat-ap-lu/implementation/dcat_ap_lu/shacl_shapes",
    "ch": "data/shapes/opendata-swiss__ogdch_checker",
}


def official(which: str) -> Profile:
    files = [p for p in sorted(shared(OFFICIAL[which]).glob("*.ttl")) if "import" not in p.name]
    return Profile(which, Text(which, which), tuple(map(str, files)))


CITY = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix adms: <http://www.w3.org/ns/adms#> .
<c> a dcat:Catalog ; dct:title "Catálogo"@es ; dct:description "Datos"@en ; dcat:dataset <d1> , <d2> ;
    dct:publisher <p> ; dcat:themeTaxonomy <http://datos.example/themes> ;
    dct:language <http://publications.europa.eu/resource/authority/language/ENG> .
<p> a foaf:Agent ; foaf:name "City"@en .
<d1> a dcat:Dataset ; dct:title "Trees"@en ; dct:description "Árboles"@es ; dcat:theme <http://other.example/t/1> ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/RESTRICTED> ;
    adms:versionNotes "Second"@en ; dcat:distribution <x1> , <x2> ; dcat:temporalResolution "7 days" ;
    dcat:contactPoint [ a vcard:Organization ; vcard:fn "Desk"@en , "Bureau"@fr ;
        vcard:hasEmail <https://mail.example/> ] .
<d2> a dcat:Dataset ; dct:title "Árboles"@es ; dct:description "Trees"@en , "Arbres"@fr ; dct:creator <p> ;
    dct:modified "2026-11-01T10:00:00"^^xsd:dateTime ; dct:source <d3> .
<d3> a dcat:Dataset ; dct:title "Nada" ; dct:source <d2> .
<x1> a dcat:Distribution ; dcat:accessURL <https://ows.example/> ; dcat:downloadURL <https://ows.example/f> ;
    dct:format <http://publications.europa.eu/resource/authority/file-type/WMS_SRVC> ; dct:title "WMS"@en .
<x2> a dcat:Distribution ; dcat:accessURL <https://ows.example/?request=GetCapabilities> ;
    dct:conformsTo <http://www.opengis.net/def/serviceType/ogc/wms> .
"""


def sparql_results(findings: list[Finding]) -> Counter[tuple[str, str, str]]:
    named = SH.SPARQLConstraintComponent.value
    return Counter(
        ("_:" if f.focus[0] == "_" else f.focus, f.path, "_:" if (f.value or "")[:1] == "_" else f.value or "")
        for f in findings
        if f.component == named
    )


FROM_TARGETS = {
    ("<https://example.org/d1>", "http://data.europa.eu/r5r/applicableLegislation", ""),
    ("<https://example.org/x1>", "http://www.w3.org/ns/dcat#downloadURL", ""),
}
"""Of shapes with a SPARQL target, which pySHACL is not asked to follow."""


@pytest.mark.parametrize(("which", "more"), [("es", FROM_TARGETS), ("lu", set())])
def test_official_shapes_give_what_pyshacl_finds(which: str, more: set[tuple[str, str, str]]) -> None:
    """pySHACL merges equal results; section 5.3.2 makes one of each solution: the sets are compared."""
    data = triples(CITY)
    garonne, reference = SetEngine(), engine("pyshacl")
    found = sparql_results(garonne.validate(data, [official(which)]))
    assert set(found) == set(sparql_results(reference.validate(data, [official(which)]))) | more
    assert found
    assert not [note for note in garonne.notes if "SPARQL" in note.en]


def test_undeclared_usual_prefixes_are_read_and_told() -> None:
    garonne = SetEngine()
    found = sparql_results(garonne.validate(triples(CITY), [official("ch")]))
    assert {focus for focus, _, _ in found} == {f"<https://example.org/d{n}>" for n in (1, 2, 3)}
    assert any("without declaring it" in note.en for note in garonne.notes)


def texts(which: str) -> list[str]:
    return [
        t.object.value for t in official(which).triples if t.predicate == SH.select and isinstance(t.object, Literal)
    ]


@pytest.mark.parametrize("which", ["es", "lu", "ch"])
def test_answers_for_many_nodes_are_those_for_each(which: str) -> None:
    graph = Graph.from_triples(triples(CITY))
    prefixes = {"dct": "http://purl.org/dc/terms/"}
    with Queries(World(graph, Graph())) as queries:
        for text in texts(which):
            query = prepared(text, ["this"], "<http://purl.org/dc/terms/title>", prefixes)
            assert query.together, text
            many = queries.ask(query, "this", sorted(graph.subjects))
            each = queries.ask(replace(query, together=False), "this", sorted(graph.subjects))
            key = lambda answer: (answer.focus, sorted(answer.values.items()))  # noqa: E731 - used twice, here only
            assert sorted(many, key=key) == sorted(each, key=key), text


def test_the_suite_is_whole() -> None:
    files = {p.relative_to(shared(SUITE)).with_suffix("").as_posix() for p in Path(shared(SUITE)).glob("*/*.ttl")}
    assert files - {f"{p.parent.name}/manifest" for p in Path(shared(SUITE)).glob("*/manifest.ttl")} == set(TESTS)
