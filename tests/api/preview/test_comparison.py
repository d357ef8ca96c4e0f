"""Two harvests, compared as the aggregator compares them."""

from __future__ import annotations

import pytest

from api.preview.aggregators import AGGREGATORS
from api.preview.comparison import Fate, Pair, compare, counts, resource_counts
from tests.api.preview.feeds import TITLED, harvest

ODS = """
<https://portail.fr/explore/dataset/d/> a dcat:Dataset ; dct:identifier "https://portail.fr/explore/dataset/d/" ;
  dct:title "D"@fr ; dct:description "Texte." ; dcat:distribution <https://portail.fr/d#csv> .
<https://portail.fr/d#csv> dct:format "CSV" ; dcat:downloadURL <https://portail.fr/d.csv?use_labels=true> .
"""


def ours(identifier: str, url: str) -> str:
    """The same dataset under an IRI of ours."""
    return f"""
    <https://ville.fr/dataset/d> a dcat:Dataset ; dct:identifier "{identifier}" ; dct:title "D, en mieux"@fr ;
      dcat:landingPage <https://portail.fr/explore/dataset/d> ; dcat:distribution <https://ville.fr/dataset/d/csv> .
    <https://ville.fr/dataset/d/csv> dct:format eu:file-type\\/CSV ; dcat:downloadURL <{url}> .
    """


def only(name: str, before: str, after: str) -> Pair:
    (pair,) = compare(harvest(name, before), harvest(name, after))
    return pair


SAME = ("https://portail.fr/explore/dataset/d/", "https://portail.fr/d.csv?use_labels=true")


def test_data_gouv_fr_knows_a_dataset_by_its_identifier_and_a_resource_by_its_address() -> None:
    pair = only("data.gouv.fr", ODS, ours(*SAME))
    assert (pair.fate, [p.fate for p in pair.resources]) == (Fate.CHANGED, [Fate.CHANGED])
    assert "title" in pair.changed


def test_an_identifier_that_differs_by_one_sign_doubles_the_dataset() -> None:
    pair = only("data.gouv.fr", ODS, ours(SAME[0].rstrip("/"), SAME[1]))
    assert pair.fate is Fate.DOUBLED
    assert pair.because == "portail.fr/explore/dataset/d"
    assert pair.before
    assert pair.after
    assert (pair.before.key, pair.after.key) == (SAME[0], SAME[0].rstrip("/"))


def test_an_address_that_differs_doubles_the_resource() -> None:
    pair = only("data.gouv.fr", ODS, ours(SAME[0], SAME[1].partition("?")[0]))
    assert pair.fate is Fate.CHANGED
    assert [p.fate for p in pair.resources] == [Fate.DOUBLED]
    assert resource_counts([pair])["doubled"] == 1


def test_ckan_knows_by_the_iri_and_data_europa_eu_by_the_identifier() -> None:
    assert only("ckan", ODS, ours(*SAME)).fate is Fate.DOUBLED
    assert only("data.europa.eu", ODS, ours(*SAME)).fate is Fate.CHANGED


@pytest.mark.parametrize("name", AGGREGATORS)
def test_the_same_feed_is_the_same(name: str) -> None:
    (pair,) = compare(harvest(name, ODS), harvest(name, ODS))
    assert (pair.fate, pair.changed) == (Fate.SAME, ())
    assert counts([pair])["same"] == 1


def test_what_is_no_longer_there_is_gone_and_what_is_rejected_is_stuck() -> None:
    one, two = TITLED, TITLED.replace(":d ", ":e ").replace('"d"', '"e"').replace('"D"', '"E"')
    assert [p.fate for p in compare(harvest("data.gouv.fr", one + two), harvest("data.gouv.fr", one))] == [
        Fate.GONE,
        Fate.SAME,
    ]
    rejected = one + ':d dct:issued "juin" .'
    assert only("data.gouv.fr", one, rejected).fate is Fate.STUCK
    nameless = ':d a dcat:Dataset ; dct:identifier "d" .'
    assert only("data.gouv.fr", one, nameless).fate is Fate.STUCK
    assert [p.fate for p in compare(harvest("ckan", one), harvest("ckan", nameless))] == [Fate.STUCK]


def test_resources_and_titles_show_what_is_the_same_when_no_name_does() -> None:
    by_url = TITLED.replace('"d"', '"x"').replace(":d ", ":x ") + ":x dcat:distribution [ dcat:downloadURL :f ] ."
    assert only("data.gouv.fr", TITLED + ":d dcat:distribution [ dcat:downloadURL :f ] .", by_url).fate is Fate.DOUBLED
    by_title = TITLED.replace('"d"', '"x"').replace(":d ", ":x ")
    assert only("data.gouv.fr", TITLED, by_title).because == "d"
    other = by_title.replace('"D"', '"Autre"')
    assert {p.fate for p in compare(harvest("data.gouv.fr", TITLED), harvest("data.gouv.fr", other))} == {
        Fate.GONE,
        Fate.NEW,
    }


def test_what_could_be_either_of_two_is_not_called_the_same() -> None:
    twice = TITLED + TITLED.replace(":d ", ":e ").replace('"d"', '"e"')
    after = TITLED.replace(":d ", ":x ").replace('"d"', '"x"')
    fates = [p.fate for p in compare(harvest("data.gouv.fr", twice), harvest("data.gouv.fr", after))]
    assert sorted(fates) == sorted([Fate.GONE, Fate.GONE, Fate.NEW])
