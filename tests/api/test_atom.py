"""The Atom feed, as feed readers and archivists of it read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from api.atom import SIZE
from tests.api.city import City, settings_in
from tests.api.server import Server

ATOM, HISTORY = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/history/1.0}"


def read(server: Server, address: str) -> tuple[Any, dict[str, str]]:
    """The feed as feedparser has it, and its links by relation."""
    parts = urlsplit(address)
    answer = server.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert answer.status == 200, answer.text
    assert answer.type == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.body)
    assert not found.bozo, found.get("bozo_exception")
    return found, {link.rel: link.href for link in found.feed.links}


def test_changes_in_both_languages(server: Server) -> None:
    found, links = read(server, "/changes.atom?lang=fr")
    assert found.version == "atom10"
    assert [e.title for e in found.entries][:2] == ["Retiré : Fontaines", "Nouveau : Compteurs de vélos"]
    first = found.entries[0]
    assert first.summary == "Fontaines a été retiré du catalogue avec l’édition 2."
    assert first.updated == first.published == "2026-03-03T12:00:00Z"
    assert first.tags[0].term == "withdrawn"
    assert first.link == "https://data.example.org/dataset/fontaines.html"
    assert links["self"] == "https://data.example.org/changes.atom?lang=fr"
    english, _ = read(server, "/changes.atom?lang=en")
    assert english.entries[0].title == "Withdrawn: Fontaines"
    assert [e.id for e in english.entries] == [e.id for e in found.entries]
    assert english.feed.id == found.feed.id
    assert "Accept-Language" in server.get("/changes.atom").headers["vary"]


def test_what_the_format_asks_for(server: Server) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: what must be there, once, in every feed and entry."""
    feed = etree.fromstring(server.get("/changes.atom").body)
    for name in ("id", "title", "updated", "author"):
        assert len(feed.findall(ATOM + name)) == 1, name
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for entry in entries:
        for name in ("id", "title", "updated"):
            assert len(entry.findall(ATOM + name)) == 1, name
        assert [link.get("rel") for link in entry.findall(f"{ATOM}link")].count("alternate") == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    for number in ids:
        assert number is not None
        assert server.get(urlsplit(number).path).status in {303, 410}, "an identifier that leads somewhere"


def test_conditions_and_kept_releases(server: Server) -> None:
    first = server.get("/changes.atom")
    assert server.get("/changes.atom", **{"If-None-Match": first.headers["etag"]}).status == 304
    assert "fontaines" in server.get("/changes.atom?release=1").text
    assert "Retiré" not in server.get("/changes.atom?release=1&lang=fr").text
    page = server.get("/", "text/html").text
    assert '<link rel="alternate" type="application/atom+xml"' in page


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, Server, Path]]:
    """A catalogue with more changes than two archives hold."""
    folder = tmp_path_factory.mktemp("long")
    settings = settings_in(folder)
    city = City(settings)
    city.publish({f"n{n:03}": f"N & {n:03} \u0007" for n in range(2 * SIZE + 50)})
    with Server(settings, folder) as running:
        yield city, running, folder


def archives(server: Server) -> dict[str, Any]:
    """Every document by address, as a reader follows `prev-archive` (RFC 5005, section 4)."""
    found: dict[str, Any] = {}
    address = "/changes.atom"
    while address:
        feed, links = read(server, address)
        assert address not in found
        found[address] = feed
        address = links.get("prev-archive", "")
    return found


def test_archives_have_everything_once(long: tuple[City, Server, Path]) -> None:
    city, server, _ = long
    before = archives(server)
    told = {e.id: e.title for feed in before.values() for e in feed.entries}
    assert len(told) == 2 * SIZE + 50
    assert any("N & 001 \ufffd" in title for title in told.values())
    current, _ = read(server, "/changes.atom")
    assert len(current.entries) <= 2 * SIZE
    bodies = {n: server.get(f"/changes/{n}.atom").body for n in (1, 2)}
    assert etree.fromstring(bodies[1]).find(f"{HISTORY}archive") is not None
    city.publish({"n001": "Changé"}, withdrawn=["n002"])
    after = archives(server)
    again = {e.id: e.title for feed in after.values() for e in feed.entries}
    assert {k: v for k, v in again.items() if k in told} == told
    assert len(again) == len(told) + 2
    assert server.get("/changes/1.atom").body == bodies[1], "an archive never changes"
    assert 'rel="next-archive"' in bodies[1].decode()
