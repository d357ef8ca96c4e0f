"""`[source.defaults]` for every kind whose records become graphs: only where the record says nothing, and marked."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Fate, Identity, Mapped, Record
from harvest.graph.mapping import map_graph
from harvest.graph.model import Graph, Statement
from harvest.mapping.context import Context
from vocab.namespaces import DCAT, DCT, RDF, VCARD

ROOT = NamedNode("https://source.example.org/arbres")
FILE = NamedNode("https://source.example.org/arbres.csv")
EU = "http://publications.europa.eu/resource/authority"
GIVEN = {
    "access_rights": "PUBLIC",
    "contact_email": "opendata@example.org",
    "contact_name": "Mission données",
    "frequency": "ANNUAL",
    "language": "fr",
    "licence": "ETALAB_2_0",
    "publisher": "Toulouse Métropole",
    "spatial": f"{EU}/place/FRA_TLS",
    "theme": "ENVI",
}


def mapped(*more: Statement, kind: NamedNode = DCAT.Dataset, defaults: dict[str, str] = GIVEN) -> Mapped:
    graph = Graph(ROOT, [Statement(ROOT, RDF.type, kind), Statement(ROOT, DCT.title, Literal("Arbres", language="fr"))])
    graph.add(Statement(ROOT, DCAT.distribution, FILE))
    graph.add(Statement(FILE, RDF.type, DCAT.Distribution))
    graph.add(Statement(FILE, DCAT.accessURL, FILE))
    for one in more:
        graph.add(one)
    context = Context(base="https://c.example.org/", source="s", portal="", now=datetime.now(UTC), defaults=defaults)
    identity = Identity("arbres", ROOT.value, "https://c.example.org/record/arbres", ROOT.value)
    return map_graph(Record("s", "arbres", b"", json.dumps({}), "h"), graph, identity, context)


def stated(found: Mapped, subject: NamedNode, predicate: NamedNode) -> list[str]:
    start = f"{subject} {predicate} "
    lines = found.dataset.canonical.decode().splitlines()
    return [line.removeprefix(start).removesuffix(" .") for line in lines if line.startswith(start)]


def test_what_a_record_does_not_say_is_filled_and_marked() -> None:
    found = mapped()
    assert stated(found, ROOT, DCT.license) == stated(found, FILE, DCT.license) == [f"<{EU}/licence/ETALAB_2_0>"]
    assert stated(found, ROOT, DCAT.theme) == [f"<{EU}/data-theme/ENVI>"]
    assert stated(found, ROOT, DCT.accrualPeriodicity) == [f"<{EU}/frequency/ANNUAL>"]
    assert stated(found, ROOT, DCT.language) == [f"<{EU}/language/FRA>"]
    assert stated(found, ROOT, DCT.accessRights) == [f"<{EU}/access-right/PUBLIC>"]
    assert stated(found, ROOT, DCT.spatial) == [f"<{EU}/place/FRA_TLS>"]
    assert stated(found, ROOT, DCT.publisher)[0].startswith("<https://c.example.org/agent/")
    text = found.dataset.canonical.decode()
    assert "Mission données" in text
    assert "<mailto:opendata@example.org>" in text
    assert text.count("default of the source") == len(GIVEN) - 1  # name and address of the contact are one


def test_the_ledger_is_the_record_s_alone() -> None:
    assert mapped().ledger.entries == mapped(defaults={}).ledger.entries
    assert {entry.fate for entry in mapped().ledger.entries} == {Fate.MAPPED}


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ("licence", Statement(FILE, DCT.license, NamedNode(f"{EU}/licence/CC_BY_4_0"))),
        ("theme", Statement(ROOT, DCAT.theme, NamedNode(f"{EU}/data-theme/TRAN"))),
        ("frequency", Statement(ROOT, DCT.accrualPeriodicity, Literal("quand on peut"))),
        ("publisher", Statement(ROOT, DCT.publisher, Literal("Ville de Blagnac"))),
        ("spatial", Statement(ROOT, DCT.spatial, Literal("Blagnac"))),
        ("contact_email", Statement(ROOT, DCAT.contactPoint, BlankNode("c"))),
    ],
)
def test_what_a_record_says_stays_whether_it_is_of_use_or_not(key: str, own: Statement) -> None:
    card = (Statement(BlankNode("c"), VCARD.fn, Literal("Mairie")),) if key == "contact_email" else ()
    assert mapped(own, *card, defaults={key: GIVEN[key]}).dataset == mapped(own, *card, defaults={}).dataset


def test_a_service_takes_what_services_have() -> None:
    found = mapped(kind=DCAT.DataService)
    assert stated(found, ROOT, DCT.publisher)
    assert not stated(found, ROOT, DCT.accrualPeriodicity)
    assert not stated(found, ROOT, DCT.spatial)
