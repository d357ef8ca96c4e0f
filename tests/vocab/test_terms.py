import time

import pytest
from pyoxigraph import NamedNode

from tests.shared import shared
from vocab.errors import UsageError
from vocab.terms import SCHEMES, TABLES, ancestors, current, normalise, table, term, top_category

EU = "http://publications.europa.eu/resource/authority/"
BNA = "http://data.europa.eu/bna/"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_sound(name: str) -> None:
    terms = list(table(name))
    assert terms
    assert len({one.code.lower() for one in terms}) == len(terms)
    assert len({one.iri for one in terms}) == len(terms)
    assert [one.code for one in terms] == sorted(one.code for one in terms)
    for one in terms:
        NamedNode(one.iri)
        assert one.iri.startswith(SCHEMES[name].base)
        assert one.fr.strip() == one.fr != ""
        assert one.en.strip() == one.en != ""
        assert "" not in one.aliases
        assert term(one.iri) is one
        for linked in (one.replaced_by, one.broader):
            assert not linked or term(linked)
        assert not current(one).replaced_by


@pytest.mark.parametrize("name", TABLES)
def test_every_current_term_is_found_by_iri_and_code(name: str) -> None:
    for one in table(name):
        if not one.replaced_by:
            assert table(name).find(one.iri) is one
            assert table(name).find(one.code.lower()) is one


@pytest.mark.parametrize("name", [name for name in TABLES if name != "place"])
def test_labels_are_unambiguous(name: str) -> None:
    for one in table(name):
        if not one.replaced_by:
            assert table(name).by_label(one.fr) is one
            assert table(name).by_label(one.en) is one


def test_sizes() -> None:
    assert len(table("data-theme")) == 14
    assert len(table("hvd-category")) == 96
    assert len(table("publisher-type")) == 11
    assert len(table("inspire-theme")) == 34
    assert len(table("continent")) == 7


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("language", "fr", "FRA"),
        ("language", "Français", "FRA"),
        ("language", "oc", "OCI"),
        ("language", "eng", "ENG"),
        ("country", "FR", "FRA"),
        ("country", "république  francaise", "FRA"),
        ("frequency", "quotidienne", "DAILY"),
        ("frequency", "Annuel.", "ANNUAL"),
        ("frequency", "P1D", "DAILY"),
        ("file-type", ".geojson", "GEOJSON"),
        ("file-type", "text/csv", "CSV"),
        ("file-type", "Shapefile", "SHP"),
        ("licence", "Licence Ouverte / Open Licence version 2.0", "ETALAB_2_0"),
        ("licence", "http://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0"),
        ("data-theme", "« Régions et villes »", "REGI"),
        ("access-right", "Non Public", "NON_PUBLIC"),
        ("media-type", "TEXT/CSV", "text/csv"),
        ("inspire-theme", "Adresses", "ad"),
        ("checksum-algorithm", "SHA-256", "sha256"),
        ("publisher-type", "Autorité locale", "LocalAuthority"),
    ],
)
def test_find(name: str, text: str, code: str) -> None:
    found = table(name).find(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("old", "name", "code"),
    [
        ("http://purl.org/cld/freq/annual", "frequency", "ANNUAL"),
        ("http://purl.org/adms/status/UnderDevelopment", "distribution-status", "DEVELOP"),
        (EU + "licence/CC_BY", "licence", "CC_BY_4_0"),
        (EU + "country/TMP", "country", "TLS"),
        ("https://www.iana.org/assignments/media-types/application/javascript", "media-type", "text/javascript"),
    ],
)
def test_a_deprecated_term_leads_to_its_replacement(old: str, name: str, code: str) -> None:
    gone = term(old)
    assert gone is not None
    assert current(gone).code == code
    assert table(name).find(old) == current(gone)


def test_what_is_not_there_is_not_found() -> None:
    assert term(EU + "language/XXX1") is None
    assert term("https://publications.europa.eu/resource/authority/language/FRA") is None
    assert term(EU + "language/FRA/") is None
    assert table("language").find("klingon à lunettes") is None
    assert table("language").find("") is None
    assert table("frequency").find(EU + "language/FRA") is None


def test_a_name_that_two_terms_share_is_not_found() -> None:
    names: dict[str, int] = {}
    for one in table("place"):
        names[normalise(one.fr)] = names.get(normalise(one.fr), 0) + 1
    twice = next(name for name, count in names.items() if count > 1)
    assert table("place").by_label(twice) is None


def test_unknown_table() -> None:
    with pytest.raises(UsageError, match="frequency") as caught:
        table("frequencies")
    assert "Offered: access-right" in str(caught.value)


def test_hvd_categories_climb_to_the_six_top_ones() -> None:
    tops = {one.iri for one in table("hvd-category") if not one.broader}
    assert len(tops) == 6
    for one in table("hvd-category"):
        top = top_category(one.iri)
        assert top is not None
        assert top.iri in tops
        line = ancestors(one.iri)
        assert (line[-1] if line else one) == top
    assert [one.en for one in ancestors(BNA + "c_06b1eec4")] == ["Earth observation and environment"]
    assert top_category(EU + "data-theme/ENVI") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Éducation,  culture et sport. ", "education, culture et sport"),
        ("L’Œuvre", "l'oeuvre"),
        ("Mise à jour – hebdomadaire", "mise a jour - hebdomadaire"),
        ("", ""),
        ("…", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_normalise_is_stable() -> None:
    for one in table("country"):
        assert normalise(normalise(one.fr)) == normalise(one.fr)


def test_schemes_are_those_of_the_official_shapes() -> None:
    text = shared("data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl/mdr-vocabularies.shape.ttl").read_text()
    for name in (
        "access-right",
        "continent",
        "country",
        "data-theme",
        "dataset-type",
        "distribution-status",
        "file-type",
        "frequency",
        "language",
        "licence-type",
        "place",
        "planned-availability",
        "publisher-type",
    ):
        assert f"sh:hasValue <{SCHEMES[name].iri}>" in text


def test_loading_is_quick() -> None:
    for name in ("language", "file-type"):
        best = min(_seconds(name) for _ in range(5))
        assert best < 0.02


def _seconds(name: str) -> float:
    table.cache_clear()
    start = time.perf_counter()
    table(name)
    return time.perf_counter() - start
