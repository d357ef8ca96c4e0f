import pytest

from vocab.places import TOULOUSE_METROPOLE, Place, commune, communes, decode_reference, find_place, french_place
from vocab.terms import term

EU = "http://publications.europa.eu/resource/authority/"


def test_the_37_communes() -> None:
    everyone = communes()
    assert len(everyone) == 37
    assert {one.parent for one in everyone} == {TOULOUSE_METROPOLE}
    assert all(one.code.startswith("31") and len(one.code) == 5 for one in everyone)
    assert len({one.slug for one in everyone}) == 37


def test_every_parent_and_iri_is_known() -> None:
    for one in (*communes(), french_place("epci", TOULOUSE_METROPOLE), french_place("region", "04")):
        assert one is not None
        assert not one.iri or term(one.iri)
    around = french_place("departement", "31")
    assert around is not None
    assert around.parent == "76"


@pytest.mark.parametrize("text", ["31069", "Blagnac", "BLAGNAC", " blagnac "])
def test_commune(text: str) -> None:
    assert commune(text) == Place("31069", "Blagnac", "commune", TOULOUSE_METROPOLE)


@pytest.mark.parametrize("text", ["", "Paris", "75056", "31999"])
def test_not_a_commune_of_the_metropole(text: str) -> None:
    assert commune(text) is None


@pytest.mark.parametrize(
    ("text", "level", "code", "iri"),
    [
        ("Toulouse", "commune", "31555", EU + "place/FRA_TLS"),
        ("Ville de Toulouse", "commune", "31555", EU + "place/FRA_TLS"),
        ("Toulouse Métropole", "epci", "243100518", ""),
        ("TOULOUSE-METROPOLE", "epci", "243100518", ""),
        ("Paris", "place", "FRA_PAR", EU + "place/FRA_PAR"),
        ("France", "country", "FRA", EU + "country/FRA"),
        ("France métropolitaine", "country", "FRA", EU + "country/FRA"),
        ("Haute-Garonne", "departement", "31", ""),
        ("département de la Haute-Garonne", "departement", "31", ""),
        ("Occitanie", "region", "76", ""),
        ("Région Occitanie", "region", "76", ""),
        ("L'Union", "commune", "31561", ""),
        ("La Réunion", "region", "04", EU + "country/REU"),
        ("Union européenne", "country", "EUR", EU + "country/EUR"),
        ("Europe", "continent", "EUROPE", EU + "continent/EUROPE"),
        ("Bruxelles", "place", "BEL_BRU", EU + "place/BEL_BRU"),
    ],
)
def test_find_place(text: str, level: str, code: str, iri: str) -> None:
    found = find_place(text)
    assert found is not None
    assert (found.level, found.code, found.iri) == (level, code, iri)


@pytest.mark.parametrize("text", ["", "la", "zone de test", "Grenade", "Valence", "Saint-Denis", "Ville de"])
def test_what_is_unclear_is_not_found(text: str) -> None:
    assert find_place(text) is None


@pytest.mark.parametrize(
    ("code", "level", "expected"),
    [
        ("world_fr", "country", "FRA"),
        ("world_pt", "country", "PRT"),
        ("fr_60_243100518", "epci", "243100518"),
    ],
)
def test_decode_reference(code: str, level: str, expected: str) -> None:
    found = decode_reference(code)
    assert found is not None
    assert (found.level, found.code) == (level, expected)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "fr",
        "world_zz",
        "fr_40_31",
        "fr_40_76",
        "fr_60_31",
        "fr_100_31555",
        "be_40_03000",
        "fr_60_999999999",
        "world_fr_1",
        "fr_60_",
    ],
)
def test_an_unknown_level_is_not_guessed(code: str) -> None:
    assert decode_reference(code) is None
