"""A service whose current release is damaged: it answers from the newest whole one, says so, and sees the repair."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import mending
from catalog.doctor.repair import repair
from catalog.lock import writing
from catalog.releases import Release, Releases
from catalog.settings import Settings, build
from tests.api.city import TITLES, City
from tests.api.server import Server

DOORS = (
    "/", "/datasets", "/catalog.ttl", "/catalog.ttl?release=1", "/catalog.jsonld?page=1", "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=dcat_ap", "/ldes", "/changes.atom", "/sitemap.xml", "/void", "/quality",
    "/services", "/api/3/action/package_list", "/status", "/run/1",
)  # fmt: skip
"""Doors that must answer whatever is damaged; a run that never was is not there, and that is an answer."""
ASK = "SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }"


@pytest.fixture
def city(tmp_path: Path) -> City:
    tables = {
        "catalog": {"base": "https://data.example.org/"},
        "store": {"path": str(tmp_path / "var")},
        "serve": {"port": 0, "workers": 1},
        "query": {"standing": False},
    }
    settings: Settings = build(tables, folder=tmp_path, env={})
    found = City(settings)
    found.publish({"arbres": TITLES["arbres"]})
    found.publish({"menus": TITLES["menus"]})
    return found


def present(city: City) -> Release:
    found = Releases(city.settings.store.path).current()
    assert found is not None
    return found


def ready(server: Server) -> dict[str, Any]:
    """What the service says once it is ready: on a busy machine a worker may take longer to begin than it has time."""
    for _ in range(10):
        if (answer := server.get("/health/ready")).status == 200:
            break
        time.sleep(0.3)
    assert answer.status == 200, answer.text
    return dict(answer.json())


def drop_a_file(release: Release) -> None:
    max(release.store.glob("*.sst"), key=lambda f: f.stat().st_size).unlink()


def spoil_the_manifest(release: Release) -> None:
    (release.path / "manifest.json").write_text("{")


def spoil_the_engines_files(release: Release) -> None:
    """Nothing is missing, and no size is other than it was."""
    file = release.store / "CURRENT"
    text = file.read_text()
    file.unlink()
    file.write_text("x" * len(text))


def remove(release: Release) -> None:
    shutil.rmtree(release.path)


def forget_the_current_one(release: Release) -> None:
    (release.path.parent.parent / "current").unlink()


DAMAGES = (drop_a_file, spoil_the_manifest, spoil_the_engines_files, remove)


@pytest.fixture(params=DAMAGES, ids=lambda d: d.__name__)
def damage(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_an_older_release_is_served_until_the_repair(
    tmp_path: Path, city: City, damage: Callable[[Release], None]
) -> None:
    damage(present(city))
    with Server(city.settings, tmp_path) as server:
        told = ready(server)
        assert (told["status"], told["release"]) == ("degraded", 1)
        assert "release 1 is served in its place" in told["reason"]
        assert server.rows(ASK) == [{"n": "1"}]
        assert server.get("/dataset/arbres", "text/turtle").status == 200
        assert server.get("/dataset/menus", "text/turtle").status == 404
        assert {path: s for path in DOORS if (s := server.get(path).status) not in {200, 404}} == {}
        assert "à sa place" in server.get("/status?lang=fr").text
        assert "garonne_release_damaged 1.0" in server.get("/metrics").text
        with writing(city.settings.store.path):
            release = mending.sound(city.settings)
        assert release is not None
        assert release.number == 2
        assert ready(server) == {"status": "ok", "release": 2, "workers": "ok"}
        assert server.rows(ASK) == [{"n": "2"}]
        assert server.get("/dataset/menus", "text/turtle").status == 200
        assert "à sa place" not in server.get("/status?lang=fr").text


def test_where_nothing_older_is_there_all_but_queries_is_answered(tmp_path: Path, city: City) -> None:
    for release in Releases(tmp_path / "var").list():
        drop_a_file(release)
    with Server(city.settings, tmp_path) as server:
        assert server.get("/dataset/menus", "text/turtle").status == 200
        assert server.sparql(ASK).status in {500, 503}
        answer = server.get("/health/ready")
        assert answer.status == 503
        assert "doctor" in json.dumps(answer.json()) + server.get("/status?lang=en").text


def test_data_that_spoil_under_a_running_service(tmp_path: Path, city: City) -> None:
    with Server(city.settings, tmp_path) as server:
        assert server.rows(ASK) == [{"n": "2"}]
        current = present(city)
        with writing(city.settings.store.path):
            mending.mended(city.settings, current, "so that it shares no file")
        assert server.rows(ASK) == [{"n": "2"}]
        remove(current)
        for _ in range(3):
            assert server.get("/dataset/menus", "text/turtle").status == 200


def test_a_pointer_that_is_lost(tmp_path: Path, city: City) -> None:
    forget_the_current_one(present(city))
    with Server(city.settings, tmp_path) as server:
        assert ready(server)["status"] == "degraded"
        assert {path: s for path in DOORS if (s := server.get(path).status) not in {200, 404}} == {}
        assert server.rows(ASK) == [{"n": "2"}]
        assert [done for done, _ in repair(city.settings)] == [True]
        assert ready(server) == {"status": "ok", "release": 2, "workers": "ok"}


def test_a_bookkeeping_that_cannot_be_read(tmp_path: Path, city: City) -> None:
    with Server(city.settings, tmp_path) as server:
        for name in ("bookkeeping.sqlite-wal", "bookkeeping.sqlite-shm"):
            (tmp_path / "var" / name).unlink(missing_ok=True)
        (tmp_path / "var/bookkeeping.sqlite").write_bytes(b"x" * 9000)
        assert server.rows(ASK) == [{"n": "2"}]
        answer = server.get("/health/ready")
        assert (answer.status, "bookkeeping" in answer.json()["reason"]) == (503, True)
        assert server.get("/dataset/menus", "text/turtle").status == 503
