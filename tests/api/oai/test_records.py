"""Records in `dcat_ap`: complete in themselves, exact, and XML whatever the graph."""

from __future__ import annotations

from pathlib import Path

from lxml import etree
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from api.oai.records import documents, rdf
from catalog.archive import Archive
from tests.api.city import City, settings_in
from vocab.namespaces import DCT, FOAF, RDF, SKOS

ABOUT = NamedNode("https://data.example.org/dataset/x")


def read(text: str) -> set[Triple]:
    etree.fromstring(text)  # well-formed, for a strict reader too
    return {q.triple for q in parse(text, format=RdfFormat.RDF_XML)}


def test_a_document_has_what_the_dataset_names_and_nothing_of_others(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({"arbres": "Arbres", "menus": "Menus"})
    view = Archive(settings.store.path).at(1)
    both = documents(city.base, view, view.page())
    (dataset, found), _ = both
    assert set(dataset.triples) <= set(found)
    stated = {(t.subject, t.predicate) for t in found}
    assert (NamedNode(f"{city.base}agent/ville"), FOAF.name) in stated
    assert (NamedNode(f"{city.base}concept/theme/nature"), SKOS.prefLabel) in stated
    assert (NamedNode("http://publications.europa.eu/resource/authority/data-theme/ENVI"), SKOS.prefLabel) in stated
    assert not any("menus" in str(t) for t in found)
    assert not any(str(t.subject) == f"<{city.base}catalog>" for t in found)
    ((_, alone),) = documents(city.base, view, [dataset])
    assert set(alone) == set(found)


def test_line_ends_are_kept() -> None:
    for text in ("a\r\nb", "a\rb", "\r", "a\nb\t"):
        triple = Triple(ABOUT, DCT.title, Literal(text))
        assert read(rdf([triple])) == {triple}


def test_what_xml_cannot_hold_is_replaced_or_left_out_and_counted() -> None:
    title = Triple(ABOUT, DCT.title, Literal("a\x00b\x0bc\uffff"))
    unnameable = Triple(ABOUT, NamedNode("https://x.example/123"), Literal("1"))
    foreign = Triple(ABOUT, NamedNode("https://x.example/slovník/typ"), Literal("2"))
    typed = Triple(ABOUT, RDF.type, NamedNode("https://x.example/slovník/Typ"))
    text = rdf([title, unnameable, foreign, typed])
    assert read(text) == {Triple(ABOUT, DCT.title, Literal("a\ufffdb\ufffdc\ufffd")), typed}
    assert "<!-- 2 statements" in text
    assert "https://x.example/123 https://x.example/slovník/typ -->" in text
    assert "<!--" not in rdf([title])
