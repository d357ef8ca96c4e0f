"""Licences as data.gouv.fr recognises them."""

from __future__ import annotations

import pytest

from api.preview.licences import guess, near, slug


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("lov2", "lov2"),
        ("LOV2", "lov2"),
        ("Licence Ouverte / Open Licence version 2.0", "lov2"),
        ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "lov2"),
        ("http://www.etalab.gouv.fr/licence-ouverte-open-licence/", "lov2"),
        ("Licence Ouverte v2.0 (Etalab) : https://github.com/etalab/Licence-Ouverte/blob/master/LO.md", "lov2"),
        ("licence ouvrte version 2.0", "lov2"),
        ("Open Database License", "odc-odbl"),
        ("http://publications.europa.eu/resource/authority/licence/ETALAB_2_0", ""),
        ("licence maison", ""),
        ("", ""),
    ],
)
def test_a_licence_is_known_by_name_address_or_nearly(given: str, expected: str) -> None:
    assert guess([given]).id == expected


def test_the_first_that_is_known_counts() -> None:
    assert guess(["licence maison", "lov2", "odc-odbl"]).id == "lov2"
    assert guess(["licence maison", "autre"]).given == "licence maison"


def test_slugs_are_udata_s() -> None:
    for text, expected in (
        ("Qualité de l'air", "qualite-de-lair"),
        ("l’eau", "leau"),
        ("Œuvres d’art", "oeuvres-dart"),
        ("a/b", "a-b"),
        ("N°1", "ndeg1"),
        ("½", "1-2"),
        ("été_hiver", "ete-hiver"),
        ("Straße", "strasse"),
        ("€", "eur"),
        ("…", ""),
    ):
        assert slug(text) == expected


def test_edit_distance() -> None:
    assert near("", "ab")
    assert not near("", "abc")
    assert near("kitten", "kittne")
    assert not near("kitten", "sitting")
