"""Pages of feeds, parsed anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.preview.pages import Walk, file_page, page_of
from catalog.errors import ResponseInvalid, SourceRefused
from vocab.errors import GaronneError
from vocab.namespaces import DCAT

TURTLE = b"<https://a.fr/d> a <http://www.w3.org/ns/dcat#Dataset> ."
XML = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns:dcat="http://www.w3.org/ns/dcat#"><dcat:Dataset rdf:about="https://a.fr/d"/></rdf:RDF>"""
JSON = b'{"@id": "https://a.fr/d", "@type": "http://www.w3.org/ns/dcat#Dataset"}'


@pytest.mark.parametrize(
    ("body", "content_type", "url"),
    [
        (TURTLE, "text/turtle; charset=utf-8", "https://a.fr/c"),
        (TURTLE, "text/plain", "https://a.fr/c.ttl?page=1"),
        (b"\xef\xbb\xbf" + TURTLE, "", "https://a.fr/c"),
        (XML, "application/xml", "https://a.fr/c"),
        (JSON, "application/json", "https://a.fr/c"),
        (JSON, "", "https://a.fr/c.jsonld"),
    ],
)
def test_the_format_is_known_by_type_suffix_or_look(body: bytes, content_type: str, url: str) -> None:
    page = page_of(body, content_type, url=url)
    assert len(page.graph.typed(DCAT.Dataset)) == 1
    assert (page.size, page.utf8) == (len(body), True)


@pytest.mark.parametrize("body", [b"", b"<html><body>Bonjour</body></html>", b"a,b\n1,2\n", b"<a> <b> ."])
def test_what_is_no_rdf_says_so_in_both_languages(body: bytes) -> None:
    with pytest.raises(ResponseInvalid) as caught:
        page_of(body, "", url="https://a.fr/c")
    assert caught.value.told.fr != caught.value.told.en


def test_files_and_what_is_none(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.rdf"
    file.write_bytes(XML)
    assert file_page(str(file)).url.startswith("file://")
    for place in (tmp_path, tmp_path / "absent.ttl"):
        with pytest.raises(GaronneError):
            file_page(str(place))


def test_a_feed_stays_on_its_host() -> None:
    walk = Walk("https://a.fr/1.ttl", lambda _: (TURTLE, "text/turtle"), lambda _: "https://b.fr/2.ttl")
    with pytest.raises(SourceRefused, match=r"b\.fr"):
        list(walk)


def test_relative_links_are_followed_and_circles_noticed() -> None:
    asked = []

    def fetch(url: str) -> tuple[bytes, str]:
        asked.append(url)
        return TURTLE, "text/turtle"

    walk = Walk("https://a.fr/c?page=1", fetch, lambda _: "?page=2" if len(asked) == 1 else "?page=1")
    assert [page.number for page in walk] == [1, 2]
    assert asked == ["https://a.fr/c?page=1", "https://a.fr/c?page=2"]
    assert (walk.endless, walk.read, walk.size) == ("https://a.fr/c?page=2", 2, 2 * len(TURTLE))
