from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from shapes.read import SUFFIXES, parsed, read, sniffed
from tests.shapes.catalogues import CORRECT, triples
from tests.shared import shared
from vocab.errors import GaronneError, InputInvalid, UsageError

BIG = 2_000_000


def graph() -> list[Triple]:
    """Statements that every format can hold, whatever the parser calls blank nodes."""
    return [t for t in triples(CORRECT) if "_:" not in str(t)]


def written(name: str) -> bytes:
    body = serialize(graph(), format=SUFFIXES[name])
    assert body is not None
    return body


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_format_is_read_by_its_suffix(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"catalogue.{suffix.upper()}"
    file.write_bytes(written(suffix))
    found = read(str(file))
    assert set(found.triples) == set(graph())
    assert found.notes == ()


@pytest.mark.parametrize("suffix", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_every_format_is_recognised_without_a_suffix(suffix: str) -> None:
    assert set(parsed(written(suffix), name="x").triples) == set(graph())


def test_turtle_called_rdf_is_read_and_the_reader_is_told(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.rdf"
    file.write_bytes(written("ttl"))
    found = read(str(file))
    assert found.format == "Turtle"
    assert "RDF/XML" in found.notes[0].fr
    assert "Turtle" in found.notes[0].fr


def test_literals_stay_as_written() -> None:
    body = b'@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . <x:a> <x:p> "012"^^xsd:integer, "PT24H"^^xsd:duration .'
    values = [t.object.value for t in parsed(body, name="x", suffix="ttl").triples if isinstance(t.object, Literal)]
    assert values == ["012", "PT24H"]


def test_unnamed_blank_nodes_are_numbered_the_same_at_each_reading_and_prefixed() -> None:
    body = b"<x:a> <x:p> [ <x:q> _:named ] ."
    one, two = (parsed(body, name="x", suffix="ttl", blank="d1").triples for _ in range(2))
    assert one == two
    assert {str(t.object) for t in one} == {"_:d1n1x", "_:d1named"}


def test_a_relative_iri_takes_the_place_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a b.ttl"
    file.write_text("<> <x:p> <#it> .")
    assert read(str(file)).triples[0].object == NamedNode(file.as_uri() + "#it")


def test_named_graphs_are_read_together() -> None:
    assert len(parsed(b"<x:g> { <x:a> <x:p> 1 } <x:h> { <x:a> <x:p> 1 , 2 }", name="x", suffix="trig").triples) == 2


HTML = b"<!DOCTYPE html><html><head><title>Portail</title></head><body></body></html>"
CASES: list[tuple[str, bytes, str]] = [
    ("empty.ttl", b" \n", "it is empty"),
    ("page.ttl", HTML, "this is a web page, not RDF"),
    ("page.rdf", HTML, "web page|not correct RDF/XML"),
    ("table.csv", b"id,name\n1,Arbres\n", "this is not RDF. Expected: .ttl"),
    ("table.ttl", b"id,name\n1,Arbres\n", "line 1, column 1: this is not correct Turtle"),
    ("packed.ttl.gz", gzip.compress(b"<x:a> <x:p> 1 .", mtime=0), "compressed"),
    ("utf16.ttl", "<x:a> <x:p> 1 .".encode("utf-16"), "UTF-16"),
    ("half.ttl", b"<x:a> <x:p> 1 ;\n  <x:q> ", r"half.ttl, line 2, column \d+: this is not correct Turtle"),
    ("wrong.ttl", b"<x:a> <x:p> 1 .\n<x:a> a a .\n<x:b> <x:p> 1 .\n", r"wrong.ttl, line 2, column \d+"),
    ("half.nt", b"<x:a> <x:p> <x:b> .\n<x:a> <x:p", r"half.nt, line 2, column \d+"),
    ("half.jsonld", b'{"@context": {"@vocab": "http://x.org/"},\n "@id": "x:a", "p": ', r"half.jsonld, line \d, col"),
    ("plain.json", b'{"results": [{"dataset_id": "arbres"}]}', "without `@context`"),
    ("remote.jsonld", b'{"@context": "http://127.0.0.1:9/c.jsonld", "@id": "x:a", "x:p": 1}', "nothing is fetched"),
    ("relative.jsonld", b'{"@id": "x:a", "@type": "x:B", "x:p": {"@id": "x:a", "@type": 1}}', "not correct JSON-LD"),
]


@pytest.mark.parametrize(("name", "body", "told"), CASES)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, body: bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(body)
    with pytest.raises(InputInvalid, match=told) as caught:
        read(str(file))
    assert name in str(caught.value)
    assert caught.value.exit_code == 3


def test_half_a_file_of_rdf_xml_has_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "half.rdf"
    whole = written("rdf")
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputInvalid, match=r"half.rdf, line \d+, column \d+: .*RDF/XML.*Its end seems to be missing"):
        read(str(file))


def test_a_broken_iri_in_rdf_xml_has_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "phone.rdf"
    file.write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x.org/">\n'
        '<rdf:Description rdf:about="http://x.org/a">\n'
        '<x:phone rdf:resource="tel:+33 5 61"/></rdf:Description></rdf:RDF>'
    )
    with pytest.raises(InputInvalid, match=r"phone.rdf, line 3, column 24: .*tel:\+33 5 61"):
        read(str(file))


def test_a_missing_file_a_folder_and_a_large_file(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match="there is no such file"):
        read(str(tmp_path / "gone.ttl"))
    (tmp_path / "a.ttl").write_text("<x:a> <x:p> 1 .")
    with pytest.raises(UsageError, match=r"this is a folder. Name the files, such as a.ttl"):
        read(str(tmp_path))
    with pytest.raises(InputInvalid, match=r"larger than .* MiB. Raise the limit"):
        read(str(tmp_path / "a.ttl"), limit=10)
    with pytest.raises(UsageError, match="a URL cannot be read here"):
        read("https://x.example/a.ttl")


def test_a_url_is_read_by_the_type_that_the_server_states_and_else_by_its_look() -> None:
    for media in ("text/turtle; charset=utf-8", "text/plain", "", "application/octet-stream"):
        found = read("https://x.example/feed?page=1", fetch=lambda _url, _most, media=media: (written("ttl"), media))
        assert set(found.triples) == set(graph())


@pytest.mark.parametrize("body", [b"", b"id;name\n", b"hello", b"\x00\x01\x02", b"a, b, c\n[1] x", HTML])
def test_what_is_not_rdf_looks_like_none(body: bytes) -> None:
    assert sniffed(body) is None


def test_what_is_rdf_looks_like_it() -> None:
    assert sniffed(b"# a comment\n\nPREFIX x: <http://x.org/>\nx:a x:p 1 .") == RdfFormat.TURTLE
    assert sniffed(b"[ a <http://x.org/C> ] .") == RdfFormat.TURTLE
    assert sniffed(b'[{"@id": "x:a"}]') == RdfFormat.JSON_LD


def refused(file: Path) -> GaronneError | None:
    try:
        assert read(str(file)).triples
    except GaronneError as error:
        return error
    return None


@pytest.mark.parametrize(("folder", "least"), [("data/real/dcat", 90), ("data/shapes", 700)])
def test_real_files_are_read_or_refused_in_words(folder: str, least: int) -> None:
    counts = {"read": 0, "refused": 0}
    for file in sorted(shared(folder).rglob("*")):
        if file.is_file() and file.suffix.lstrip(".").lower() in SUFFIXES and file.stat().st_size < BIG:
            refusal = refused(file)
            counts["refused" if refusal else "read"] += 1
            assert refusal is None or (file.name in str(refusal) and refusal.exit_code == 3)
    assert counts["read"] > least
    assert counts["refused"] > 10
