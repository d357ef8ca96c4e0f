"""What a CKAN portal makes of a feed."""

from __future__ import annotations

import pytest

from api.preview.model import Contact, Licence, Outcome
from tests.api.preview.feeds import TITLED, WHOLE, harvest, held, said

NAME = "ckan"


def test_a_whole_dataset_is_held_as_ckan_has_it() -> None:
    found = held(NAME, WHOLE)
    assert found.outcome is Outcome.TAKEN
    assert (found.key, found.identifier, found.title) == ("https://data.ville.fr/arbres", "arbres", "Arbres")
    assert found.tags == ("Nature en ville",)
    assert found.hvd == ("http://data.europa.eu/bna/c_ac64a52d",)
    assert found.frequency.endswith("/frequency/ANNUAL")
    assert found.temporal == ("2020-01-01", "2020-12-31")
    assert found.spatial == "1 – 2 E, 43 – 44 N · https://data.ville.fr/extent"
    assert found.contacts == (Contact("contact", "Équipe données", "donnees@ville.fr"), Contact("publisher", "Ville"))
    (resource,) = found.resources
    assert resource.key == "https://data.ville.fr/csv"
    assert resource.format == "http://publications.europa.eu/resource/authority/file-type/CSV"
    assert said(found) == {"licence-unknown", "format-iri"}


@pytest.mark.parametrize(
    ("turtle", "outcome", "rule"),
    [
        (TITLED + ':d dcat:keyword "qualité de l’air" .', "failed", "tag-refused"),
        (TITLED + ':d dcat:keyword "x" .', "failed", "tag-length"),
        (TITLED + ':d dcat:keyword "eau, air" .', "taken", "keyword-split"),
        (TITLED + ":d dct:license eu:licence\\/CC_BY .", "taken", "licence-missing"),
        (TITLED + ":d dcat:distribution [ dct:license :a ] , [ dct:license :b ] .", "taken", "licence-several"),
        (TITLED + ":d dct:temporal [] .", "taken", "temporal-unread"),
        (TITLED + ":d dct:spatial [ dcat:bbox 'POLYGON((1 2,3 4,1 2))'^^gsp:wktLiteral ] .", "taken", "spatial-unread"),
        (TITLED + ":d dcat:contactPoint [] , [ vcard:fn 'B' ] .", "taken", "contact-several"),
        (TITLED + ":d dct:publisher [] , :p .", "taken", "publisher-several"),
        (TITLED + ":d dcat:distribution [ dcat:accessURL <https://a.fr/x> ] .", "taken", "resource-blank"),
        (TITLED + ":d dcat:distribution :x . :x dct:title 'X' .", "taken", "resource-without-url"),
        (TITLED + ":d dcat:distribution [ dcat:byteSize '12 Ko' ] .", "taken", "size-unreadable"),
        ("[] a dcat:Dataset ; dct:title 'Sans nom' .", "taken", "guid-by-name"),
        (":s a dcat:DatasetSeries ; dct:title 'S' .", "skipped", "series-not-read"),
    ],
)  # fmt: skip
def test_what_is_left_out_says_why(turtle: str, outcome: str, rule: str) -> None:
    found = held(NAME, turtle)
    assert rule in said(found)
    assert found.outcome == outcome


def test_one_dataset_without_title_abandons_the_whole_harvest() -> None:
    found = harvest(NAME, TITLED + ':e a dcat:Dataset ; dct:identifier "e" .')
    assert found.abandoned
    assert [n.rule.name for n in found.notes] == ["title-missing"]
    assert not found.taken


def test_services_that_no_distribution_names_are_not_read() -> None:
    service = held(NAME, ":s a dcat:DataService ; dct:title 'S' .")
    assert (service.kind, said(service)) == ("service", {"service-not-read"})


def test_a_licence_is_known_by_its_address_or_its_title() -> None:
    by = "http://www.opendefinition.org/licenses/cc-by"
    assert held(NAME, TITLED + f":d dcat:distribution [ dct:license <{by}> ] .").licence.id == "cc-by"
    named = TITLED + ":d dcat:distribution [ dct:license :l ] . :l dct:title 'Creative Commons Attribution' ."
    assert held(NAME, named).licence == Licence("cc-by", "Creative Commons Attribution", "Creative Commons Attribution")


def test_formats_of_the_register_get_their_short_name() -> None:
    for given, expected in (
        ("dcat:mediaType 'text/csv'", "CSV"),
        ("dct:format 'geojson'", "GeoJSON"),
        ("dct:format 'application/json'", "JSON"),
        ("dct:format 'inconnu'", "inconnu"),
    ):
        (resource,) = held(NAME, TITLED + f":d dcat:distribution [ {given} ] .").resources
        assert resource.format == expected
