"""What data.gouv.fr makes of a feed."""

from __future__ import annotations

import pytest

from api.preview.model import Contact, Licence, Outcome
from tests.api.preview.feeds import TITLED, WHOLE, harvest, held, said, walked

NAME = "data.gouv.fr"
FILE = ":d dcat:distribution :x . :x dcat:accessURL <https://a.fr/x> . "


def test_a_whole_dataset_is_held_as_data_gouv_fr_shows_it() -> None:
    found = held(NAME, WHOLE)
    assert found.outcome is Outcome.TAKEN
    assert (found.key, found.title, found.description) == ("arbres", "Arbres", "Tous les arbres.")
    assert found.licence == Licence("lov2", "Licence Ouverte / Open Licence version 2.0", found.licence.title)
    assert found.tags == ("environnement", "geospatiales", "hvd", "nature-en-ville")
    assert found.hvd == ("Géospatiales",)
    assert (found.frequency, found.temporal) == ("annual", ("2020-01-01", "2020-12-31"))
    assert found.spatial == "1 – 2 E, 43 – 44 N"
    assert found.contacts == (Contact("contact", "Équipe données", "donnees@ville.fr"), Contact("publisher", "Ville"))
    assert found.landing == "https://data.ville.fr/page"
    (resource,) = found.resources
    assert (resource.key, resource.title) == ("https://data.ville.fr/arbres.csv", "Fichier")
    assert (resource.format, resource.media_type, resource.size) == ("csv", "text/csv", "12")
    assert not found.notes


@pytest.mark.parametrize(
    ("turtle", "outcome", "rule"),
    [
        (':d a dcat:Dataset ; dct:title "D" .', "skipped", "identifier-missing"),
        (':d a dcat:Dataset ; dct:identifier "d" .', "skipped", "title-missing"),
        (":s dcat:servesDataset :d . :d a dcat:Dataset .", "skipped", "dataset-elsewhere"),
        (TITLED + ":d dcat:distribution [ dcat:downloadURL <http://10.0.0.1/x> ] .", "failed", "url-refused"),
        (TITLED + ':d dcat:distribution [ dcat:downloadURL "fichier.csv" ] .', "failed", "url-refused"),
        (TITLED + ":d dcat:distribution [ dcat:downloadURL <ssh://ville.fr/x> ] .", "failed", "url-refused"),
        (TITLED + f':d skos:altLabel "{"x" * 129}" .', "failed", "acronym-long"),
        (TITLED + ':d dct:issued "juin 2014" .', "failed", "date-unreadable"),
        (TITLED + FILE + ':x dcat:byteSize "12 Ko" .', "failed", "size-unreadable"),
        (TITLED + FILE + ":x spdx:checksum [ spdx:checksumValue '0a' ] .", "failed", "checksum-without-algorithm"),
        (TITLED + FILE + ":x spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_md5 ; "
         "spdx:checksumValue '0a'^^xsd:hexBinary ] .", "failed", "checksum-binary"),
        (TITLED + ':d dcat:distribution [ dct:title "X" ] .', "taken", "resource-without-url"),
        (TITLED + FILE + ":d dcat:distribution [ dcat:accessURL <https://a.fr/x> ] .", "taken", "resource-twice"),
        (TITLED, "taken", "licence-missing"),
        (TITLED + ':d dct:license "licence maison" .', "taken", "licence-unknown"),
        (TITLED + ":d dcatap:hvdCategory <http://data.europa.eu/bna/c_ac64a52d> .", "taken", "hvd-not-in-theme"),
        (TITLED + ':d dct:accrualPeriodicity "Annuelle" .', "taken", "frequency-unknown"),
        (TITLED + ":d dct:temporal :period .", "taken", "temporal-fetched"),
        (TITLED + ":d dct:temporal [ a dct:PeriodOfTime ] .", "taken", "temporal-unread"),
        (TITLED + ":d dct:temporal [ dcat:startDate '2011'^^xsd:gYear ] .", "taken", "temporal-imprecise"),
        (TITLED + ':d dct:temporal "2020" , "2021" .', "taken", "temporal-several"),
        (TITLED + ":d dct:spatial <https://sws.geonames.org/2972315/> .", "taken", "spatial-without-polygon"),
        (TITLED + ":d dcat:contactPoint [] .", "taken", "contact-empty"),
        (TITLED + ':d dcat:contactPoint [ vcard:fn "Bureau" ] .', "taken", "contact-without-address"),
        (TITLED + ":d dcat:keyword :mot .", "taken", "keyword-iri"),
        (TITLED + ':d dcat:keyword "3D" .', "taken", "keyword-short"),
        (TITLED + ":d dcat:theme :theme .", "taken", "theme-without-label"),
        (TITLED + ':d dct:modified "2999-01-01"^^xsd:date .', "taken", "modified-future"),
        (TITLED + ':d dct:modified "hier" .', "taken", "modified-unreadable"),
        (':d a dcat:Dataset ; dct:identifier "d" ; dct:title "D" .', "taken", "description-missing"),
        (TITLED + FILE + ":x dcat:accessService :s .", "taken", "resource-api"),
        (TITLED + ":d dcat:distribution [ dcat:accessURL <https://a.example/x> ] .", "taken", "url-sample"),
    ],
)  # fmt: skip
def test_what_is_left_out_says_why(turtle: str, outcome: str, rule: str) -> None:
    (found,) = [h for h in harvest(NAME, turtle).items if h.kind == "dataset"]
    assert rule in said(found)
    assert found.outcome == outcome


def test_the_second_of_two_with_one_identifier_is_rejected() -> None:
    first, second = harvest(NAME, TITLED + ':e a dcat:Dataset ; dct:identifier "d" ; dct:title "E" .').items
    assert (first.outcome, second.outcome) == (Outcome.TAKEN, Outcome.FAILED)
    assert "identifier-twice" in said(second)


def test_services_stand_alone_when_no_distribution_names_them() -> None:
    turtle = (
        TITLED
        + """
    :d dcat:distribution [ dcat:accessURL <https://a.fr/x> ; dcat:accessService :inner ] . :inner a dcat:DataService .
    :api a dcat:DataService ; dct:identifier "api" ; dct:title "API" ; dcat:servesDataset :d , :other ;
      dcat:endpointURL <https://a.fr/api> . :other dct:identifier "elsewhere" ."""
    )
    (api,) = [h for h in harvest(NAME, turtle).items if h.kind == "service"]
    assert api.key == "api"
    assert [n.value for n in api.notes if n.rule.name == "served-unknown"] == ["elsewhere"]
    nameless = held(NAME, ':s a dcat:DataService ; dct:identifier "s" .')
    assert (nameless.outcome, "service-title-missing" in said(nameless)) == (Outcome.FAILED, True)


def test_pages_are_followed_by_the_first_kind_of_page_there_is() -> None:
    first, second = "https://data.ville.fr/1.ttl", "https://data.ville.fr/2.ttl"
    view = (
        f"<{first}> a hydra:PartialCollectionView , hydra:PagedCollection ; hydra:next <{second}> ; hydra:nextPage :x ."
    )
    pages = {first: TITLED + view, second: ':e a dcat:Dataset ; dct:identifier "e" ; dct:title "E" .'}
    found = walked(NAME, pages)
    assert [(h.key, h.page) for h in found.items] == [("d", 1), ("e", 2)]
    assert found.pages == 2


def test_a_page_that_leads_back_never_ends() -> None:
    itself = "<https://data.ville.fr/1.ttl> a hydra:PagedCollection ; hydra:nextPage <https://data.ville.fr/1.ttl> ."
    found = walked(NAME, {"https://data.ville.fr/1.ttl": TITLED + itself})
    assert found.abandoned
    assert not found.taken
