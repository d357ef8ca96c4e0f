"""The protocol over HTTP, verb by verb and error by error; every answer is held to its form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import etree

from api.oai.repository import RECORDS
from catalog.takedown.order import take_down
from tests.api.city import City, settings_in
from tests.api.oai.grammar import OAI, checked
from tests.api.server import Server

NAMES = {f"jeu-{n:03}": f"Jeu numéro {n} & <autres>" for n in range(RECORDS * 2 + 5)}
HVD = "\n<{d}> <http://data.europa.eu/r5r/hvdCategory> <http://data.europa.eu/bna/c_03ba8d92> ."


def ask(server: Server, **arguments: str) -> etree._Element:
    answer = server.get("/oai?" + urlencode({k.rstrip("_"): v for k, v in arguments.items()}))
    assert answer.status == 200, answer.text
    assert answer.type == "text/xml; charset=utf-8"
    return checked(answer.body)


def texts(root: etree._Element, name: str) -> list[str]:
    return [e.text or "" for e in root.iter(f"{OAI}{name}")]


def code(root: etree._Element) -> str:
    (found,) = root.iter(f"{OAI}error")
    return found.get("code", "")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """Three pages of records; two releases are kept."""
    folder = tmp_path_factory.mktemp("oai")
    settings = settings_in(folder, store={"path": "var", "keep": 2})
    city = City(settings)
    city.publish(NAMES)
    with Server(settings, folder) as running:
        yield running, city


def test_identify(server: Server) -> None:
    root = ask(server, verb="Identify")
    assert texts(root, "baseURL") == ["https://data.example.org/oai"]
    assert texts(root, "adminEmail") == ["webmaster@data.example.org"]
    assert texts(root, "earliestDatestamp") == ["2026-03-02T12:00:00Z"]
    assert texts(root, "deletedRecord") == ["persistent"]
    assert "oai:data.example.org:arbres" in etree.tostring(root, encoding="unicode")


def test_metadata_formats(server: Server) -> None:
    assert texts(ask(server, verb="ListMetadataFormats"), "metadataPrefix") == ["oai_dc", "dcat_ap"]
    known = ask(server, verb="ListMetadataFormats", identifier="oai:data.example.org:arbres")
    assert texts(known, "metadataPrefix") == ["oai_dc", "dcat_ap"]
    gone = ask(server, verb="ListMetadataFormats", identifier="oai:data.example.org:fontaines")
    assert code(gone) == "noMetadataFormats"


def test_sets_are_named_and_hierarchical(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({"arbres": "Arbres"}, extra=HVD)
    city.publish({"menus": "Menus"})
    with Server(settings, tmp_path) as running:
        root = ask(running, verb="ListSets")
        found = dict(zip(texts(root, "setSpec"), texts(root, "setName"), strict=True))
        assert list(found) == sorted(found)
        assert found["publisher:ville"] == "Ville de Démo"
        assert found["theme:ENVI"] == "Environment"
        assert found["theme:theme.nature"] == "Nature en ville"
        assert {"publisher", "theme", "hvd", "hvd:c_b79e35eb", "hvd:c_b79e35eb:c_b151a0ba:c_03ba8d92"} <= set(found)
        header = ask(running, verb="GetRecord", identifier="oai:data.example.org:arbres", metadataPrefix="oai_dc")
        assert [s for s in texts(header, "setSpec") if s.startswith("hvd")] == ["hvd:c_b79e35eb:c_b151a0ba:c_03ba8d92"]
        for spec in ("hvd", *(s for s in found if s.startswith("hvd:"))):
            only = ask(running, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
            assert texts(only, "identifier") == ["oai:data.example.org:arbres"], spec
        assert len(texts(ask(running, verb="ListIdentifiers", metadataPrefix="oai_dc", set="theme"), "identifier")) == 2


def test_get_record(server: Server) -> None:
    live = ask(server, verb="GetRecord", identifier="oai:data.example.org:arbres", metadataPrefix="oai_dc")
    assert "Arbres d’alignement" in etree.tostring(live, encoding="unicode")
    (gone,) = ask(server, verb="GetRecord", identifier="oai:data.example.org:fontaines", metadataPrefix="dcat_ap").iter(
        f"{OAI}header"
    )
    assert (gone.get("status"), gone.findtext(f"{OAI}datestamp")) == ("deleted", "2026-03-03T12:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "badVerb"),
        ({"verb": "Nothing"}, "badVerb"),
        ({"verb": "Identify", "set": "x"}, "badArgument"),
        ({"verb": "GetRecord", "identifier": "oai:data.example.org:arbres"}, "badArgument"),
        (
            {"verb": "GetRecord", "identifier": "oai:data.example.org:arbres", "metadataPrefix": "marc21"},
            "cannotDisseminateFormat",
        ),
        (
            {"verb": "GetRecord", "identifier": "oai:data.example.org:rien", "metadataPrefix": "oai_dc"},
            "idDoesNotExist",
        ),
        ({"verb": "GetRecord", "identifier": "arbres", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
        (
            {"verb": "GetRecord", "identifier": "oai:data.example.org:arbre", "metadataPrefix": "oai_dc"},
            "idDoesNotExist",
        ),
        ({"verb": "ListMetadataFormats", "identifier": "oai:autre:arbres"}, "idDoesNotExist"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-03-04"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "2026-03-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "publisher:autre"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "hier"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "a b"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
    ],
)
def test_errors_of_the_protocol(server: Server, arguments: dict[str, str], expected: str) -> None:
    root = ask(server, **arguments)
    assert code(root) == expected
    request = root.find(f"{OAI}request")
    assert request is not None
    repeated = {} if expected in {"badVerb", "badArgument"} else arguments
    assert dict(request.attrib) == repeated


def test_errors_are_in_the_language_that_is_asked_for(server: Server) -> None:
    answer = server.get("/oai?verb=x", Accept_Language="fr")
    assert "n’est pas un verbe" in answer.text
    assert answer.headers["content-language"] == "fr"


def test_a_catalogue_without_facets_has_no_set_hierarchy_but_whoever_followed_a_set_is_told(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({"arbres": "Arbres"})
    city.publish({}, withdrawn=["arbres"])
    with Server(settings, tmp_path) as running:
        assert code(ask(running, verb="ListSets")) == "noSetHierarchy"
        assert code(ask(running, verb="ListRecords", metadataPrefix="oai_dc", set="x")) == "noSetHierarchy"
        root = ask(running, verb="ListRecords", metadataPrefix="oai_dc", set="theme:ENVI")
        assert [h.get("status") for h in root.iter(f"{OAI}header")] == ["deleted"]
        (header,) = ask(running, verb="ListIdentifiers", metadataPrefix="oai_dc").iter(f"{OAI}header")
        assert header.get("status") == "deleted"


def test_post_is_as_get(server: Server) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"verb": "GetRecord", "identifier": "oai:data.example.org:velos", "metadataPrefix": "dcat_ap"})
    posted = server.ask("POST", "/oai", body.encode(), form)
    got = server.get(f"/oai?{body}")
    assert texts(checked(posted.body), "datestamp") == texts(checked(got.body), "datestamp")
    both = server.ask("POST", "/oai?verb=Identify", b"verb=Identify", form)
    assert code(checked(both.body)) == "badVerb"
    assert server.ask("POST", "/oai", b"<x/>", {"Content-Type": "text/xml"}).status == 415
    assert server.ask("POST", "/oai", b"a" * 70_000, form).status == 413
    assert server.ask("PUT", "/oai", b"").status == 405
    head = server.ask("HEAD", "/oai?verb=Identify")
    assert (head.status, head.body) == (200, b"")


def test_lists_resume_in_the_release_they_began_on(large: tuple[Server, City]) -> None:
    server, city = large
    first = ask(server, verb="ListRecords", metadataPrefix="oai_dc")
    (token,) = first.iter(f"{OAI}resumptionToken")
    assert (token.get("completeListSize"), token.get("cursor")) == (str(len(NAMES)), "0")
    city.publish({"jeu-000": "Autre titre"}, withdrawn=["jeu-150"])
    met = texts(first, "identifier")
    root = first
    while (token := root.find(f".//{OAI}resumptionToken")) is not None and token.text:
        root = ask(server, verb="ListRecords", resumptionToken=token.text)
        met += texts(root, "identifier")
    assert met == [f"oai:data.example.org:{name}" for name in sorted(NAMES)]
    assert token is not None
    assert (token.get("completeListSize"), token.get("cursor"), token.text) == (str(len(NAMES)), "200", None)
    held = first.find(f".//{OAI}resumptionToken")
    assert held is not None
    assert code(ask(server, verb="ListIdentifiers", resumptionToken=held.text or "")) == "badResumptionToken"
    city.publish({"jeu-001": "Autre titre"})  # the first release is no longer kept
    assert code(ask(server, verb="ListRecords", resumptionToken=held.text or "")) == "badResumptionToken"


def test_what_is_taken_down_meanwhile_is_deleted_in_a_list_that_goes_on_and_in_every_set(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({f"jeu-{n:03}": f"Jeu {n}" for n in range(RECORDS + 2)})
    with Server(settings, tmp_path) as running:
        (token,) = ask(running, verb="ListRecords", metadataPrefix="dcat_ap").iter(f"{OAI}resumptionToken")
        take_down(settings, f"jeu-{RECORDS}", "ordonnance", lambda _: None)
        rest = ask(running, verb="ListRecords", resumptionToken=token.text or "")
        assert [h.get("status") for h in rest.iter(f"{OAI}header")] == ["deleted", None]
        for spec in ("publisher:ville", "theme"):
            found = ask(running, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
            gone = [h.findtext(f"{OAI}identifier") for h in found.iter(f"{OAI}header") if h.get("status")]
            assert gone == [f"oai:data.example.org:jeu-{RECORDS}"]


def test_without_a_release_the_service_is_unavailable(tmp_path: Path) -> None:
    with Server(settings_in(tmp_path), tmp_path) as running:
        answer = running.get("/oai?verb=Identify")
        assert answer.status == 503
        assert answer.headers["retry-after"]


def test_the_style_sheet_that_answers_name_turns_each_of_them_into_a_page(server: Server) -> None:
    style = etree.XSLT(etree.fromstring(server.get("/static/oai.xsl").body))
    for query in (
        "verb=Identify",
        "verb=ListSets",
        "verb=ListMetadataFormats",
        "verb=ListRecords&metadataPrefix=oai_dc",
        "verb=x",
    ):
        answer = server.get(f"/oai?{query}")
        assert b'href="/static/oai.xsl"' in answer.body[:200]
        page = str(style(etree.fromstring(answer.body)))
        assert "<h1>OAI-PMH 2.0</h1>" in page
    assert "badVerb" in page
