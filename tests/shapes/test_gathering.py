from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from shapes.engine import engine
from shapes.gathering import MOST, gathered, profile_of
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


def test_an_import_is_the_file_beside_that_says_it_is_that_ontology(tmp_path: Path, registry: Registry) -> None:
    one = written(tmp_path, "one.ttl", f": owl:imports <https://b.org/> , <https://c.org/#> . {on('sh:minCount 1')}")
    written(tmp_path, "two.ttl", "@base <https://b.org/> . <> a owl:Ontology ; owl:imports <https://d.org/> .")
    (tmp_path / "three.jsonld").write_text(
        '{"@id": "https://c.org/", "@type": "http://www.w3.org/2002/07/owl#Ontology"}', encoding="utf-8"
    )
    written(tmp_path, "mentions.ttl", "<https://d.org/> rdfs:label 'Ontology' . : owl:imports <https://d.org/> .")
    (tmp_path / "broken.ttl").write_text("an Ontology, not RDF", encoding="utf-8")
    (tmp_path / "folder.ttl").mkdir()
    written(tmp_path, "below/four.ttl", "<https://d.org/> a owl:Ontology .")
    found = gathered([one], registry)
    assert [Path(given.origin).name for given in found.given] == ["one.ttl", "two.ttl", "three.jsonld"]
    assert found.missing == ["https://d.org/"]
    assert found.notes == []


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


def test_a_file_of_shapes_is_read_with_what_it_imports(tmp_path: Path, registry: Registry) -> None:
    """A profile may do nothing but import; what is not here is told by the engine, and nothing is fetched."""
    kept = (HEAD + "<https://base.org/> a owl:Ontology . :T a sh:NodeShape ; sh:class :D .").encode()
    registry.add("base", Text("b", "b"), [Given("https://base.org/v1.ttl", "https://base.org/v1.ttl", kept, ".ttl")])
    written(tmp_path, "more.ttl", f"<> owl:imports <one.ttl> . {on('sh:minCount 1')}")
    one = written(tmp_path, "one.ttl", "<> owl:imports <more.ttl> , <https://base.org/> , <https://far.org/a> .")
    profile = profile_of(one, registry)
    assert (profile.name, profile.given) == ("one.ttl", True)
    assert [Path(d.name).name for d in profile.documents] == ["one.ttl", "more.ttl", "v1.ttl"]
    assert profile.fingerprint == profile_of(one, registry).fingerprint
    judge = engine()
    data = parse(b"<https://x.example/d> a <https://x.example/D> .", format=RdfFormat.TURTLE)
    assert judge.validate([q.triple for q in data], [profile]) is not None
    told = [note.en for note in judge.notes if "imports" in note.en]
    assert len(told) == 1
    assert "https://far.org/a" in told[0]


def test_a_file_without_shapes_is_refused_with_its_imports(tmp_path: Path, registry: Registry) -> None:
    written(tmp_path, "more.ttl", ":x a :y .")
    one = written(tmp_path, "one.ttl", "<> owl:imports <more.ttl> .")
    with pytest.raises(InputInvalid, match="holds no SHACL shape"):
        _ = profile_of(one, registry).triples
