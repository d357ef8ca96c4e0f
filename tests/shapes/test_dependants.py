"""A description validated with its context is judged as in the whole catalogue; a change reaches whom it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from shapes.dependants import Line, Reach
from shapes.finding import Finding
from shapes.graph import Graph
from shapes.profiles import Profile
from shapes.set_engine import SetEngine
from shapes.text import Text

FILES = (
    "dcat-ap-3.ttl",
    "dcat-ap-3-recommended.ttl",
    "dcat-ap-3-vocabularies.ttl",
    "lists.ttl",
    "hvd.ttl",
    "garonne.ttl",
    "geodcat-ap-3.ttl",
)
OTHERS = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix e: <http://e.org/> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
e:Loop a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property
  [ sh:path ( [ sh:zeroOrMorePath dct:relation ] dct:title ) ; sh:maxCount 2 ] ,
  [ sh:path [ sh:oneOrMorePath dct:isPartOf ] ; sh:node e:Known ] ,
  [ sh:path dct:publisher ; sh:property [ sh:path dct:type ; sh:class e:Kind ] ] ,
  [ sh:path dct:publisher ; sh:disjoint dct:creator ] ,
  [ sh:path dct:creator ; sh:node [ sh:closed true ; sh:property [ sh:path foaf:name ] ] ] .
e:Known sh:or ( [ sh:class dcat:Dataset ] [ sh:path foaf:name ; sh:minCount 1 ] ) ; sh:not [ sh:hasValue e:d0 ] .
e:Again a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dct:relation ; sh:node e:Again ] .
"""
ASKED = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix e: <http://e.org/> .
e:Asked a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:sparql [ sh:message "same" ; sh:select '''
  PREFIX dct: <http://purl.org/dc/terms/>
  SELECT $this WHERE { $this dct:publisher/^dct:publisher ?o . ?o dct:title ?t . $this dct:title ?t .
  FILTER(?o != $this) }''' ] .
"""


@cache
def profile() -> Profile:
    """Our own profiles together, as one."""
    folder = resources.files("shapes").joinpath("files")
    return Profile("own", Text("", ""), tuple(str(folder.joinpath(f)) for f in FILES))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Shapes that use what our own do not: cycles, repetition, queries."""
    file = tmp_path_factory.mktemp("shapes") / "other.ttl"
    file.write_text(OTHERS)
    return Profile("other", Text("", ""), (str(file),))


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A shape that is a query."""
    file = tmp_path_factory.mktemp("shapes") / "asking.ttl"
    file.write_text(ASKED)
    return Profile("asking", Text("", ""), (str(file),))


class Catalogue:
    """Descriptions by name, and what they state together."""

    def __init__(self, parts: Mapping[str, frozenset[Line]]) -> None:
        self.parts = parts
        self.lines = frozenset(line for part in parts.values() for line in part)

    def graph(self, name: str) -> Graph:
        return Graph(self.parts.get(name, ()))

    def look(self, without: Iterable[Line] = ()) -> Looking:
        return Looking(self.lines - set(without))


class Looking:
    """Look-ups in a set of statements."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._naming: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for s, p, o in lines:
            self._about[s][p].append(o)
            self._naming[o][p].append(s)

    def about(self, node: str) -> Mapping[str, Sequence[str]]:
        return self._about.get(node, {})

    def naming(self, node: str) -> Mapping[str, Sequence[str]]:
        return self._naming.get(node, {})


A, DCT, DCAT = (
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
    "http://purl.org/dc/terms/",
    "http://www.w3.org/ns/dcat#",
)
CLASSES = [
    f"<{DCAT}Dataset>",
    f"<{DCAT}DatasetSeries>",
    f"<{DCAT}DataService>",
    "<http://xmlns.com/foaf/0.1/Agent>",
    "<http://e.org/Kind>",
]
NODES = [f"<http://e.org/d{n}>" for n in range(5)] + ["<http://e.org/p>"]
LINKS = [
    *(
        f"<{DCT}{name}>"
        for name in ("relation", "isPartOf", "publisher", "creator", "isReferencedBy", "type", "source")
    ),
    *(f"<{DCAT}{name}>" for name in ("inSeries", "servesDataset", "distribution", "accessService", "contactPoint")),
    "<http://data.europa.eu/r5r/applicableLegislation>",
]
TEXTS = [f"<{DCT}title>", "<http://xmlns.com/foaf/0.1/name>", f"<{DCT}description>"]
STATEMENT = st.one_of(
    st.tuples(st.just(A), st.sampled_from(CLASSES)),
    st.tuples(st.sampled_from(LINKS), st.sampled_from([*NODES, "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"])),
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(['"Arbres"@fr', '"Bancs"@fr', '"x"'])),
)


def part(name: str) -> st.SearchStrategy[frozenset[Line]]:
    """A description: mostly about its own node, sometimes about another one."""
    own = st.sampled_from([name] * 6 + NODES)
    return st.lists(st.tuples(own, STATEMENT), max_size=7).map(lambda f: frozenset((s, p, o) for s, (p, o) in f))


CATALOGUES = st.fixed_dictionaries({name: part(name) for name in NODES})
CHECKED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def judged(found: Iterable[Finding], nodes: Iterable[str]) -> list[tuple[object, ...]]:
    """The findings that count against these nodes, comparable."""
    about = set(nodes)
    return sorted(
        (f.focus, f.path, f.component, f.shape_node, f.value or "", f.severity)
        for f in found
        if (f.root or f.focus) in about
    )


def whole(engine: SetEngine, profile: Profile, catalogue: Catalogue) -> list[Finding]:
    return engine.validate(Graph(catalogue.lines), [profile])


def alone(engine: SetEngine, profile: Profile, catalogue: Catalogue, name: str) -> list[Finding]:
    """One description validated with its context only."""
    own = catalogue.graph(name)
    reach = Reach(engine.plan([profile]))
    return engine.validate(own, [profile], Graph(reach.context(own, catalogue.look())))


def check(profile: Profile, before: Catalogue, after: Catalogue) -> None:
    engine = SetEngine()
    found = whole(engine, profile, after)
    for name, lines in after.parts.items():
        own = {s for s, _, _ in lines}
        assert judged(alone(engine, profile, after, name), own) == judged(found, own), name
    changed = before.lines ^ after.lines
    concerned = Reach(engine.plan([profile])).dependants(changed, after.look())
    was = whole(engine, profile, before)
    for node in {s for s, _, _ in before.lines & after.lines}:
        if judged(was, [node]) != judged(found, [node]):
            assert node in concerned, node


@CHECKED
@given(CATALOGUES, st.sampled_from(NODES), st.data())
def test_our_profiles(parts: dict[str, frozenset[Line]], name: str, data: st.DataObject) -> None:
    after = Catalogue(parts)
    check(profile(), Catalogue({**parts, name: data.draw(part(name))}), after)


@CHECKED
@given(CATALOGUES, st.sampled_from(NODES), st.data())
def test_other_shapes(other: Profile, parts: dict[str, frozenset[Line]], name: str, data: st.DataObject) -> None:
    after = Catalogue(parts)
    check(other, Catalogue({**parts, name: data.draw(part(name))}), after)


@settings(CHECKED, max_examples=6)
@given(CATALOGUES, st.sampled_from(NODES), st.data())
def test_queries(asking: Profile, parts: dict[str, frozenset[Line]], name: str, data: st.DataObject) -> None:
    after = Catalogue(parts)
    check(asking, Catalogue({**parts, name: data.draw(part(name))}), after)


def test_what_is_found_on_another_description_counts_against_the_one_that_leads_there(other: Profile) -> None:
    """Whether both are validated at once or each alone: a rule on publishers speaks of the datasets that name them."""
    names = ("<http://e.org/d1>", "<http://e.org/d2>", "<http://e.org/p>")
    town = Catalogue(
        {
            names[0]: catalogue("e:d1 a dcat:Dataset ; dct:publisher e:p ."),
            names[1]: catalogue("e:d2 a dcat:Dataset ; dct:publisher e:p ."),
            names[2]: catalogue("e:p dct:type e:x ."),
        }
    )
    engine = SetEngine()
    together = engine.validate(town.graph(names[0]), [other], Graph(town.lines))
    assert [(f.focus, f.root, f.dataset) for f in together] == [(names[2], names[0], "http://e.org/d1")]
    assert sorted(f.root for f in whole(engine, other, town)) == [*names[:2]]
    for name in names:
        assert [f.root for f in alone(engine, other, town, name)] == [name] * (name != names[2])


def catalogue(text: str) -> frozenset[Line]:
    prefixes = f"@prefix dct: <{DCT}> . @prefix dcat: <{DCAT}> . @prefix e: <http://e.org/> .\n"
    prefixes += "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
    return frozenset(
        (str(q.subject), str(q.predicate), str(q.object)) for q in parse(prefixes + text, format=RdfFormat.TURTLE)
    )


@pytest.mark.parametrize(
    ("own", "others", "change", "concerned"),
    [
        # the type of a publisher decides for every dataset that names it
        ("e:a a dcat:Dataset ; dct:publisher e:p .", "", "e:p a foaf:Agent .", True),
        ("e:a a dcat:Dataset ; dct:publisher e:q .", "", "e:p a foaf:Agent .", False),
        # two datasets of one title
        ('e:a a dcat:Dataset ; dct:title "T"@fr .', "", 'e:p a dcat:Dataset ; dct:title "T"@fr .', True),
        ('e:a a dcat:Dataset ; dct:title "T"@fr .', "", 'e:p a dcat:Dataset ; dct:title "U"@fr .', False),
        # the members of a series
        ("e:a a dcat:DatasetSeries .", "", "e:p a dcat:Dataset ; dcat:inSeries e:a .", True),
        # what nobody refers to
        ('e:a a dcat:Dataset ; dct:title "T"@fr .', "", 'e:p dct:description "text"@fr .', False),
    ],
)
def test_whom_a_change_concerns(own: str, others: str, change: str, concerned: bool) -> None:
    after = catalogue(own) | catalogue(others) | catalogue(change)
    found = Reach(SetEngine().plan([profile()])).dependants(catalogue(change), Looking(after))
    assert ("<http://e.org/a>" in found) == concerned
