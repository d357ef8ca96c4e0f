"""What the names in a SPARQL text stand for."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from catalog.prologue import Prologue
from catalog.scanner import tokens


def iris(text: str, base: str = "") -> list[str | None]:
    """The IRIs of all tokens that are IRIs or names, behind the declarations."""
    prologue = Prologue(base)
    return [prologue.iri(t) for t in tokens(text) if not prologue.take(t) and t.kind in {"iri", "name"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREFIX e: <http://e.org/> ASK { e:a e: <x:y> }", ["http://e.org/a", "http://e.org/", "x:y"]),
        (
            "prefix : <http://e.org/> ASK { :a :b%20c :d\\,e }",
            ["http://e.org/a", "http://e.org/b%20c", "http://e.org/d,e"],
        ),
        ("BASE <http://e.org/x/> PREFIX e: <y/> ASK { e:a <../b> <#c> }", None),
        ("BASE <http://e.org/> ASK { <a> } BASE <http://f.org/> ASK { <a> }", ["http://e.org/a", "http://f.org/a"]),
        ("PREFIX e <http://e.org/> ASK { e:a }", ["http://e.org/", None]),
    ],
)
def test_names(text: str, expected: list[str | None] | None) -> None:
    wanted = expected or ["http://e.org/x/y/a", "http://e.org/b", "http://e.org/x/#c"]
    assert iris(text) == wanted


def test_the_engine_resolves_alike() -> None:
    head = "BASE <http://e.org/x/y> PREFIX e: <z/> "
    store = Store()
    store.update(f"{head} INSERT DATA {{ <a> <../b> e:c }}", base_iri="http://other.org/")
    (quad,) = store
    found = iris(f"{head} ASK {{ <a> <../b> e:c }}", "http://other.org/")
    assert found == [quad.subject.value, quad.predicate.value, quad.object.value]  # type: ignore[union-attr]
