"""The mechanism that the alignments share, and the reading of a city's own lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vocab.alignment import REASONS, Alignment, Line, builtin, key, read_mapping_csv
from vocab.errors import UsageError
from vocab.formats import format_for
from vocab.frequencies import frequency
from vocab.licences import licence
from vocab.themes import themes

EU = "http://publications.europa.eu/resource/authority/data-theme/"
LINES = {
    "voirie": Line(("TRAN",)),
    "mobilite et sante": Line(("TRAN", "HEAL")),
    "services": Line((), "ambiguous"),
    "portal.example/theme/eau": Line(("ENVI",)),
}


def alignment(extra: dict[str, str] | None = None) -> Alignment:
    return Alignment("data-theme", LINES, extra)


@pytest.mark.parametrize(
    ("text", "codes", "rule"),
    [
        (EU + "HEAL", ["HEAL"], "iri"),
        ("  Voirie. ", ["TRAN"], "table"),
        ("MOBILITÉ et Santé", ["TRAN", "HEAL"], "table"),
        ("https://www.portal.example/theme/Eau/", ["ENVI"], "table"),
        ("heal", ["HEAL"], "code"),
        ("Santé", ["HEAL"], "label"),
        ("Health", ["HEAL"], "label"),
    ],
)
def test_the_rule_says_how_a_term_was_found(text: str, codes: list[str], rule: str) -> None:
    match = alignment().match(text)
    assert [one.code for one in match.terms] == codes
    assert match.term is match.terms[0]
    assert (match.rule, match.reason) == (rule, None)


@pytest.mark.parametrize(("text", "reason"), [("Services", "ambiguous"), ("licorne", "unknown"), ("  ", "missing")])
def test_the_reason_says_why_there_is_none(text: str, reason: str) -> None:
    match = alignment().match(text)
    assert (match.terms, match.term, match.rule) == ((), None, "")
    assert match.reason is REASONS[reason]


def test_the_city_wins_over_every_other_rule() -> None:
    lines = {"voirie": "REGI | " + EU + "TRAN", "heal": "SOCI", "services": "GOVE", "Exactly So!": "TECH"}
    for text, codes in (
        ("Voirie", ["REGI", "TRAN"]),
        ("HEAL", ["SOCI"]),
        ("services", ["GOVE"]),
        ("Exactly So!", ["TECH"]),
    ):
        match = alignment(lines).match(text)
        assert [one.code for one in match.terms] == codes
        assert match.rule == "city table"


def test_an_empty_target_is_a_decision() -> None:
    assert alignment({"voirie": ""}).match("Voirie").reason is REASONS["deliberate"]


def test_codes_can_be_left_out() -> None:
    assert Alignment("data-theme", {}, codes=False).match("TRAN").term is None


def test_the_mark_for_provisional_data_is_not_a_term() -> None:
    for text in (EU + "OP_DATPRO", "OP_DATPRO", "Provisional data"):
        assert alignment().match(text).reason is REASONS["unknown"]


def test_reasons_are_told_in_both_languages() -> None:
    for code, reason in REASONS.items():
        assert reason.code == code
        assert reason.fr.endswith(".")
        assert reason.en.endswith(".")
        assert reason.fr != reason.en


@pytest.mark.parametrize(
    ("text", "index"),
    [
        (" Éducation,  Culture ", "education, culture"),
        ("L’eau", "l'eau"),
        ("HTTP://www.Example.org/A/", "example.org/a"),
        ("https://example.org/a", "example.org/a"),
        ("https://example.org/a?b=C", "example.org/a?b=c"),
    ],
)
def test_the_key_of_a_spelling(text: str, index: str) -> None:
    assert key(text) == index


@pytest.mark.parametrize("name", ["licences", "frequencies", "themes", "formats"])
def test_the_built_in_tables_are_read_once(name: str) -> None:
    assert builtin(name) is builtin(name)
    assert len(builtin(name)) > 200


@pytest.mark.parametrize(
    "content",
    [
        "value,target\nÉcoles,EDUC\nEau & air,ENVI|HEAL\nDivers,\n",
        "value;target\nÉcoles;EDUC\nEau & air;ENVI|HEAL\nDivers;\n",
        "Target\tnote\tValue\nEDUC\tx\tÉcoles\n\nENVI|HEAL\t\tEau & air\n\ty\tDivers\n",
        'value,target\r\n"Écoles",EDUC\r\n"Eau & air","ENVI|HEAL"\r\nDivers\r\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_citys_lines_are_read_whatever_the_spreadsheet(content: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "themes.csv"
    path.write_bytes(content.encode(encoding))
    lines = read_mapping_csv(path, "data-theme")
    assert lines == {"ecoles": "EDUC", "eau & air": "ENVI|HEAL", "divers": ""}
    assert [one.code for one in themes("ÉCOLES, Eau & air", extra=lines).terms] == ["EDUC", "ENVI", "HEAL"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("valeur,cible\nÉcoles,EDUC\n", "line 1.*valeur, cible.*`value` and `target`"),
        ("value,target\n\nÉcoles,EDUCATION\n", "line 3.*EDUCATION.*EDUC"),
        ("value,target\n,EDUC\n", "line 2.*empty"),
        ("value,target\nÉcoles,EDUC\necoles,SOCI\n", "line 3.*twice"),
        ("value,target\nÉcoles, collèges,EDUC\n", "line 2.*3 cells.*quotes"),
    ],
)
def test_what_is_wrong_with_a_citys_lines_is_told_with_file_and_line(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "themes.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="(?s)" + told) as caught:
        read_mapping_csv(path, "data-theme")
    assert str(path) in caught.value.what


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.csv"):
        read_mapping_csv(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "look_up",
    [
        lambda: licence("Licence Ouverte (Etalab)", url="https://spdx.org/licenses/etalab-2.0.html"),
        lambda: frequency("Annuelle"),
        lambda: themes("Transports, Déplacements, Environnement"),
        lambda: format_for(label="CSV", mimetype="text/csv", url="https://p.example/menus.csv"),
    ],
    ids=["licence", "frequency", "themes", "format"],
)
def test_a_value_seen_before_costs_next_to_nothing(look_up: Callable[[], object]) -> None:
    look_up()
    best = min(_seconds(look_up) for _ in range(20))
    assert best < 100e-6  # five times what it takes on a slow machine; a table read again would take milliseconds


def _seconds(look_up: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(100):
        look_up()
    return (time.perf_counter() - start) / 100
