"""What is common knowledge to a validation is loaded once, never validated, and not part of what is published."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad, Triple

from catalog.store import open_read_only
from shapes.background import background, common, subclasses
from shapes.engine import ENGINES, engine
from shapes.profiles import Profile
from shapes.read import parsed
from tests.harvest.city import BASE, City, city, saved
from tests.shapes.catalogues import CORRECT, triples
from tests.shapes.w3c import in_memory
from tests.shared import shared
from vocab.namespaces import RDF, SKOS, XSD

IMPOSSIBLE = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix : <https://data.example.org/shapes#> .
:Concept a sh:NodeShape ; sh:targetClass skos:Concept , skos:ConceptScheme ;
    sh:property [ sh:path :never ; sh:minCount 1 ] .
:Labels a sh:NodeShape ; sh:targetSubjectsOf skos:prefLabel , skos:inScheme ; sh:closed true .
:Themes a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcat:theme ; sh:node [ sh:property [ sh:path :never ; sh:minCount 1 ] ] ] .
"""
"""Shapes that every controlled term breaks, and every dataset that names one."""


def impossible() -> Profile:
    return in_memory(parsed(IMPOSSIBLE.encode(), name="shapes", suffix="ttl").triples)


@pytest.mark.parametrize("name", ENGINES)
def test_no_engine_validates_it(name: str) -> None:
    data = triples(CORRECT)
    found = engine(name).validate(data, [impossible()], list(background(data)))
    described = {str(t.subject) for t in data}
    assert {finding.focus for finding in found} <= described
    assert "<https://data.example.org/greenery>" in {finding.focus for finding in found}, "a concept of the city's own"
    assert any("data-theme/ENVI" in (finding.value or "") for finding in found), "its use is validated all the same"


def test_it_is_loaded_once() -> None:
    iri = "http://publications.europa.eu/resource/authority/data-theme/ENVI"
    first, again = list(common(iri)), list(common(iri))
    assert len(first) > 3
    assert all(one is other for one, other in zip(first, again, strict=True))


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, City]:
    """The same records, published without validation and with it."""
    records = saved(shared("data/real/opendatasoft/derived/public-portal-2015.v21.json"))
    made = []
    for validate in (False, True):
        one = city(tmp_path_factory.mktemp("background"), records)
        one.run(validate=validate)
        made.append(one)
    return made[0], made[1]


def quads(a_city: City) -> set[Quad]:
    """What is published, but for moments: the two runs have their own."""
    found = open_read_only(a_city.current().store).quads_for_pattern(None, None, None, None)
    return {q for q in found if not (isinstance(q.object, Literal) and q.object.datatype == XSD.dateTime)}


def test_validation_publishes_findings_and_rules_and_nothing_else(cities: tuple[City, City]) -> None:
    plain, validated = map(quads, cities)
    own = {f"{BASE}graph/shapes", f"{BASE}graph/runs"}
    differing = {q for q in plain ^ validated if not isinstance(q.graph_name, DefaultGraph)}
    graphs = {q.graph_name.value for q in differing} - own
    assert graphs
    assert all(graph.startswith(f"{BASE}quality/") for graph in graphs)
    assert merged(plain) == merged(validated), "the catalogue itself is the same"


def merged(found: set[Quad]) -> set[Triple]:
    return {q.triple for q in found if isinstance(q.graph_name, DefaultGraph)}


def test_subclasses_and_schemes_that_only_validation_knows_are_not_in_the_catalogue(cities: tuple[City, City]) -> None:
    catalogue = merged(quads(cities[1]))
    assert catalogue.isdisjoint(subclasses())
    known = set(background(catalogue))
    told = {str(t.subject) for t in known if t.predicate == RDF.type and t.object == SKOS.Concept}
    described = [d for d in cities[1].datasets().values() for t in d.triples if str(t.subject) in told]
    assert described == [], "a dataset's description says nothing of a controlled term"
