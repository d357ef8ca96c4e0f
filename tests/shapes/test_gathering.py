from __future__ import annotations

from pathlib import Path

import pytest

from shapes.gathering import MOST, gathered
from shapes.registry import Given, Registry
from tests.shapes.lint.cases import HEAD, on
from vocab.errors import GaronneError, InputInvalid
from vocab.text import Text


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registered")


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(HEAD + text, encoding="utf-8")
    return str(folder / name)


def test_circles_among_the_files_end(tmp_path: Path, registry: Registry) -> None:
    one = written(tmp_path, "one.ttl", "<https://a.org/> a owl:Ontology ; owl:imports <https://b.org/> .")
    two = written(tmp_path, "two.ttl", "<https://b.org/> a owl:Ontology ; owl:imports <https://a.org/> , <> .")
    found = gathered([one, two, one], registry)
    assert [given.origin for given in found.given] == [one, two]
    assert (found.missing, found.notes) == ([], [])


def test_a_file_beside_is_taken_and_one_elsewhere_is_not(tmp_path: Path, registry: Registry) -> None:
    one = written(tmp_path, "in/one.ttl", f"<> owl:imports <more.ttl> , <../out.ttl> . {on('sh:minCount 1')}")
    written(tmp_path, "in/more.ttl", "<> owl:imports <one.ttl> , <none.ttl> .")
    written(tmp_path, "out.ttl", ":x a :y .")
    found = gathered([one], registry)
    assert [(Path(given.origin).name, given.imported) for given in found.given] == [
        ("one.ttl", False),
        ("more.ttl", True),
    ]
    assert [Path(iri).name for iri in found.missing] == ["out.ttl", "none.ttl"]


def test_what_was_registered_before_is_taken(tmp_path: Path, registry: Registry) -> None:
    base = (HEAD + "<https://base.org/> a owl:Ontology . :T a sh:NodeShape ; sh:class :D .").encode()
    registry.add("base", Text("b", "b"), [Given("https://base.org/v1.ttl", "https://base.org/v1.ttl", base, ".ttl")])
    for iri in ("https://base.org/", "https://base.org/#", "https://base.org/v1.ttl"):
        one = written(tmp_path, "one.ttl", f": owl:imports <{iri}> .")
        assert [given.body for given in gathered([one], registry).given][1:] == [base]
    one = written(tmp_path, "one.ttl", ": owl:imports <https://example.org/T> .")
    assert gathered([one], registry).missing == ["https://example.org/T"]  # described there, and no document


def test_nothing_is_fetched_unless_asked(tmp_path: Path, registry: Registry) -> None:
    one = written(tmp_path, "one.ttl", ": owl:imports <https://far.org/a> .")
    found = gathered([one], registry)
    assert found.missing == ["https://far.org/a"]
    assert found.notes == []


def test_what_is_fetched_may_import_in_its_turn(tmp_path: Path, registry: Registry) -> None:
    asked: list[str] = []

    def fetch(url: str) -> tuple[bytes, str]:
        asked.append(url)
        if url.endswith("broken"):
            return b"<html>", "text/html"
        if url.endswith("down"):
            raise GaronneError("it does not answer.", what=url)
        return b"<> <http://www.w3.org/2002/07/owl#imports> <a>, <b>, <broken>, <down> .", "text/turtle"

    one = written(tmp_path, "one.ttl", ": owl:imports <https://far.org/a> .")
    found = gathered([one], registry, fetch)
    assert asked == ["https://far.org/a", "https://far.org/b", "https://far.org/broken", "https://far.org/down"]
    assert [given.origin for given in found.given[1:]] == ["https://far.org/a", "https://far.org/b"]
    assert found.missing == ["https://far.org/broken", "https://far.org/down"]
    assert "this is a web page, not RDF" in found.notes[0].en
    assert "it does not answer" in found.notes[1].en


def test_endless_imports_end(tmp_path: Path, registry: Registry) -> None:
    def fetch(url: str) -> tuple[bytes, str]:
        return f"<> <http://www.w3.org/2002/07/owl#imports> <{url}x> .".encode(), "text/turtle"

    one = written(tmp_path, "one.ttl", ": owl:imports <https://far.org/a> .")
    found = gathered([one], registry, fetch)
    assert len(found.given) == MOST
    assert f"more than {MOST} documents" in found.notes[-1].en


def test_the_files_themselves_must_be_readable(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(InputInvalid):
        gathered([str(tmp_path / "none.ttl")], registry)
