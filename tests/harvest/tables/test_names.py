"""What the names of columns tell."""

from __future__ import annotations

import pytest

from harvest.tables import names


@pytest.mark.parametrize(
    "name",
    [
        "nom",
        "Prénom",
        "NOM_DE_NAISSANCE",
        "dateNaissance",
        "e-mail",
        "courriel_contact",
        "tel_portable",
        "NIR",
        "numero_securite_sociale",
        "IBAN",
        "login",
        "adresse personnelle",
        "first_name",
        "civilité",
        "adresse_ip",
    ],
)
def test_personal(name: str) -> None:
    assert names.looks_personal(name)


@pytest.mark.parametrize(
    "name",
    [
        "nom_commune",
        "nb_eleve",
        "Taux d’allocataire",
        "nom_voie",
        "nom_station",
        "libelle",
        "adresse",
        "hotel",
        "portail",
        "id",
        "telecom",
        "Nom du parc",
        "code_insee",
        "genre_botanique",
        "date",
        "tension",
        "nirvana",
        "agent_pathogene",
        "pluie",
    ],
)
def test_not_personal(name: str) -> None:
    assert not names.looks_personal(name)


def test_coordinates_and_changes() -> None:
    assert names.position(["id", "Latitude", "LONGITUDE"]) == ("LONGITUDE", "Latitude")
    assert names.position(["lat", "latitude", "lon"]) is None, "which one would be a guess"
    assert names.position(["x", "y"]) is None, "those may be metres"
    assert names.last_change(["creation", "Date_MAJ"]) == "Date_MAJ"
    assert names.last_change(["date"]) == ""


@pytest.mark.parametrize(
    ("name", "title"),
    [("arbres_d-alignement", "Arbres d alignement"), ("pointsDeVente", "Points De Vente"), ("__", "__")],
)
def test_titles_of_technical_names(name: str, title: str) -> None:
    assert names.humanised(name) == title
