"""What is published from real records conforms to the official DCAT-AP 3.0.1 shapes, or our report names it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, Store, Triple, parse

from catalog.assembly import release_quads, release_triples
from catalog.commands.query import answer
from catalog.exactness import restore
from catalog.formats import FORMATS, write
from catalog.model import Kind
from shapes.engine import engine
from shapes.profiles import DEFAULTS, Profile, from_file, profile
from tests.harvest.city import City, city, saved
from tests.shared import shared

OFFICIAL = "data/shapes/SEMICeu__DCAT-AP/3.0.1"
DESCRIPTION = "http://purl.org/dc/terms/description"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> City:
    path = shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    found = city(tmp_path_factory.mktemp("real"), saved(path))
    found.run(validate=True)
    return found


def graph(a_city: City) -> list[Triple]:
    return list(dict.fromkeys(release_triples(a_city.settings, a_city.view())))


def violations(a_city: City, shapes: Profile) -> Counter[tuple[str, str]]:
    """Path and component of every violation, counted; nothing but the published graph is given to the engine."""
    found = engine("pyshacl").validate(graph(a_city), [shapes])
    return Counter((f.path, f.component.rsplit("#")[1]) for f in found if f.severity == "violation")


@pytest.mark.parametrize("file", ["html/shacl/shapes.ttl", "html/shacl/range.ttl"])
def test_the_published_graph_has_no_violation_of_the_official_shapes_but_what_the_source_lacks(
    published: City, file: str
) -> None:
    found = violations(published, from_file(str(shared(f"{OFFICIAL}/{file}"))))
    expected = {(DESCRIPTION, "MinCountConstraintComponent"): 7} if file.endswith("shapes.ttl") else {}
    assert found == expected


def test_the_generated_official_shapes_agree(published: City, tmp_path: Path) -> None:
    """Two of its property shapes are referred to and missing, which pySHACL refuses: the references are taken out."""
    text = shared(f"{OFFICIAL}/shacl/dcat-ap-SHACL.ttl").read_bytes()
    sh = "http://www.w3.org/ns/shacl#property"
    triples = [q.triple for q in parse(text, format=RdfFormat.TURTLE)]
    described = {t.subject for t in triples}
    whole = [t for t in triples if t.predicate.value != sh or t.object in described]
    assert len(triples) - len(whole) == 2
    file = tmp_path / "shapes.ttl"
    file.write_bytes(write(whole, FORMATS["ttl"]))
    assert violations(published, from_file(str(file))) == {(DESCRIPTION, "MinCountConstraintComponent"): 7}


def test_our_report_names_what_the_source_lacks(published: City) -> None:
    lacking = []
    for dataset in published.datasets().values():
        for finding in published.view().findings(dataset.iri) or ():
            if finding.cause.severity == "violation":
                assert finding.cause.path == DESCRIPTION
                assert finding.cause.profile == "dcat-ap-3"
                assert "description" in finding.message("fr")
                assert "description" in finding.message("en")
                lacking.append(dataset.slug)
    assert len(lacking) == 7


def test_every_published_dataset_conforms_to_our_own_profile_otherwise(published: City) -> None:
    found = engine("pyshacl").validate(graph(published), [profile(name) for name in DEFAULTS])
    assert {f.path for f in found if f.severity == "violation"} == {DESCRIPTION}


def test_every_literal_is_exact_in_every_format(published: City) -> None:
    """The round trip of DESIGN.md, "Exactness": description to document and back, literal by literal."""
    for dataset in published.datasets().values():
        literals = sorted(str(t.object) for t in dataset.triples if isinstance(t.object, Literal))
        for fmt in FORMATS.values():
            back = parse(write(dataset.triples, fmt), format=fmt.rdf)
            assert sorted(str(q.object) for q in back if isinstance(q.object, Literal)) == literals, fmt.suffix


def test_the_store_states_the_descriptions(published: City) -> None:
    """What SPARQL answers is what is described, literal rewriting apart, in both copies."""
    store = Store.read_only(str(published.current().store))
    memory = Store()
    for dataset in published.datasets().values():
        memory.extend(parse(dataset.canonical, format=RdfFormat.N_TRIPLES))
    for quad in memory:
        assert quad in store


def test_the_quads_of_a_release_are_its_triples_by_origin(published: City) -> None:
    quads = list(release_quads(published.settings, published.view()))
    assert {q.triple for q in quads} == set(graph(published))
    assert len({str(q.graph_name) for q in quads}) == 186 + 4
    store = Store.read_only(str(published.current().store))
    memory = Store()
    memory.extend(quads)
    assert all(q in store for q in memory), "the store states each in the same graph"


def test_construct_restores_the_datatypes_that_the_profile_demands(published: City) -> None:
    body = answer(
        published.current().store,
        "CONSTRUCT { <urn:x:d> <http://www.w3.org/ns/dcat#byteSize> 12 } WHERE {}",
        "nt",
    )
    assert b'"12"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>' in body
    (triple,) = (q.triple for q in parse(body, format=RdfFormat.N_TRIPLES))
    assert restore(triple) == triple


def test_agents_and_concepts_have_names(published: City) -> None:
    view = published.view()
    assert view.count(Kind.AGENT) > 40
    for kind, predicate in ((Kind.AGENT, "foaf/0.1/name>"), (Kind.CONCEPT, "core#prefLabel>")):
        for found in view.all(kind):
            assert predicate in found.canonical.decode() or "ConceptScheme" in found.canonical.decode()
