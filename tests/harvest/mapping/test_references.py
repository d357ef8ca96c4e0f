"""Pages, standards, relations, provenance."""

from __future__ import annotations

import pytest

from catalog.model import Fate
from tests.harvest.mapping.support import BASE, PORTAL, mapped


def test_landing_page_and_references() -> None:
    found = mapped({"default": {"references": "http://a.example/x; www.b.example"}})
    assert found.objects("landingPage") == [f"<{PORTAL}/explore/dataset/arbres/>"]
    assert found.objects("page") == ["<http://a.example/x>", "<http://www.b.example>"]
    types = [str(t.subject) for t in found.triples if str(t.object).endswith("Document>")]
    assert len(types) == 3


def test_without_a_portal_the_first_reference_is_the_landing_page() -> None:
    found = mapped({"default": {"references": "http://a.example/x http://b.example/"}}, settings={"portal": ""})
    assert found.objects("landingPage") == ["<http://a.example/x>"]
    assert found.objects("page") == ["<http://b.example/>"]


@pytest.mark.parametrize("value", ["pas une adresse http://[oops", "voir le site", "htp://example.org"])
def test_what_is_no_address_is_reported(value: str) -> None:
    found = mapped({"default": {"references": value}})
    assert found.objects("page") == []
    assert found.fate("default.references") is Fate.UNMAPPED


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://schema.data.gouv.fr/scdl/menus-collectifs/", "https://schema.data.gouv.fr/scdl/menus-collectifs/"),
        ("scdl/deliberations", "https://schema.data.gouv.fr/scdl/deliberations/"),
        ("plats-menus-collectifs", "https://schema.data.gouv.fr/scdl/plats-menus-collectifs/"),
        ("etalab/schema-irve-statique", "https://schema.data.gouv.fr/etalab/schema-irve-statique/"),
    ],
)
def test_declared_standards(value: str, expected: str) -> None:
    found = mapped({"dcat": {"conforms_to": value}})
    assert found.objects("conformsTo") == [f"<{expected}>"]


def test_an_unknown_standard_is_reported() -> None:
    assert mapped({"dcat": {"conforms_to": "Format maison"}}).fate("dcat.conforms_to") is Fate.UNMAPPED


def test_relations_are_addresses_only() -> None:
    found = mapped({"dcat": {"relation": ["https://a.example/d", "le jeu voisin"]}})
    assert found.objects("relation") == ["<https://a.example/d>"]
    assert found.fate("dcat.relation", "le jeu voisin") is Fate.UNMAPPED


def test_provenance_is_a_statement() -> None:
    found = mapped({"dcat": {"dataquality": "<p>Saisie manuelle</p>"}})
    assert found.objects("provenance") == [f"<{BASE}dataset/arbres/provenance>"]
    assert found.objects("label", "provenance") == ['"Saisie manuelle"@fr']
