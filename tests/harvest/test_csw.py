"""Catalogue services of geographic metadata, live against a server and from saved answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.assembly import release_triples
from catalog.errors import ResponseInvalid, SettingsInvalid, UsageError
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import results
from harvest.graph.model import short
from harvest.incremental import NotIncremental, Same
from harvest.source import Rejected
from harvest.sources.csw import Csw
from shapes.engine import engine
from shapes.profiles import profile
from tests.fakes.csw import CORE, Catalogue, record, text
from tests.fakes.server import Answer, serving
from tests.harvest.city import city, saved
from tests.shared import shared
from vocab.text import Text

IDS = [f"{i:08x}-0000-4000-8000-000000000000" for i in range(7)]
RECORDS = [record(id_, f"Jeu {i}") for i, id_ in enumerate(IDS)]
QUICK = HarvestSettings(retries=0, backoff=0, timeout=5)


@contextmanager
def source(catalogue: Catalogue, said: list[Text] | None = None, **options: Any) -> Iterator[Csw]:
    with serving(catalogue.reply, catalogue.post) as running:
        catalogue.host = running.address
        settings = SourceSettings(
            id="geo", kind="csw", url=f"{running.address}/csw?lang=fr", allow_private=True, options=options
        )
        made = Csw(settings, QUICK, (said if said is not None else []).append)
        made.asked = running.asked  # type: ignore[attr-defined]  # for the tests that look
        yield made


def ids(found: Any) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize("version", list(CORE))
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_record_comes_page_by_page(version: str, method: str) -> None:
    with source(Catalogue(RECORDS, version=version), page_size=3, method=method) as csw:
        assert ids(csw.records()) == IDS
        assert csw.total == 7
        assert csw.complete
        pages = [a for a in csw.asked if "GetCapabilities" not in a.path]  # type: ignore[attr-defined]
        assert len(pages) == 3
        assert all(bool(a.body) == (method == "post") for a in pages)


def test_a_service_that_only_takes_post_is_asked_so() -> None:
    with source(Catalogue(RECORDS, get=False)) as csw:
        assert ids(csw.records()) == IDS


def test_a_service_that_does_not_say_where_to_go_on_is_followed_by_count() -> None:
    with source(Catalogue(RECORDS, hides_next=True), page_size=2) as csw:
        assert ids(csw.records()) == IDS


def test_a_record_that_breaks_its_page_is_set_aside() -> None:
    with source(Catalogue(RECORDS, broken={5}), page_size=3) as csw:
        found = list(csw.records())
        assert ids(found) == [*IDS[:4], "#5", *IDS[5:]]
        assert not csw.complete, "what is absent is then not withdrawn"
    assert isinstance(found[4], Rejected)
    assert "cannot be written" in found[4].reason.fr


@pytest.mark.parametrize(
    ("catalogue", "words"),
    [
        (Catalogue(RECORDS, stuck=True), "same records again"),
        (Catalogue(RECORDS, back=True), "would never end"),
        (Catalogue(RECORDS, broken={1}), "NoApplicableCode"),
        (Catalogue(RECORDS, schemas=("http://www.opengis.net/cat/csw/2.0.2",)), ""),
    ],
)
def test_loops_and_refusals_are_told_in_words(catalogue: Catalogue, words: str) -> None:
    schema = "gmd" if not words else ""
    with source(catalogue, page_size=3, schema=schema) as csw, pytest.raises(ResponseInvalid) as caught:
        list(csw.records())
    assert (words or "outputSchema") in caught.value.message


def test_a_listing_without_end_is_given_up() -> None:
    with source(Catalogue(RECORDS), page_size=1, max_pages=3) as csw, pytest.raises(ResponseInvalid, match="3 pages"):
        list(csw.records())


def test_fewer_records_than_announced_withdraw_nothing() -> None:
    said: list[Text] = []
    with source(Catalogue(RECORDS, matched=9), said, page_size=7) as csw:
        assert len(list(csw.records())) == 7
        assert not csw.complete
    assert any("7 of the 9" in s.en for s in said)


def test_a_filter_is_sent_either_way() -> None:
    for method in ("get", "post"):
        with source(Catalogue(RECORDS), method=method, filter="Type = 'dataset' AND a < 3") as csw:
            list(csw.records())
            last = csw.asked[-1]  # type: ignore[attr-defined]
            assert "CQL_TEXT" in last.path or b"<csw:CqlText>Type = 'dataset' AND a &lt; 3<" in last.body


def test_an_address_on_another_host_is_not_gone_to() -> None:
    catalogue = Catalogue(RECORDS)
    with source(catalogue) as csw:
        catalogue.host = "http://elsewhere.example"
        assert ids(csw.records()) == IDS


def test_records_of_dcat_go_through_the_rdf_machinery() -> None:
    dataset = (
        '<dcat:Dataset xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dct="http://purl.org/dc/terms/" rdf:about="https://data.exemple.fr/d/{0}"><dct:title>Jeu {0}</dct:title>'
        "<dct:identifier>id-{0}</dct:identifier></dcat:Dataset>"
    )
    schema = "http://www.w3.org/ns/dcat#"
    with source(Catalogue([dataset.format(i) for i in range(5)], schemas=(schema,)), page_size=2) as csw:
        found = [r for r in csw.records() if isinstance(r, Record)]
        assert sorted(r.iri for r in found) == [f"https://data.exemple.fr/d/{i}" for i in range(5)]


def test_the_core_schema_is_read_as_dublin_core() -> None:
    core = CORE["2.0.2"]
    one = (
        f'<csw:Record xmlns:csw="{core}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:identifier>a</dc:identifier><dc:title>Arbres</dc:title></csw:Record>"
    )
    other = "<gfc:FC_FeatureCatalogue xmlns:gfc='http://www.isotc211.org/2005/gfc'/>"
    with source(Catalogue([one, other], schemas=(core,))) as csw:
        first, second = csw.records()
    assert isinstance(first, Record)
    assert first.id == "a"
    assert isinstance(second, Rejected)
    assert "gmd" in second.reason.fr


def test_the_check_says_what_is_there() -> None:
    with source(Catalogue(RECORDS)) as csw:
        found = csw.check()
    assert found.ok
    assert found.datasets == 7
    assert "Géocatalogue" in found.message
    with serving(lambda _p: Answer(b"<html><body>Bienvenue</body></html>", kind="text/html")) as running:
        settings = SourceSettings(id="geo", kind="csw", url=running.address, allow_private=True)
        wrong = Csw(settings, QUICK, lambda _m: None).check()
    assert not wrong.ok
    assert "web page" in wrong.message


def test_a_service_is_linked_to_its_data_whatever_the_order() -> None:
    iri = "https://data.exemple.fr/id/arbres"
    code = f"<gmd:MD_Identifier><gmd:code>{text(iri)}</gmd:code></gmd:MD_Identifier>"
    identifier = f"<gmd:identifier>{code}</gmd:identifier>"
    dataset = record(IDS[0]).replace("</gmd:title>", f"</gmd:title>{identifier}", 1)
    inner = f"<srv:operatesOn uuidref='{IDS[0]}'/>"
    service = record(IDS[1], "Carte", inner=inner, scope="service")
    with source(Catalogue([service, dataset]), page_size=1) as csw:
        first, second = csw.records()
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert first.iri == iri
    assert second.data["serves"] == {IDS[0]: iri}


def _identified(name: str, code: str, date: str = "2024-05-01") -> str:
    given = f"<gmd:identifier><gmd:MD_Identifier><gmd:code>{text(code)}</gmd:code></gmd:MD_Identifier></gmd:identifier>"
    return record(name, f"Jeu {name[:8]}", date=date).replace("</gmd:title>", f"</gmd:title>{given}", 1)


def _servings(found: Iterator[Record | Rejected | Same]) -> dict[str, dict[str, str]]:
    return {r.id: r.data["serves"] for r in found if isinstance(r, Record)}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_service_follows_its_data_also_where_only_changes_are_read(method: str) -> None:
    """The record of the service keeps its date when a dataset gets another address."""
    base = "https://data.exemple.fr/id/"
    inner = "".join(f"<srv:operatesOn uuidref='{i}'/>" for i in IDS[:4])
    service = record(IDS[6], "Carte", inner=inner, scope="service")
    before = [service, *(_identified(i, f"{base}{i}") for i in IDS[:3]), record(IDS[4], "Jeu 4")]
    after = [service, _identified(IDS[1], f"{base}autre", date="2024-06-07"), _identified(IDS[2], f"{base}{IDS[2]}")]
    after += [_identified(IDS[3], f"{base}{IDS[3]}"), record(IDS[4], "Jeu 4")]
    catalogue = Catalogue(before, modified="Modified")
    with source(catalogue, incremental=True, method=method) as csw:
        known = {r.id: r.payload for r in csw.records() if isinstance(r, Record)}
        catalogue.records = after
        asked = len(csw.asked)  # type: ignore[attr-defined]
        found = list(csw.changes(datetime(2024, 6, 1, tzinfo=UTC), known))
        assert [one.id for one in found if isinstance(one, Same)] == [IDS[2], IDS[4]]
        assert ids(one for one in found if isinstance(one, Record)) == [IDS[3], IDS[1], IDS[6]]
        questions = csw.asked[asked:]  # type: ignore[attr-defined]
        assert len(questions) == 5, "capabilities, names, the filter on trial, the unknown one, the changed ones"
        assert _servings(iter(found))[IDS[6]] == _servings(csw.records())[IDS[6]]
        assert _servings(iter(found))[IDS[6]] == {
            IDS[i]: f"{base}{n}" for i, n in ((1, "autre"), (2, IDS[2]), (3, IDS[3]))
        }
        assert csw.total == 5
        assert csw.complete


@pytest.mark.parametrize(
    ("catalogue", "options", "words"),
    [
        (Catalogue(RECORDS), {}, "does not say that it can be asked"),
        (Catalogue(RECORDS, modified="Modified"), {"schema": "record"}, "does not say that it can be asked"),
        (Catalogue([*RECORDS[:6], record(IDS[6], date="")], modified="Modified"), {}, "does not find all"),
        (Catalogue([*RECORDS, RECORDS[0]], modified="Modified"), {}, "does not call each record"),
        (Catalogue([*RECORDS, record("", "Sans nom")], modified="Modified"), {}, "does not call each record"),
        (Catalogue(RECORDS, modified="Modified", matched=9), {}, "does not call each record"),
    ],
)
def test_a_service_that_cannot_tell_its_changes_is_read_whole(
    catalogue: Catalogue, options: dict[str, str], words: str
) -> None:
    said: list[Text] = []
    with source(catalogue, said, incremental=True, **options) as csw:
        with pytest.raises(NotIncremental):
            next(csw.changes(datetime(2024, 6, 1, tzinfo=UTC), {i: RECORDS[0].encode() for i in IDS}))
        assert any(words in one.en for one in said)
        catalogue.matched = None
        if not options:
            assert len(list(csw.records())) == len(catalogue.records)
            assert csw.complete


def test_wrong_options_are_refused() -> None:
    base = SourceSettings(id="geo", kind="csw", url="https://geo.exemple.fr/csw")
    for options in ({"page_size": 0}, {"max_pages": "x"}):
        with pytest.raises(SettingsInvalid, match="number from 1"):
            Csw(replace(base, options=options), QUICK, lambda _m: None)
    with pytest.raises(UsageError, match="gmd, mdb, dcat"):
        Csw(replace(base, options={"schema": "iso"}), QUICK, lambda _m: None)
    with pytest.raises(SettingsInvalid, match="`url`"):
        list(Csw(replace(base, url=""), QUICK, lambda _m: None).records())


def test_a_harvest_publishes_the_records(tmp_path: Path) -> None:
    catalogue = Catalogue(RECORDS)
    with source(catalogue) as csw:
        found = city(
            tmp_path, f'[[source]]\nid = "geo"\nkind = "csw"\nurl = "{csw.settings.url}"\nallow_private = true\n'
        )
        found.run()
        assert len(found.datasets()) == 7
        catalogue.records = RECORDS[:6]
        found.run()
        assert len(found.datasets()) == 6


def test_every_saved_answer_is_accounted_for() -> None:
    found = [r for r in results(shared("data/real/csw")) if r.kind == "csw"]
    assert not [r.reason for r in found if r.failed]
    assert len({r.file for r in found}) == 85
    read = [r for r in found if isinstance(r.record, Record)]
    titled = [r for r in read if r.mapped or (r.reason and "no title" in r.reason.en)]
    assert sum(r.mapped is not None for r in titled) >= 0.98 * len(titled)
    assert sum(r.mapped is not None for r in found) >= 95
    assert all(r.reason.fr and r.reason.en for r in found if r.reason)


@pytest.mark.parametrize(
    ("folder", "lacking"),
    [
        ("geodatagouv__parsers/test/test-cases", {"dct:description"}),
        ("metadata101__iso19115-3.2018", {"dcat:endpointURL", "dct:description"}),
        ("ckan__ckanext-spatial", set()),
    ],
)
def test_what_is_published_conforms_but_for_what_the_source_lacks(
    tmp_path: Path, folder: str, lacking: set[str]
) -> None:
    found = city(tmp_path, saved(shared(f"data/real/csw/{folder}")))
    found.run()
    triples = list(dict.fromkeys(release_triples(found.settings, found.view())))
    profiles = [profile("dcat-ap-3"), profile("geodcat-ap-3")]
    violations = [f for f in engine().validate(triples, profiles) if f.severity == "violation"]
    assert {(short(f.path), f.component.rpartition("#")[2]) for f in violations} == {
        (name, "MinCountConstraintComponent") for name in lacking
    }
