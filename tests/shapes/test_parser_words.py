"""Errors of the parsers in French: documents broken in every way, and nearly every sentence translated."""

from __future__ import annotations

import random

import pytest

from shapes.parser_words import french
from shapes.read import parsed
from vocab.errors import InputInvalid

DOCUMENTS = {
    ".ttl": """@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://x.example/a> a dct:Thing ; dct:title "Bonjour"@fr , \"\"\"x\"\"\" ; dct:n 12 , 1.5 , true , "a"^^xsd:date ;
  dct:p [ dct:q ( 1 2 _:b ) ] .
""",
    ".rdf": """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">
<rdf:Description rdf:about="http://x.example/a"><d:title xml:lang="fr">Bonjour &amp; bonsoir</d:title>
<d:p rdf:parseType="Resource"><d:q rdf:resource="http://x/b"/></d:p></rdf:Description></rdf:RDF>
""",
    ".jsonld": """{"@context": {"dct": "http://purl.org/dc/terms/", "title": {"@id": "dct:title", "@language": "fr"}},
"@id": "http://x.example/a", "@type": "dct:Thing", "title": ["a", "b"], "dct:p": {"@value": "x", "@type": "dct:D"}}
""",
    ".nt": '<http://x/a> <http://x/b> "c"@fr .\n_:a <http://x/b> <http://x/c> .\n',
}


def broken(text: str, dice: random.Random) -> str:
    """The text with something cut off, taken out or put in."""
    at = dice.randrange(len(text))
    way = dice.random()
    if way < 0.3:
        return text[:at]
    if way < 0.6:
        return text[:at] + text[at + dice.randint(1, 6) :]
    return text[:at] + dice.choice('<>"{}[]().;,@^:_ \\é&#\n%|0aA') + text[at:]


@pytest.mark.parametrize("suffix", sorted(DOCUMENTS))
def test_nearly_all_that_a_parser_says_is_said_in_french(suffix: str) -> None:
    dice = random.Random(20260301)  # noqa: S311  documents, not secrets
    said: list[str] = []
    for _ in range(600):
        try:
            parsed(broken(DOCUMENTS[suffix], dice).encode(), name="a", suffix=suffix, base="https://b.example/")
        except InputInvalid as error:
            said.append(error.french)
    assert len(said) > 150
    assert all(said)
    english = [one for one in said if "en anglais" in one]
    assert len(english) <= 0.02 * len(said), sorted(set(english))


def test_where_and_what_to_do_are_told_in_french() -> None:
    with pytest.raises(InputInvalid) as caught:
        parsed(
            b"@prefix x: <http://x.example/> .\nx:a x:b y:c .\nx:a x:b x:c .\nx:d x:e x:f .",
            name="a.ttl",
            suffix=".ttl",
        )
    assert (
        caught.value.french
        == "ligne 2, colonne 9\u00a0: ce n’est pas du Turtle correct\u00a0: le préfixe y: n’est pas déclaré."
    )
    assert caught.value.french_hint == "Vérifiez le document à cet endroit."


def test_what_is_not_known_stays_english_and_says_so() -> None:
    assert french("Something else") == "l’analyseur dit, en anglais\u00a0: Something else"


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfea\x00", b"<!doctype html><p>", b"PK\x03\x04aa", b"\x1f\x8baaaa", b"hello", b"{}", b'{"a": 1}'],
)
def test_what_is_no_rdf_is_told_in_french(body: bytes) -> None:
    with pytest.raises(InputInvalid) as caught:
        parsed(body, name="a")
    assert caught.value.french
    assert caught.value.french_hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("@prefix a: <http://x.example/> . a:b a:c d:e .", "Check the document there."),
        ("@prefix a: <http://x.example/> . a:b a:c a:d ; a:e", "Its end seems to be missing: get it again, whole."),
        ('<http://x.example/a> <http://x.example/b> "c', "Its end seems to be missing: get it again, whole."),
    ],
)
def test_a_missing_end_is_told_from_an_error_on_the_last_line(text: str, hint: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        parsed(text.encode(), name="a.ttl", suffix=".ttl")
    assert caught.value.hint == hint
