"""The pages, as a reader and as a hostile source meet them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.findings import NO_KEYWORD, found

PAGES = (
    *("/", "/datasets", "/dataset/arbres", "/publisher/ville", "/agent/ville"),
    *("/concept/theme/nature", "/service/api", "/status", "/sparql", "/services", "/graph/agents", "/nope"),
)


class Outline(HTMLParser):
    """What a page consists of: its elements, links, identifiers and labels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_is_well_made(server: Server, path: str, lang: str) -> None:
    answer = server.get(path, "text/html", **{"Accept-Language": lang})
    outline = Outline(answer.text)
    assert outline.all("html") == [{"lang": lang}]
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(outline.all(landmark)) == 1, landmark
    assert outline.all("nav")[0]["aria-label"]
    assert all(a == {"type": "application/ld+json"} for a in outline.all("script")), "nothing that runs"
    identifiers = [a["id"] for _, a in outline.elements if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    labelled = {a["for"] for a in outline.all("label")}
    fields = [a for t, a in outline.elements if t in {"input", "select", "textarea"} and a.get("type") != "hidden"]
    assert all(a["id"] in labelled for a in fields)
    assert all(a.get("scope") == "col" for a in outline.all("th"))
    for tag, name in (("link", "href"), ("img", "src"), ("form", "action")):
        loaded = [a for a in outline.all(tag) if a.get("rel") != "canonical"]
        assert all(str(a[name]).startswith("/") for a in loaded), "nothing comes from another site"
    assert answer.headers["content-language"] == lang
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert "Accept-Language" in answer.headers["vary"]


def test_the_language_by_parameter_beats_the_header(server: Server) -> None:
    page = server.get("/datasets?lang=en", "text/html", **{"Accept-Language": "fr"})
    assert '<html lang="en">' in page.text
    assert "<h1>Datasets</h1>" in page.text
    assert '<html lang="fr">' in server.get("/datasets?lang=xx", "text/html").text


def test_the_page_of_a_dataset_says_what_matters(server: Server) -> None:
    text = server.get("/dataset/arbres", "text/html").text
    for expected in (
        "Arbres d’alignement",
        "Ville de Démo",
        "/agent/ville",
        "Licence Ouverte",
        "CSV",
        'href="https://portal.example.org/arbres.csv"',
        "1,0 ko",
        "Nature en ville",
        "Équipe données",
        'href="mailto:donnees@example.org"',
        "1ᵉʳ février 2026",
        "/dataset/arbres.ttl",
        "/dataset/arbres.jsonld",
    ):
        assert expected in text, expected


def test_the_list_and_its_search(server: Server) -> None:
    text = server.get("/datasets", "text/html").text
    assert re.findall(r'href="/dataset/(\w+)\?', text) == ["arbres", "velos", "menus"]
    found = server.get("/datasets?q=CANTINES", "text/html").text
    assert re.findall(r'href="/dataset/(\w+)\?', found) == ["menus"]
    assert "1 jeu de données trouvé" in found
    none = server.get("/datasets?q=%25", "text/html").text
    assert "Aucun jeu de données" in none
    quoted = server.get("/datasets?q=%22%3E%3Cscript%3E", "text/html").text
    assert "<script" not in quoted


def test_the_list_is_paged(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({f"n{n:03}": f"N {n:03}" for n in range(60)})
    with Server(settings, tmp_path) as running:
        first, second = running.get("/datasets?q=N").text, running.get("/datasets?q=N&page=2").text
        assert first.count('href="/dataset/') == 50
        assert 'rel="next" href="/datasets?q=N&amp;page=2&amp;lang=fr"' in first
        assert second.count('href="/dataset/') == 10
        assert 'rel="prev"' in second
        assert running.get("/datasets?page=3", "text/html").status == 404
        publisher = running.get("/publisher/ville?page=2").text
        assert publisher.count('href="/dataset/') == 10


HOSTILE = """
<{d}> dct:title "<script>alert(1)</script>"@fr ; dcat:keyword "\\"><img src=x onerror=alert(1)>"@fr ;
  dcat:landingPage <javascript:alert(1)> ; dcat:distribution <{d}/distribution/bad> .
<{d}/distribution/bad> a dcat:Distribution ; dct:title "<b>bold</b>"@fr ; dcat:accessURL <javascript:alert(2)> ;
  dcat:downloadURL <data:text/html,x> .
"""


def test_a_hostile_source_can_neither_script_nor_link(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish({"piege": "<script>alert(0)</script>"}, extra=HOSTILE)
    with Server(settings, tmp_path) as running:
        for path in ("/dataset/piege", "/datasets", "/publisher/ville"):
            outline = Outline(running.get(path, "text/html").text)
            assert all(a == {"type": "application/ld+json"} for a in outline.all("script"))
            assert not outline.all("img")
            assert not outline.all("b")
            links = [str(a.get("href")) for a in outline.all("a")]
            assert all(link.startswith(("/", "?", "#", "http://", "https://", "mailto:")) for link in links), links


def test_status(server: Server) -> None:
    text = server.get("/status", "text/html").text
    assert "2, publiée le 3 mars 2026 à 13:00" in text
    assert "Aucun moissonnage" in text


NOTED = found(NO_KEYWORD)
SUMMARY = {
    "sources": [
        {
            "id": "ville",
            "status": "held",
            "reason": "too few",
            "reason_fr": "trop peu",
            "seen": 3,
            "outcomes": {"held": 3, "created": 0},
        },
        {"id": "parcs", "status": "harvested", "reason": "", "seen": 5, "outcomes": {"set aside": 1, "unchanged": 4}},
    ]
}


def test_findings_and_runs_are_shown(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES, findings=[NOTED, found(NO_KEYWORD, key="k")], summary=SUMMARY)
    with Server(settings, tmp_path) as running:
        text = running.get("/dataset/arbres", "text/html").text
        for expected in (
            "Avertissement",
            "dcat:keyword",
            "Un mot-clé &lt;b&gt;ici&lt;/b&gt; est recommandé. Aucune valeur n’est donnée. (× 2)",
            "Ajoutez-en un.",
        ):
            assert expected in text
        assert "No value is given." in running.get("/dataset/arbres?lang=en", "text/html").text
        status = running.get("/status", "text/html").text
        for expected in (
            "ville",
            "retenus en l’état",
            "trop peu",
            "retenus en l’état : 3",
            "écartés : 1",
            "édition publiée",
        ):
            assert expected in status, expected
        assert "créés" not in status


def test_the_front_page(server: Server) -> None:
    text = server.get("/", "text/html").text
    assert "<h1>Données de Démo</h1>" in text
    assert "<dd>3</dd>" in text
    assert "Demo data" in server.get("/?lang=en", "text/html").text
