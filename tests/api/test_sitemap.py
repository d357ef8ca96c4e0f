"""What search engines are told."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

import api.sitemap
from api.asked import Answers
from api.delivery import Compressed
from api.published import Published
from api.rendering import Renderer
from api.sitemap import PART, Sitemap
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def pages(server: Server) -> dict[str, str]:
    """The addresses of all parts, with `lastmod`, held to the rules of sitemaps.org."""
    found: dict[str, str] = {}
    index = server.get("/sitemap.xml")
    assert index.type == "application/xml; charset=utf-8"
    tree = etree.fromstring(index.body)
    assert tree.tag == f"{NS}sitemapindex"
    parts = [str(one.text) for one in tree.iter(f"{NS}loc")]
    assert 0 < len(parts) <= 50_000
    for part in parts:
        found |= held(server.get(urlsplit(part).path))
    return found


def held(answer: Answer) -> dict[str, str]:
    tree = etree.fromstring(answer.body)
    assert tree.tag == f"{NS}urlset"
    assert len(answer.body) <= 50_000_000
    urls = tree.findall(f"{NS}url")
    assert 0 < len(urls) <= 50_000
    found = {}
    for url in urls:
        address, changed = str(url.findtext(f"{NS}loc")), url.findtext(f"{NS}lastmod") or ""
        assert address.startswith("https://data.example.org/")
        assert len(address) < 2048
        if changed:
            assert datetime.fromisoformat(changed).tzinfo is not None
        alternates = {a.get("hreflang"): a.get("href") for a in url.findall(f"{XHTML}link")}
        assert alternates == {lang: f"{address}?lang={lang}" for lang in ("fr", "en")}
        found[address] = changed
    return found


def test_every_page_is_there_and_answers_whoever_asks(server: Server) -> None:
    found = pages(server)
    assert {f"https://data.example.org/dataset/{slug}.html" for slug in TITLES} <= set(found)
    assert "https://data.example.org/dataset/fontaines.html" not in found
    assert "https://data.example.org/agent/ville.html" in found
    for address in found:
        page = server.get(urlsplit(address).path, "*/*")
        assert (page.status, page.type) == (200, "text/html; charset=utf-8"), address


def test_lastmod_is_when_the_dataset_last_changed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish(TITLES)
    city.publish({"menus": "Menus"})
    with Server(settings, tmp_path) as running:
        found = pages(running)
    assert found["https://data.example.org/dataset/menus.html"] == "2026-03-03T12:00:00+00:00"
    assert found["https://data.example.org/dataset/arbres.html"] == "2026-03-02T12:00:00+00:00"


def test_conditions_and_compression(server: Server) -> None:
    plain, packed = (server.get("/sitemap/1.xml", Accept_Encoding=coding) for coding in ("identity", "gzip"))
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert server.get("/sitemap/1.xml", **{"If-None-Match": plain.headers["etag"]}).status == 304


def test_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.sitemap, "PART", 4)
    settings = settings_in(tmp_path)
    City(settings).publish({f"n{n}": f"N {n}" for n in range(10)})
    published = Published(settings)
    door = Sitemap(Answers(published, Renderer(settings), Compressed()))
    from starlette.requests import Request

    def ask(path: str, **parameters: str) -> bytes:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        request = Request({**scope, "path_params": parameters})
        return bytes((door.part(request) if parameters else door.index(request)).body)

    assert ask("/sitemap.xml").count(b"<sitemap>") == 4
    listed = [re.findall(rb"dataset/(n\d)\.html<", ask("/sitemap", number=str(n))) for n in (1, 2, 3)]
    assert [len(part) for part in listed] == [4, 4, 2]
    assert len({slug for part in listed for slug in part}) == 10
    assert PART <= 50_000


def test_robots(server: Server) -> None:
    answer = server.get("/robots.txt")
    assert answer.type == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    for path in ("/", "/dataset/arbres.html", "/catalog.ttl", "/sitemap.xml", "/services"):
        assert rules.can_fetch("Googlebot", f"https://data.example.org{path}"), path
    for path in ("/sparql?query=x", "/validate"):
        assert not rules.can_fetch("Googlebot", f"https://data.example.org{path}"), path
    assert rules.site_maps() == ["https://data.example.org/sitemap.xml"]
