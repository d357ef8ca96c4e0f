"""Licences: what each real spelling says, and what it does not say."""

from __future__ import annotations

import pytest

from tests.vocab.spellings import expected, opendatasoft
from vocab.alignment import REASONS, builtin
from vocab.errors import UsageError
from vocab.licences import licence
from vocab.terms import table

ROWS = expected("licences")
EU = "http://publications.europa.eu/resource/authority/licence/"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['spelling'][:60]} {row['url']}".strip())
def test_each_spelling_means_what_the_table_says(row: dict[str, str]) -> None:
    match = licence(row["spelling"], url=row["url"] or None)
    assert (match.term.code if match.term else "") == row["expected_code"]
    assert (match.reason.code if match.reason else "") == row["expected_reason"]
    assert bool(match.rule) == bool(row["expected_code"])


def test_every_spelling_of_the_real_opendatasoft_records_has_a_row() -> None:
    met = opendatasoft("license", "license_url", "license_id")
    assert len(met) > 35
    assert met - {row["spelling"].strip() for row in ROWS} == set()


def test_every_row_names_a_licence_of_the_eu_or_a_reason_but_not_both() -> None:
    for row in ROWS:
        assert bool(row["expected_code"]) != bool(row["expected_reason"]), row
        assert not row["expected_code"] or table("licence").by_code(row["expected_code"]), row
        assert not row["expected_reason"] or row["expected_reason"] in REASONS, row


@pytest.mark.parametrize(
    "text",
    [
        "Licence Ouverte",
        "Licence ouverte / Open Licence",
        "Licence Ouverte v1.0",
        "Licence Ouverte Version 1",
        "fr-lo",
        "Etalab",
    ],
)
def test_only_version_2_of_the_licence_ouverte_is_in_the_eu_table(text: str) -> None:
    match = licence(text)
    assert match.term is None
    assert match.reason in (REASONS["unversioned"], REASONS["other_version"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CC BY 4.0", "CC_BY_4_0"),
        ("CC-BY-4.0", "CC_BY_4_0"),
        ("cc-by-sa 3.0", "CC_BYSA_3_0"),
        ("Creative Commons BY-NC-SA 2.5", "CC_BYNCSA_2_5"),
        ("Creative Commons Attribution 4.0 International (CC BY 4.0)", "CC_BY_4_0"),
        ("Creative Commons Attribution - Partage dans les mêmes conditions 4.0 International", "CC_BYSA_4_0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0 Unported", "CC_BYNCND_3_0"),
        ("Licence Creative Commons Attribution – Pas d’utilisation commerciale 4.0", "CC_BYNC_4_0"),
    ],
)
def test_creative_commons_names_are_read_with_their_version(text: str, code: str) -> None:
    match = licence(text)
    assert match.term is not None
    assert match.term.code == code


@pytest.mark.parametrize("text", ["CC BY", "cc-by-sa", "Creative Commons", "CC_BY", "Creative Commons Attribution"])
def test_a_family_without_its_version_is_reported(text: str) -> None:
    assert licence(text).reason is REASONS["unversioned"]


@pytest.mark.parametrize(
    "url",
    [
        "http://creativecommons.org/licenses/by/4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        "https://www.creativecommons.org/licenses/by/4.0/legalcode",
        "https://creativecommons.org/licenses/by/4.0/deed.fr",
        "HTTPS://CreativeCommons.org/licenses/by/4.0/legalcode.fr",
        EU + "CC_BY_4_0",
        (EU + "CC_BY_4_0").replace("http:", "https:"),
        EU + "CC_BY",  # deprecated by the EU itself in favour of the other
    ],
)
def test_an_address_counts_without_its_scheme_final_slash_and_language(url: str) -> None:
    for match in (licence(url), licence(None, url=url), licence("Une licence inconnue", url=url)):
        assert match.term is not None
        assert match.term.iri == EU + "CC_BY_4_0"


def test_a_national_edition_is_another_text_than_the_international_one() -> None:
    assert licence("https://creativecommons.org/licenses/by/3.0/fr/").reason is REASONS["other_version"]
    dutch = licence("https://creativecommons.org/licenses/by/3.0/nl/").term
    assert dutch is not None
    assert dutch.code == "CC_BY_3_0_NL"


def test_the_three_values_complete_each_other() -> None:
    match = licence(
        "Creative Commons Attribution", url="https://creativecommons.org/licenses/by/4.0/", license_id="cc-by"
    )
    assert match.term is not None
    assert match.term.code == "CC_BY_4_0"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Licence Ouverte v1.0", "https://spdx.org/licenses/etalab-2.0.html"),
        ("Open Database License (ODbL)", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC BY-SA", "https://creativecommons.org/licenses/by/4.0/"),
        ("Licence Ouverte", "http://opendatacommons.org/licenses/odbl/"),
    ],
)
def test_values_that_contradict_each_other_are_reported(text: str, url: str) -> None:
    match = licence(text, url=url)
    assert match.term is None
    assert match.reason is REASONS["ambiguous"]


def test_nothing_stated_is_missing_and_not_unknown() -> None:
    for text in (None, "", "  ", "notspecified", "Non précisée"):
        assert licence(text).reason is REASONS["missing"]


@pytest.mark.parametrize("text", ["FAIR", "ISC", "IPA", "W3C", "Licence de la ville"])
def test_a_plain_word_is_not_read_as_a_code(text: str) -> None:
    assert licence(text).term is None


def test_an_address_in_a_sentence_is_read_when_it_is_the_only_one() -> None:
    ogl = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    match = licence(f"<p>Made by the council under an <a href='{ogl}'>open licence</a> ({ogl}).</p>")
    assert match.term is not None
    assert (match.term.code, match.rule) == ("OGL_3_0", "text")
    other = "https://creativecommons.org/licenses/by/4.0/"
    assert licence(f"Data: {ogl}, pictures: {other}").term is None
    assert licence(f"Data: {ogl}, see also https://example.org/notice").term is None


def test_a_line_of_the_city_wins() -> None:
    lines = {"odbl paris": "ODC_BL", "licence ouverte": EU + "ETALAB_2_0", "open database license (odbl": ""}
    paris = licence("ODBl Paris ", url="http://opendata.paris.fr/page/lalicence/", extra=lines)
    assert paris.term is not None
    assert (paris.term.code, paris.rule) == ("ODC_BL", "city table")
    etalab = licence("Licence Ouverte", extra=lines).term
    assert etalab is not None
    assert etalab.code == "ETALAB_2_0"
    assert licence("Open Database License (ODbL)", extra=lines).reason is REASONS["deliberate"]


def test_a_line_of_the_city_to_an_unknown_licence_is_an_error_that_lists_the_codes() -> None:
    with pytest.raises(UsageError, match="ETALAB_2_0"):
        licence("Licence Ouverte", extra={"licence ouverte": "ETALAB_3_0"})


def test_every_line_of_the_built_in_table_leads_to_a_licence_or_to_a_reason() -> None:
    for value, line in builtin("licences").items():
        assert bool(line.targets) != bool(line.reason), value
        assert all(table("licence").by_code(one) for one in line.targets), value
        assert not line.reason or line.reason in REASONS, value
