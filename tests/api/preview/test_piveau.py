"""What data.europa.eu makes of a feed."""

from __future__ import annotations

import pytest

from api.preview.model import Outcome
from tests.api.preview.feeds import TITLED, WHOLE, harvest, held, said

NAME = "data.europa.eu"


def test_a_whole_dataset_is_held_with_the_labels_of_the_european_vocabularies() -> None:
    found = held(NAME, WHOLE)
    assert found.outcome is Outcome.TAKEN
    assert (found.key, found.title) == ("arbres", "Arbres")
    assert found.licence.id == "ETALAB_2_0"
    assert found.tags == ("Environnement", "Nature en ville")
    assert len(found.hvd) == 1
    assert found.frequency == "annuel"
    assert found.temporal == ("2020-01-01", "2020-12-31")
    assert [r.format for r in found.resources] == ["CSV"]
    assert said(found) == {"spatial-unread"}


@pytest.mark.parametrize(
    ("turtle", "outcome", "rule"),
    [
        ("[] a dcat:Dataset ; dct:title 'D'@fr .", "skipped", "identifier-missing"),
        (":d a dcat:Dataset ; dct:title 'D'@fr .", "taken", "identifier-by-iri"),
        (":d a dcat:Dataset ; dct:identifier 'd' .", "taken", "title-missing"),
        (":d a dcat:Dataset ; dct:identifier 'd' ; dct:title 'D' .", "taken", "language-missing"),
        (":d a dcat:Dataset ; dct:identifier 'd' ; dct:title 'D'@fr .", "taken", "description-missing"),
        (TITLED + ":d dcat:distribution :x .", "taken", "licence-missing"),
        (TITLED + ":d dcat:distribution :x .", "taken", "resource-without-url"),
        (TITLED + ":d dcat:distribution :x . :x dct:license :maison .", "taken", "licence-unknown"),
        (TITLED + ":d dcat:distribution :x . :x dct:format :maison .", "taken", "format-unknown"),
        (TITLED, "taken", "theme-missing"),
        (TITLED + ":d dct:issued '2014'^^xsd:gYear .", "taken", "date-unreadable"),
        (TITLED + ":d dcatap:hvdCategory <http://data.europa.eu/bna/c_ac64a52d> .", "taken", "hvd-without-legislation"),
    ],
)
def test_what_is_left_out_says_why(turtle: str, outcome: str, rule: str) -> None:
    found = held(NAME, turtle)
    assert rule in said(found)
    assert found.outcome == outcome


def test_a_description_that_leads_to_another_dataset_would_be_confused_with_it() -> None:
    inside = TITLED + ":e a dcat:Dataset ; dct:identifier 'e' ; dct:title 'E'@fr ; dct:relation :d ."
    assert "dataset-inside" in said(held(NAME, inside, "e"))
    assert "dataset-inside" not in said(held(NAME, inside, "d"))


def test_the_last_of_two_with_one_identifier_stays() -> None:
    found = harvest(NAME, TITLED + ":e a dcat:Dataset ; dct:identifier 'd' ; dct:title 'E'@fr .")
    assert [h.title for h in found.taken.values()] == ["E"]
    assert any("identifier-twice" in said(h) for h in found.items)


def test_the_first_page_has_to_say_how_many_there_are() -> None:
    view = ":p a hydra:PagedCollection ."
    assert harvest(NAME, TITLED + view).abandoned
    assert not harvest(NAME, TITLED + view + ":p hydra:totalItems 1 .").notes
    assert [n.rule.name for n in harvest(NAME, TITLED + view + ":p hydra:totalItems 2 .").notes] == ["total-wrong"]
    assert not harvest(NAME, TITLED).abandoned
    assert held(NAME, ":s a dcat:DataService .").outcome is Outcome.SKIPPED
