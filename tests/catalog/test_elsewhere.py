"""The same questions to a release here and on other engines: the same answers, or a clear word why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, Triple

from catalog.commands.root import cli
from catalog.dataset import Dataset
from catalog.elsewhere import Cut, Elsewhere, Parts, elsewhere
from catalog.engine import WHOLE, Engine, Found
from catalog.errors import QueryInvalid, StoreError
from catalog.releases import Release, Releases
from catalog.replica import Replica
from catalog.settings import Settings
from catalog.store import open_read_only
from tests.catalog.making import BASE, MINT, release, settings
from tests.fakes.engines import NAMES, running

MANY = 60
PREFIXES = (
    "PREFIX dct: <http://purl.org/dc/terms/> PREFIX dcat: <http://www.w3.org/ns/dcat#> "
    "PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
)
QUERIES = (
    "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t }",
    "SELECT DISTINCT ?p { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?d ?n { ?d dct:publisher ?a . ?a foaf:name ?n FILTER(CONTAINS(STR(?d), 'd7')) }",
    "SELECT ?g { GRAPH ?g { ?d dct:identifier 'ods:d7' } FILTER(STRSTARTS(STR(?g), STR(<record/>))) }",
    "SELECT ?t ?n { ?d a dcat:Dataset ; dct:title ?t . GRAPH <graph/agents> { ?a foaf:name ?n FILTER(?n = 'Ville') } }",
    "SELECT ?d { ?d a dcat:Dataset FILTER NOT EXISTS { GRAPH <record/d1> { ?d dct:title ?t } } }",
    "SELECT * { { SELECT ?d { ?d a dcat:Dataset } LIMIT 80 } GRAPH ?g { ?d dct:title ?t FILTER(?g = <record/d0>) } }",
    "SELECT ?t FROM <record/d1> { ?s dct:title ?t }",
    "SELECT ?t ?g FROM NAMED <record/d1> { GRAPH ?g { ?s dct:title ?t } }",
    "SELECT ?x { VALUES ?x { 1 2.5 'a' 'b'@fr <x> UNDEF } }",
    "SELECT ?d { ?d dct:title 'Jeu d’ici n° 7'@fr }",
    "ASK { ?s a dcat:Dataset }",
    "ASK { ?s a dcat:Nothing }",
    "ASK { GRAPH <record/d1> { ?s a dcat:Dataset } }",
    "CONSTRUCT { ?d dct:title ?t } { ?d a dcat:Dataset ; dct:title ?t }",
    "CONSTRUCT WHERE { ?d dct:publisher ?a }",
    "CONSTRUCT { ?d dct:title ?t } { GRAPH <record/d1> { ?d dct:title ?t } }",
    "DESCRIBE <dataset/d1>",
)


class Asked:
    """A release here and there."""

    def __init__(self, given: Settings, found: Release, cuts: int) -> None:
        self.given = given
        self.here = Engine(open_read_only(found.store), BASE)
        self.there = Elsewhere.decoded(elsewhere(given, found.store), BASE)
        self.cuts = cuts


@pytest.fixture(scope="module", params=NAMES)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A release of some datasets; Virtuoso gives a hundred rows at most."""
    folder = tmp_path_factory.mktemp("asked") / "var"
    with running(request.param, most=100) as engine:
        titles = {f"d{n}": f"Jeu d’ici n° {n}" for n in range(MANY)}
        release(folder, titles, engine=engine)
        found = release(folder, {"d7": "Jeu d’ici n° 7"}, engine=engine)
        yield Asked(settings(folder, store=engine), found, 100 if request.param == "virtuoso" else 0)


def plain(found: Found) -> object:
    """A result without what engines may do otherwise: the order of rows, datatypes."""
    if found.graph is not None:
        return {(str(t.subject), str(t.predicate), text(t.object)) for t in found.graph}
    if isinstance(found.results, QueryBoolean):
        return bool(found.results)
    assert isinstance(found.results, QuerySolutions)
    names = [v.value for v in found.results.variables]
    return names, sorted(tuple(text(row[name]) for name in names) for row in found.results)


def text(node: object) -> str:
    return (
        "" if node is None else f"{type(node).__name__} {getattr(node, 'value', node)} {getattr(node, 'language', '')}"
    )


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_answers(asked: Asked, query: str) -> None:
    here, there = (plain(engine.ask(PREFIXES + query)) for engine in (asked.here, asked.there))
    if "GRAPH ?g" in query and isinstance(here, tuple):
        assert there[1] == here[1]  # type: ignore[index]
    assert there == here


def test_data_sets_of_the_protocol(asked: Asked) -> None:
    query = PREFIXES + "SELECT ?t { ?s dct:title ?t }"
    wanted = Dataset((MINT.record("d1"), MINT.record("d2")))
    assert plain(asked.there.ask(query, wanted)) == plain(asked.here.ask(query, wanted))
    named = Dataset((), (MINT.record("d1"),))
    query = PREFIXES + "SELECT ?t { GRAPH ?g { ?s dct:title ?t } }"
    assert plain(asked.there.ask(query, named)) == plain(asked.here.ask(query, named))


def test_what_is_no_sparql_is_refused_here_with_its_place(asked: Asked) -> None:
    for query in ("SELEC", "SELECT * { ?s ?p }", "SELECT (<urn:no-such>(1) AS ?x) {}"):
        with pytest.raises((SyntaxError, RuntimeError)) as here:
            plain(asked.here.ask(query))
        if isinstance(here.value, SyntaxError):
            with pytest.raises(SyntaxError) as there:
                asked.there.ask(query)
            assert str(there.value) == str(here.value)


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("SELECT * { ?s ?p ?o }", False),
        ("SELECT * { ?s ?p ?o } LIMIT 100", True),
        ("SELECT * { ?s ?p ?o } LIMIT 101", False),
        ("SELECT ?d { ?d a dcat:Dataset }", True),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", False),
        ("CONSTRUCT { <x> <y> <z> } { ?s ?p ?o }", False),
        ("CONSTRUCT WHERE { ?s ?p ?o }", False),
        ("CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }", False),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 100", True),
        ("CONSTRUCT { ?d a ?c } { ?d a dcat:Dataset , ?c }", True),
        ("DESCRIBE ?d { ?s dct:title ?t ; ?p ?d }", False),
    ],
)
def test_an_answer_that_the_engine_cuts_is_none(asked: Asked, query: str, whole: bool) -> None:
    if whole or not asked.cuts:
        plain(asked.there.ask(PREFIXES + query))
    else:
        with pytest.raises(Cut, match="gives at most 100 rows"):
            plain(asked.there.ask(PREFIXES + query))


def test_an_engine_that_says_nothing_of_what_it_cuts_is_asked_to_count(asked: Asked) -> None:
    silent = replace(asked.there, place=replace(asked.there.place, rows=30, told=False))
    with pytest.raises(Cut, match="at most 30 rows"):
        silent.ask(PREFIXES + "SELECT ?d { ?d a dcat:Dataset }")
    assert plain(silent.ask(PREFIXES + "SELECT ?d { ?d a dcat:Dataset } LIMIT 30"))
    assert plain(silent.ask(PREFIXES + "SELECT ?d { ?d dct:identifier 'ods:d7' }"))


def test_each_release_is_asked_for_itself(asked: Asked) -> None:
    query = PREFIXES + "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    for kept in Releases(asked.given.store.path).list():
        there = Elsewhere.decoded(elsewhere(asked.given, kept.store), BASE)
        assert plain(there.ask(query)) == plain(Engine(open_read_only(kept.store), BASE).ask(query))


def test_a_release_from_before_there_was_an_engine_is_asked_here(tmp_path: Path) -> None:
    found = release(tmp_path / "var", {"a": "Un"})
    where = {name: f"http://127.0.0.1:9/{name}" for name in ("query", "update", "graphs")}
    given = settings(tmp_path / "var", store={"engine": "sparql", **where})
    assert elsewhere(given, found.store) == ""


def test_the_command_asks_the_engine(asked: Asked, tmp_path: Path) -> None:
    store = asked.given.store
    lines = [f"{n} = {json.dumps(getattr(store, n))}" for n in ("engine", "query", "update", "graphs", "user", "auth")]
    config = tmp_path / "garonne.toml"
    config.write_text(f'[catalog]\nbase = "{BASE}"\n[store]\npath = "{store.path}"\n' + "\n".join(lines) + "\n")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(
            cli, ["--config", str(config), *arguments], env={"GARONNE_STORE_PASSWORD": store.password}
        )
        return getattr(done.exception, "exit_code", done.exit_code), done.output

    assert run("query", PREFIXES + "SELECT ?t { <dataset/d1> dct:title ?t }") == (0, "t\nJeu d’ici n° 1\n")
    assert run("query", "ASK {}", "--format", "csv") == (0, "true\n")
    code, said = run("query", PREFIXES + "CONSTRUCT WHERE { <dataset/d1> dct:title ?t }", "--format", "nt")
    assert (code, "Jeu d’ici n° 1" in said) == (0, True)
    assert run("query", "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")[0] == QueryInvalid.exit_code
    code, said = run("doctor")
    assert code == 0, said
    assert f"in <{BASE}graph/merged/2>" in said
    assert store.password not in said or not store.password
    code, said = run("config", "show")
    assert "set, not shown" in said or not store.password


def test_an_engine_that_went_away_is_told(asked: Asked) -> None:
    access = replace(asked.there.remote.access, query="http://127.0.0.1:9/query")
    gone = Elsewhere(type(asked.there.remote)(access, patience=2), asked.there.place, BASE)
    with pytest.raises(StoreError, match="cannot be reached"):
        gone.ask("ASK {}", WHOLE)


@pytest.mark.parametrize(
    ("query", "where", "tail", "limit"),
    [
        ("SELECT * { ?s ?p '{' } LIMIT 5", "{ ?s ?p '{' }", " LIMIT 5", 5),
        (
            "PREFIX x: <y> SELECT ?s WHERE{{SELECT * {?s ?p ?o} LIMIT 3}} ORDER BY ?s",
            "{{SELECT * {?s ?p ?o} LIMIT 3}}",
            " ORDER BY ?s",
            None,
        ),
        ("CONSTRUCT { ?s a <x> } WHERE { ?s ?p ?o } OFFSET 2 LIMIT 1", "{ ?s ?p ?o }", " OFFSET 2 LIMIT 1", 1),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "{ ?s ?p ?o }", "", None),
        ("CONSTRUCT FROM <g> WHERE { ?s ?p ?o }", "{ ?s ?p ?o }", "", None),
        ("ASK FROM <g> { ?s ?p ?o } # }", "{ ?s ?p ?o }", " # }", None),
        ("DESCRIBE <x>", "", "", None),
    ],
)
def test_parts_of_a_query(query: str, where: str, tail: str, limit: int | None) -> None:
    found = Parts.of(query)
    assert (found.where, found.tail, found.limit) == (where, tail, limit)
    if where:
        assert found.before + found.where + found.tail == query


def test_statements_are_as_they_were(asked: Asked) -> None:
    remote = Replica(asked.given).engine
    triple = Triple(NamedNode("x:s"), NamedNode("x:p"), Literal("v"))
    assert remote.add(f"{BASE}graph/local/t", [f"{triple} ."]) == 0
    assert remote.count(f"{BASE}graph/local/t") == 1
    remote.drop(f"{BASE}graph/local/t")
    assert remote.count(f"{BASE}graph/local/t") == 0
    assert QueryResultsFormat.JSON.media_type.endswith("json")
