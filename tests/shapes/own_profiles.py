"""What the tests of our own profiles share: a profile by its file, findings as pairs, how well it is documented."""

from __future__ import annotations

from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from shapes.background import background
from shapes.engine import Engine, engine
from shapes.finding import Finding
from shapes.meaning import meaning
from shapes.profiles import Profile, profile
from shapes.read import parsed
from shapes.shapes_graph import ShapesGraph, path_in_words
from vocab.namespaces import RDF, RDFS, SH

Pair = tuple[str, str]
"""The path of a finding and the local name of its shape."""

LANGUAGES = ["en", "fr"]


@cache
def own(name: str) -> Profile:
    """The profile of this name, read once for all tests."""
    return profile(name)


def changed(text: str, *changes: Pair) -> str:
    """`text` with each old part replaced; a part that is not there exactly once fails the test."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return text


def triples(text: str) -> tuple[Triple, ...]:
    return parsed(text.encode(), name="test", suffix="ttl", base="https://data.ville.fr/").triples


@cache
def kept(which: str) -> Engine:
    """One engine for all tests: it keeps what it made of a profile."""
    return engine(which)


def validated(name: str, data: tuple[Triple, ...]) -> list[Finding]:
    """What both engines find, which must be the same."""
    known = list(background(data))
    ours, reference = (kept(which).validate(data, [own(name)], known) for which in ("garonne", "pyshacl"))
    assert [identity(f) for f in ours] == [identity(f) for f in reference]
    return ours


def identity(finding: Finding) -> tuple[str | None, ...]:
    return (finding.focus, finding.path, finding.component, finding.shape, finding.value, finding.severity.value)


def pairs(findings: list[Finding]) -> list[Pair]:
    return sorted((path_in_words(f.path), f.shape.rsplit("#", 1)[-1]) for f in findings)


def found(name: str, text: str) -> list[Pair]:
    """The (path, shape) of every finding in a piece of Turtle, sorted."""
    return pairs(validated(name, triples(text)))


def property_shapes(name: str) -> dict[str, NamedNode]:
    """The property shapes of a profile that have an IRI, by local name."""
    graph = ShapesGraph(own(name).triples)
    found = [s for s in graph.subjects() if SH.PropertyShape in graph.values(s, RDF.type)]
    return {s.value.rsplit("#", 1)[-1]: s for s in found if isinstance(s, NamedNode)}


def check_documented(name: str) -> None:
    """Every property shape has an IRI of the profile, a place, a severity, and names, sentences and reasons twice."""
    graph = ShapesGraph(own(name).triples)
    attached = graph.objects(SH.property)
    for shape in graph.subjects():
        if SH.PropertyShape not in graph.values(shape, RDF.type):
            continue
        assert isinstance(shape, NamedNode)
        assert shape.value.startswith(f"https://w3id.org/garonne/shapes/{name}#")
        assert shape in attached, f"{shape} is in no node shape"
        assert len(graph.values(shape, SH.severity)) == 1, shape
        for predicate in (SH.name, SH.message, RDFS.comment):
            languages = sorted(v.language or "" for v in graph.values(shape, predicate) if isinstance(v, Literal))
            assert languages == LANGUAGES, f"{shape.value} {predicate.value}"
        for sentence in graph.message(shape):
            assert ":" in sentence.split("(", 1)[1], f"{shape.value} names no property: {sentence}"
        for scheme in meaning(graph, shape).schemes:
            listed = scheme.rsplit("/", 1)[-1]
            assert listed in graph.message(shape).fr, f"{shape.value} does not name the list {scheme}"
    assert graph.dangling() == []
