"""Publisher, creator, contributor, contact."""

from __future__ import annotations

from catalog.model import Fate
from harvest.mapping.context import Agent
from tests.harvest.mapping.support import BASE, mapped

METROPOLE = Agent("Toulouse Métropole", type="LocalAuthority", email="opendata@example.org")
BLAGNAC = Agent(
    "Ville de Blagnac",
    ("Mairie de Blagnac", "blagnac"),
    "21310069000011",
    "LocalAuthority",
    "Toulouse Métropole",
    "mairie@example.org",
    "https://www.example.org/",
)
REGISTER = {"agents": (METROPOLE, BLAGNAC)}


def test_a_publisher_of_the_register() -> None:
    found = mapped({"default": {"publisher": "MAIRIE DE BLAGNAC "}}, settings=REGISTER)
    assert found.objects("publisher") == [f"<{BASE}agent/ville-de-blagnac>"]
    described = found.other("agent/ville-de-blagnac")
    for part in ('"Ville de Blagnac"', '"21310069000011"', "publishertype/LocalAuthority", "agent/toulouse-metropole"):
        assert part in described
    assert "foaf/0.1/Organization" in found.other("agent/toulouse-metropole")


def test_a_publisher_that_the_register_lacks() -> None:
    types = ["LocalAuthority", "Company"]
    found = mapped({"default": {"publisher": "Ville de Paris"}, "dcat": {"publisher_type": types}})
    assert found.objects("publisher") == [f"<{BASE}agent/ville-de-paris>"]
    described = found.other("agent/ville-de-paris")
    assert described.count("\n") == 3
    assert "LocalAuthority" in described
    assert found.fate("dcat.publisher_type", "Company") is Fate.IGNORED


def test_the_citys_table_leads_to_the_register() -> None:
    settings = {**REGISTER, "publishers": {"service des espaces verts": "Ville de Blagnac"}}
    found = mapped({"default": {"publisher": "Service des espaces verts"}}, settings=settings)
    assert found.objects("publisher") == [f"<{BASE}agent/ville-de-blagnac>"]


def test_no_publisher_is_invented() -> None:
    found = mapped({"dcat": {"publisher_type": "Collectivité territoriale"}})
    assert found.objects("publisher") == []
    assert found.fate("dcat.publisher_type") is Fate.UNMAPPED


def test_names_in_other_scripts_keep_apart() -> None:
    first, second = (mapped({"default": {"publisher": n}}).objects("publisher") for n in ("東京都", "大阪府"))
    assert first != second


def test_creator_and_contributor() -> None:
    found = mapped({"dcat": {"creator": "Ville de Paris \\ Propreté", "contributor": "Ville de Paris"}})
    assert found.objects("creator") == [f"<{BASE}agent/ville-de-paris-proprete>"]
    assert found.objects("contributor") == [f"<{BASE}agent/ville-de-paris>"]


def test_a_stated_contact() -> None:
    found = mapped({"dcat": {"contact_name": "Direction du numérique", "contact_email": "opendata@example.org"}})
    assert found.objects("contactPoint") == [f"<{BASE}dataset/arbres/contact>"]
    assert found.objects("fn", "contact") == ['"Direction du numérique"']
    assert found.objects("hasEmail", "contact") == ["<mailto:opendata@example.org>"]
    assert len(found.objects("type", "contact")) == 2


def test_one_address_a_form_or_none() -> None:
    several = mapped({"dcat": {"contact_email": "a@example.org; b@example.org"}, "default": {"publisher": "P"}})
    assert several.objects("hasEmail", "contact") == ["<mailto:a@example.org>"]
    assert several.objects("fn", "contact") == ['"P"']
    assert several.entry("dcat.contact_email").reason
    form = mapped({"dcat": {"contact_email": "https://example.org/contact"}})
    assert form.objects("hasURL", "contact") == ["<https://example.org/contact>"]
    bad = mapped({"dcat": {"contact_email": "urbanisme(at)example.org"}})
    assert bad.objects("contactPoint") == []
    assert bad.fate("dcat.contact_email") is Fate.UNMAPPED


def test_without_a_contact_the_registers_then_the_default() -> None:
    settings = {**REGISTER, "defaults": {"contact_email": "donnees@example.org", "contact_name": "Mission données"}}
    known = mapped({"default": {"publisher": "blagnac"}}, settings=settings)
    assert known.objects("hasEmail", "contact") == ["<mailto:mairie@example.org>"]
    other = mapped({"default": {"publisher": "Autre"}}, settings=settings)
    assert other.objects("hasEmail", "contact") == ["<mailto:donnees@example.org>"]
    assert other.objects("fn", "contact") == ['"Mission données"']
    assert mapped({"default": {"publisher": "Autre"}}).objects("contactPoint") == []


def test_an_inspire_contact_is_a_person() -> None:
    inspire = {
        "contact_individual_name": "A. Martin",
        "contact_position": "Géomaticienne",
        "contact_email": "a@example.org",
    }
    found = mapped({"inspire": inspire})
    assert "<http://www.w3.org/2006/vcard/ns#Individual>" in found.objects("type", "contact")
    assert found.objects("title", "contact") == ['"Géomaticienne"@fr']
