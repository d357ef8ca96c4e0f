"""Themes: the words of cities and the joined themes of OpenDataSoft."""

from __future__ import annotations

import pytest

from tests.vocab.spellings import expected, opendatasoft
from vocab.alignment import REASONS, builtin
from vocab.terms import table
from vocab.themes import themes

ROWS = expected("themes")
EU = "http://publications.europa.eu/resource/authority/data-theme/"


def codes(text: str) -> list[str]:
    return [one.code for one in themes(text).terms]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["spelling"][:70])
def test_each_spelling_means_what_the_table_says(row: dict[str, str]) -> None:
    match = themes(row["spelling"])
    assert "|".join(one.code for one in match.terms) == row["expected_codes"]
    assert (match.reason.code if match.reason else "") == row["expected_reason"]
    assert "|".join(match.unmatched) == row["expected_unmatched"]


def test_every_spelling_of_the_real_opendatasoft_records_has_a_row() -> None:
    met = opendatasoft("theme", "themes")
    assert len(met) > 50
    assert met - {row["spelling"] for row in ROWS} == set()


def test_joined_themes_are_split_by_phrase_and_not_by_comma() -> None:
    assert codes("Transports, Déplacements, Environnement") == ["TRAN", "ENVI"]
    assert codes("Services, Social, Sport, Loisirs, Culture, Patrimoine") == ["SOCI", "EDUC"]
    match = themes("Administration, Gouvernement, Finances publiques, Citoyenneté")
    assert [one.code for one in match.terms] == ["GOVE"]  # as one phrase; its words alone would add ECON
    assert match.unmatched == ()


def test_the_order_of_the_text_is_kept_and_each_term_comes_once() -> None:
    assert codes("Voirie, Déchets, Mobilité, Eau") == ["TRAN", "ENVI"]
    assert codes("Déchets; Voirie / Eau") == ["ENVI", "TRAN"]


def test_parts_that_no_rule_knows_are_listed_beside_what_was_found() -> None:
    match = themes("Culture, Licornes, Services")
    assert [one.code for one in match.terms] == ["EDUC"]
    assert match.unmatched == ("Licornes", "Services")
    assert match.reason is None


def test_two_words_joined_by_et_need_both_to_be_known() -> None:
    assert codes("Voirie et déchets") == ["TRAN", "ENVI"]
    match = themes("Voirie et licornes")
    assert match.terms == ()
    assert match.reason is REASONS["unknown"]


@pytest.mark.parametrize("text", ["Services", "Spatial", "Cadre de vie", "Statistiques"])
def test_a_word_of_several_meanings_has_no_theme(text: str) -> None:
    assert themes(text).reason is REASONS["ambiguous"]


def test_a_word_without_a_counterpart_has_no_theme() -> None:
    assert themes("Service Postal").reason is REASONS["no_match"]
    assert themes("http://data.europa.eu/bna/c_dd313021").reason is REASONS["no_match"]  # an HVD category


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (EU + "TRAN", "TRAN"),
        (EU.replace("http:", "https:") + "TRAN", "TRAN"),
        ("http://publications.europa.eu/mdr/authority/data-theme/TRAN", "TRAN"),
        ("tran", "TRAN"),
        ("Agriculture, pêche, sylviculture et alimentation", "AGRI"),
        ("Government and public sector", "GOVE"),
        ("http://inspire.ec.europa.eu/theme/tn", "TRAN"),
        ("https://inspire.ec.europa.eu/theme/tn/", "TRAN"),
        ("Répartition des espèces", "ENVI"),
        ("http://vocab.belgif.be/auth/datatheme/ENVI", "ENVI"),
        ("https://portal.example/explore/?sort=title&refine.theme=Citoyennet%C3%A9", "GOVE"),
    ],
)
def test_iris_codes_and_labels_of_the_lists_are_read(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_every_inspire_theme_has_an_eu_theme() -> None:
    for one in table("inspire-theme"):
        assert codes(one.iri), one.iri
        assert codes(one.fr), one.fr


def test_nothing_stated_is_missing() -> None:
    for text in (None, "", " , ", ";"):
        assert themes(text).reason is REASONS["missing"]


def test_a_line_of_the_city_wins_for_the_whole_and_for_a_part() -> None:
    lines = {"services": "GOVE|SOCI", "culture": "TECH", "transports, deplacements": "", "voirie, dechets": EU + "REGI"}
    assert [one.code for one in themes("Services", extra=lines).terms] == ["GOVE", "SOCI"]
    assert [one.code for one in themes("Environnement, Culture", extra=lines).terms] == ["ENVI", "TECH"]
    assert themes("Transports, Déplacements", extra=lines).reason is REASONS["deliberate"]
    assert [one.code for one in themes("Voirie, Déchets, Santé", extra=lines).terms] == ["REGI", "HEAL"]
    assert themes("Environnement", extra=lines).rule == "table"


def test_prose_is_not_taken_for_a_list() -> None:
    assert themes(", ".join(["mot"] * 100)).reason is REASONS["unknown"]


def test_every_line_of_the_built_in_table_leads_to_themes_or_to_a_reason() -> None:
    for value, line in builtin("themes").items():
        assert bool(line.targets) != bool(line.reason), value
        assert all(table("data-theme").by_code(one) for one in line.targets), value
