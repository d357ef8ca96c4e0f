"""One city with one server for the tests that only read; tests that publish or kill make their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.all_real import Real
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on one release of three datasets; `arbre` is an alias of `arbres`, `fontaines` was withdrawn."""
    folder = tmp_path_factory.mktemp("city")
    settings = settings_in(folder)
    city = City(settings)
    city.publish({**TITLES, "fontaines": "Fontaines"})
    city.publish({}, withdrawn=["fontaines"], aliases=[("arbre", "arbres")])
    with Server(settings, folder) as running:
        yield running


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    """All real records in one release. Those who read it are in the group `real`: one worker maps them all, once."""
    return Real(tmp_path_factory.mktemp("real"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store folder of a test's own."""
    return tmp_path
