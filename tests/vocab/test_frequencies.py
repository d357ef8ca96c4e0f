"""Frequencies: words in several languages, codes, IRIs and periods."""

from __future__ import annotations

import pytest

from tests.vocab.spellings import expected, opendatasoft
from vocab import frequencies
from vocab.alignment import REASONS, builtin
from vocab.frequencies import frequency
from vocab.terms import table

ROWS = expected("frequencies")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["spelling"][-60:])
def test_each_spelling_means_what_the_table_says(row: dict[str, str]) -> None:
    match = frequency(row["spelling"])
    assert (match.term.code if match.term else "") == row["expected_code"]
    assert (match.reason.code if match.reason else "") == row["expected_reason"]


def test_every_spelling_of_the_real_opendatasoft_records_has_a_row() -> None:
    met = opendatasoft("accrualperiodicity", "update_frequency", "periodicity", "frequency")
    assert len(met) > 12
    known = {row["spelling"] for row in ROWS}
    assert {one for one in met if not one.startswith("http://base.example/")} - known == set()


def test_every_row_names_a_frequency_of_the_eu_or_a_reason_but_not_both() -> None:
    for row in ROWS:
        assert bool(row["expected_code"]) != bool(row["expected_reason"]), row
        assert not row["expected_code"] or table("frequency").by_code(row["expected_code"]), row


def test_en_continu_is_without_interruption() -> None:
    for text in ("En continu", "en continu", "EN CONTINU ", "Temps réel", "temps-réel"):
        match = frequency(text)
        assert match.term is not None
        assert match.term.code == "UPDATE_CONT"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("P1Y", "ANNUAL"),
        ("R/P12M", "ANNUAL"),
        ("R/P0.5M", "MONTHLY_2"),
        ("R/P0.33M", "MONTHLY_3"),
        ("R/P0.33W", "WEEKLY_3"),
        ("P2W", "BIWEEKLY"),
        ("P14D", "BIWEEKLY"),
        ("P7D", "WEEKLY"),
        ("PT60M", "HOURLY"),
        ("PT24H", "DAILY"),
        ("PT6H", "CONT"),
        ("PT15M", "15MIN"),
        ("P0,5Y", "ANNUAL_2"),
        ("Tous les 10 ans", "DECENNIAL"),
        ("tous les 6 mois", "ANNUAL_2"),
        ("toutes les 2 semaines", "BIWEEKLY"),
        ("tous les 15 jours", "BIWEEKLY"),
        ("every 2 years", "BIENNIAL"),
        ("toutes les 5 min", "5MIN"),
    ],
)
def test_periods(text: str, code: str) -> None:
    match = frequency(text)
    assert match.term is not None
    assert match.term.code == code


@pytest.mark.parametrize("text", ["P1Y2M", "P5D", "P7Y", "tous les 7 ans", "PT0S"])
def test_a_period_that_the_eu_has_no_term_for_is_not_rounded(text: str) -> None:
    assert frequency(text).reason is REASONS["no_match"]


@pytest.mark.parametrize("text", ["P", "PT", "R/", "P.Y", "P1.2.3Y"])
def test_what_only_looks_like_a_period_is_unknown(text: str) -> None:
    assert frequency(text).reason is REASONS["unknown"]


@pytest.mark.parametrize(
    ("iri", "code"),
    [
        ("http://purl.org/cld/freq/daily", "DAILY"),
        ("https://purl.org/cld/freq/threeTimesAYear", "ANNUAL_3"),
        ("http://purl.org/cld/terms/annual", "ANNUAL"),
        ("http://inspire.ec.europa.eu/metadata-codelist/MaintenanceFrequency/fortnightly", "BIWEEKLY"),
        ("http://standards.iso.org/iso/19115/resources/Codelists/cat/codelists.xml#notPlanned", "NOT_PLANNED"),
        ("http://publications.europa.eu/mdr/authority/frequency/QUARTERLY", "QUARTERLY"),
        ("http://publications.europa.eu/resource/authority/frequency/AS_NEEDED", "AS_NEEDED"),
    ],
)
def test_the_iris_of_other_lists_lead_to_the_eu_list(iri: str, code: str) -> None:
    match = frequency(iri)
    assert match.term is not None
    assert match.term.iri == "http://publications.europa.eu/resource/authority/frequency/" + code


def test_of_several_values_the_most_frequent_is_kept_and_the_unknown_are_listed() -> None:
    match = frequency("Annuelle|Mensuelle|tous les mardis")
    assert match.term is not None
    assert match.term.code == "MONTHLY"
    assert match.unmatched == ("tous les mardis",)
    assert frequency("inconnue|Annuelle").term == frequency("Annuelle").term
    assert frequency("foo|bar").unmatched == ("foo", "bar")


def test_nothing_stated_is_missing() -> None:
    for text in (None, "", " ", "|"):
        assert frequency(text).reason is REASONS["missing"]


def test_a_line_of_the_city_wins_for_the_whole_and_for_a_part() -> None:
    lines = {"annuelle": "BIENNIAL", "a la rentree": "ANNUAL", "bisannuelle": "ANNUAL_2", "jamais": ""}
    for text, code in (("Annuelle", "BIENNIAL"), ("À la rentrée", "ANNUAL"), ("foo|Bisannuelle", "ANNUAL_2")):
        match = frequency(text, extra=lines)
        assert match.term is not None
        assert (match.term.code, match.rule) == (code, "city table")
    assert frequency("Jamais", extra=lines).reason is REASONS["deliberate"]


def test_every_frequency_has_its_rank_once() -> None:
    codes = [one.code for one in table("frequency") if one.code != "OP_DATPRO"]
    assert sorted(frequencies._RANK) == sorted(codes)


def test_every_line_of_the_built_in_table_leads_to_a_frequency_or_to_a_reason() -> None:
    for value, line in builtin("frequencies").items():
        assert bool(line.targets) != bool(line.reason), value
        assert all(table("frequency").by_code(one) for one in line.targets), value
