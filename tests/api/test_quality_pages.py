"""The pages and tables of conformance, as a metadata manager, a program and a hostile source meet them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server
from tests.api.test_pages import Outline
from tests.findings import BAD_DATE, LISTED, NO_KEYWORD, found

FIRST = [found(BAD_DATE, '"hier & <i>avant</i>"@fr'), found(NO_KEYWORD), found(LISTED, "<http://example.org/x>")]
SECOND = [found(NO_KEYWORD)]
CSV_HEADER = "severity,dataset,title,focus,path,value,expected,found,repair,fields,component,shape,profile,noise,key"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Release 1: three datasets with faults; release 2: one of them repaired, another withdrawn; 3: an alias."""
    folder = tmp_path_factory.mktemp("quality")
    settings = settings_in(folder)
    city = City(settings)
    city.publish(TITLES, findings=FIRST)
    city.publish({"arbres": "Arbres"}, findings=SECOND, withdrawn=["velos"])
    city.publish({"ecoles": "Écoles"}, aliases=[("arbre", "arbres")])
    with Server(settings, folder) as running:
        yield running


PAGES = (
    *("/quality", "/quality?by=cause", "/quality?by=publisher", "/quality?by=dataset", "/quality?publisher=ville"),
    *(f"/quality?cause={BAD_DATE.name}", "/quality/arbres", "/quality/ecoles", "/quality/menus", "/quality?release=1"),
    *("/quality/velos?release=1", f"/quality?cause={BAD_DATE.name}&publisher=ville"),
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_is_well_made(served: Server, path: str, lang: str) -> None:
    answer = served.get(path, "text/html", **{"Accept-Language": lang})
    assert answer.status == 200, answer.text
    outline = Outline(answer.text)
    assert outline.all("html") == [{"lang": lang}]
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(outline.all(landmark)) == 1, landmark
    assert not outline.all("script")
    identifiers = [a["id"] for _, a in outline.elements if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    assert all(a.get("scope") == "col" for a in outline.all("th"))
    labels = {a["aria-labelledby"] for _, a in outline.elements if a.get("aria-labelledby")}
    assert labels <= set(identifiers)
    assert answer.headers["content-language"] == lang
    assert "Accept-Language" in answer.headers["vary"]
    assert len(answer.body) < 1_000_000


def test_every_link_of_the_pages_leads_somewhere(served: Server) -> None:
    seen: set[str] = set()
    for path in PAGES:
        for link in Outline(served.get(path, "text/html").text).all("a"):
            href = str(link["href"])
            if href.startswith("/quality") and href not in seen:
                seen.add(href)
                assert served.get(href, "text/html").status in {200, 410}, href  # the current release has lost one
    assert len(seen) > 40


def test_the_overview_says_how_the_release_stands(served: Server) -> None:
    text = served.get("/quality", "text/html").text
    for expected in (
        "3, publiée le",
        "66,7\u202f%",  # two of three datasets have no violation
        "La date de parution est une date.",
        "Écrivez 2026-03-01.",
        "Ville de Démo",
        "dcat-ap-3",
        "Constats mis à part",
        "Un type de média décrit comme tel est attendu.",
        "?release=3",
        f"?cause={BAD_DATE.name}",
        "Menus des cantines",
    ):
        assert expected in text, expected
    english = served.get("/quality?lang=en", "text/html").text
    assert "The release date is a date." in english
    assert "66.7%" in english
    assert text.index("La date de parution") < text.index("Un mot-clé"), "worst first"


def test_what_comes_from_a_source_is_escaped(served: Server) -> None:
    text = served.get("/quality/menus", "text/html").text
    assert "«\u00a0hier &amp; &lt;i&gt;avant&lt;/i&gt;\u00a0»" in text
    assert "<i>" not in text
    assert "Un mot-clé &lt;b&gt;ici&lt;/b&gt;" in text


def test_the_page_of_one_dataset(served: Server) -> None:
    text = served.get("/quality/menus", "text/html").text
    for expected in (
        "Violation",
        "dct:issued",
        "La date de parution est une date.",
        "Écrivez 2026-03-01.",
        "default.modified",
        "Voir à la source",
        "/quality/menus.ttl",
        "/dataset/menus",
        "Causes systématiques",
    ):
        assert expected in text, expected
    assert "Rien à signaler." in served.get("/quality/ecoles", "text/html").text
    assert 'href="/quality/menus' in served.get("/dataset/menus", "text/html").text
    assert 'href="/quality?lang=fr"' in served.get("/", "text/html").text


def test_a_finding_has_an_address(served: Server) -> None:
    assert served.get(f"/quality/menus/{FIRST[0].key}", "text/html").status == 200
    assert served.get("/quality/menus/0123", "text/html").status == 404


def test_the_source_is_where_it_can_be_repaired(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES, findings=FIRST)
    with Server(settings, tmp_path) as running:
        assert "backoffice" not in running.get("/quality/arbres", "text/html").text
    config = tmp_path / "more"
    config.mkdir()
    source = '[[source]]\nid = "city"\nkind = "opendatasoft"\nurl = "https://p.example.org/"\n'
    with Server(settings, config, more=source) as running:
        text = running.get("/quality/arbres", "text/html").text
        assert 'href="https://p.example.org/backoffice/catalog/datasets/arbres/#information"' in text


# ── releases ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_is_spoken_of_for_as_long_as_it_is_kept(served: Server) -> None:
    text = served.get("/quality?release=1", "text/html").text
    assert "édition conservée, la 1" in text
    assert "0\u202f%" in text
    assert "/quality/arbres?release=1" in text
    assert "La date de parution" in served.get("/quality/arbres?release=1", "text/html").text
    assert "La date de parution" not in served.get("/quality/arbres", "text/html").text
    assert served.get("/quality/velos", "text/html").status == 410
    assert served.get("/quality?release=1").headers["garonne-release"] == "1"


@pytest.mark.parametrize(("given", "status"), [("99", 404), ("x", 400), ("0", 404), ("-1", 400)])
def test_a_release_that_never_was(served: Server, given: str, status: int) -> None:
    answer = served.get(f"/quality?release={given}")
    assert answer.status == status
    assert answer.type == "application/problem+json"
    if status == 404:
        assert "1, 2, 3" in answer.json()["hint"]


def test_a_release_that_was_pruned_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, store={"path": "var", "keep": 2})
    city = City(settings)
    for n in range(3):
        city.publish({"arbres": f"Arbres {n}"}, findings=FIRST)
    with Server(settings, tmp_path) as running:
        answer = running.get("/quality?release=1")
        assert answer.status == 410
        assert "2, 3" in answer.json()["hint"]
        assert running.get("/quality?release=2").status == 200


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_finding_as_a_table(served: Server) -> None:
    answer = served.get("/quality.csv?lang=fr")
    assert answer.type == "text/csv; charset=utf-8"
    assert answer.text.startswith(CSV_HEADER + "\r\n")
    found_rows = rows(answer.text)
    assert len(found_rows) == 4
    assert {r["dataset"].rsplit("/")[-1] for r in found_rows} == {"arbres", "menus"}
    first = next(r for r in found_rows if r["value"] and not r["noise"])
    assert first["value"] == '"hier & <i>avant</i>"@fr'
    assert first["expected"] == "La date de parution est une date."
    assert len(rows(served.get("/quality.csv?release=1").text)) == 9
    assert len(rows(served.get(f"/quality.csv?cause={BAD_DATE.name}").text)) == 1
    assert len(rows(served.get("/quality.csv?publisher=ville").text)) == 4
    assert rows(served.get("/quality/menus.csv").text) == [
        r for r in rows(served.get("/quality.csv").text) if "menus" in r["dataset"]
    ]


@pytest.mark.parametrize(("by", "first"), [("cause", "cause"), ("publisher", "publisher"), ("dataset", "iri")])
def test_sums_as_tables_and_documents(served: Server, by: str, first: str) -> None:
    table = rows(served.get(f"/quality.csv?by={by}").text)
    document = served.get(f"/quality.json?by={by}").json()
    assert document["release"] == 3
    assert document["total"] == len(table) == len(document[f"{by}s"])
    assert next(iter(table[0])) == first
    assert {k: str(v) for k, v in document[f"{by}s"][0].items()} == table[0]


def test_the_overview_as_a_document(served: Server) -> None:
    document = served.get("/quality.json").json()
    assert (document["datasets"], document["without_violation"]) == (3, 2)
    assert (document["violations"], document["warnings"], document["set_apart"]) == (1, 2, 1)
    assert [c["datasets"] for c in document["causes"]] == [1, 2]


def test_one_dataset_as_a_document(served: Server) -> None:
    document = served.get("/quality/menus.json?lang=en").json()
    assert document["validated"] is True
    assert document["dataset"].endswith("dataset/menus")
    assert [f["severity"] for f in document["findings"]] == ["violation", "warning", "violation"]
    assert document["findings"][0]["expected"] == "The release date is a date."


@pytest.mark.parametrize(
    ("suffix", "accept", "fmt"),
    [
        (".ttl", None, RdfFormat.TURTLE),
        ("", None, RdfFormat.TURTLE),
        ("", "application/rdf+xml", RdfFormat.RDF_XML),
        (".jsonld", "text/html", RdfFormat.JSON_LD),
        (".nt", None, RdfFormat.N_TRIPLES),
        (".trig", None, RdfFormat.TRIG),
    ],
)
def test_the_graph_of_one_dataset(served: Server, suffix: str, accept: str | None, fmt: RdfFormat) -> None:
    answer = served.get(f"/quality/menus{suffix}", accept)
    assert answer.status == 200
    assert ("Accept," in answer.headers["vary"]) == (not suffix)
    triples = [q.triple for q in parse(answer.body, format=fmt)]
    sh = "http://www.w3.org/ns/shacl#"
    assert sum(t.predicate.value == f"{sh}result" for t in triples) == 3
    assert sum(t.predicate.value == f"{sh}sourceShape" for t in triples) == 3
    assert sum(t.predicate.value == f"{sh}resultMessage" for t in triples) == 0, "the sentence is on the shape"
    assert {t.object.language for t in triples if t.predicate.value == f"{sh}message"} == {"fr", "en"}


def test_what_is_not_offered_is_told(served: Server) -> None:
    assert served.get("/quality/menus", "image/png").status == 406
    assert "csv" in served.get("/quality.xlsx").json()["detail"] + served.get("/quality.xlsx").json().get("hint", "")
    assert served.get("/quality?by=colour").status == 400
    assert served.get("/quality?cause=000000000000").status == 404
    assert served.get("/quality?publisher=nobody").status == 404
    assert served.get("/quality?by=dataset&page=2").status == 404
    assert served.get("/quality?by=dataset&page=zero").status == 400
    assert served.get("/quality/unknown").status == 404
    moved = served.get("/quality/arbre.csv?lang=en")
    assert moved.status == 301
    assert moved.headers["location"] == "/quality/arbres.csv?lang=en"


@pytest.mark.parametrize(
    "path",
    ["/quality", "/quality.csv", "/quality.json", "/quality/arbres", "/quality/arbres.csv", "/quality/arbres.ttl"],
)
def test_what_did_not_change_is_not_sent_again(served: Server, path: str) -> None:
    first = served.get(path, "text/html")
    tag = first.headers["etag"]
    again = served.get(path, "text/html", **{"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == tag
    head = served.ask("HEAD", path, headers={"Accept": "text/html"})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == tag
    assert head.headers["content-type"] == first.headers["content-type"]
    older = served.get(f"{path}?release=2", "text/html")
    assert older.headers["etag"] != tag
    if not path.endswith("ttl"):
        assert served.get(f"{path}?lang=en", "text/html").headers["etag"] != tag


def test_before_the_first_release(tmp_path: Path) -> None:
    with Server(settings_in(tmp_path), tmp_path) as running:
        assert running.get("/quality").status == 503
        assert running.get("/quality/x").status == 503
