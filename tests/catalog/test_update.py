"""Update requests: which graphs they write, and their data sets."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from catalog.dataset import Dataset
from catalog.update import ALL, DEFAULT, VARIABLE, DatasetConflict, operations, outside, with_dataset

EX = "http://example.org/"


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("INSERT DATA { <a> <b> 1 }", [{DEFAULT}]),
        ("INSERT DATA { GRAPH <g> { <a> <b> 1 ; <c> 2 } }", [{EX + "g"}]),
        ("INSERT DATA { GRAPH <g> { <a> <b> 1 } . <a> <b> 2 }", [{EX + "g", DEFAULT}]),
        ("INSERT DATA { }", [set()]),
        ("PREFIX e: <http://example.org/> DELETE DATA { GRAPH e:g { e:a e:b 'GRAPH <x> {' } }", [{EX + "g"}]),
        ("DELETE WHERE { GRAPH <g> { ?s ?p ?o } }", [{EX + "g"}]),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", [{VARIABLE}]),
        ("WITH <g> DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { GRAPH <h> { ?s ?p ?o } }", [{EX + "g"}]),
        ("INSERT { GRAPH <g> { ?s ?p ?o } } WHERE { ?s ?p ?o . { SELECT ?s { ?s ?p ?o } } }", [{EX + "g"}]),
        ("INSERT { GRAPH ?g { ?s ?p ?o } } USING <h> WHERE { ?s ?p ?o }", [{VARIABLE}]),
        ("DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", [{DEFAULT}]),
        ("CLEAR ALL ; DROP GRAPH <g>; CLEAR SILENT DEFAULT", [{ALL}, {EX + "g"}, {DEFAULT}]),
        ("CREATE SILENT GRAPH <g>", [{EX + "g"}]),
        ("COPY <g> TO <h> ; ADD DEFAULT TO <h> ; MOVE <g> TO <h>", [{EX + "h"}, {EX + "h"}, {EX + "g", EX + "h"}]),
        ("LOAD <g> ; LOAD <g> INTO GRAPH <h>", [{DEFAULT}, {EX + "h"}]),
        ("# nothing\n", []),
        ("PREFIX e: <http://example.org/>", [set()]),
    ],
)
def test_what_an_update_writes(text: str, writes: list[set[str]]) -> None:
    assert [found.writes for found in operations(text, EX)] == writes


@pytest.mark.parametrize(
    "text", ["nonsense } {{ ; ( <a", "INSERT", "DELETE WHERE", "WITH", "USING NAMED", "COPY ; ;", "}"]
)
def test_what_is_no_update_is_read_without_an_error(text: str) -> None:
    operations(text)
    assert with_dataset(text, Dataset()) == text


def test_the_first_target_that_is_not_allowed() -> None:
    def local(iri: str) -> bool:
        return iri.startswith(EX + "local/")

    assert outside(operations("CLEAR GRAPH <local/a> ; CLEAR GRAPH <b>", EX), local) == EX + "b"
    assert outside(operations("CLEAR GRAPH <local/a> ; CLEAR NAMED", EX), local) == "NAMED"
    assert outside(operations("INSERT { GRAPH ?g { <a> <b> 1 } } WHERE {}", EX), local) == VARIABLE
    assert outside(operations("MOVE <b> TO <local/a>", EX), local) == EX + "b"
    assert outside(operations("COPY <b> TO <local/a>", EX), local) is None


def state(text: str, asked: Dataset) -> set[str]:
    store = Store()
    store.update(
        "INSERT DATA { GRAPH <http://example.org/a> { <s:1> <p:p> 1 . <s:2> <p:p> 2 } GRAPH <http://example.org/b> "
        "{ <s:1> <p:p> 1 . <s:3> <p:p> 3 } <s:4> <p:p> 4 }"
    )
    before = set(store)
    store.update(with_dataset(text, asked, EX), base_iri=EX)
    assert not [graph for graph in store.named_graphs() if str(graph).startswith("<urn:")]
    return {str(quad) for quad in set(store) - before} | {f"- {quad}" for quad in before - set(store)}


COUNT = "INSERT { <x:x> <x:n> ?n } WHERE { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } }"


def test_the_data_set_of_the_protocol() -> None:
    number = '<x:x> <x:n> "{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert state(COUNT, Dataset()) == {number.format(1)}
    assert state(COUNT, Dataset((EX + "a",))) == {number.format(2)}
    assert state(COUNT, Dataset((EX + "a", EX + "b"))) == {number.format(3)}
    assert state(COUNT, Dataset((), (EX + "a",))) == {number.format(0)}
    own = COUNT.replace("WHERE {", "USING <a> USING <http://example.org/b> WHERE {", 1)
    assert state(own, Dataset()) == {number.format(3)}
    both = f"PREFIX a: <x:> {COUNT} ; {COUNT.replace('<x:x>', 'a:y')}"
    assert len(state(both, Dataset((EX + "a", EX + "b")))) == 2


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("CLEAR DEFAULT ; PREFIX e: <e:> INSERT DATA { e:a e:b 1 }", 1),
        ("PREFIX e: <e:> INSERT DATA { e:a e:b 1 } ; PREFIX f: <f:> INSERT DATA { f:a e:b 2 } ; CLEAR DEFAULT", 0),
        ("BASE <b:> INSERT DATA { <a:a> <a:b> 1 } ; PREFIX f: <f:> PREFIX g: <g:> INSERT DATA { f:a g:b 2 }", 2),
        ("PREFIX e: <e:> INSERT DATA { e:a e:b 1 } ; PREFIX e: <e:> INSERT DATA { e:c e:d 2 }", 2),
    ],
)
def test_declarations_may_follow_an_operation(text: str, added: int) -> None:
    with pytest.raises(SyntaxError):
        Store().update(text)
    store = Store()
    store.update(with_dataset(text, Dataset()))
    assert len(store) == added


def test_a_prefix_that_changes_is_left_to_the_engine() -> None:
    text = "PREFIX e: <e:> CLEAR ALL ; PREFIX e: <f:> INSERT DATA { e:a e:b 1 }"
    assert with_dataset(text, Dataset()) == text


def test_delete_where_has_the_data_set_too() -> None:
    removed = state("DELETE WHERE { ?s <p:p> ?o }", Dataset((EX + "a", EX + "b")))
    assert removed == set()  # the default graph's own triple is not in the data set, and only that graph is written
    assert state("DELETE WHERE { ?s <p:p> ?o }", Dataset()) == {
        '- <s:4> <p:p> "4"^^<http://www.w3.org/2001/XMLSchema#integer>'
    }


@pytest.mark.parametrize("clause", ["WITH <a>", "USING <a>", "USING NAMED <a>"])
def test_a_data_set_given_twice_is_a_conflict(clause: str) -> None:
    template = "DELETE { ?s ?p ?o }"
    head = f"{clause} {template}" if clause.startswith("WITH") else f"{template} {clause}"
    with pytest.raises(DatasetConflict):
        with_dataset(f"{head} WHERE {{ ?s ?p ?o }}", Dataset((EX + "a",)))
