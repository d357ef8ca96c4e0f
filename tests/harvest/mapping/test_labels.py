"""What a dataset is called and filed under."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import RecordInvalid
from catalog.model import Fate
from tests.harvest.mapping.support import BASE, mapped

EU = "http://publications.europa.eu/resource/authority"
HVD = "http://data.europa.eu/bna/"


def test_title_is_tagged_by_the_metadata_language_first() -> None:
    found = mapped({"default": {"title": " Trees ", "metadata_languages": ["en"], "language": "fr"}})
    assert found.objects("title") == ['"Trees"@en']
    assert found.objects("language") == [f"<{EU}/language/FRA>"]


def test_title_is_tagged_by_the_language_else_by_the_default() -> None:
    assert mapped({"default": {"metadata_languages": None, "language": "pt"}}).objects("title") == ['"Arbres"@pt']
    found = mapped({"default": {"metadata_languages": None}})
    assert found.objects("title") == ['"Arbres"@fr']
    assert found.objects("language") == []


def test_an_unknown_language_is_reported() -> None:
    found = mapped({"default": {"language": "français courant"}})
    assert found.fate("default.language") is Fate.UNMAPPED


@pytest.mark.parametrize("title", [None, "", "  ", 12, ["a", "b"], {"fr": "a"}, "<p></p>"])
def test_without_a_title_the_record_is_set_aside(title: Any) -> None:
    with pytest.raises(RecordInvalid) as caught:
        mapped({"default": {"title": title}})
    assert caught.value.what == "arbres"
    assert caught.value.hint


def test_dcat_ap_fields_take_precedence() -> None:
    found = mapped(
        {"default": {"description": "a"}, "dcat_ap": {"title": "Tous les arbres", "description": "<p>b</p>"}}
    )
    assert found.objects("title") == ['"Tous les arbres"@fr']
    assert found.objects("description") == ['"b"@fr']
    assert found.fate("default.title") is Fate.IGNORED
    assert found.fate("default.description") is Fate.IGNORED


def test_a_description_of_markup_alone_is_none() -> None:
    found = mapped({"default": {"description": "<p><br></p>"}})
    assert found.objects("description") == []
    assert found.fate("default.description") is Fate.UNMAPPED


def test_keywords_are_trimmed_split_on_commas_and_unique() -> None:
    found = mapped({"default": {"keyword": [" arbre ", "arbre", "Arbre", "parc, jardin", ",", None]}})
    assert found.objects("keyword") == ['"Arbre"@fr', '"arbre"@fr', '"jardin"@fr', '"parc"@fr'], (
        "another case is another word"
    )
    split = found.entry("default.keyword", "parc, jardin")
    assert split.fate is Fate.MAPPED
    assert split.reason
    assert found.fate("default.keyword", ",") is Fate.UNMAPPED


def test_a_keyword_that_is_an_object_is_reported() -> None:
    found = mapped({"default": {"keyword": {"a": 1}}})
    assert found.objects("keyword") == []
    assert found.fate("default.keyword.a") is Fate.UNMAPPED


def test_theme_gives_the_eu_theme_and_the_citys_own() -> None:
    found = mapped({"default": {"theme": ["Environnement"]}})
    assert found.objects("theme") == [f"<{EU}/data-theme/ENVI>", f"<{BASE}concept/theme/environnement>"]
    own = found.other("concept/theme/environnement")
    assert '"Environnement"@fr' in own
    assert "inScheme" in own
    assert "ConceptScheme" in found.other("concept/theme")
    assert found.fate("default.theme") is Fate.MAPPED


def test_a_theme_without_eu_theme_is_on_the_worklist_and_a_line_clears_it() -> None:
    fields = {"default": {"theme": "Se faire plaisir"}}
    entry = mapped(fields).entry("default.theme")
    assert (entry.fate, entry.table) == (Fate.UNMAPPED, "themes")
    found = mapped(fields, settings={"themes": {"se faire plaisir": "EDUC"}})
    assert f"<{EU}/data-theme/EDUC>" in found.objects("theme")
    assert found.fate("default.theme") is Fate.MAPPED
    left = mapped(fields, settings={"themes": {"se faire plaisir": ""}})
    assert left.fate("default.theme") is Fate.MAPPED
    assert left.objects("theme") == [f"<{BASE}concept/theme/se-faire-plaisir>"]


def test_an_eu_theme_by_its_iri_makes_no_city_theme() -> None:
    found = mapped({"dcat_ap": {"theme": f"{EU}/data-theme/TRAN"}})
    assert found.objects("theme") == [f"<{EU}/data-theme/TRAN>"]


def test_default_theme_only_where_none_is_stated() -> None:
    settings = {"defaults": {"theme": "GOVE"}}
    assert mapped(settings=settings).objects("theme") == [f"<{EU}/data-theme/GOVE>"]
    assert mapped({"default": {"theme": ["Transports"]}}, settings=settings).objects("theme") == [
        f"<{EU}/data-theme/TRAN>",
        f"<{BASE}concept/theme/transports>",
    ]


def test_inspire_theme() -> None:
    found = mapped({"inspire": {"theme": ["Adresses", "Autre chose"]}})
    assert found.objects("theme") == ["<http://inspire.ec.europa.eu/theme/ad>"]
    assert found.fate("inspire.theme", "Autre chose") is Fate.UNMAPPED


def test_high_value_category_keeps_the_leaf_and_adds_its_top() -> None:
    leaf, top = f"{HVD}c_04bf94a3", f"{HVD}c_e1da4e07"
    found = mapped({"dcat_ap": {"hvd_category": [leaf, top]}}, has_records=True)
    assert found.objects("hvdCategory") == [f"<{leaf}>"]
    assert f"<{top}>" in found.objects("theme")
    assert found.objects("applicableLegislation") == ["<http://data.europa.eu/eli/reg_impl/2023/138/oj>"]
    assert found.objects("applicableLegislation", "distribution/csv")


def test_high_value_without_a_category() -> None:
    found = mapped({"custom": {"high-value-dataset": "true"}})
    assert found.objects("applicableLegislation")
    assert found.objects("hvdCategory") == []
    assert mapped({"custom": {"high-value-dataset": "false"}}).fate("custom.high-value-dataset") is Fate.IGNORED


def test_an_unknown_category_is_reported() -> None:
    found = mapped({"hvd_template": {"categories": ["Chevaux"]}})
    assert found.fate("hvd_template.categories") is Fate.UNMAPPED
    assert found.objects("applicableLegislation") == []
