"""Texts as sources write them."""

from __future__ import annotations

import pytest

from harvest.repair import texts
from harvest.repair.languages import guess


@pytest.mark.parametrize(
    ("value", "expected", "rules"),
    [
        ("Château à côté de São Paulo & <5", "Château à côté de São Paulo & <5", []),
        ("DonnÃ©es Ã  Toulouse, lâ€™Ã©tÃ©", "Données à Toulouse, l’été", ["mojibake"]),
        ("prix â‚¬ 5", "prix € 5", ["mojibake"]),
        ("<p>a &amp; <b>b</b></p>", "a & b", ["html"]),
        ("Donn&eacute;es", "Données", ["html"]),
        ("  deux\n   mots ", "deux mots", ["whitespace"]),
        ("a\u200bb", "ab", ["invisible"]),
        ("d\ufffdonnées", "d\ufffdonnées", ["lost-character"]),
        ("<p> </p>", "", ["html"]),
    ],
)
def test_texts(value: str, expected: str, rules: list[str]) -> None:
    found = texts.text(value)
    assert found.value == expected
    assert [r.name for r in found.rules] == rules


def test_a_text_of_several_lines_keeps_them() -> None:
    assert texts.text("un\n\ndeux", lines=True) == texts.Cleaned("un\n\ndeux")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("arbres, parcs,jardins", ("arbres", "parcs", "jardins")),
        ("arbres; parcs, jardins", ("arbres", "parcs, jardins")),
        ("arbre", ("arbre",)),
        ("1,5 degré", ("1,5 degré",)),
        (" , ", ()),
    ],
)
def test_keywords(value: str, expected: tuple[str, ...]) -> None:
    assert texts.keywords(value) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("fr", "fr"), ("FR", "fr"), ("fr_FR", "fr-fr"), ("fra", "fr"), ("French", "fr"), ("en-GB", "en-gb"), ("?", "")],
)
def test_language_tags(given: str, expected: str) -> None:
    assert texts.tag(given).tag == expected


def test_a_wrong_tag_is_changed_only_where_the_words_leave_no_doubt() -> None:
    english = "List of the trees in the city of Toulouse and their location for each of the streets"
    assert texts.language(english, "fr") == texts.Tagged("en", (texts.rules.WRONG_LANGUAGE,))
    assert texts.language("Liste des arbres", "fr").tag == "fr"
    assert texts.language("Toulouse Open Data", "fr").tag == "fr"
    assert texts.language(english, "en").rules == ()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Les arbres de la ville et des parcs qui sont dans les rues avec leur hauteur", "fr"),
        ("Die Bäume der Stadt und die Parks, die in den Straßen sind, mit der Höhe", "de"),
        ("Gli alberi della città e dei parchi che sono nelle strade con una altezza", "it"),
        ("Data 2019", ""),
    ],
)
def test_guesses(text: str, lang: str) -> None:
    assert guess(text) == lang
