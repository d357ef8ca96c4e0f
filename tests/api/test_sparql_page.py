"""`/sparql` as a browser has it, without JavaScript."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

from tests.api.server import Answer, Server
from tests.api.test_browser import chromium, shown

__all__ = ["chromium"]  # a fixture

SELECT = (
    "PREFIX dct: <http://purl.org/dc/terms/> SELECT ?d ?t ?n { ?d dct:title ?t OPTIONAL { ?d <x:n> ?n } } ORDER BY ?t"
)


def page(server: Server, query: str, lang: str = "en", more: str = "") -> Answer:
    return server.get(f"/sparql?query={quote(query)}&lang={lang}{more}", "text/html,*/*;q=0.8")


def test_the_form(server: Server) -> None:
    answer = server.get("/sparql", "text/html", **{"Accept-Language": "fr"})
    assert answer.headers["content-language"] == "fr"
    assert '<label for="query">' in answer.text
    assert "<script" not in answer.text
    assert answer.text.count("<details>") > 15
    assert "2 s" in answer.text
    assert 'href="/void"' in answer.text
    for group in ("Pour la recherche", "Pour les portails", "Pour qui tient", "Pour les rapports"):
        assert group in answer.text


def test_a_table_with_links_languages_and_downloads(server: Server) -> None:
    answer = page(server, SELECT)
    assert answer.status == 200
    assert answer.headers["garonne-release"] == "2"
    assert '<th scope="col">t</th>' in answer.text
    assert '<span lang="fr">Menus des cantines</span>' in answer.text
    assert '<a href="https://data.example.org/dataset/menus">' in answer.text
    assert unescape(answer.text).count(SELECT) == 1, "the query stays in the form"
    links = re.findall(r'<a href="(/sparql\?query=[^"]*format=(\w+))"', answer.text)
    assert [name for _, name in links] == ["csv", "tsv", "json", "xml"]
    for address, _ in links:
        assert server.get(unescape(address)).status == 200
    assert "Menus des cantines" in server.get(unescape(links[0][0])).text


def test_more_rows_than_are_shown_are_said(server: Server) -> None:
    values = " ".join(map(str, range(3000)))
    answer = page(server, f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")
    assert answer.text.count("<tr>") == 501
    assert "There are more rows; these are the first 500." in answer.text
    assert "There are more rows" not in page(server, "SELECT ?x { VALUES ?x { 1 2 } }").text


def test_a_boolean_a_graph_and_nothing(server: Server) -> None:
    assert "<strong>Yes</strong>" in page(server, "ASK {}").text
    assert "<strong>Non</strong>" in page(server, "ASK { <x:a> <x:b> <x:c> }", "fr").text
    graph = page(server, "CONSTRUCT WHERE { ?s a <http://www.w3.org/ns/dcat#Dataset> }")
    assert "a dcat:Dataset" in graph.text
    assert "format=jsonld" in graph.text
    assert "No row answers" in page(server, "SELECT ?x { <x:a> <x:b> ?x }").text


def test_an_error_is_shown_at_its_line(server: Server) -> None:
    answer = page(server, "SELECT * {\n ?s a ?o\n ?x }")
    assert answer.status == 400
    assert 'role="alert"' in answer.text
    assert "<mark>?x }</mark>" in answer.text
    assert "There should be a full stop" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "SELECT * {\n ?s a ?o\n ?x }</textarea>" in answer.text
    french = page(server, "SELECT * {\n ?s dct:title ?o }", "fr").text
    assert "Ajoutez au début" in french
    assert page(server, "ASK {}", more="&release=99").status == 404
    assert "SERVICE" in page(server, "ASK { SERVICE <http://127.0.0.1/> {} }").text


def test_nothing_of_a_query_or_a_result_is_taken_for_markup(server: Server) -> None:
    answer = page(server, 'SELECT ("<b onclick=1>x</b>" AS ?x) ("<a:b>" AS ?y) (<javascript:alert(1)> AS ?z) {}')
    assert answer.status == 200
    assert "<b onclick" not in answer.text
    assert 'href="javascript' not in answer.text


def test_a_query_that_is_stopped_says_what_to_try(server: Server) -> None:
    answer = page(server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", more="&timeout=0.5")
    assert answer.status == 504
    assert "Nothing links ?a to ?d" in answer.text


def test_a_program_that_takes_anything_gets_data(server: Server) -> None:
    for accept in ("*/*", "application/json, text/html;q=0.5"):
        assert "json" in server.sparql("ASK {}", accept).type
    assert server.get("/sparql?query=ASK%7B%7D&format=json", "text/html").type == "application/sparql-results+json"


def test_in_a_browser(chromium: str, server: Server, tmp_path: Path) -> None:
    document, console = shown(chromium, f"{server.address}sparql?query={quote(SELECT)}", tmp_path)
    assert "Menus des cantines" in document
    assert console == ""
