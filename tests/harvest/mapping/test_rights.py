"""Licences, rights statements, access rights."""

from __future__ import annotations

import pytest

from catalog.model import Fate
from tests.harvest.mapping.support import BASE, mapped

EU = "http://publications.europa.eu/resource/authority"


def test_a_known_licence_is_on_the_dataset_and_on_each_distribution() -> None:
    found = mapped({"default": {"license": "Licence Ouverte v2.0 (Etalab)"}}, has_records=True)
    for subject in (None, "distribution/csv", "distribution/json"):
        assert found.objects("license", subject) == [f"<{EU}/licence/ETALAB_2_0>"]
        assert found.objects("rights", subject) == [f"<{BASE}dataset/arbres/rights>"]
    assert found.objects("label", "rights") == ['"Licence Ouverte v2.0 (Etalab)"@fr']
    assert found.fate("default.license") is Fate.MAPPED


def test_an_unversioned_licence_ouverte_is_never_version_2() -> None:
    found = mapped({"default": {"license": "Licence Ouverte (Etalab)"}}, has_records=True)
    assert found.objects("license") == []
    assert found.objects("license", "distribution/csv") == []
    assert found.objects("label", "rights") == ['"Licence Ouverte (Etalab)"@fr']
    entry = found.entry("default.license")
    assert (entry.fate, entry.table) == (Fate.UNMAPPED, "licences")


def test_a_line_of_the_citys_table_clears_it() -> None:
    found = mapped({"default": {"license": "ODbL Paris "}}, settings={"licences": {"odbl paris": "ODC_BL"}})
    assert found.objects("license") == [f"<{EU}/licence/ODC_BL>"]
    assert found.fate("default.license") is Fate.MAPPED
    left = mapped({"default": {"license": "ODbL Paris "}}, settings={"licences": {"odbl paris": ""}})
    assert left.fate("default.license") is Fate.IGNORED


def test_the_licence_address_decides_and_stays_as_see_also() -> None:
    url = "https://spdx.org/licenses/etalab-2.0.html"
    found = mapped({"default": {"license": "etalab 2.0", "license_url": url}})
    assert found.objects("license") == [f"<{EU}/licence/ETALAB_2_0>"]
    assert found.objects("seeAlso", "rights") == [f"<{url}>"]


def test_contradiction_is_no_licence() -> None:
    fields = {"license": "Creative Commons - CC0", "license_url": "http://creativecommons.org/licenses/by/4.0/"}
    found = mapped({"default": fields})
    assert found.objects("license") == []
    assert found.fate("default.license") is Fate.UNMAPPED


def test_a_missing_licence_stays_missing_unless_a_default_is_configured() -> None:
    assert mapped().objects("license") == []
    found = mapped(settings={"defaults": {"licence": "ETALAB_2_0"}})
    assert found.objects("license") == [f"<{EU}/licence/ETALAB_2_0>"]
    notes = [t for t in found.triples if t.predicate.value.endswith("editorialNote")]
    assert {str(t.subject) for t in notes} == {f"<{BASE}record/arbres>"}
    assert len(notes) == 2


def test_attributions_are_rights_of_the_dataset_only() -> None:
    lines = ["© contributeurs OpenStreetMap", "IGN"]
    found = mapped({"default": {"attributions": lines, "license": "ODbL"}}, has_records=True)
    assert len(found.objects("rights")) == 3
    assert len(found.objects("rights", "distribution/csv")) == 1


@pytest.mark.parametrize(("visibility", "expected"), [("domain", ["PUBLIC"]), ("public", ["PUBLIC"]), (None, [])])
def test_what_the_portal_shows_to_everybody_is_public(visibility: str | None, expected: list[str]) -> None:
    found = mapped(visibility=visibility)
    assert found.objects("accessRights") == [f"<{EU}/access-right/{code}>" for code in expected]


def test_stated_access_rights_come_first() -> None:
    found = mapped({"dcat": {"accessRights": f"{EU}/access-right/RESTRICTED"}}, visibility="domain")
    assert found.objects("accessRights") == [f"<{EU}/access-right/RESTRICTED>"]
    odd = mapped({"dcat": {"accessRights": "sur demande motivée"}}, visibility="domain")
    assert odd.objects("accessRights") == []
    assert odd.fate("dcat.accessRights") is Fate.UNMAPPED
