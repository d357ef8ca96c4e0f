"""The names of sets, and which of them a record is in."""

from __future__ import annotations

from pathlib import Path

from api.oai.sets import Sets
from catalog.archive import Archive
from catalog.facets import Facet
from tests.api.city import City, settings_in
from vocab.namespaces import HVD_LEGISLATION

BASE = "https://data.example.org/"
THEME = "http://publications.europa.eu/resource/authority/data-theme/ENVI"
LEAF, MIDDLE, TOP = (f"http://data.europa.eu/bna/c_{n}" for n in ("03ba8d92", "b151a0ba", "b79e35eb"))


def test_specifications_are_readable_and_hierarchical() -> None:
    sets = Sets(BASE, "fr")
    assert sets.spec(Facet.PUBLISHER, f"{BASE}agent/ville") == "publisher:ville"
    assert sets.spec(Facet.THEME, THEME) == "theme:ENVI"
    assert sets.spec(Facet.THEME, f"{BASE}concept/theme/nature") == "theme:theme.nature"
    assert sets.spec(Facet.HVD, LEAF) == "hvd:c_b79e35eb:c_b151a0ba:c_03ba8d92"
    assert sets.spec(Facet.HVD, HVD_LEGISLATION) == "hvd"


def test_what_has_no_short_name_gets_one_of_its_own() -> None:
    sets = Sets(BASE, "fr")
    one = sets.spec(Facet.PUBLISHER, "https://www.ville.example/à-propos/Équipe?x=1")
    assert one.startswith("publisher:equipe-x-1-")
    assert one != sets.spec(Facet.PUBLISHER, "https://autre.example/Équipe?x=1")


def test_a_record_is_in_its_innermost_sets() -> None:
    facets = [(Facet.HVD, iri) for iri in (HVD_LEGISLATION, LEAF, MIDDLE, TOP)]
    assert Sets(BASE, "fr").specs(facets) == ["hvd:c_b79e35eb:c_b151a0ba:c_03ba8d92"]
    assert Sets(BASE, "fr").specs([(Facet.HVD, HVD_LEGISLATION)]) == ["hvd"]
    assert Sets(BASE, "fr").specs([]) == []


def test_the_sets_of_a_release_in_both_languages(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({"arbres": "Arbres"})
    view = Archive(settings.store.path).at(1)
    named = {lang: {s.spec: s.name for s in Sets(BASE, lang).all(view)} for lang in ("fr", "en")}
    assert (named["fr"]["theme:ENVI"], named["en"]["theme:ENVI"]) == ("Environnement", "Environment")
    assert (named["fr"]["publisher"], named["en"]["publisher"]) == ("Par producteur", "By publisher")
    found = Sets(BASE, "fr").named("publisher:ville", view)
    assert found is not None
    assert (found.facet, found.value) == (Facet.PUBLISHER, f"{BASE}agent/ville")
    assert Sets(BASE, "fr").named("publisher:autre", view) is None
