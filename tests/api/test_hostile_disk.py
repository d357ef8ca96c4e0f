"""A disk that becomes read-only or full, and a bookkeeping that another program holds, under a service that runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import pytest

from catalog import schema
from catalog.errors import StoreFull, StoreLocked
from catalog.settings import Settings, build
from tests.api.city import TITLES, City
from tests.api.server import Server
from tests.disks import full, own_disk, read_only

ASK = "SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
DOORS = (
    "/dataset/arbres",
    "/catalog.ttl?page=1",
    "/status",
    "/oai?verb=Identify",
    "/ldes",
    "/health/ready",
    "/changes.atom",
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for this test."""
    with own_disk(tmp_path / "disk") as folder:
        yield folder


def settings_on(folder: Path) -> Settings:
    tables = {
        "catalog": {"base": "https://data.example.org/"},
        "store": {"path": str(folder / "var")},
        "serve": {"port": 0, "workers": 1},
        "query": {"standing": False},
    }
    return build(tables, folder=folder, env={})


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
@pytest.mark.parametrize("trouble", [read_only, full], ids=lambda t: t.__name__)
def test_the_service_goes_on_and_nothing_is_published(
    tmp_path: Path, disk: Path, trouble: Callable[[Path], AbstractContextManager[None]]
) -> None:
    city = City(settings_on(disk))
    city.publish({"arbres": TITLES["arbres"]})
    with Server(city.settings, tmp_path) as server:
        before = {path: server.get(path).body for path in DOORS[:2]}
        with trouble(disk):
            with pytest.raises(StoreFull):
                city.publish({"menus": TITLES["menus"]})
            for path in DOORS:
                assert server.get(path).status == 200, path
            assert {path: server.get(path).body for path in DOORS[:2]} == before
            assert server.rows(ASK) == [{"n": "1"}]
        assert city.publish({"menus": TITLES["menus"]}).number == 2
        assert server.rows(ASK) == [{"n": "2"}]


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
@pytest.mark.parametrize("started", ["before", "after"])
@pytest.mark.parametrize("trouble", [read_only, full], ids=lambda t: t.__name__)
def test_the_service_reads_where_nobody_read_before_the_trouble(
    tmp_path: Path, disk: Path, trouble: Callable[[Path], AbstractContextManager[None]], started: str
) -> None:
    """The last writer has taken the files away that readers need beside the bookkeeping; they cannot be made again."""
    city = City(settings_on(disk))
    city.publish({"arbres": TITLES["arbres"]})
    with ExitStack() as held, ExitStack() as troubled:
        server = held.enter_context(Server(city.settings, tmp_path)) if started == "before" else None
        beside = [disk / "var" / f"{schema.FILE}{more}" for more in ("-wal", "-shm")]
        schema.connect(disk / "var", write=True).close()
        assert [p for p in beside if p.exists()] == []
        troubled.enter_context(trouble(disk))
        server = server or held.enter_context(Server(city.settings, tmp_path))
        for path in DOORS:
            assert server.get(path).status == 200, path
        assert server.rows(ASK) == [{"n": "1"}]
        with pytest.raises(StoreFull):
            city.publish({"menus": TITLES["menus"]})
        for path in DOORS:  # also after a run has failed there
            assert server.get(path).status == 200, path
        troubled.close()
        assert city.publish({"menus": TITLES["menus"]}).number == 2
        assert server.get("/dataset/menus").status == 200
        assert server.rows(ASK) == [{"n": "2"}]


def test_a_bookkeeping_that_is_held_elsewhere_stops_runs_only(tmp_path: Path) -> None:
    city = City(settings_on(tmp_path))
    city.publish({"arbres": TITLES["arbres"]})
    with Server(city.settings, tmp_path) as server, closing(schema.connect(tmp_path / "var", write=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked):
            city.publish({"menus": TITLES["menus"]})
        for path in DOORS:
            assert server.get(path).status == 200, path
        assert server.rows(ASK) == [{"n": "1"}]
        other.execute("ROLLBACK")
        assert city.publish({"menus": TITLES["menus"]}).number == 2
        assert server.rows(ASK) == [{"n": "2"}]
