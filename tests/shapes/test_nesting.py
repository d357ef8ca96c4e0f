"""Small documents that would cost a parser without measure are refused; real ones never are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from shapes import nesting
from shapes.read import parsed
from tests.shared import shared
from vocab.errors import InputInvalid

RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x.example/">{}</rdf:RDF>'


def deep_json(levels: int) -> bytes:
    return ('{"http://x.example/p":' * levels + '"x"' + "}" * levels).encode()


def deep_xml(levels: int) -> bytes:
    return RDF.format("<rdf:Description><x:p>" * levels + "x" + "</x:p></rdf:Description>" * levels).encode()


def laughing(levels: int) -> bytes:
    """Each entity is ten times the one before."""
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1)
    )
    body = RDF.format(f'<rdf:Description rdf:about="http://x.example/a"><x:p>&a{levels};</x:p></rdf:Description>')
    return f'<?xml version="1.0"?><!DOCTYPE rdf:RDF [{entities}]>{body}'.encode()


@pytest.mark.parametrize(
    ("body", "suffix", "told"),
    [
        (deep_json(20_000), ".jsonld", "nested more than 500 levels"),
        (b"[" * 100_000, ".json", "nested more than 500 levels"),
        (deep_xml(20_000), ".rdf", "nested more than 500 levels"),
        (laughing(9), ".rdf", "grow without measure"),
    ],
)
def test_they_are_refused_in_words(body: bytes, suffix: str, told: str) -> None:
    with pytest.raises(InputInvalid, match=told) as caught:
        parsed(body, name="a", suffix=suffix)
    assert caught.value.french
    assert caught.value.french_hint


@pytest.mark.parametrize(
    ("body", "suffix"), [(deep_json(400), ".jsonld"), (deep_xml(200), ".rdf"), (laughing(2), ".rdf")]
)
def test_what_is_nested_within_reason_is_read(body: bytes, suffix: str) -> None:
    assert parsed(body, name="a", suffix=suffix).triples


def test_signs_inside_texts_do_not_count() -> None:
    text = b'{"http://x.example/p": "' + b"{[<" * 5_000 + b'"}'
    assert parsed(text, name="a", suffix=".jsonld").triples


def real() -> Iterator[tuple[Path, RdfFormat]]:
    for file in sorted(shared("data/real").rglob("*")):
        if file.suffix in {".json", ".jsonld"}:
            yield file, RdfFormat.JSON_LD
        elif file.suffix in {".rdf", ".xml", ".owl"}:
            yield file, RdfFormat.RDF_XML


def test_no_real_document_is_refused() -> None:
    files = list(real())
    assert len(files) > 20
    for file, rdf_format in files:
        nesting.refuse(file.read_bytes(), rdf_format, str(file))
