"""The addresses of harvests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from catalog.draft import Draft
from tests.api.city import TITLES, City, settings_in
from tests.api.graphs import strict, with_rdflib
from tests.api.server import Server
from tests.api.test_linked import BROWSER, TYPES, links
from tests.api.test_pages import SUMMARY


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a release that a run published."""
    folder = tmp_path_factory.mktemp("runs")
    settings = settings_in(folder)
    City(settings).publish(TITLES, summary=SUMMARY)
    with Server(settings, folder) as running:
        yield running


@pytest.mark.parametrize("name", ["1", "1/ville"])
def test_a_run_in_every_format(harvested: Server, name: str) -> None:
    expected = strict(harvested.get(f"/run/{name}.nt"))
    assert any(line.startswith(f"<https://data.example.org/run/{name}> ") for line in expected)
    for suffix, media_type in TYPES.items():
        answer = harvested.get(f"/run/{name}.{suffix}")
        assert answer.type == f"{media_type}; charset=utf-8"
        assert strict(answer) == with_rdflib(answer) == expected
        assert harvested.get(f"/run/{name}", media_type).body == answer.body
    assert links(harvested.get(f"/run/{name}"))["describedby", "text/turtle"].endswith(f"/run/{name}.ttl")


def test_its_page(harvested: Server) -> None:
    page = harvested.get("/run/1", BROWSER, **{"Accept-Language": "fr"})
    assert page.status == 200
    for expected in ("Moissonnage 1", "retenus en l’état", "trop peu", "édition publiée"):
        assert expected in page.text, expected
    assert "too few" in harvested.get("/run/1?lang=en", BROWSER).text
    assert 'href="/run/1?lang=fr"' in harvested.get("/status?lang=fr", BROWSER).text


def test_a_run_of_long_ago_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    for night in range(4):
        city.publish(TITLES if not night else {}, summary=SUMMARY)
    with closing(Draft(settings.store.path, 5, city.day, city.base)) as draft:
        draft.write("DELETE FROM runs WHERE n IN (1, 2)")
        draft.commit()
    with Server(settings, tmp_path) as running:
        for name in ("1", "2", "2/ville", "2.ttl"):
            answer = running.get(f"/run/{name}")
            assert answer.status == 410, name
            assert "The latest: 4." in answer.text
        assert "trop ancien" in running.get("/run/1?lang=fr", BROWSER).text
        assert running.get("/run/3").status == 200
        assert running.get("/run/5").status == running.get("/run/x").status == running.get("/run/01").status == 404


@pytest.mark.parametrize("name", ["2", "0", "01", "x", "1/nobody", "", "1.pdf", "99999999999999999999", "²"])
def test_what_is_no_run(harvested: Server, name: str) -> None:
    answer = harvested.get(f"/run/{quote(name)}")
    assert answer.status == 404
    assert answer.json()["nearest"] == ["/run/1"]
