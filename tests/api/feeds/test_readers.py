"""What aggregators hold after a run, while new releases are published: everything once, as it was in one release."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.city import City, settings_in
from tests.api.feeds import ckanext_dcat
from tests.api.feeds.readers import BrokenPiveau, OldCkan, Piveau, Reader, Udata
from tests.api.server import Server

BASE = "https://data.example.org/"
NAMES = {f"jeu-{n:03}": f"Été à l’Œuvre n° {n} : « façades », naïveté, 50 €" for n in range(215)}


class Changing:
    """A city whose catalogue changes whenever it is told to: datasets come, first in the order, go, and are renamed."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.times = 0
        self.titles = dict(NAMES)

    def change(self) -> None:
        """Publish another release."""
        self.times += 1
        n = self.times
        titles = {f"a-new-{n}": f"Nouveauté {n}", f"jeu-{200 - n:03}": f"Renommé {n}"}
        gone = f"jeu-{n - 1:03}"
        self.city.publish(titles, withdrawn=[gone])
        self.titles = {slug: title for slug, title in {**self.titles, **titles}.items() if slug != gone}

    def expected(self) -> dict[str, str]:
        """What a reader of the present release holds: titles by identifier."""
        return {f"https://portal.example.org/explore/dataset/{slug}/": title for slug, title in self.titles.items()}


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Changing]]:
    folder = tmp_path_factory.mktemp("changing")
    settings = settings_in(folder, store={"keep": 10})
    city = City(settings)
    city.publish(NAMES)
    with Server(settings, folder) as running:
        yield running, Changing(city)


@pytest.mark.parametrize(
    ("reader", "path"),
    [
        *((Udata, f"catalog.{suffix}") for suffix in ("ttl", "rdf", "xml", "jsonld", "nt", "trig")),
        (Udata, "catalog/ville.ttl"),
        (OldCkan, "catalog.ttl"),
        (Piveau, "catalog.rdf"),
        (BrokenPiveau, "catalog.rdf"),
        (BrokenPiveau, "catalog/ville.xml"),
    ],
)
def test_a_reader_holds_one_release_while_others_are_published(
    changing: tuple[Server, Changing], reader: type[Udata | OldCkan | Piveau], path: str
) -> None:
    server, source = changing
    expected, times = source.expected(), source.times
    held = reader(server, BASE, source.change).read(BASE + path)
    assert held.titles == expected, "nothing lost, nothing doubled, every accent"
    assert held.pages == source.times - times == 3
    assert held.stated <= {len(NAMES)}


def test_readers_that_begin_at_any_time_hold_one_release_each(changing: tuple[Server, Changing]) -> None:
    """Several readers, each begun at another moment of a time in which releases follow one another."""
    server, source = changing
    held: list[dict[str, str]] = []
    published = [source.expected()]
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            held.append(Udata(server, BASE).read(BASE + "catalog.nt").titles)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        source.change()
        published.append(source.expected())
    ended.set()
    for thread in threads:
        thread.join()
    assert held
    assert all(titles in published for titles in held)


@pytest.mark.parametrize(("path", "fmt"), [("catalog.ttl", "turtle"), ("catalog/ville.rdf", "xml")])
def test_the_parser_of_ckanext_dcat(changing: tuple[Server, Changing], path: str, fmt: str) -> None:
    python = os.environ.get("GARONNE_CKAN_PYTHON")
    if not python:
        pytest.skip("GARONNE_CKAN_PYTHON names no Python with ckanext-dcat")
    server, source = changing
    reading = subprocess.Popen(
        [python, str(Path(ckanext_dcat.__file__)), server.address.rstrip("/"), BASE, path, fmt],
        stdout=subprocess.PIPE,
        text=True,
    )
    published = [source.expected()]
    while reading.poll() is None:
        if len(published) < 8:  # so that the release that is read is kept
            source.change()
            published.append(source.expected())
        time.sleep(0.1)
    out, _ = reading.communicate()
    packages = json.loads(out)
    titles = {p["identifier"]: p["title"] for p in packages}
    assert len(packages) == len(titles)
    assert titles in published
    assert all(p["resources"] == 1 for p in packages)
    assert all(p["uri"].startswith(BASE + "dataset/") for p in packages)


def test_a_reader_whose_release_expires_stops_and_holds_nothing_short(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, store={"keep": 1})
    city = City(settings)
    city.publish(NAMES)
    with Server(settings, tmp_path) as running, pytest.raises(AssertionError, match="410"):
        Udata(running, BASE, Changing(city).change).read(BASE + "catalog.ttl")


def test_no_reader_follows_a_link_elsewhere(changing: tuple[Server, Changing]) -> None:
    with pytest.raises(AssertionError, match="leads elsewhere"):
        Reader(changing[0], BASE).fetch("https://elsewhere.example/catalog.ttl")
